import { momentOf } from "../time/natural.ts";
import type { Moment } from "../time/words.ts";
import type { ScreenAction } from "./actions.ts";

export interface Timed {
  action: ScreenAction;
  when: Date;
}

/** Shorter beginnings of a word mean nothing yet. */
const SHORTEST = 3;

/**
 * What can be done at the moment that was typed: after the beginning of its name ("snooze tomorrow 9", "put off friday"),
 * or the moment alone, which offers everything that can be given one.
 */
export const timedActions = (text: string, actions: readonly ScreenAction[], moment: Moment): Timed[] => {
  const words = text.trim().toLowerCase().split(/\s+/);
  return actions.flatMap((action) => {
    if (!action.at) return [];
    const label = action.label.toLowerCase().split(/\s+/);
    let named = 0;
    while (named < words.length && label[named]?.startsWith(words[named] ?? "") && (words[named]?.length ?? 0) >= Math.min(SHORTEST, label[named]?.length ?? 0)) named += 1;
    const when = momentOf(words.slice(named).join(" "), moment);
    return when ? [{ action, when }] : [];
  });
};
