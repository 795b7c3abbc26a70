import { expect, it } from "vitest";
import type { Task } from "../api/types.ts";
import type { Moment } from "../time/words.ts";
import { dueOf, underHeadings } from "./order.ts";

const moment: Moment = { now: Date.parse("2026-11-18T10:00:00Z"), timeZone: "Europe/Paris", locale: "en-GB", t: ((key: string) => key) as never };
const task = (id: string, due_at: string | null): Task => ({
  id,
  what: id,
  customer: { id: "cus_1", name: null },
  conversation: null,
  promised: false,
  assignee: null,
  due_at,
  at: "2026-11-01T00:00:00Z",
  done_at: null,
});

it("a task is overdue the moment it is late, and today until the day ends where the business is", () => {
  expect(dueOf(task("a", "2026-11-18T09:59:59Z"), moment)).toBe("overdue");
  expect(dueOf(task("b", "2026-11-18T22:59:00Z"), moment)).toBe("today");
  expect(dueOf(task("c", "2026-11-18T23:01:00Z"), moment)).toBe("later");
  expect(dueOf(task("d", null), moment)).toBe("someday");
});

it("headings without a task are left out", () => {
  const found = underHeadings([task("a", "2026-11-17T09:00:00Z"), task("d", null)], moment);
  expect(found.map(({ due, tasks }) => [due, tasks.length])).toEqual([
    ["overdue", 1],
    ["someday", 1],
  ]);
});
