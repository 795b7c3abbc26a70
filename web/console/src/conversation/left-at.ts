import { useEffect, useState } from "react";
import { now } from "../time/clock.ts";

const storageKey = (conversation: string) => `rapport.left.${conversation}`;

/** Whoever looks away for less has hardly left. */
const AWAY = 60_000;

/** When this browser last left the conversation, be it behind another window or asleep; nothing on a first visit. */
export const useLeftAt = (conversation: string): number | null => {
  const [leftAt, setLeftAt] = useState(() => {
    const stored = Number(window.localStorage.getItem(storageKey(conversation)));
    return stored > 0 ? stored : null;
  });
  useEffect(() => {
    let hidden: number | null = null;
    const leave = () => window.localStorage.setItem(storageKey(conversation), String(now()));
    const look = () => {
      if (document.visibilityState === "hidden") {
        hidden = now();
        leave();
      } else if (hidden !== null) {
        if (now() - hidden > AWAY) setLeftAt(hidden);
        hidden = null;
      }
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pagehide", leave);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [conversation]);
  return leftAt;
};
