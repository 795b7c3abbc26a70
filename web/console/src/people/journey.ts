import type { Customer, TimelineItem } from "../api/types.ts";
import { segmentTimeline } from "../conversation/segments.ts";

/** One stop of a customer's journey: a door, when it began, what was said first, how much. */
export interface Stop {
  key: string;
  channel: string;
  at: string;
  previousAt: string | null;
  words: string;
  messages: number;
}

/** When somebody was first heard of: an address may have been known before its record was made. */
export const firstSeen = ({ created_at, identifiers }: Pick<Customer, "created_at" | "identifiers">): string =>
  identifiers.reduce((first, { first_seen }) => (Date.parse(first_seen) < Date.parse(first) ? first_seen : first), created_at);

/**
 * The stops of a journey, at most the newest few. Where older entries have not been read, the first stop may have begun
 * before them: then it is none yet, as long as there is another.
 */
export const journeyStops = (items: readonly TimelineItem[], most = 6, isCut = false): Stop[] => {
  const stops = allStops(items);
  return (isCut && stops.length > 1 ? stops.slice(1) : stops).slice(-most);
};

const allStops = (items: readonly TimelineItem[]): Stop[] =>
  segmentTimeline(items)
    .map((segment) => {
      const messages = segment.items.filter(({ kind }) => kind === "message");
      const first = messages.find(({ direction }) => direction === "in") ?? messages[0];
      return {
        key: segment.key,
        channel: segment.channel,
        at: segment.at,
        previousAt: segment.previousAt,
        words: first?.text ?? "",
        messages: messages.length,
      };
    })
    .filter(({ messages }) => messages > 0);
