import { expect, it } from "vitest";
import type { TimelineItem } from "../api/types.ts";
import { journeyStops } from "./journey.ts";

const said = (id: string, at: string, channel: TimelineItem["channel"], direction: "in" | "out"): TimelineItem => ({
  id,
  at,
  kind: "message",
  channel,
  direction,
  author: direction === "in" ? "customer" : "ai",
  author_name: null,
  text: `text ${id}`,
  turn: null,
  conversation: "cv",
  state: null,
  delivery: null,
  delivery_reason: null,draft: false, send_at: null, 
  buttons: [],
  sources: [],
});

it("each stop carries the customer's first words and how much was said", () => {
  const stops = journeyStops([
    said("1", "2026-11-16T10:00:00Z", "widget", "out"),
    said("2", "2026-11-16T10:01:00Z", "widget", "in"),
    said("3", "2026-11-18T10:00:00Z", "telegram", "in"),
  ]);
  expect(stops.map(({ channel, words, messages }) => [channel, words, messages])).toEqual([
    ["widget", "text 2", 2],
    ["telegram", "text 3", 1],
  ]);
});

it("keeps the newest stops when there are many", () => {
  const items = Array.from({ length: 9 }, (_, index) =>
    said(String(index), `2026-11-${10 + index}T10:00:00Z`, "sms", "in"),
  );
  expect(journeyStops(items, 3).map(({ words }) => words)).toEqual(["text 6", "text 7", "text 8"]);
});
