import { describe, expect, it } from "vitest";
import { momentOf } from "./natural.ts";
import type { Moment } from "./words.ts";

/** Friday 20 November 2026, 13:30 in Paris. */
const moment = {
  now: Date.parse("2026-11-20T12:30:00Z"),
  timeZone: "Europe/Paris",
  locale: "en-GB",
  t: ((key: string) => key) as unknown as Moment["t"],
};

const check = (text: string, expected: string | null) =>
  it(`"${text}" means ${expected ?? "no time"}`, () => {
    expect(momentOf(text, moment)?.toISOString() ?? null).toBe(expected);
  });

describe("a time in somebody's own words", () => {
  check("in 2 hours", "2026-11-20T14:30:00.000Z");
  check("2h", "2026-11-20T14:30:00.000Z");
  check("1 h 30 min", "2026-11-20T14:00:00.000Z");
  check("dans 3 jours", "2026-11-23T12:30:00.000Z");
  check("an hour", "2026-11-20T13:30:00.000Z");
  check("tomorrow", "2026-11-21T08:00:00.000Z");
  check("tomorrow 9", "2026-11-21T08:00:00.000Z");
  check("tomorrow at 14:30", "2026-11-21T13:30:00.000Z");
  check("demain 9h", "2026-11-21T08:00:00.000Z");
  check("friday", "2026-11-27T08:00:00.000Z");
  check("sat 10am", "2026-11-21T09:00:00.000Z");
  check("monday morning", "2026-11-23T08:00:00.000Z");
  check("lundi 8h30", "2026-11-23T07:30:00.000Z");
  check("next week", "2026-11-23T08:00:00.000Z");
  check("semaine prochaine", "2026-11-23T08:00:00.000Z");
  check("ce soir", "2026-11-20T17:00:00.000Z");
  check("tonight", "2026-11-20T18:00:00.000Z");
  check("18:00", "2026-11-20T17:00:00.000Z");
  check("9:00", "2026-11-21T08:00:00.000Z");
  check("today 9", null);
  check("soon", null);
  check("25:00", null);
  check("", null);
});
