import { expect, test } from "vitest";
import { minutesOf, spanOf } from "./span.ts";

test("a span is said in the largest unit that fits and comes back the same", () => {
  for (const [minutes, count, unit] of [
    [15, 15, "minutes"],
    [90, 90, "minutes"],
    [120, 2, "hours"],
    [2_880, 2, "days"],
  ] as const) {
    expect(spanOf(minutes)).toEqual({ count, unit });
    expect(minutesOf(String(count), unit)).toBe(minutes);
  }
  expect(minutesOf("", "hours")).toBeNull();
});
