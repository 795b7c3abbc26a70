/** A turn's raw readings as words: what the message was taken for, and what was remembered. */
import type { Turn } from "../api/types.ts";
import { predicateWords } from "../customer/facts.ts";

const intentOf = ({ intent }: Turn["signals"]): string | null =>
  typeof intent === "object" ? (intent?.name ?? null) : intent;

const sentimentOf = ({ sentiment }: Turn["signals"]): string | null => {
  if (typeof sentiment !== "number") return sentiment;
  return sentiment < 0 ? "displeased" : sentiment > 0 ? "pleased" : null;
};

/** Language, intent and mood; what says nothing is left out. */
export const signalWords = ({ signals }: Turn, locale: string): string[] => {
  const { language } = signals;
  const named = language ? (new Intl.DisplayNames(locale, { type: "language" }).of(language) ?? language) : null;
  return [named, intentOf(signals), sentimentOf(signals)]
    .filter((word): word is string => Boolean(word))
    .map((word) => predicateWords(word));
};

/** What was remembered, without empty lines; "company_size: 12" becomes "Company size: 12". */
export const recalledOf = (turn: Turn): Turn["recalled"] =>
  turn.recalled
    .filter(({ text }) => text.trim() !== "")
    .map((memory) =>
      memory.kind === "fact"
        ? { ...memory, text: memory.text.replace(/^[a-z_.-]+(?=:)/, (predicate) => predicateWords(predicate)) }
        : memory,
    );

/** Milliseconds as short as they stay true. */
export const shortMilliseconds = (value: number): string =>
  value > 0 && value < 1 ? "<1" : value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
