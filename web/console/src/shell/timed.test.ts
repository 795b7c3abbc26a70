import { Clock3 } from "lucide-react";
import { expect, test } from "vitest";
import type { Moment } from "../time/words.ts";
import { timedActions } from "./timed.ts";

const moment = { now: Date.parse("2026-11-30T10:00:00Z"), timeZone: "UTC", locale: "en-GB", t: ((key: string) => key) as unknown as Moment["t"] };
const action = (id: string, label: string) => ({ id, label, icon: Clock3, run: () => {}, at: () => {} });
const all = [action("snooze", "Snooze"), action("off", "Put off"), { id: "plain", label: "Tomorrow never comes", icon: Clock3, run: () => {} }];
const found = (text: string) => timedActions(text, all, moment).map(({ action: { id }, when }) => `${id} ${when.toISOString().slice(0, 13)}`);

test("an action is done at the moment that is typed after the beginning of its name, and a moment alone offers all of them", () => {
  expect(found("snooze tomorrow 9")).toEqual(["snooze 2026-12-01T09"]);
  expect(found("put off in 2 hours")).toEqual(["off 2026-11-30T12"]);
  expect(found("snoo friday 14:30")).toEqual(["snooze 2026-12-04T14"]);
  expect(found("tomorrow 9")).toEqual(["snooze 2026-12-01T09", "off 2026-12-01T09"]);
  expect(found("snooze")).toEqual([]);
  expect(found("an order of chairs")).toEqual([]);
  expect(found("")).toEqual([]);
});
