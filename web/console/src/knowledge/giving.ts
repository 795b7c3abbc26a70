/** Documents on their way to the server: which can be taken at all, and how far each is. */
import type { GivenDocument } from "../api/types.ts";

/** What the server reads, by the ending of the name. */
export const endings = [".md", ".markdown", ".txt", ".html", ".htm", ".csv", ".tsv", ".docx", ".pdf"] as const;
/** The server takes no larger ones. */
export const mostBytes = 20 * 1024 * 1024;

/** Why a file need not be sent: nobody could read it. */
export const refusal = ({ name, size }: { name: string; size: number }): "kind" | "size" | "empty" | null => {
  const lower = name.toLowerCase();
  if (!endings.some((ending) => lower.endsWith(ending))) return "kind";
  if (size === 0) return "empty";
  return size > mostBytes ? "size" : null;
};

/** One document, from the moment it was chosen. */
export interface Giving {
  key: number;
  name: string;
  /** From 0 to 1; at 1 the server reads it. */
  sent: number;
  state: "waiting" | "sending" | "done" | "failed";
  why: string;
  given: GivenDocument | null;
  file: File;
}

/** The list with one of them changed. */
export const changed = (all: readonly Giving[], key: number, change: Partial<Giving>): Giving[] =>
  all.map((one) => (one.key === key ? { ...one, ...change } : one));

/** A file's name from a question, in letters that every system keeps. */
export const fileNameOf = (question: string): string => {
  const words = question
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return `${(words ?? ["answer"]).join("-").slice(0, 60)}.md`;
};
