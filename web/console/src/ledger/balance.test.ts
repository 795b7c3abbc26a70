import { expect, it } from "vitest";
import { unaccounted } from "./balance.ts";

const counts = { open: 1, answered: 10, handed_over: 3, ignored_by_rule: 1, quarantined: 0 };

it("nothing is lost when every accepted message has a state", () => {
  expect(unaccounted({ counts, accepted: 15 })).toBe(0);
});

it("a message without a state counts as lost", () => {
  expect(unaccounted({ counts, accepted: 17 })).toBe(2);
});
