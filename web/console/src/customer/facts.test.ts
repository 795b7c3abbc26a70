import { expect, it } from "vitest";
import type { Fact } from "../api/types.ts";
import { groupFacts, identifierChannel, predicateWords } from "./facts.ts";

const fact = (id: string, value: string, day: number, more: Partial<Fact> = {}): Fact => ({
  id,
  predicate: "fabric",
  value,
  data: {},
  status: "active",
  source_message: null,
  quote: "",
  channel: "widget",
  valid_from: `2026-11-${day}T10:00:00Z`,
  valid_to: null,
  recorded_at: `2026-11-${day}T10:00:00Z`,
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
