import type { TimelineItem } from "../api/types.ts";
import { dayAndTime, gapWords, type Moment } from "../time/words.ts";

/** A run of the thread through one door, without a long silence in it. */
export interface Segment {
  key: string;
  channel: string;
  /** When its first item happened. */
  at: string;
  /** When the customer or we last spoke before it; nothing for the first. */
  previousAt: string | null;
  items: TimelineItem[];
}

/** A silence this long opens a new heading even when the door stays the same. */
export const silenceHours = 12;

const isLong = (from: string, to: string): boolean => Date.parse(to) - Date.parse(from) >= silenceHours * 3_600_000;

/**
 * Cuts a timeline, oldest first, at each switch of door and at each long silence.
 * Notes and events never switch the door: they belong to the run they happen in,
 * except that an event of the next door (a link redeemed there) opens that door's run.
 */
export const segmentTimeline = (items: readonly TimelineItem[]): Segment[] => {
  const segments: Segment[] = [];
  let waiting: TimelineItem[] = [];
  let lastSpoken: string | null = null;
  for (const item of items) {
    const open = segments.at(-1);
    if (item.kind !== "message") {
      if (open && waiting.length === 0 && (item.kind === "note" || item.channel === open.channel))
        open.items.push(item);
      else waiting.push(item);
      continue;
    }
    const switches = !open || open.channel !== item.channel || (lastSpoken !== null && isLong(lastSpoken, item.at));
    if (switches) {
      const ahead = open ? waiting.filter(({ channel }) => channel === item.channel) : waiting;
      open?.items.push(...waiting.filter((entry) => !ahead.includes(entry)));
      segments.push({
        key: item.id,
        channel: item.channel,
        at: item.at,
        previousAt: lastSpoken,
        items: [...ahead, item],
      });
    } else {
      open.items.push(...waiting, item);
    }
    waiting = [];
    lastSpoken = item.at;
  }
  const last = segments.at(-1);
  const [firstWaiting] = waiting;
  if (last) {
    last.items.push(...waiting);
  } else if (firstWaiting) {
    segments.push({
      key: firstWaiting.id,
      channel: firstWaiting.channel,
      at: firstWaiting.at,
      previousAt: null,
      items: waiting,
    });
  }
  return segments;
};

/** "Wed 18 Nov 18:02, 2 days later": when a run began, and after what silence. */
export const segmentWords = (segment: Segment, moment: Moment): string => {
  const when = dayAndTime(segment.at, moment);
  const gap = segment.previousAt ? gapWords(segment.previousAt, segment.at, moment) : null;
  return gap ? `${when}, ${gap}` : when;
};

/** Pieces of a text, with the quoted words marked, wherever they occur first. */
export const markQuotes = (text: string, quotes: readonly string[]): { text: string; marked: boolean }[] => {
  const ranges = quotes
    .filter((quote) => quote.length > 1)
    .map((quote) => ({ start: text.toLowerCase().indexOf(quote.toLowerCase()), length: quote.length }))
    .filter(({ start }) => start >= 0)
    .sort((one, other) => one.start - other.start);
  const pieces: { text: string; marked: boolean }[] = [];
  let position = 0;
  for (const { start, length } of ranges) {
    if (start < position) continue;
    if (start > position) pieces.push({ text: text.slice(position, start), marked: false });
    pieces.push({ text: text.slice(start, start + length), marked: true });
    position = start + length;
  }
  if (position < text.length) pieces.push({ text: text.slice(position), marked: false });
  return pieces;
};
