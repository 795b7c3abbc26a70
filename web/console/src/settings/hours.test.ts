import { expect, test } from "vitest";
import { hoursOf, hoursWords } from "./hours.ts";

test("hours are typed as people write them", () => {
  const typed: Record<string, string> = { mon: "09:00-12:00, 14:00 – 18:00", sat: " " };
  expect(hoursOf((day) => typed[day] ?? "")).toEqual({ mon: ["09:00-12:00", "14:00-18:00"] });
});

test("days with the same hours stand together", () => {
  const hours = { mon: ["09:00-18:00"], tue: ["09:00-18:00"], thu: ["09:00-18:00"], sat: ["10:00-12:00", "14:00-16:00"] };
  expect(hoursWords(hours, (day) => day)).toBe("mon–tue 09:00–18:00, thu 09:00–18:00, sat 10:00–12:00 14:00–16:00");
});
