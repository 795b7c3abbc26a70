import { daysToMonday, hourOfDay, type Moment } from "./words.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const weekdays: readonly (readonly string[])[] = [
  ["sunday", "sun", "dimanche", "dim"],
  ["monday", "mon", "lundi", "lun"],
  ["tuesday", "tue", "mardi", "mar"],
  ["wednesday", "wed", "mercredi", "mer"],
  ["thursday", "thu", "jeudi", "jeu"],
  ["friday", "fri", "vendredi", "ven"],
  ["saturday", "sat", "samedi", "sam"],
];

const numbers: Record<string, number> = { a: 1, an: 1, one: 1, un: 1, une: 1, two: 2, deux: 2, three: 3, trois: 3 };

const units: readonly [RegExp, number][] = [
  [/^(m|min|mins|minute|minutes)$/, minute],
  [/^(h|hr|hrs|hour|hours|heure|heures)$/, hour],
  [/^(d|day|days|j|jour|jours)$/, day],
  [/^(w|week|weeks|semaine|semaines|sem)$/, 7 * day],
];

/** Parts of a day by name, with the hour they begin. */
const parts: Record<string, number> = {
  morning: 9,
  matin: 9,
  noon: 12,
  midi: 12,
  afternoon: 14,
  "après-midi": 14,
  "apres-midi": 14,
  evening: 18,
  soir: 18,
  tonight: 19,
  night: 19,
};

interface Clock {
  hours: number;
  minutes: number;
}

const clockOf = (word: string): Clock | null => {
  const found = /^(\d{1,2})(?:(?::|h|\.)(\d{2})?)?(am|pm)?$/.exec(word);
  if (!found) return null;
  let hours = Number(found[1]);
  const minutes = Number(found[2] ?? 0);
  if (found[3] === "pm" && hours < 12) hours += 12;
  if (found[3] === "am" && hours === 12) hours = 0;
  return hours < 24 && minutes < 60 ? { hours, minutes } : null;
};

const weekdayOf = (word: string): number => weekdays.findIndex((names) => names.includes(word));

/** Days from today to the next such weekday, never nought. */
const daysTo = (weekday: number, moment: Moment): number => ((weekday - 1 + daysToMonday(moment) - 1 + 7) % 7) + 1;

const lengthOf = (words: readonly string[]): number | null => {
  let total = 0;
  let index = 0;
  while (index < words.length) {
    const glued = /^(\d+)([a-z]+)$/.exec(words[index] ?? "");
    const amount = glued ? Number(glued[1]) : (numbers[words[index] ?? ""] ?? Number(words[index]));
    const unit = glued ? glued[2] : words[index + 1];
    const size = units.find(([pattern]) => pattern.test(unit ?? ""))?.[1];
    if (!Number.isFinite(amount) || amount <= 0 || size === undefined) return null;
    total += amount * size;
    index += glued ? 1 : 2;
  }
  return total > 0 ? total : null;
};

/**
 * The moment that somebody's own words mean: "tomorrow 9", "friday 14:30", "in 2 hours", "next week", "tonight",
 * "demain 9h", "lundi matin", "dans 3 jours". On the workspace's clock, always ahead; nothing when it says no time.
 */
export const momentOf = (text: string, moment: Moment): Date | null => {
  const plain = text.trim().toLowerCase().replaceAll(",", " ");
  if (plain === "") return null;
  const length = lengthOf(plain.replace(/^(in|dans|for|pendant)\s+/, "").split(/\s+/));
  if (length !== null) return new Date(moment.now + length);
  let days: number | null = null;
  let clock: Clock | null = null;
  const rest = plain
    .replace(/next week|(la )?semaine prochaine/, () => {
      days = daysToMonday(moment);
      return "";
    })
    .replace(/\b(at|à|on|le|next|this|cette?|the|in|prochaine?)(?=\s|$)/g, " ")
    .split(/\s+/)
    .filter(Boolean);
  for (const word of rest) {
    const weekday = weekdayOf(word);
    const said = clockOf(word);
    if (word === "today" || word === "aujourd'hui" || word === "ce") days ??= 0;
    else if (word === "tomorrow" || word === "tmr" || word === "demain") days = 1;
    else if (weekday >= 0) days = daysTo(weekday, moment);
    else if (word in parts) clock ??= { hours: parts[word] ?? 9, minutes: 0 };
    else if (said) clock = said;
    else return null;
  }
  if (days === null && clock === null) return null;
  const { hours, minutes } = clock ?? { hours: 9, minutes: 0 };
  const at = (ahead: number) => new Date(hourOfDay(ahead, hours, moment).getTime() + minutes * minute);
  const wanted = at(days ?? 0);
  if (wanted.getTime() > moment.now) return wanted;
  // Without a day, an hour that is over means tomorrow's.
  return days === null ? at(1) : null;
};
