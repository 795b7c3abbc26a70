import { useEffect, useState } from "react";
import { now } from "../time/clock.ts";
import { clockWords } from "./words.ts";

/** How long something has lasted, a second at a time. */
export const Lasting = ({ since }: { since: string }) => {
  const [present, setPresent] = useState(now);
  useEffect(() => {
    const timer = window.setInterval(() => setPresent(now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <span role="timer" aria-live="off" className="text-12 text-t2 tabular-nums">
      {clockWords((present - Date.parse(since)) / 1_000)}
    </span>
  );
};
