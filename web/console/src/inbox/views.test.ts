import { expect, it } from "vitest";
import { countWords, isInboxView } from "./views.ts";

const counts = {
  ai: 1200,
  escalated: 5,
  mine: 0,
  resolved: 31,
  approval: 0,
  snoozed: 0,
  unassigned: 2,
  team: 1,
  mentions: 0,
};

it("a view shows its count, an empty one shows none, a crowd is rounded", () => {
  expect(countWords(counts, "escalated")).toBe("5");
  expect(countWords(counts, "mine")).toBe("");
  expect(countWords(counts, "ai")).toBe("999+");
  expect(countWords(undefined, "ai")).toBe("");
});

it("only known views are taken from the address", () => {
  expect(isInboxView("mine")).toBe(true);
  expect(isInboxView("all")).toBe(true);
  expect(isInboxView("spam")).toBe(false);
});
