import { expect, it } from "vitest";
import type { Customer, Fact, Identifier } from "../api/types.ts";
import { addressesOf, addressWords, doorsOf, groupFacts, identifierChannel, phoneOf, predicateWords } from "./facts.ts";

const fact = (id: string, value: string, day: number, more: Partial<Fact> = {}): Fact => ({
  id,
  predicate: "fabric",
  holds: true,
  value,
  data: {},
  status: "active",
  source_message: null,
  quote: "",
  channel: "widget",
  origin: "message",
  valid_from: `2026-11-${day}T10:00:00Z`,
  valid_to: null,
  recorded_at: `2026-11-${day}T10:00:00Z`,
  retracted_at: null,
  supersedes: null,
  confidence: 1,
  pinned: false,
  ...more,
});

it("the newest value is used, replaced ones stay visible, taken-back ones do not", () => {
  const [known] = groupFacts([
    fact("1", "slate", 16, { status: "superseded" }),
    fact("2", "sand", 18),
    fact("3", "pink", 19, { status: "retracted" }),
  ]);
  expect(known?.current.value).toBe("sand");
  expect(known?.replaced.map(({ value }) => value)).toEqual(["slate"]);
});

it("a pinned value wins over a newer one", () => {
  const [known] = groupFacts([fact("1", "slate", 16, { pinned: true }), fact("2", "sand", 18)]);
  expect(known?.current.value).toBe("slate");
});

it("a disputed value is shown as a rival until somebody chooses", () => {
  const [known] = groupFacts([fact("1", "slate", 16, { status: "disputed" }), fact("2", "sand", 18)]);
  expect(known?.rivals.map(({ value }) => value)).toEqual(["slate"]);
});

it("identifiers show the door they belong to", () => {
  expect(identifierChannel("visitor", "link code")).toBe("widget");
  expect(identifierChannel("phone", "whatsapp webhook")).toBe("whatsapp");
  expect(identifierChannel("phone", "signature")).toBe("sms");
  expect(predicateWords("needed_by")).toBe("Needed by");
});

const address = (kind: string, value: string, trust: Identifier["trust"]): Identifier => ({
  id: `${kind}-${value}`,
  kind,
  value,
  trust,
  origin: "message",
  shared: false,
  first_seen: "2026-11-16T10:00:00Z",
  last_seen: "2026-11-16T10:00:00Z",
});

it("shows a number once, as well proven as the better of its two addresses", () => {
  const known = [address("whatsapp", "33639980096", "channel_asserted"), address("phone", "+33639980096", "verified")];
  expect(addressesOf(known)).toMatchObject([{ kind: "whatsapp", value: "+33639980096", trust: "verified" }]);
  expect(addressesOf([...known, address("phone", "+33639980097", "claimed")])).toHaveLength(2);
});

it("writes a number as people write it and leaves other addresses alone", () => {
  expect(addressWords({ kind: "phone", value: "+33639980096" })).toBe("+33 6 39 98 00 96");
  expect(addressWords({ kind: "whatsapp", value: "447700900123" })).toBe("+447700900123");
  expect(addressWords({ kind: "telegram", value: "7478912228" })).toBe("7478912228");
});

it("names who somebody is before what was learned later", () => {
  const facts = [fact("a", "SitRight", 16, { predicate: "competitor" }), fact("b", "Marta", 17, { predicate: "name" })];
  expect(groupFacts(facts).map(({ predicate }) => predicate)).toEqual(["name", "competitor"]);
});

it("whoever is called is called on the number that is proven best, and of those on the latest", () => {
  const number = (value: string, trust: Identifier["trust"], day: number): Identifier => ({
    id: value,
    kind: "phone",
    value,
    trust,
    origin: "message",
    shared: false,
    first_seen: "2026-11-01T10:00:00Z",
    last_seen: `2026-11-${day}T10:00:00Z`,
  });
  const called = (identifiers: Identifier[]) => phoneOf({ identifiers } as Customer);
  expect(called([number("+331", "claimed", 29), number("+332", "verified", 10), number("+333", "verified", 12)])).toBe("+333");
  expect(called([{ ...number("+331", "verified", 10), kind: "email" }])).toBe(null);
  expect(phoneOf(undefined)).toBe(null);
});

it("a fact that came through no door adds none", () => {
  const facts = [fact("a", "sand", 20, { channel: null }), fact("b", "oak", 21, { channel: "email" })];
  expect(doorsOf({ identifiers: [], facts } as unknown as Customer)).toEqual(["email"]);
});
