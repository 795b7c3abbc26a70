import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { timelineQuery } from "../api/queries.ts";
import type { Escalation, TimelineItem } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { ChannelTile, hueOf, useChannelLabel } from "../elements/Channel.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { Bubble, type Judge } from "./Bubble.tsx";
import { CallLine } from "./CallLine.tsx";
import { EventLine } from "./EventLine.tsx";
import { useLeftAt } from "./left-at.ts";
import { type Segment, segmentTimeline, segmentWords } from "./segments.ts";

interface SegmentProps {
  segment: Segment;
  quotes: ReadonlyMap<string, readonly string[]>;
  spotlight: string | null;
  firstNew: string | null;
  onExplain: (turn: string) => void;
  onRewrite: (text: string) => void;
  /** Makes a conversation of its own from a message on; only for messages of this conversation. */
  onSplit: ((message: string) => void) | null;
  conversation: string;
  /** Nothing for whoever only reads. */
  judge: Judge | null;
}

const NewLine = () => {
  const { t } = useTranslation();
  return (
    <p className="flex items-center gap-2 text-12 font-medium text-accent">
      <span className="h-px flex-1 bg-accent-line" />
      {t("thread.newSince")}
    </p>
  );
};

const none: readonly string[] = [];

/** One run through one door: heading with glyph and gap, then what was said beside the spine. */
const SegmentView = ({ segment, quotes, spotlight, firstNew, onExplain, onRewrite, onSplit, conversation, judge }: SegmentProps) => {
  const moment = useMoment();
  const label = useChannelLabel()(segment.channel);
  return (
    <section
      aria-label={`${label}, ${segmentWords(segment, moment)}`}
      style={hueOf(segment.channel)}
      className="relative pb-3"
    >
      <span aria-hidden="true" className="absolute top-7 bottom-0 left-[11px] w-0.5 rounded-full bg-[var(--c)]" />
      <h2 className="flex items-center gap-3 text-12">
        <ChannelTile channel={segment.channel} labelled />
        <span className="min-w-0 truncate">
          <span className="font-semibold text-[var(--c)]">{label}</span>
          <span className="text-t3"> · {segmentWords(segment, moment)}</span>
        </span>
      </h2>
      <div className="mt-2 ml-9 flex flex-col gap-2.5">
        {segment.items.map((item) => (
          <div key={item.id} className="bubble-in flex flex-col gap-2.5">
            {item.id === firstNew && <NewLine />}
            {item.event?.type === "call" ? (
              <CallLine item={item} />
            ) : item.kind === "event" ? (
              <EventLine item={item} />
            ) : (
              <Bubble
                item={item}
                quotes={quotes.get(item.id) ?? none}
                spotlight={item.id === spotlight}
                onExplain={onExplain}
                onRewrite={onRewrite}
                onSplit={item.conversation === conversation ? onSplit : null}
                judge={judge}
              />
            )}
          </div>
        ))}
      </div>
    </section>
  );
};

const evidenceByMessage = (escalations: readonly Escalation[]): Map<string, string[]> => {
  const quotes = new Map<string, string[]>();
  for (const { evidence } of escalations) {
    for (const { message, quote } of evidence) quotes.set(message, [...(quotes.get(message) ?? []), quote]);
  }
  return quotes;
};

interface ThreadProps {
  conversation: string;
  customer: string;
  name: string;
  escalations: readonly Escalation[];
  jumpTo: string | null;
  onExplain: (turn: string) => void;
  onRewrite: (text: string) => void;
  onSplit: ((message: string) => void) | null;
  /** Nothing for whoever only reads. */
  judge: Judge | null;
}

/** Everything said with one customer, on every door, in one thread. */
export const Thread = ({ conversation, customer, name, escalations, jumpTo, onExplain, onRewrite, onSplit, judge }: ThreadProps) => {
  const { t } = useTranslation();
  const timeline = useInfiniteQuery(timelineQuery(customer));
  const items = useMemo<TimelineItem[]>(
    () => [...(timeline.data?.pages ?? [])].reverse().flatMap((page) => page.items),
    [timeline.data?.pages],
  );
  const segments = useMemo(() => segmentTimeline(items), [items]);
  const quotes = useMemo(() => evidenceByMessage(escalations), [escalations]);
  const leftAt = useLeftAt(conversation);
  const firstNew = useMemo(
    () => (leftAt ? (items.find((item) => item.direction === "in" && Date.parse(item.at) > leftAt)?.id ?? null) : null),
    [items, leftAt],
  );

  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [below, setBelow] = useState(false);
  const lastId = items.at(-1)?.id;
  const lastAuthor = items.at(-1)?.author;
  const oldest = items[0]?.id;

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || !lastId) return;
    if (atEnd.current || lastAuthor === "teammate") box.scrollTop = box.scrollHeight;
    else setBelow(true);
  }, [lastId, lastAuthor]);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (!atEnd.current && height.current > 0) box.scrollTop += box.scrollHeight - height.current;
    height.current = box.scrollHeight;
  }, [oldest]);
  useEffect(() => {
    const box = scroller.current;
    if (!box) return undefined;
    const keep = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    keep.observe(box);
    for (const child of box.children) keep.observe(child);
    return () => keep.disconnect();
  }, []);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = timeline;
  const found = jumpTo !== null && items.some((item) => item.id === jumpTo);
  useEffect(() => {
    if (!jumpTo) return;
    if (found) {
      atEnd.current = false;
      document.getElementById(`m-${jumpTo}`)?.scrollIntoView({ block: "center" });
    } else if (items.length > 0 && hasNextPage && !isFetchingNextPage) {
      void fetchNextPage();
    }
  }, [jumpTo, found, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    height.current = box.scrollHeight;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
    if (atEnd.current) setBelow(false);
    if (box.scrollTop < 160 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };

  return (
    <div className="relative min-h-0 flex-1">
      <div
        aria-hidden="true"
        className="pointer-events-none absolute inset-x-0 top-0 z-10 h-4 bg-linear-to-b from-s1 to-transparent"
      />
      <div
        ref={scroller}
        onScroll={onScroll}
        role="log"
        aria-live="polite"
        aria-label={t("thread.label", { name })}
        tabIndex={0}
        className="h-full overflow-y-auto px-5 pt-4 outline-offset-[-2px] focus-visible:shadow-[inset_0_0_0_2px_var(--accent)] max-md:px-3"
      >
        <div className="mx-auto max-w-[760px]">
          {timeline.isPending && <SkeletonRows rows={4} avatars={false} />}
          {timeline.isError && !timeline.data && (
            <Failure title={t("thread.failed")} error={timeline.error} onRetry={() => void timeline.refetch()} />
          )}
          {hasNextPage && (
            <div className="pb-3 text-center">
              <Button look="quiet" height="s" onClick={() => void fetchNextPage()}>
                {t("thread.earlier")}
              </Button>
            </div>
          )}
          {segments.map((segment) => (
            <SegmentView
              key={segment.key}
              segment={segment}
              quotes={quotes}
              spotlight={jumpTo}
              firstNew={firstNew}
              onExplain={onExplain}
              onRewrite={onRewrite}
              onSplit={onSplit}
              conversation={conversation}
              judge={judge}
            />
          ))}
        </div>
      </div>
      {below && (
        <Button
          height="s"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 !shadow-2"
          onClick={() => {
            const box = scroller.current;
            if (box) box.scrollTop = box.scrollHeight;
          }}
        >
          <ArrowDown size={13} aria-hidden="true" />
          {t("thread.newBelow")}
        </Button>
      )}
    </div>
  );
};
