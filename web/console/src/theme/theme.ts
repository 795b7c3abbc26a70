import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

const storageKey = "rapport.theme";
const listeners = new Set<() => void>();

const readChoice = (): ThemeChoice => {
  const stored = window.localStorage.getItem(storageKey);
  return stored === "light" || stored === "dark" ? stored : "system";
};

const systemIsDark = () => window.matchMedia("(prefers-color-scheme: dark)");

const apply = () => {
  const choice = readChoice();
  const dark = choice === "dark" || (choice === "system" && systemIsDark().matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  for (const listener of listeners) listener();
};

/** Puts the remembered theme on the page and follows the system while nothing was chosen. */
export const startTheme = (): void => {
  apply();
  systemIsDark().addEventListener("change", apply);
};

export const chooseTheme = (choice: ThemeChoice): void => {
  if (choice === "system") window.localStorage.removeItem(storageKey);
  else window.localStorage.setItem(storageKey, choice);
  apply();
};

export const useThemeChoice = (): ThemeChoice =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readChoice);
