import type { Task } from "../api/types.ts";
import { daysBetween, type Moment } from "../time/words.ts";

/** When a task is due, as a heading says it. */
export type Due = "overdue" | "today" | "later" | "someday";

export const dues: readonly Due[] = ["overdue", "today", "later", "someday"];

export const dueOf = (task: Task, moment: Moment): Due => {
  if (!task.due_at) return "someday";
  const at = Date.parse(task.due_at);
  if (at < moment.now) return "overdue";
  return daysBetween(moment.now, at, moment) === 0 ? "today" : "later";
};

/** Tasks under their headings, in the order in which they came; headings without any are left out. */
export const underHeadings = (tasks: readonly Task[], moment: Moment): { due: Due; tasks: Task[] }[] =>
  dues
    .map((due) => ({ due, tasks: tasks.filter((task) => dueOf(task, moment) === due) }))
    .filter(({ tasks: those }) => those.length > 0);
