import { expect, it } from "vitest";
import { segments } from "./sms.ts";

it("text messages are counted as carriers count them", () => {
  expect(segments("")).toEqual({ count: 0, left: 160 });
  expect(segments("a".repeat(160))).toEqual({ count: 1, left: 0 });
  expect(segments("a".repeat(161))).toEqual({ count: 2, left: 145 });
  expect(segments("€".repeat(80))).toEqual({ count: 1, left: 0 });
  expect(segments("ç")).toEqual({ count: 1, left: 69 });
  expect(segments("Привет".repeat(12))).toEqual({ count: 2, left: 62 });
  expect(segments("🙂")).toEqual({ count: 1, left: 68 });
});

it("signs of print cost nothing where they leave in plain letters", () => {
  expect(segments("It’s “here” – today…")).toEqual({ count: 1, left: 160 - 22 });
});
