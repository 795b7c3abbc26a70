import clsx from "clsx";
import { AlertCircle, BookOpen, Check, CheckCheck, Clock3, RotateCw, Sparkles, Split } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TimelineItem } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime, type Moment, timeOfDay } from "../time/words.ts";
import { Files } from "./Files.tsx";
import { markQuotes } from "./segments.ts";

const deliveries = ["sending", "queued", "sent", "delivered", "read", "failed", "unknown", "refused"] as const;
type DeliveryState = (typeof deliveries)[number];

const readDelivery = (text: string | null): DeliveryState | null => deliveries.find((state) => state === text) ?? null;

const Delivery = ({ item }: { item: TimelineItem }) => {
  const { t } = useTranslation();
  const state = readDelivery(item.delivery);
  if (!state) return null;
  if (state === "failed" || state === "refused" || state === "unknown") {
    const said = t(state === "unknown" ? "delivery.unknown" : "delivery.failed");
    return (
      <span className={clsx("inline-flex items-center gap-1", state === "unknown" ? "text-warn" : "text-danger")}>
        <AlertCircle size={12} aria-hidden="true" className="flex-none" />
        {item.delivery_reason ? t("delivery.because", { said, reason: item.delivery_reason }) : said}
      </span>
    );
  }
  const Icon = state === "sending" || state === "queued" ? Clock3 : state === "sent" ? Check : CheckCheck;
  return (
    <span className="inline-flex items-center gap-1">
      <Icon size={12} aria-hidden="true" className={state === "read" ? "text-accent" : undefined} />
      {t(`delivery.${state}`)}
    </span>
  );
};

/** When a waiting message leaves: the time alone where it is soon. */
const leavesWords = (at: string, moment: Moment): string =>
  Date.parse(at) - moment.now < 12 * 3_600_000 ? timeOfDay(at, moment) : dayAndTime(at, moment);

/** What a teammate may decide about a message of ours. */
export interface Judge {
  /** The draft whose words are being changed. */
  rewording: string | null;
  reword: (message: string | null) => void;
  approve: (message: string, text: string | null) => void;
  discard: (message: string) => void;
  resend: (message: string) => void;
}

/** The draft's words in a field of their own. */
const Rewording = ({ item, judge }: { item: TimelineItem; judge: Judge }) => {
  const { t } = useTranslation();
  const [text, setText] = useState(item.text);
  const send = () => text.trim() && judge.approve(item.id, text.trim());
  return (
    <div className="flex w-[min(520px,70vw)] flex-col gap-2">
      <textarea
        autoFocus
        value={text}
        rows={3}
        aria-label={t("draft.field")}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
          if (event.key === "Escape") judge.reword(null);
        }}
        className="field-sizing-content max-h-[40vh] min-h-16 w-full resize-none rounded-bubble border border-line-control bg-s1 px-3 py-2 text-14 outline-none max-md:text-16"
      />
      <div className="flex justify-end gap-2">
        <Button height="s" onClick={() => judge.reword(null)}>
          {t("actions.cancel")}
        </Button>
        <Button look="ink" height="s" disabled={!text.trim()} onClick={send}>
          {t("draft.sendMine")}
        </Button>
      </div>
    </div>
  );
};

const DraftActions = ({ item, judge }: { item: TimelineItem; judge: Judge }) => {
  const { t } = useTranslation();
  return (
    <div className="mt-1 flex flex-wrap justify-end gap-2">
      <Button look="quiet" height="s" shortcut="D" onClick={() => judge.discard(item.id)}>
        {t("draft.discard")}
      </Button>
      <Button height="s" shortcut="W" onClick={() => judge.reword(item.id)}>
        {t("draft.edit")}
      </Button>
      <Button look="ink" height="s" shortcut="Y" onClick={() => judge.approve(item.id, null)}>
        {t("draft.approve")}
      </Button>
    </div>
  );
};

interface BubbleProps {
  item: TimelineItem;
  quotes: readonly string[];
  spotlight: boolean;
  onExplain: (turn: string) => void;
  /** Puts the text of a failed message back into the composer. */
  onRewrite: (text: string) => void;
  /** Makes a conversation of its own from here on. */
  onSplit: ((message: string) => void) | null;
  /** What may be decided about it; nothing for whoever only reads. */
  judge: Judge | null;
}

const Said = ({ text, quotes }: { text: string; quotes: readonly string[] }) => (
  <>
    {markQuotes(text, quotes).map((piece, index) =>
      piece.marked ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
    )}
  </>
);

/** One message or note, placed and tinted by who wrote it. */
export const Bubble = ({ item, quotes, spotlight, onExplain, onRewrite, onSplit, judge }: BubbleProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const time = (
    <time dateTime={item.at} className="tabular-nums">
      {timeOfDay(item.at, moment)}
    </time>
  );
  if (item.kind === "note") {
    return (
      <div
        id={`m-${item.id}`}
        className={clsx("rounded-[8px] border border-note-line bg-note px-3 py-2", spotlight && "spotlight")}
      >
        <p className="rounded-1 text-14 whitespace-pre-wrap">
          <strong className="mr-1.5 text-12 font-semibold">{t("bubble.note")}</strong>
          {item.text}
        </p>
        <p className="mt-0.5 flex gap-1.5 text-12 text-t2">
          {item.author_name ?? t("author.teammate")} {time}
        </p>
      </div>
    );
  }
  const ours = item.direction !== "in";
  const ai = item.author === "ai";
  const { turn } = item;
  if (item.draft && judge?.rewording === item.id) {
    return (
      <div id={`m-${item.id}`} className="self-end">
        <Rewording item={item} judge={judge} />
      </div>
    );
  }
  const astray = item.delivery === "failed" || item.delivery === "refused" || item.delivery === "unknown";
  return (
    <div
      id={`m-${item.id}`}
      className={clsx(
        "group flex max-w-[82%] flex-col gap-[3px] max-md:max-w-[90%]",
        ours ? "items-end self-end" : "items-start self-start",
        spotlight && "spotlight",
      )}
    >
      <div
        className={clsx(
          "max-w-full rounded-bubble px-3 py-2 text-14 break-words whitespace-pre-wrap",
          !ours && "rounded-bl-1 bg-s2",
          ours && ai && "rounded-br-1 border border-ai-line bg-s1",
          item.draft && "border-dashed !bg-ai-soft",
          item.send_at && "border border-dashed border-accent-line",
          ours && !ai && "rounded-br-1 bg-accent-soft",
        )}
      >
        <span className="sr-only">{t("bubble.by", { author: item.author_name ?? t(`author.${item.author}`) })} </span>
        {item.text === "" && item.attachments?.length ? null : item.text === "" ? (
          <span className="text-t2 italic">{t(item.changed?.how === "deleted" ? "bubble.deleted" : "bubble.wordless")}</span>
        ) : (
          <Said text={item.text} quotes={quotes} />
        )}
        {item.attachments && item.attachments.length > 0 && <Files files={item.attachments} />}
        {item.cards?.map((card) => (
          <span key={card.title} className="mt-1.5 block rounded-1 border border-line px-2 py-1 text-12">
            <strong className="block font-medium">{card.title}</strong>
            <span className="block text-t2">{card.text}</span>
            {card.url && (
              <a href={card.url} target="_blank" rel="noopener noreferrer" className="block truncate text-accent hover:underline">
                {card.url.replace(/^https:\/\//, "")}
              </a>
            )}
          </span>
        ))}
        {item.buttons.length > 0 && (
          <span className="mt-1.5 flex flex-wrap gap-1.5">
            {item.buttons.map((button) => (
              <span key={button.payload + button.title} className="rounded-1 border border-line px-1.5 text-12 text-t2">
                {button.title}
              </span>
            ))}
          </span>
        )}
      </div>
      <div className={clsx("flex flex-wrap items-center gap-x-1.5 gap-y-1 text-12 text-t3", ours && "justify-end")}>
        {ours && ai && (
          <span className="inline-flex items-center gap-1">
            <Sparkles size={12} aria-hidden="true" className="text-ai" />
            {t("author.ai")}
          </span>
        )}
        {ours && !ai && <span>{item.author_name ?? t(`author.${item.author}`)}</span>}
        {time}
        {item.changed?.how === "edited" && <span>{t("bubble.edited")}</span>}
        {ours && (
          <>
            {(item.draft || readDelivery(item.delivery)) && <span aria-hidden="true">·</span>}
            {item.send_at ? (
              <span className="font-medium text-accent">{t("later.leaves", { when: leavesWords(item.send_at, moment) })}</span>
            ) : item.draft ? (
              <span className="font-medium text-ai">{t("draft.state")}</span>
            ) : (
              <Delivery item={item} />
            )}
          </>
        )}
        {item.sources.map((source) => (
          <span
            key={source.source + source.heading}
            title={source.source}
            className="inline-flex h-5 max-w-[220px] items-center gap-1 rounded-1 border border-line bg-s1 px-1.5 text-11 text-t2"
          >
            <BookOpen size={11} aria-hidden="true" className="flex-none text-ai" />
            <span className="truncate">{source.heading || source.source}</span>
          </span>
        ))}
        {judge && ours && astray && !item.send_at && (
          <Button height="s" onClick={() => judge.resend(item.id)}>
            <RotateCw size={12} aria-hidden="true" />
            {t("bubble.resend")}
          </Button>
        )}
        {judge && ours && !ai && astray && (
          <Button height="s" onClick={() => onRewrite(item.text)}>
            {t("bubble.rewrite")}
          </Button>
        )}
        {judge && item.send_at && (
          <>
            <Button height="s" onClick={() => (judge.discard(item.id), onRewrite(item.text))}>
              {t("later.back")}
            </Button>
            <Button height="s" onClick={() => judge.approve(item.id, null)}>
              {t("later.now")}
            </Button>
          </>
        )}
        {!ours && onSplit && (
          <button
            type="button"
            onClick={() => onSplit(item.id)}
            className="inline-flex h-5 items-center gap-1 rounded-1 px-1 text-11 font-medium text-accent opacity-0 group-hover:opacity-100 hover:underline focus-visible:opacity-100 max-md:hidden"
          >
            <Split size={11} aria-hidden="true" />
            {t("filing.split")}
          </button>
        )}
        {turn && ours && (
          <button
            type="button"
            onClick={() => onExplain(turn)}
            className="inline-flex h-5 items-center rounded-1 px-1 text-11 font-medium text-accent hover:underline max-md:h-7"
          >
            {t("bubble.why")}
          </button>
        )}
      </div>
      {item.draft && judge && <DraftActions item={item} judge={judge} />}
    </div>
  );
};
