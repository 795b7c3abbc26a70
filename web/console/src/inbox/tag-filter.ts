/** The tag that the lists are narrowed to; it stays while one goes from view to view. */
import { useSyncExternalStore } from "react";

let tag: string | null = null;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const filterByTag = (next: string | null): void => {
  tag = next;
  for (const listener of listeners) listener();
};

export const useTagFilter = (): string | null => useSyncExternalStore(subscribe, () => tag);
