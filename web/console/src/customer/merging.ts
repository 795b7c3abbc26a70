import type { Customer, Fact, Identifier } from "../api/types.ts";
import { addressesOf, groupFacts } from "./facts.ts";

/** One thing on which the two records differ, with the value that will be used. */
export interface Clash {
  predicate: string;
  wins: Fact;
  loses: Fact;
}

export interface Joined {
  /** Addresses that the absorbed record adds. */
  addresses: Identifier[];
  /** What only the absorbed record knows. */
  gains: Fact[];
  clashes: Clash[];
}

const inUse = (customer: Customer): Fact[] => groupFacts(customer.facts).map(({ current }) => current);

/** What becomes of the surviving record; of two values the pinned one is used, else the newest, whosever it was. */
export const joined = (kept: Customer, absorbed: Customer): Joined => {
  const own = new Map(inUse(kept).map((fact) => [fact.predicate, fact]));
  const known = new Set(addressesOf(kept.identifiers).map(({ kind, value }) => `${kind} ${value}`));
  const theirs = inUse(absorbed);
  return {
    addresses: addressesOf(absorbed.identifiers).filter(({ kind, value }) => !known.has(`${kind} ${value}`)),
    gains: theirs.filter(({ predicate }) => !own.has(predicate)),
    clashes: theirs.flatMap((fact) => {
      const mine = own.get(fact.predicate);
      if (!mine || mine.value === fact.value) return [];
      const [used] = groupFacts([mine, fact]);
      return used ? [{ predicate: fact.predicate, wins: used.current, loses: used.current === mine ? fact : mine }] : [];
    }),
  };
};
