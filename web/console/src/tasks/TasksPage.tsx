import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { AlarmClock, Check, MessageCircle } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { taskCountsQuery, tasksQuery, type TaskView } from "../api/queries.ts";
import type { Task } from "../api/types.ts";
import { buttonClass } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { More } from "../elements/More.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { Choice } from "../insights/Choice.tsx";
import { crowd } from "../inbox/saved.ts";
import { offerActions } from "../shell/actions.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { useMoment } from "../time/use-moment.ts";
import { dues, underHeadings } from "./order.ts";
import { TaskRow } from "./TaskRow.tsx";
import { useTaskSteps } from "./use-tasks.ts";
import { useMayChange } from "../session/may.ts";

const views: readonly TaskView[] = ["mine", "all", "done"];

/** What was promised and what is owed, by its day: overdue first; one's own, the team's, and what is done. */
export const TasksPage = () => {
  const { t } = useTranslation();
  const moment = useMoment();
  const navigate = useNavigate();
  const { done, postpone } = useTaskSteps();
  const counts = useQuery(taskCountsQuery).data?.counts;
  const may = useMayChange();
  const [chosen, setChosen] = useState<TaskView | null>(null);
  // Whoever has tasks of their own sees these first, and stays where they are once the last one is done.
  if (chosen === null && counts) setChosen(counts.mine > 0 ? "mine" : "all");
  const view = chosen ?? "all";
  const query = useInfiniteQuery({ ...tasksQuery(view), enabled: chosen !== null });
  const tasks = useMemo(() => (query.data?.pages ?? []).flatMap(({ items }) => items), [query.data?.pages]);
  const groups = view === "done" ? [] : underHeadings(tasks, moment);
  const shown = view === "done" ? tasks : groups.flatMap(({ tasks: those }) => those);
  const [at, setAt] = useState<string | null>(null);
  const [postponing, setPostponing] = useState<string | null>(null);
  const current = shown.find(({ id }) => id === at) ?? null;

  const step = (by: number) => {
    const place = shown.findIndex(({ id }) => id === at);
    const next = shown[place < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, place + by))];
    if (!next) return;
    setAt(next.id);
    document.querySelector(`[data-task="${next.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const finish = (task: Task) => {
    const place = shown.findIndex(({ id }) => id === task.id);
    setAt((shown[place + 1] ?? shown[place - 1])?.id ?? null);
    done(task, task.done_at === null);
  };
  const open = (task: Task) => {
    if (task.conversation) void navigate({ to: "/inbox/$view/$conversation", params: { view: "all", conversation: task.conversation } });
    else void navigate({ to: "/people/$customer", params: { customer: task.customer.id } });
  };
  const putOff = (task: Task) => task.done_at === null && setPostponing(task.id);
  const onCurrent = (act: (task: Task) => void) => () => current && act(current);
  useShortcuts({ j: () => step(1), k: () => step(-1), ...(may ? { e: onCurrent(finish), h: onCurrent(putOff) } : {}), o: onCurrent(open), enter: current ? () => open(current) : undefined });
  useEffect(
    () =>
      current
        ? offerActions([
            ...(may
              ? [
                  { id: "task-done", label: t("tasks.finish"), icon: Check, key: "E", run: () => finish(current) },
                  { id: "task-postpone", label: t("tasks.postpone"), icon: AlarmClock, key: "H", run: () => putOff(current), at: (when: Date) => postpone(current, when) },
                ]
              : []),
            { id: "task-open", label: t("tasks.openOne"), icon: MessageCircle, key: "O", run: () => open(current) },
          ])
        : undefined,
  );

  const row = (task: Task) => (
    <TaskRow
      key={task.id}
      task={task}
      current={task.id === at}
      postponing={postponing === task.id}
      onPostponing={(opened) => setPostponing(opened ? task.id : null)}
    />
  );
  const words = (which: TaskView) => {
    const count = which === "mine" ? counts?.mine : which === "all" ? counts?.open : 0;
    return count ? `${t(`tasks.view.${which}`)} ${crowd(count)}` : t(`tasks.view.${which}`);
  };
  const list = "divide-y divide-line overflow-hidden rounded-3 border border-line bg-s1";
  return (
    <PageFrame
      title={t("place.tasks")}
      note={t("tasks.note")}
      tools={<Choice label={t("tasks.which")} value={view} options={views.map((value) => ({ value, words: words(value) }))} onChoose={setChosen} />}
    >
      {query.isPending && <SkeletonRows rows={4} avatars={false} />}
      {query.isError && !query.data && <Failure title={t("tasks.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && shown.length === 0 && (
        <Empty
          title={t(`empty.tasks.${view}.title`)}
          text={t(`empty.tasks.${view}.text`)}
          action={
            <Link to="/people" className={buttonClass("line")}>
              {t("place.people")}
            </Link>
          }
        />
      )}
      {view === "done" && shown.length > 0 && (
        <ul aria-label={t("tasks.view.done")} className={list}>
          {shown.map(row)}
        </ul>
      )}
      <div className="grid gap-5">
        {dues
          .flatMap((due) => groups.filter((group) => group.due === due))
          .map(({ due, tasks: those }) => (
            <section key={due} aria-label={t(`tasks.due.${due}`)}>
              <h2 className={due === "overdue" ? "mb-1.5 font-semibold text-danger" : "mb-1.5 font-semibold"}>
                {t(`tasks.due.${due}`)} <span className="font-normal text-t3 tabular-nums">{those.length}</span>
              </h2>
              <ul className={list}>{those.map(row)}</ul>
            </section>
          ))}
      </div>
      <More pages={query} />
    </PageFrame>
  );
};
