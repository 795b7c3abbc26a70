/** What the lists are narrowed to; it stays while one goes from view to view. */
import { useSyncExternalStore } from "react";

export interface Narrowing {
  tag: string | null;
  channel: string | null;
  team: string | null;
}

const wide: Narrowing = { tag: null, channel: null, team: null };
let narrowing = wide;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const narrow = (next: Partial<Narrowing>): void => {
  narrowing = { ...narrowing, ...next };
  for (const listener of listeners) listener();
};

export const widen = (): void => narrow(wide);

export const useNarrowing = (): Narrowing => useSyncExternalStore(subscribe, () => narrowing);
