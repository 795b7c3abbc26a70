import { useEffect, useRef } from "react";

export type Shortcuts = Record<string, (() => void) | undefined>;

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

const dialogIsOpen = (): boolean => document.querySelector('[role="dialog"],[role="menu"]') !== null;

const storageKey = "rapport.single-keys";

export const singleKeysOn = (): boolean => window.localStorage.getItem(storageKey) !== "off";

export const setSingleKeys = (on: boolean): void => {
  if (on) window.localStorage.removeItem(storageKey);
  else window.localStorage.setItem(storageKey, "off");
};

/** Single-key shortcuts while no field, menu or dialog has the keyboard. Keys are compared in lower case. */
export const useShortcuts = (shortcuts: Shortcuts): void => {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if (isField(event.target) || dialogIsOpen() || !singleKeysOn()) return;
      const action = latest.current[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
};
