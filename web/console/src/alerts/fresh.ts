import type { Alert } from "../api/types.ts";

/** Alerts that are news: not known before, still waiting, and not about what is open before one's eyes. */
export const freshAlerts = (known: ReadonlySet<string>, alerts: readonly Alert[], open: string | null): Alert[] =>
  alerts.filter(({ id, waits, conversation }) => waits && conversation !== open && !known.has(id));
