import { useSyncExternalStore } from "react";

let chosen: ReadonlySet<string> = new Set();
let last: string | null = null;
const listeners = new Set<() => void>();

const set = (next: ReadonlySet<string>) => {
  chosen = next;
  for (const listener of listeners) listener();
};

/** Chooses a conversation, or no longer. */
export const toggleChosen = (id: string): void => {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  last = id;
  set(next);
};

/** Chooses everything between the last one chosen and this one. */
export const chooseThrough = (id: string, order: readonly string[]): void => {
  const from = last === null ? -1 : order.indexOf(last);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) {
    toggleChosen(id);
    return;
  }
  set(new Set([...chosen, ...order.slice(Math.min(from, to), Math.max(from, to) + 1)]));
};

export const chooseNone = (): void => {
  last = null;
  set(new Set());
};

/** The conversations chosen for one action on all of them. */
export const useChosen = (): ReadonlySet<string> =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => chosen,
  );
