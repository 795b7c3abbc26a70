import { expect, it } from "vitest";
import type { Turn } from "../api/types.ts";
import { reasonWords } from "../elements/Chip.tsx";
import { recalledOf, shortMilliseconds, signalWords } from "./readings.ts";

const turn = (signals: Partial<Turn["signals"]>, recalled: Turn["recalled"] = []): Turn =>
  ({ signals: { language: null, intent: null, sentiment: null, entities: [], ...signals }, recalled }) as unknown as Turn;

it("reads an intent with or without its score, and leaves out what says nothing", () => {
  expect(signalWords(turn({ language: "fr", intent: { name: "technical_help", score: 0.5 }, sentiment: 0 }), "en")).toEqual([
    "French",
    "Technical help",
  ]);
  expect(signalWords(turn({ intent: "price", sentiment: -2 }), "en")).toEqual(["Price", "Displeased"]);
});

it("says remembered facts as people read them and drops empty lines", () => {
  const memory = (kind: "fact" | "message", text: string) => ({ kind, id: text, text, channel: "sms", at: "" });
  const shown = recalledOf(turn({}, [memory("fact", "company_size: 12"), memory("message", " "), memory("message", "a_b: c")]));
  expect(shown.map(({ text }) => text)).toEqual(["Company size: 12", "a_b: c"]);
});

it("keeps times short", () => {
  expect([0, 0.03, 2.926, 271.6].map(shortMilliseconds)).toEqual(["0", "<1", "2.9", "272"]);
});

it("names the rule of a reason in words", () => {
  expect(reasonWords("competitor-named: “it is cheaper”")).toBe("Competitor named: “it is cheaper”");
  expect(reasonWords("Asked: why")).toBe("Asked: why");
});
