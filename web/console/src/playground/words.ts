/** The playground's words in English and French, and its ways of saying a time. */
import { createContext, useContext } from "react";
import en from "./en.json";
import fr from "./fr.json";

export type Word = keyof typeof en;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

export interface Speech {
  language: "en" | "fr";
  say: Say;
}

const tables: Record<Speech["language"], Record<Word, string>> = { en, fr };

/** Speaks one language; `{name}` takes a value, and a word ending in `.one` is used for a count of one. */
export const speechIn = (language: Speech["language"]): Speech => {
  const table = tables[language];
  return {
    language,
    say: (word, values = {}) => {
      const single = `${word}.one`;
      const text = values["count"] === 1 && single in table ? table[single as Word] : table[word];
      return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
    },
  };
};

/** The language chosen in the console, else the browser's. */
export const firstLanguage = (): Speech["language"] => {
  const stored = window.localStorage.getItem("rapport.language") ?? window.navigator.language;
  return stored.startsWith("fr") ? "fr" : "en";
};

export const SpeechContext = createContext<Speech>(speechIn("en"));
export const useSpeech = (): Speech => useContext(SpeechContext);

const locales = { en: "en-GB", fr: "fr-FR" } as const;
const plain = (text: string): string => text.replaceAll(",", "").replaceAll(".", "");

/** "Thu 19 Nov 2026, 09:41". */
export const clockWords = (at: string, { language }: Speech): string => {
  const date = new Date(at);
  const day = date.toLocaleDateString(locales[language], { weekday: "short", day: "numeric", month: "short", year: "numeric" });
  return `${plain(day)}, ${timeWords(at, language)}`;
};

export const timeWords = (at: string, language: Speech["language"]): string =>
  new Date(at).toLocaleTimeString(locales[language], { hour: "2-digit", minute: "2-digit" });

/** "Thu 19 Nov 09:41", for the head of a phone. */
export const momentWords = (at: string, { language }: Speech): string => {
  const day = new Date(at).toLocaleDateString(locales[language], { weekday: "short", day: "numeric", month: "short" });
  return `${plain(day)} ${timeWords(at, language)}`;
};

/** "now", "09:40", "Wed", "12 Nov": as short as it stays clear. */
export const ageWords = (at: string, now: string, { language, say }: Speech): string => {
  const then = new Date(at);
  const present = new Date(now);
  const gone = present.getTime() - then.getTime();
  if (gone < 90_000) return say("now");
  if (then.toDateString() === present.toDateString()) return timeWords(at, language);
  const near = gone < 6 * 86_400_000;
  return plain(then.toLocaleDateString(locales[language], near ? { weekday: "short" } : { day: "numeric", month: "short" }));
};

/** "2 days later" before a message that came after a silence; nothing under half an hour. */
export const gapWords = (milliseconds: number, say: Say): string | null => {
  const minutes = milliseconds / 60_000;
  if (minutes < 30) return null;
  if (minutes < 90) return say("gap.minutes", { count: Math.round(minutes) });
  if (minutes < 36 * 60) return say("gap.hours", { count: Math.round(minutes / 60) });
  return say("gap.days", { count: Math.round(minutes / 1440) });
};
