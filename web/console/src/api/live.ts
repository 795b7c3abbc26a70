import type { QueryClient } from "@tanstack/react-query";
import { hearPresence } from "./presence.ts";
import { keys } from "./queries.ts";
import type { Change } from "./types.ts";

export type LiveState = "connecting" | "live" | "lost";

const readChange = (text: string): Change | null => {
  try {
    return JSON.parse(text) as Change;
  } catch {
    return null;
  }
};

/** The cached queries that a change makes stale. */
export const staleKeys = (change: Change): (readonly string[])[] => {
  const stale: (readonly string[])[] = [];
  if (change.kind === "alert.told") return [keys.alertWays];
  const touchesLists = change.kind !== "customer.updated";
  if (touchesLists) stale.push(keys.conversations);
  if (change.conversation) stale.push(keys.conversation(change.conversation));
  if (change.customer) {
    stale.push(keys.timeline(change.customer), keys.customer(change.customer));
  }
  if (change.kind === "identity.updated") {
    stale.push(keys.conversations, keys.suggestions, keys.customers, ["timeline"], ["customer"], ["conversation"]);
  }
  // Who is on the phone may have said their name.
  if (change.kind === "call.updated" || change.kind === "customer.updated") stale.push(keys.calls);
  // Whatever is said on it is a message like any other.
  if (change.customer) stale.push(["call"]);
  // A turn leaves tasks behind; whoever takes a conversation takes its tasks.
  if (change.kind !== "alert.raised") stale.push(keys.tasks);
  if (change.kind === "alert.raised") stale.push(keys.alerts);
  if (change.kind === "customer.updated") stale.push(keys.customers);
  stale.push(["ledger"]);
  return stale;
};

/** The server says something at least every fourteen seconds; after so long a silence nothing arrives any more. */
const SILENCE = 30_000;
/** Whoever comes back to the page after so long does not wait for the rest of it. */
const DOUBT = 16_000;
const LOOK_EVERY = 5_000;

interface LiveOptions {
  client: QueryClient;
  onState: (state: LiveState) => void;
  onChange: () => void;
}

/**
 * Follows the server's change stream. The browser resumes by itself after a short gap
 * (it repeats the last event id); after a long one everything is read anew. A line that is dead without having been
 * closed, as after a sleep of the machine or behind a network that forgot it, is known by its silence.
 */
export const followLive = ({ client, onState, onChange }: LiveOptions): (() => void) => {
  let source: EventSource | null = null;
  let stopped = false;
  let attempt = 0;
  let retryTimer: number | undefined;
  let flushTimer: number | undefined;
  let pending = new Map<string, readonly string[]>();
  let heard = Date.now();

  const flush = () => {
    flushTimer = undefined;
    const stale = pending;
    pending = new Map();
    for (const queryKey of stale.values()) void client.invalidateQueries({ queryKey });
    onChange();
  };

  const open = (afterLoss: boolean) => {
    if (stopped) return;
    source = new EventSource("/api/v1/live");
    heard = Date.now();
    source.onopen = () => {
      attempt = 0;
      heard = Date.now();
      onState("live");
      if (afterLoss) void client.invalidateQueries();
    };
    source.onerror = () => {
      onState("lost");
      if (source?.readyState === EventSource.CLOSED) {
        attempt += 1;
        retryTimer = window.setTimeout(() => open(true), Math.min(15_000, 500 * 2 ** attempt));
      }
    };
    for (const kind of ["change", "presence", "reset", "beat"]) {
      source.addEventListener(kind, () => {
        heard = Date.now();
      });
    }
    source.addEventListener("change", (event) => {
      const change = readChange((event as MessageEvent<string>).data);
      if (!change) return;
      for (const key of staleKeys(change)) pending.set(key.join("/"), key);
      flushTimer ??= window.setTimeout(flush, 40);
    });
    source.addEventListener("presence", (event) => hearPresence((event as MessageEvent<string>).data));
    source.addEventListener("reset", () => {
      void client.invalidateQueries();
      onChange();
    });
  };

  const anew = () => {
    if (stopped) return;
    window.clearTimeout(retryTimer);
    source?.close();
    open(true);
  };
  const look = window.setInterval(() => {
    if (Date.now() - heard < SILENCE) return;
    onState("lost");
    anew();
  }, LOOK_EVERY);
  const seen = () => {
    if (document.visibilityState === "visible" && Date.now() - heard > DOUBT) anew();
  };
  window.addEventListener("online", anew);
  document.addEventListener("visibilitychange", seen);

  open(false);
  return () => {
    stopped = true;
    window.clearInterval(look);
    window.removeEventListener("online", anew);
    document.removeEventListener("visibilitychange", seen);
    window.clearTimeout(retryTimer);
    window.clearTimeout(flushTimer);
    source?.close();
  };
};
