import type { TFunction } from "i18next";

/** What is needed to say a time in words: when it is, where, and in which tongue. */
export interface Moment {
  now: number;
  timeZone: string;
  locale: string;
  t: TFunction<"console">;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();

const formatter = (moment: Moment, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${moment.locale}|${moment.timeZone}|${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(moment.locale, { ...options, timeZone: moment.timeZone });
    formats.set(key, found);
  }
  return found;
};

const plain = (text: string): string => text.replaceAll(",", "").replaceAll(".", "");

/** Hours and minutes, 24 hours. */
export const timeOfDay = (at: string, moment: Moment): string =>
  formatter(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

const dayNumber = (instant: number, moment: Moment): number => {
  const parts = formatter(moment, { year: "numeric", month: "numeric", day: "numeric" }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((entry) => entry.type === type)?.value ?? 0);
  return Date.UTC(part("year"), part("month") - 1, part("day")) / day;
};

/** Calendar days from the first instant to the second, in the workspace's time zone. */
export const daysBetween = (from: number, to: number, moment: Moment): number =>
  dayNumber(to, moment) - dayNumber(from, moment);

const zoneLead = (instant: number, moment: Moment): number => {
  const parts = formatter(moment, {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((entry) => entry.type === type)?.value ?? 0);
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return local - Math.floor(instant / minute) * minute;
};

/** The instant at which the workspace's clock shows this full hour, so many days from today. */
export const hourOfDay = (daysAhead: number, hours: number, moment: Moment): Date => {
  const local = (dayNumber(moment.now, moment) + daysAhead) * day + hours * hour;
  const guess = local - zoneLead(local, moment);
  return new Date(local - zoneLead(guess, moment));
};

/** Days from today to the next Monday, never nought. */
export const daysToMonday = (moment: Moment): number => {
  const weekday = new Date(dayNumber(moment.now, moment) * day).getUTCDay();
  return (8 - weekday) % 7 || 7;
};

/** "Today", or "Wed 18 Nov", with the year when it is another one. */
export const dayWords = (at: string, moment: Moment): string => {
  const instant = Date.parse(at);
  const ago = daysBetween(instant, moment.now, moment);
  if (ago === 0) return moment.t("time.today");
  const far = Math.abs(ago) > 300;
  return plain(
    formatter(moment, { weekday: "short", day: "numeric", month: "short", ...(far ? { year: "numeric" } : {}) }).format(
      instant,
    ),
  );
};

/** Day and time together. */
export const dayAndTime = (at: string, moment: Moment): string => `${dayWords(at, moment)} ${timeOfDay(at, moment)}`;

/** The short age of a list row: a time today, a weekday this week, a date before. */
export const age = (at: string, moment: Moment): string => {
  const instant = Date.parse(at);
  const ago = daysBetween(instant, moment.now, moment);
  if (ago <= 0) return timeOfDay(at, moment);
  if (ago === 1) return moment.t("time.yesterday");
  if (ago < 7) return plain(formatter(moment, { weekday: "short" }).format(instant));
  return plain(formatter(moment, { day: "numeric", month: "short" }).format(instant));
};

/** "14 min", "1 h 05", "2 days": a length of time without a direction. */
export const span = (milliseconds: number, moment: Moment): string => {
  const minutes = Math.max(0, Math.floor(milliseconds / minute));
  if (minutes < 1) return moment.t("time.underMinute");
  if (minutes < 60) return moment.t("time.minutesShort", { minutes });
  if (minutes < 48 * 60) {
    return moment.t("time.hoursShort", {
      hours: Math.floor(minutes / 60),
      minutes: String(minutes % 60).padStart(2, "0"),
    });
  }
  return moment.t("time.days", { count: Math.floor(minutes / (24 * 60)) });
};

export interface Deadline {
  tone: "calm" | "soon" | "late";
  text: string;
  long: string;
}

/** A promise of an answer, as a clock: calm, soon (under 15 minutes) or late, always in words. */
export const deadline = (dueAt: string, moment: Moment): Deadline => {
  const left = Date.parse(dueAt) - moment.now;
  if (left < 0) {
    const text = moment.t("time.late", { span: span(-left, moment) });
    return { tone: "late", text, long: text };
  }
  const text = span(left, moment);
  return { tone: left < 15 * minute ? "soon" : "calm", text, long: moment.t("time.left", { span: text }) };
};

/** "2 days later", "3 hours later": the silence before a message. Nothing under a minute. */
export const gapWords = (from: string, to: string, moment: Moment): string | null => {
  const start = Date.parse(from);
  const end = Date.parse(to);
  const length = end - start;
  if (length < minute) return null;
  if (length < hour) return moment.t("time.minutesLater", { count: Math.floor(length / minute) });
  const days = daysBetween(start, end, moment);
  if (length < day && days <= 1) return moment.t("time.hoursLater", { count: Math.floor(length / hour) });
  return moment.t("time.daysLater", { count: Math.max(1, days) });
};

export interface WindowState {
  open: boolean;
  closes_at: string | null;
}

export interface WindowWords {
  tone: "calm" | "soon" | "closed";
  text: string;
  /** The same where there is little room. */
  short: string;
}

/** What the composer says about a door's service window; nothing for doors that have none. */
export const windowWords = (state: WindowState, moment: Moment): WindowWords | null => {
  const templateOnly = moment.t("composer.templateOnly");
  const closed: WindowWords = { tone: "closed", text: templateOnly, short: templateOnly };
  if (!state.open) return closed;
  if (!state.closes_at) return null;
  const left = Date.parse(state.closes_at) - moment.now;
  if (left <= 0) return closed;
  const short = span(left, moment);
  return { tone: left < hour ? "soon" : "calm", text: moment.t("composer.windowCloses", { span: short }), short };
};
