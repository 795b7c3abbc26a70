import { useEffect, useMemo, useSyncExternalStore } from "react";
import { sayPresence } from "./endpoints.ts";
import type { Here } from "./types.ts";

let people: readonly Here[] = [];
const listeners = new Set<() => void>();

/** Takes in what the live stream says about who is here. */
export const hearPresence = (text: string): void => {
  try {
    people = (JSON.parse(text) as { people: Here[] }).people;
  } catch {
    return;
  }
  for (const listener of listeners) listener();
};

/** Everybody of the team who has the console open. */
export const usePresence = (): readonly Here[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => people,
  );

/** The others who look at the same conversation. */
export const useOthersAt = (conversation: string, me: string | undefined): readonly Here[] => {
  const all = usePresence();
  return useMemo(
    () => all.filter((here) => here.conversation === conversation && here.teammate !== me),
    [all, conversation, me],
  );
};

const again = 15_000;

/** Tells the team what this page has open, again and again, until it closes. */
export const usePlace = (conversation: string | null, typing: boolean, signedIn: boolean): void => {
  useEffect(() => {
    if (!signedIn) return undefined;
    const say = () => void sayPresence({ conversation, typing }).catch(() => undefined);
    say();
    const timer = window.setInterval(say, again);
    return () => window.clearInterval(timer);
  }, [conversation, typing, signedIn]);
  useEffect(() => {
    if (!signedIn) return undefined;
    const leave = () => void sayPresence({ conversation: null, leaving: true }).catch(() => undefined);
    window.addEventListener("pagehide", leave);
    return () => window.removeEventListener("pagehide", leave);
  }, [signedIn]);
};
