import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { addTask, changeTask, type NewTask, type TaskChange } from "../api/endpoints.ts";
import { keys } from "../api/queries.ts";
import type { Task, Tasks } from "../api/types.ts";
import { toast } from "../elements/toast.ts";

/** Lists keep a task that was just done where it stood, struck through, until they are read anew. */
const patched = (tasks: Tasks, id: string, change: Partial<Task>): Tasks => ({
  ...tasks,
  items: tasks.items.map((task) => (task.id === id ? { ...task, ...change } : task)),
});

const isPaged = (data: Tasks | InfiniteData<Tasks>): data is InfiniteData<Tasks> => "pages" in data;

/** Changes a task at once on screen; doing one can be taken back. */
export const useTaskSteps = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => {
    for (const queryKey of [keys.tasks, ["customer"]]) void client.invalidateQueries({ queryKey });
  };
  const change = useMutation({
    mutationFn: ({ task, change: body }: { task: string; change: TaskChange }) => changeTask(task, body),
    onMutate: async ({ task, change: { done, due_at } }) => {
      await client.cancelQueries({ queryKey: keys.tasks });
      const now = new Date().toISOString();
      const shown = { ...(done === undefined ? {} : { done_at: done ? now : null }), ...(due_at === undefined ? {} : { due_at }) };
      client.setQueriesData<Tasks | InfiniteData<Tasks>>({ queryKey: keys.tasks }, (data) => {
        if (!data) return data;
        return isPaged(data) ? { ...data, pages: data.pages.map((page) => patched(page, task, shown)) } : patched(data, task, shown);
      });
    },
    onError: () => toast(t("tasks.failedChange")),
    onSettled: refresh,
  });
  const done = (task: Task, isDone: boolean) => {
    change.mutate({ task: task.id, change: { done: isDone } });
    if (isDone) toast(t("tasks.isDone", { what: task.what }), () => change.mutate({ task: task.id, change: { done: false } }));
  };
  const postpone = (task: Task, at: Date) => change.mutate({ task: task.id, change: { due_at: at.toISOString() } });
  const give = (task: Task, assignee: string | null) => change.mutate({ task: task.id, change: { assignee } });
  const add = useMutation({ mutationFn: (task: NewTask) => addTask(task), onSettled: refresh });
  return { done, postpone, give, add };
};
