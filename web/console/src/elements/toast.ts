import { useSyncExternalStore } from "react";

export interface ToastNote {
  id: number;
  text: string;
  undo?: () => void;
}

let shown: ToastNote | null = null;
let count = 0;
let timer: number | undefined;
const listeners = new Set<() => void>();

/** How long a toast offers its undo. */
export const toastSeconds = 10;

const change = (note: ToastNote | null) => {
  shown = note;
  for (const listener of listeners) listener();
};

export const dismissToast = (): void => {
  window.clearTimeout(timer);
  change(null);
};

/** Says what just happened; one at a time, with a way back where there is one. */
export const toast = (text: string, undo?: () => void): void => {
  window.clearTimeout(timer);
  count += 1;
  change({ id: count, text, ...(undo ? { undo } : {}) });
  timer = window.setTimeout(dismissToast, (undo ? toastSeconds : 5) * 1000);
};

export const undoToast = (): void => {
  const undo = shown?.undo;
  dismissToast();
  undo?.();
};

export const useToast = (): ToastNote | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
