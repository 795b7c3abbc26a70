/** Templates of a vendor: their gaps, and how they read when these are filled. */
import type { Template } from "../api/types.ts";

export type Values = Record<string, string>;

/** As the customer will read it; a gap that is still open stays as it is. */
export const previewOf = ({ header, body, footer }: Template, values: Values): string => {
  const filled = body.replace(/\{\{\s*([^}]+?)\s*\}\}/g, (gap, name: string) => values[name]?.trim() || gap);
  return [header, filled, footer].filter((part) => part !== null && part !== "").join("\n\n");
};

/** Does every gap hold one line? */
export const isFilled = ({ variables }: Template, values: Values): boolean =>
  variables.every((name) => (values[name] ?? "").trim() !== "" && !/[\n\t]/.test(values[name] ?? ""));

/** The first gap is nearly always the name. */
export const firstValues = ({ variables }: Template, name: string | null): Values => {
  const [first] = variables;
  return first !== undefined && name ? { [first]: name.split(" ")[0] ?? name } : {};
};

/** Those in the customer's language first. */
export const inOrder = (templates: readonly Template[], language: string): Template[] =>
  [...templates].sort((a, b) => Number(b.language.startsWith(language)) - Number(a.language.startsWith(language)) || a.name.localeCompare(b.name));
