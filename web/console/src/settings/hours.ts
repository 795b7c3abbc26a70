/** Hours of a team: spans by day, as the server has them. */
export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** What was typed for each day: spans with commas between, nothing where it is closed. */
export const hoursOf = (typed: (day: Day) => string): Record<string, string[]> =>
  Object.fromEntries(
    days
      .map((day) => [day, typed(day).replace(/[–—]/g, "-").split(",").map((span) => span.replace(/\s/g, "")).filter((span) => span !== "")] as const)
      .filter(([, spans]) => spans.length > 0),
  );

/** "Monday–Friday 09:00–18:00, Saturday 10:00–12:00": days in a row with the same hours stand together. */
export const hoursWords = (hours: Record<string, string[]>, nameOf: (day: Day) => string): string => {
  const groups: { first: Day; last: Day; spans: string }[] = [];
  let before = false;
  for (const day of days) {
    const spans = (hours[day] ?? []).map((span) => span.replace("-", "–")).join(" ");
    const group = groups.at(-1);
    if (spans === "") before = false;
    else if (before && group?.spans === spans) group.last = day;
    else {
      groups.push({ first: day, last: day, spans });
      before = true;
    }
  }
  return groups.map(({ first, last, spans }) => `${first === last ? nameOf(first) : `${nameOf(first)}–${nameOf(last)}`} ${spans}`).join(", ");
};
