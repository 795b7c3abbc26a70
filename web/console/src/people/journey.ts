import type { TimelineItem } from "../api/types.ts";
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

/** The stops of a journey, at most the newest few. */
export const journeyStops = (items: readonly TimelineItem[], most = 6): Stop[] =>
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
    .filter(({ messages }) => messages > 0)
    .slice(-most);
