import { expect, it } from "vitest";
import type { TimelineItem } from "../api/types.ts";
import { firstSeen, journeyStops } from "./journey.ts";

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

it("a stop that began before what has been read is not told as if it began there", () => {
  const items = [said("1", "2026-11-16T10:00:00Z", "sms", "in"), said("2", "2026-11-18T10:00:00Z", "telegram", "in")];
  expect(journeyStops(items, 6, true).map(({ words }) => words)).toEqual(["text 2"]);
  expect(journeyStops(items.slice(0, 1), 6, true).map(({ words }) => words)).toEqual(["text 1"]);
});

it("somebody was first seen when the first of their addresses was", () => {
  const address = { id: "i", kind: "phone", value: "+1", trust: "claimed", origin: "import", shared: false, last_seen: "2026-11-20T10:00:00Z" } as const;
  expect(firstSeen({ created_at: "2026-11-18T10:00:00Z", identifiers: [{ ...address, first_seen: "2026-11-16T10:00:00Z" }] })).toBe("2026-11-16T10:00:00Z");
  expect(firstSeen({ created_at: "2026-11-18T10:00:00Z", identifiers: [] })).toBe("2026-11-18T10:00:00Z");
});
