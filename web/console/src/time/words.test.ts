import { describe, expect, it } from "vitest";
import { i18n } from "../i18n/index.ts";
import {
  age,
  dayAndTime,
  daysToMonday,
  deadline,
  gapWords,
  hourOfDay,
  type Moment,
  span,
  windowWords,
} from "./words.ts";

const moment: Moment = {
  now: Date.parse("2026-11-20T12:31:00+01:00"),
  timeZone: "Europe/Vienna",
  locale: "en-GB",
  t: i18n.getFixedT("en"),
};
const french: Moment = { ...moment, locale: "fr-FR", t: i18n.getFixedT("fr") };
const minutes = (count: number) => new Date(moment.now + count * 60_000).toISOString();

describe("gap before a message", () => {
  it("is silent under a minute", () => {
    expect(gapWords("2026-11-20T12:00:00Z", "2026-11-20T12:00:40Z", moment)).toBeNull();
  });
  it("counts minutes and hours on the same day", () => {
    expect(gapWords("2026-11-20T08:00:00Z", "2026-11-20T08:01:10Z", moment)).toBe("1 minute later");
    expect(gapWords("2026-11-20T08:00:00Z", "2026-11-20T11:10:00Z", moment)).toBe("3 hours later");
  });
  it("counts calendar days, not 24-hour spans", () => {
    expect(gapWords("2026-11-16T22:00:00Z", "2026-11-18T08:00:00Z", moment)).toBe("2 days later");
    expect(gapWords("2026-11-16T13:00:00Z", "2026-11-17T14:00:00Z", moment)).toBe("1 day later");
  });
  it("speaks French", () => {
    expect(gapWords("2026-11-16T13:00:00Z", "2026-11-18T14:00:00Z", french)).toBe("2 jours plus tard");
  });
});

describe("age of a list row", () => {
  it("is a time today, then a day, then a date", () => {
    expect(age("2026-11-20T09:36:00+01:00", moment)).toBe("09:36");
    expect(age("2026-11-19T23:50:00+01:00", moment)).toBe("Yesterday");
    expect(age("2026-11-16T14:07:00+01:00", moment)).toBe("Mon");
    expect(age("2026-11-02T14:07:00+01:00", moment)).toBe("2 Nov");
  });
  it("follows the workspace's time zone", () => {
    expect(age("2026-11-19T23:30:00Z", moment)).toBe("00:30");
    expect(age("2026-11-19T23:30:00Z", { ...moment, timeZone: "America/New_York" })).toBe("Yesterday");
  });
});

describe("day and time", () => {
  it("names today and dates the rest", () => {
    expect(dayAndTime("2026-11-20T12:31:00+01:00", moment)).toBe("Today 12:31");
    expect(dayAndTime("2026-11-18T18:02:00+01:00", moment)).toBe("Wed 18 Nov 18:02");
  });
});

describe("deadline", () => {
  it("is calm, then soon under 15 minutes, then late, always in words", () => {
    expect(deadline(minutes(93), moment)).toMatchObject({ tone: "calm", text: "1 h 33" });
    expect(deadline(minutes(14), moment)).toMatchObject({ tone: "soon", long: "14 min left" });
    expect(deadline(minutes(-3), moment)).toMatchObject({ tone: "late", text: "3 min late" });
  });
});

describe("hours on the workspace's clock", () => {
  it("tomorrow at nine is nine in Vienna, whatever the browser's zone", () => {
    expect(hourOfDay(1, 9, moment).toISOString()).toBe("2026-11-21T08:00:00.000Z");
    expect(hourOfDay(1, 9, { ...moment, timeZone: "America/New_York" }).toISOString()).toBe("2026-11-21T14:00:00.000Z");
  });
  it("keeps the hour over the change to summer time", () => {
    const march = { ...moment, now: Date.parse("2026-03-28T12:00:00Z") };
    expect(hourOfDay(1, 9, march).toISOString()).toBe("2026-03-29T07:00:00.000Z");
  });
  it("the next Monday is never today", () => {
    expect(daysToMonday(moment)).toBe(3);
    expect(daysToMonday({ ...moment, now: Date.parse("2026-11-23T08:00:00Z") })).toBe(7);
  });
});

describe("span", () => {
  it("never shows nought minutes", () => {
    expect(span(20_000, moment)).toBe("under a minute");
    expect(span(3 * 86_400_000, moment)).toBe("3 days");
  });
});

describe("service window", () => {
  it("says nothing for a door without one", () => {
    expect(windowWords({ open: true, closes_at: null }, moment)).toBeNull();
  });
  it("counts down and warns in the last hour", () => {
    expect(windowWords({ open: true, closes_at: minutes(200) }, moment)).toMatchObject({
      tone: "calm",
      text: "window closes in 3 h 20",
    });
    expect(windowWords({ open: true, closes_at: minutes(40) }, moment)).toMatchObject({
      tone: "soon",
      short: "40 min",
    });
  });
  it("is closed once the time is over, even before the server says so", () => {
    expect(windowWords({ open: true, closes_at: minutes(-1) }, moment)).toMatchObject({
      tone: "closed",
      text: "template only",
    });
    expect(windowWords({ open: false, closes_at: null }, moment)).toMatchObject({ tone: "closed" });
  });
});
