import { expect, test } from "vitest";
import type { Customer, Fact, Identifier } from "../api/types.ts";
import { joined } from "./merging.ts";

const fact = (predicate: string, value: string, day: number, more: Partial<Fact> = {}): Fact => ({
  id: `${predicate} ${value}`,
  predicate,
  value,
  data: null,
  holds: true,
  status: "active",
  source_message: null,
  quote: "",
  channel: null,
  origin: "message",
  valid_from: "2026-11-01T00:00:00Z",
  valid_to: null,
  recorded_at: `2026-11-${10 + day}T00:00:00Z`,
  retracted_at: null,
  supersedes: null,
  confidence: 1,
  pinned: false,
  ...more,
});

const address = (kind: string, value: string): Identifier => ({
  id: kind + value,
  kind,
  value,
  trust: "channel_asserted",
  origin: "message",
  shared: false,
  first_seen: "2026-11-01T00:00:00Z",
  last_seen: "2026-11-01T00:00:00Z",
});

const person = (facts: Fact[], identifiers: Identifier[]): Customer => ({ facts, identifiers }) as unknown as Customer;

test("a merge says what is gained, which of two values is used, and counts an address once", () => {
  const kept = person(
    [fact("budget", "900 EUR", 1), fact("city", "Lyon", 1, { pinned: true }), fact("name", "Emre", 1)],
    [address("email", "e@x.example")],
  );
  const other = person(
    [fact("budget", "1,200 EUR", 2), fact("city", "Paris", 2), fact("name", "Emre", 2), fact("need", "desk", 2), fact("color", "old", 0, { status: "superseded" })],
    [address("phone", "+33639980096"), address("whatsapp", "33639980096"), address("email", "e@x.example")],
  );
  const preview = joined(kept, other);
  expect(preview.gains.map(({ value }) => value)).toEqual(["desk"]);
  expect(preview.clashes.map(({ predicate, wins, loses }) => [predicate, wins.value, loses.value])).toEqual([
    ["budget", "1,200 EUR", "900 EUR"],
    ["city", "Lyon", "Paris"],
  ]);
  expect(preview.addresses.map(({ kind }) => kind)).toEqual(["whatsapp"]);
  expect(joined(other, kept).gains).toEqual([]);
});
