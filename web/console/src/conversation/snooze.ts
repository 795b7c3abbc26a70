import { daysToMonday, hourOfDay, type Moment } from "../time/words.ts";

export const snoozeNames = ["hour", "evening", "tomorrow", "monday"] as const;
export type SnoozeName = (typeof snoozeNames)[number];

/** The moments a conversation can be put off to, on the workspace's clock, none of them in the past. */
export const snoozeChoices = (moment: Moment): { name: SnoozeName; until: Date }[] => {
  const choices: { name: SnoozeName; until: Date }[] = [
    { name: "hour", until: new Date(moment.now + 3_600_000) },
    { name: "evening", until: hourOfDay(0, 18, moment) },
    { name: "tomorrow", until: hourOfDay(1, 9, moment) },
    { name: "monday", until: hourOfDay(daysToMonday(moment), 9, moment) },
  ];
  return choices.filter(({ until }) => until.getTime() > moment.now);
};
