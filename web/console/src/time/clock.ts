import { useSyncExternalStore } from "react";

let offset = 0;
let current = Date.now();
let timer: number | undefined;
const listeners = new Set<() => void>();

const tick = () => {
  current = Date.now() + offset;
  for (const listener of listeners) listener();
};

/** Moves the console's idea of now by the demo clock's lead. */
export const setClockOffset = (seconds: number): void => {
  if (seconds * 1000 === offset) return;
  offset = seconds * 1000;
  tick();
};

/** The present moment in milliseconds, with the demo clock's lead. */
export const now = (): number => Date.now() + offset;

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  timer ??= window.setInterval(tick, 15_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
};

/** A moment that moves on every quarter of a minute. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => current);
