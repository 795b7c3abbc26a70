/** The panel's words: one row for each, one column for each language; a build keeps one column, and of it what it uses. */
import * as words from "virtual:words";

export { words };

/** A word with its value in the place of `{}`. */
export const fill = (word: string, value: string | number): string => word.replace("{}", `${value}`);
