import { describe, expect, it } from "vitest";
import type { TimelineItem } from "../api/types.ts";
import { i18n } from "../i18n/index.ts";
import type { Moment } from "../time/words.ts";
import { markQuotes, segmentTimeline, segmentWords } from "./segments.ts";

const moment: Moment = {
  now: Date.parse("2026-11-20T12:31:00Z"),
  timeZone: "UTC",
  locale: "en-GB",
  t: i18n.getFixedT("en"),
};

const item = (id: string, at: string, channel: TimelineItem["channel"], kind: TimelineItem["kind"] = "message"): TimelineItem => ({
  id,
  at,
  kind,
  channel,
  direction: "in",
  author: "customer",
  author_name: null,
  text: id,
  turn: null,
  conversation: "cv",
  state: null,
  delivery: null,
  delivery_reason: null,draft: false, send_at: null, 
  buttons: [],
  sources: [],
});

describe("thread headings", () => {
  it("one heading per switch of door, with the silence before it", () => {
    const segments = segmentTimeline([
      item("a", "2026-11-16T14:00:00Z", "widget"),
      item("b", "2026-11-16T14:05:00Z", "widget"),
      item("c", "2026-11-18T18:02:00Z", "whatsapp"),
    ]);
    expect(segments.map(({ channel, items }) => [channel, items.length])).toEqual([
      ["widget", 2],
      ["whatsapp", 1],
    ]);
    expect(segments.map((segment) => segmentWords(segment, moment))).toEqual([
      "Mon 16 Nov 14:00",
      "Wed 18 Nov 18:02, 2 days later",
    ]);
  });
  it("a long silence on the same door opens a new heading, a short one does not", () => {
    expect(
      segmentTimeline([item("a", "2026-11-18T08:00:00Z", "sms"), item("b", "2026-11-18T10:00:00Z", "sms")]),
    ).toHaveLength(1);
    expect(
      segmentTimeline([item("a", "2026-11-18T08:00:00Z", "sms"), item("b", "2026-11-18T20:00:00Z", "sms")]),
    ).toHaveLength(2);
  });
  it("notes and events never switch the door and none is lost", () => {
    const segments = segmentTimeline([
      item("e0", "2026-11-18T07:59:00Z", "api", "event"),
      item("a", "2026-11-18T08:00:00Z", "whatsapp"),
      item("n", "2026-11-18T08:01:00Z", "api", "note"),
      item("b", "2026-11-18T08:02:00Z", "whatsapp"),
    ]);
    expect(segments).toHaveLength(1);
    expect(segments[0]?.items.map(({ id }) => id)).toEqual(["e0", "a", "n", "b"]);
  });
  it("an event of the next door opens that door's run", () => {
    const segments = segmentTimeline([
      item("a", "2026-11-18T08:00:00Z", "widget"),
      item("link", "2026-11-18T08:01:00Z", "whatsapp", "event"),
      item("b", "2026-11-18T08:02:00Z", "whatsapp"),
    ]);
    expect(segments.map(({ items }) => items.map(({ id }) => id))).toEqual([["a"], ["link", "b"]]);
  });
  it("an event after the last message is kept", () => {
    const segments = segmentTimeline([
      item("a", "2026-11-18T08:00:00Z", "widget"),
      item("e", "2026-11-18T08:01:00Z", "api", "event"),
    ]);
    expect(segments[0]?.items.map(({ id }) => id)).toEqual(["a", "e"]);
  });
  it("events alone still show", () => {
    expect(segmentTimeline([item("e", "2026-11-18T08:00:00Z", "api", "event")])[0]?.items).toHaveLength(1);
  });
});

describe("evidence in a message", () => {
  it("marks the quoted words and keeps the text whole", () => {
    const pieces = markQuotes("Thank you. CityDesk offers 359. Decide today.", ["citydesk offers 359"]);
    expect(pieces.filter(({ marked }) => marked)).toEqual([{ text: "CityDesk offers 359", marked: true }]);
    expect(pieces.map(({ text }) => text).join("")).toBe("Thank you. CityDesk offers 359. Decide today.");
  });
  it("leaves overlapping or missing quotes alone", () => {
    const pieces = markQuotes("one two three", ["one two", "two three", "four"]);
    expect(pieces.map(({ text }) => text).join("")).toBe("one two three");
    expect(pieces.filter(({ marked }) => marked)).toHaveLength(1);
  });
});
