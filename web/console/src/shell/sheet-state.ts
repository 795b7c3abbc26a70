import { useSyncExternalStore } from "react";

let open: "palette" | "shortcuts" | null = null;
const listeners = new Set<() => void>();

const set = (next: typeof open) => {
  open = next;
  for (const listener of listeners) listener();
};

export const openPalette = (): void => set("palette");
export const openShortcutSheet = (): void => set("shortcuts");
export const closeFloating = (): void => set(null);

/** Which of the two floating sheets every page shares is open. */
export const useFloating = (): typeof open =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
