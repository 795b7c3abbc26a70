import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { AlarmClock, Check, MessageCircle, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sessionQuery, teammatesQuery } from "../api/queries.ts";
import type { Task } from "../api/types.ts";
import { WhenPicker } from "../conversation/WhenPicker.tsx";
import { Avatar } from "../elements/Avatar.tsx";
import { IconButton } from "../elements/Button.tsx";
import { Chip, Deadline, lineWords } from "../elements/Chip.tsx";
import { Pick, Popover } from "../elements/Popover.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { useTaskSteps } from "./use-tasks.ts";
import { useMayChange } from "../session/may.ts";

const GiveTo = ({ task, open, onOpen }: { task: Task; open: boolean; onOpen: (open: boolean) => void }) => {
  const { t } = useTranslation();
  const { give } = useTaskSteps();
  const { data } = useQuery({ ...teammatesQuery, enabled: open });
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
  const pick = (assignee: string | null) => {
    onOpen(false);
    give(task, assignee);
  };
  return (
    <Popover
      open={open}
      onOpen={onOpen}
      label={t("tasks.give")}
      trigger={
        <IconButton label={t("tasks.giveThis", { what: task.what })}>
          {task.assignee ? <Avatar name={task.assignee.name} size="s" teammate /> : <UserPlus size={15} aria-hidden="true" />}
        </IconButton>
      }
    >
      {(data?.items ?? [])
        .filter(({ role, invited }) => role !== "analyst" && !invited)
        .map(({ id, name }) => (
          <Pick
            key={id}
            icon={task.assignee?.id === id ? <Check size={14} aria-hidden="true" /> : <Avatar name={name} size="s" teammate />}
            checked={task.assignee?.id === id}
            onPick={() => pick(id)}
          >
            {id === session?.teammate.id ? t("filing.me", { name }) : name}
          </Pick>
        ))}
      <Pick checked={!task.assignee} onPick={() => pick(null)}>
        {t("tasks.nobody")}
      </Pick>
    </Popover>
  );
};

interface TaskRowProps {
  task: Task;
  /** The row the keyboard is on. */
  current?: boolean;
  /** Beside the person it is about, their name goes without saying. */
  named?: boolean;
  postponing?: boolean;
  onPostponing?: (open: boolean) => void;
}

/** One task: done with a click, put off, given to somebody, and the way to where it came up. */
export const TaskRow = ({ task, current = false, named = true, postponing, onPostponing }: TaskRowProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const { done, postpone } = useTaskSteps();
  const [own, setOwn] = useState(false);
  const [giving, setGiving] = useState(false);
  const may = useMayChange();
  const isDone = task.done_at !== null;
  const what = lineWords(task.what);
  return (
    <li
      aria-current={current || undefined}
      data-task={task.id}
      className={clsx("flex min-h-11 items-start gap-2.5 border-l-2 py-2 pr-2", named ? "pl-3" : "-ml-0.5 pl-0", current ? "border-accent bg-s2" : "border-transparent")}
    >
      <button
        type="button"
        role="checkbox"
        aria-checked={isDone}
        aria-label={t("tasks.done", { what })}
        disabled={!may}
        onClick={() => done(task, !isDone)}
        className={clsx(
          "mt-px grid size-[18px] flex-none place-items-center rounded-full border max-md:-m-2 max-md:size-[34px] max-md:border-0",
          isDone ? "border-ok bg-ok-soft text-ok" : "border-line-strong text-transparent hover:text-t3",
        )}
      >
        <span className={clsx("grid place-items-center max-md:size-[18px] max-md:rounded-full max-md:border", isDone ? "max-md:border-ok" : "max-md:border-line-strong")}>
          <Check size={12} aria-hidden="true" />
        </span>
      </button>
      <div className="min-w-0 flex-1">
        <p className={clsx("[overflow-wrap:anywhere]", isDone && "text-t3 line-through")}>{what}</p>
        <p className="mt-0.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-12 text-t3">
          {named && (
            <Link to="/people/$customer" params={{ customer: task.customer.id }} className="rounded-1 text-t2 hover:underline">
              {task.customer.name ?? t("customer.nameless")}
            </Link>
          )}
          {task.promised && <Chip>{t("tasks.promised")}</Chip>}
          {task.done_at ? (
            <span>{t("tasks.doneAt", { when: dayAndTime(task.done_at, moment) })}</span>
          ) : task.due_at ? (
            <Deadline dueAt={task.due_at} name={dayAndTime(task.due_at, moment)} />
          ) : (
            <span>{t("tasks.someday")}</span>
          )}
        </p>
      </div>
      <span className="flex flex-none items-center max-md:flex-wrap max-md:justify-end">
        {may && !isDone && <GiveTo task={task} open={giving} onOpen={setGiving} />}
        {may && !isDone && (
          <WhenPicker
            label={t("tasks.postpone")}
            open={postponing ?? own}
            onOpen={onPostponing ?? setOwn}
            onWhen={(at) => postpone(task, at)}
            trigger={
              <IconButton label={t("tasks.postponeThis", { what })}>
                <AlarmClock size={15} aria-hidden="true" />
              </IconButton>
            }
          />
        )}
        {named && task.conversation && (
          <Link
            to="/inbox/$view/$conversation"
            params={{ view: "all", conversation: task.conversation }}
            aria-label={t("tasks.open", { what })}
            title={t("tasks.open", { what })}
            className="inline-grid size-7 flex-none place-items-center rounded-2 text-t2 hover:bg-s2 hover:text-t1 max-md:size-11"
          >
            <MessageCircle size={15} aria-hidden="true" />
          </Link>
        )}
      </span>
    </li>
  );
};
