import { useEffect, useState } from "react";
import { now } from "../time/clock.ts";

const storageKey = (conversation: string) => `rapport.left.${conversation}`;

/** When this browser last left the conversation; nothing on a first visit. */
export const useLeftAt = (conversation: string): number | null => {
  const [leftAt] = useState(() => {
    const stored = Number(window.localStorage.getItem(storageKey(conversation)));
    return stored > 0 ? stored : null;
  });
  useEffect(() => {
    const leave = () => window.localStorage.setItem(storageKey(conversation), String(now()));
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [conversation]);
  return leftAt;
};
