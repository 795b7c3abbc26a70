import type { LucideIcon } from "lucide-react";
import { useSyncExternalStore } from "react";

/** Something that can be done to what is on screen now, offered in the palette with its key. */
export interface ScreenAction {
  id: string;
  label: string;
  icon: LucideIcon;
  key?: string;
  run: () => void;
  /** Does it for a moment that was typed after its name: "snooze tomorrow 9". */
  at?: (when: Date) => void;
}

let offered: readonly ScreenAction[] = [];
const listeners = new Set<() => void>();

/** The page in front offers its actions; the returned function takes them back. */
export const offerActions = (actions: readonly ScreenAction[]): (() => void) => {
  offered = actions;
  for (const listener of listeners) listener();
  return () => {
    if (offered !== actions) return;
    offered = [];
    for (const listener of listeners) listener();
  };
};

export const useOfferedActions = (): readonly ScreenAction[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offered,
  );
