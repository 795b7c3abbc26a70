/** Spans of time as people say them, kept in minutes. */
export const units = ["minutes", "hours", "days"] as const;
export type Unit = (typeof units)[number];

const inMinutes: Record<Unit, number> = { minutes: 1, hours: 60, days: 1_440 };

/** In the largest unit that leaves nothing over. */
export const spanOf = (minutes: number): { count: number; unit: Unit } => {
  const unit = (["days", "hours"] as const).find((known) => minutes % inMinutes[known] === 0) ?? "minutes";
  return { count: minutes / inMinutes[unit], unit };
};

/** What was typed, in minutes; nothing where nothing was. */
export const minutesOf = (count: string, unit: string): number | null => {
  const known = units.find((name) => name === unit) ?? "minutes";
  const number = Number(count);
  return count === "" || !Number.isFinite(number) ? null : Math.round(number * inMinutes[known]);
};
