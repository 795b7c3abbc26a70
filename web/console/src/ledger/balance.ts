import type { Ledger, LedgerState } from "../api/types.ts";

/** What can become of an accepted message, the good ends first. */
export const ledgerStates: readonly LedgerState[] = [
  "answered",
  "handed_over",
  "ignored_by_rule",
  "open",
  "quarantined",
];

/** Accepted messages that no state accounts for: anything but nought means something was lost. */
export const unaccounted = (ledger: Pick<Ledger, "counts" | "accepted">): number =>
  ledger.accepted - ledgerStates.reduce((sum, state) => sum + ledger.counts[state], 0);
