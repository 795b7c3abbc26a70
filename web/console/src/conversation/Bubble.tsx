import clsx from "clsx";
import { AlertCircle, BookOpen, Check, CheckCheck, Clock3, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TimelineItem } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { useMoment } from "../time/use-moment.ts";
import { timeOfDay } from "../time/words.ts";
import { markQuotes } from "./segments.ts";

const deliveries = ["sending", "queued", "sent", "delivered", "read", "failed"] as const;
type DeliveryState = (typeof deliveries)[number];

const readDelivery = (text: string | null): DeliveryState | null => deliveries.find((state) => state === text) ?? null;

const Delivery = ({ item }: { item: TimelineItem }) => {
  const { t } = useTranslation();
  const state = readDelivery(item.delivery);
  if (!state) return null;
  if (state === "failed") {
    return (
      <span className="inline-flex items-center gap-1 text-danger">
        <AlertCircle size={12} aria-hidden="true" />
        {item.delivery_reason ? t("delivery.failedBecause", { reason: item.delivery_reason }) : t("delivery.failed")}
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

interface BubbleProps {
  item: TimelineItem;
  quotes: readonly string[];
  spotlight: boolean;
  onExplain: (turn: string) => void;
  /** Puts the text of a failed message back into the composer. */
  onRewrite: (text: string) => void;
}

const Said = ({ text, quotes }: { text: string; quotes: readonly string[] }) => (
  <>
    {markQuotes(text, quotes).map((piece, index) =>
      piece.marked ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
    )}
  </>
);

/** One message or note, placed and tinted by who wrote it. */
export const Bubble = ({ item, quotes, spotlight, onExplain, onRewrite }: BubbleProps) => {
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
  return (
    <div
      id={`m-${item.id}`}
      className={clsx(
        "flex max-w-[82%] flex-col gap-[3px] max-md:max-w-[90%]",
        ours ? "items-end self-end" : "items-start self-start",
        spotlight && "spotlight",
      )}
    >
      <div
        className={clsx(
          "max-w-full rounded-bubble px-3 py-2 text-14 break-words whitespace-pre-wrap",
          !ours && "rounded-bl-1 bg-s2",
          ours && ai && "rounded-br-1 border border-ai-line bg-s1",
          ours && !ai && "rounded-br-1 bg-accent-soft",
        )}
      >
        <span className="sr-only">{t("bubble.by", { author: item.author_name ?? t(`author.${item.author}`) })} </span>
        {item.text === "" ? (
          <span className="text-t2 italic">{t("bubble.wordless")}</span>
        ) : (
          <Said text={item.text} quotes={quotes} />
        )}
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
        {ours && (
          <>
            {readDelivery(item.delivery) && <span aria-hidden="true">·</span>}
            <Delivery item={item} />
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
        {ours && !ai && item.delivery === "failed" && (
          <Button height="s" onClick={() => onRewrite(item.text)}>
            {t("bubble.rewrite")}
          </Button>
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
    </div>
  );
};
