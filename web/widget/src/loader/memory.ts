/**
 * What one connection remembers in this browser: the session token, how far was read, and messages not yet sent.
 * Where localStorage is blocked everything still works for the length of the page.
 */
import type { ClientFrame, OutgoingMessage } from "../protocol.ts";

export interface Remembered {
  /** Session token; opens this visitor's own thread and nothing else. */
  session: string | null;
  /** Highest sequence number the visitor has seen. */
  read: number;
  /** Messages the server has not acknowledged. */
  queue: OutgoingMessage[];
  /** Other frames that have not left: what was tracked, rated, who asked for a person. */
  kept: ClientFrame[];
  /** When the panel was opened last on a page; nothing: it was closed. */
  opened: number;
  /** What is half written. */
  draft: string;
  /** A person was asked for, and none has come. */
  asked: boolean;
  /** The greeting that was closed with its cross; it does not come back. */
  dismissed: string | null;
  /** Does an answer sound? */
  sound: boolean;
}

export interface Memory {
  value: Remembered;
  save: (change: Partial<Remembered>) => void;
  /** Takes over what was kept by an earlier page. */
  read: () => void;
}

const empty: Remembered = { session: null, read: 0, queue: [], kept: [], opened: 0, draft: "", asked: false, dismissed: null, sound: false };

/** Reads once, then writes each change through; storage may be absent or throw at any time. */
export const recall = (connection: string, storage: () => Storage): Memory => {
  const key = `rapport:${connection}`;
  const memory: Memory = {
    value: { ...empty },
    save: (change) => {
      Object.assign(memory.value, change);
      try {
        storage().setItem(key, JSON.stringify(memory.value));
      } catch {
        // Blocked, full or not consented to: the value in memory serves until the page is left.
      }
    },
    read: () => {
      try {
        Object.assign(memory.value, JSON.parse(storage().getItem(key) ?? "{}"));
      } catch {
        // Blocked, not ours, or not consented to: begin with nothing.
      }
    },
  };
  memory.read();
  return memory;
};
