import type { TFunction } from "i18next";
import type { Call, CallLine, CallOutcome, CallTurn } from "../api/types.ts";
import type { Tone } from "../elements/Chip.tsx";

export const stateTones: Record<Call["state"], Tone> = {
  ringing: "warn",
  live: "ok",
  transferring: "accent",
  cut: "danger",
  ended: "plain",
};

export const outcomeTones: Record<CallOutcome, Tone> = {
  completed: "ok",
  transferred: "accent",
  nobody_free: "warn",
  silent: "plain",
  cut: "danger",
  not_reached: "warn",
};

/** The other side by name, by number, or as nobody known. */
export const callerWords = (call: Pick<Call, "name" | "caller">, t: TFunction<"console">): string =>
  call.name ?? call.caller ?? t("calls.withheld");

/** Minutes and seconds: "1:05", and "1:02:05" from an hour on. */
export const clockWords = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number) => String(part).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

/** What somebody says is written down once they have finished: their words begin so long before. */
const saidBefore = 3;

/** Where in a recording a line begins, in seconds; nothing when it was said before the recording began. */
export const placeOf = (line: Pick<CallLine, "at" | "who">, from: string): number | null => {
  const place = (Date.parse(line.at) - Date.parse(from)) / 1_000 - (line.who === "caller" ? saidBefore : 0);
  return place < -saidBefore ? null : Math.max(0, place);
};

/** The line that is heard at this place of a recording. */
export const lineAt = (lines: readonly CallLine[], from: string, seconds: number): string | null =>
  lines.findLast((line) => {
    const place = placeOf(line, from);
    return place !== null && place <= seconds;
  })?.message ?? null;

export const turnParts = ["ears_ms", "thinking_ms", "voice_ms"] as const;

/** What a turn took in all, as far as it was measured here. */
export const wholeTurn = (turn: CallTurn): number => turnParts.reduce((sum, part) => sum + (turn[part] ?? 0), 0);

/** The middle one of what each turn took; null where nothing was measured. */
export const usualTurn = (turns: readonly CallTurn[]): number | null => {
  const all = turns.map(wholeTurn).sort((one, other) => one - other);
  return all[Math.floor((all.length - 1) / 2)] ?? null;
};
