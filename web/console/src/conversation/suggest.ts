import type { TFunction } from "i18next";
import type { CannedStep } from "../api/types.ts";

export type Sign = "/" | "@" | "#";

/** What somebody is asking for at the caret, by the sign before it. */
export interface Wish {
  sign: Sign;
  query: string;
  start: number;
  end: number;
}

const longest = 60;

/**
 * The wish at the caret: a sign at the beginning of a word and what follows it.
 * Canned replies and names are one word, a question to the knowledge may have several.
 */
export const wishAt = (text: string, caret: number): Wish | null => {
  const line = text.slice(text.lastIndexOf("\n", caret - 1) + 1, caret);
  const found = /(?:^|\s)([/@]\S*|#[^#]*)$/.exec(line);
  const word = found?.[1];
  if (!word || word.length > longest) return null;
  return { sign: word[0] as Sign, query: word.slice(1), start: caret - word.length, end: caret };
};

/** Fills the gaps of a canned reply; a gap nothing is known for stays, so that it is seen. */
export const filled = (text: string, known: Record<string, string | null>): string =>
  text.replace(/\{(\w+)\}/g, (gap, name: string) => known[name] || gap);

/** What a canned reply does besides, in a few words. */
export const stepWords = (step: CannedStep, t: TFunction<"console">): string => {
  switch (step.do) {
    case "tag":
      return t("canned.did.tag", { tag: step.tag });
    case "assign":
      return t("canned.did.assign");
    case "snooze":
      return t("canned.did.snooze", { count: Math.max(1, Math.round(step.minutes / 1_440)) });
    case "return":
      return t("canned.did.return");
    case "resolve":
      return t("canned.did.resolve");
  }
};

/** The teammates that a note names: longest names first, so that "@Ana Maria" is not "@Ana". */
export const mentionsIn = (text: string, team: readonly { id: string; name: string }[]): string[] => {
  let rest = text.toLowerCase();
  const named: string[] = [];
  for (const { id, name } of [...team].sort((one, other) => other.name.length - one.name.length)) {
    const sign = `@${name.toLowerCase()}`;
    if (!rest.includes(sign)) continue;
    named.push(id);
    rest = rest.replaceAll(sign, "");
  }
  return named;
};
