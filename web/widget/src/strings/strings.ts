/** The panel's words: one row for each, one column for each language. */
import words from "./strings.json";

/** The columns of the table. */
export const languages = ["en", "fr", "de", "es", "pt"];

export type Word = keyof typeof words;

export type Say = (word: Word, value?: string | number) => string;

/** A speaker of one language; `{}` takes the value. */
export const speaker = (locale: string): Say => {
  const column = Math.max(0, languages.indexOf(locale));
  return (word, value = "") => (words[word][column] ?? "").replace("{}", `${value}`);
};
