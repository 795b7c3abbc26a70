import { expect, it } from "vitest";
import type { ReportFigure } from "../api/types.ts";
import { barsOf, changeWords, figureWords, spanWords } from "./figures.ts";
import { layFlow } from "./flow.ts";

const figure = (part: Partial<ReportFigure>): ReportFigure => ({
  figure: "kept",
  about: "",
  unit: "share",
  value: null,
  count: 0,
  of: null,
  before: null,
  days: [],
  conversations: "",
  ...part,
});
const tongue = { locale: "en-GB", currency: "EUR" };

it("what could not be counted is a dash, and a change has its sign", () => {
  expect(figureWords(figure({}), tongue)).toBe("–");
  expect(figureWords(figure({ value: 0.974 }), tongue)).toBe("97%");
  expect(figureWords(figure({ unit: "money", value: 1234.5 }), tongue)).toBe("€1,235");
  expect(figureWords(figure({ unit: "money", value: 0.0123 }), tongue)).toBe("€0.0123");
  expect(changeWords(figure({ value: 0.974, before: 0.962 }), tongue)).toBe("+1.2 pt");
  expect(changeWords(figure({ unit: "count", value: 5, before: 11 }), tongue)).toBe("−6");
  expect(changeWords(figure({ value: 1 }), tongue)).toBe(null);
});

it("a stretch of time is said in the unit it is thought in", () => {
  expect([0.4, 9, 75, 3_600, 7_500, 500_000].map((seconds) => spanWords(seconds, "en-GB"))).toEqual(["0.4 s", "9 s", "1 min", "1 h", "2 h 5", "6 d"]);
});

it("every day falls into a bar and nothing is lost", () => {
  const days = [
    { day: "2026-11-01", count: 2 },
    { day: "2026-11-30", count: 3 },
  ];
  expect(barsOf(figure({ days }), "2026-11-01", "2026-11-30")).toHaveLength(30);
  const bars = barsOf(figure({ days }), "2026-09-02", "2026-11-30");
  expect(bars).toHaveLength(30);
  expect(bars.reduce((sum, count) => sum + count, 0)).toBe(5);
});

it("pillars hold what leaves and arrives, and bands fit between them", () => {
  const ways = [
    { from: "widget", to: "whatsapp", count: 3 },
    { from: "widget", to: "email", count: 1 },
    { from: "email", to: "whatsapp", count: 2 },
  ];
  const flow = layFlow(ways, { left: 0, right: 100, thick: 8, height: 106, gap: 10 });
  expect(flow.left.map(({ channel, total }) => [channel, total])).toEqual([["widget", 4], ["email", 2]]);
  expect(flow.right.map(({ channel, total }) => [channel, total])).toEqual([["whatsapp", 5], ["email", 1]]);
  expect(flow.left.at(-1)!.y + flow.left.at(-1)!.height).toBeCloseTo(106);
  expect(flow.bands).toHaveLength(3);
  expect(layFlow([], { left: 0, right: 100, thick: 8, height: 106, gap: 10 }).bands).toEqual([]);
});
