import clsx from "clsx";
import type { TFunction } from "i18next";
import { CheckCheck, ClockAlert, CornerUpLeft, Link2, type LucideIcon, Merge, PackageCheck, Phone, ShoppingBag, SmilePlus, Split, Star, Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Action, TimelineItem } from "../api/types.ts";
import { actionWords } from "../customer/Actions.tsx";
import { ruleWords } from "../elements/Chip.tsx";
import { useMoment } from "../time/use-moment.ts";
import { type Moment, timeOfDay } from "../time/words.ts";

type EventType = NonNullable<TimelineItem["event"]>["type"];

const icons: Record<EventType, LucideIcon> = {
  escalation: Zap,
  merge: Merge,
  unmerge: Split,
  handed_back: CornerUpLeft,
  business: ShoppingBag,
  resolved: CheckCheck,
  link: Link2,
  not_sent: ClockAlert,
  action: PackageCheck,
  call: Phone,
  rated: Star,
  reaction: SmilePlus,
};

/** "Return of order EC-31001 (R-…): waits for approval". */
const actionLine = (item: TimelineItem, t: TFunction<"console">, moment: Moment): string => {
  const action = item.event?.data as unknown as Pick<Action, "tool" | "arguments" | "status" | "number" | "by">;
  const status = t(`action.status.${action.status}`);
  return `${actionWords(action, t, moment)} (${action.number}): ${status}${action.by ? ` · ${action.by}` : ""}`;
};

const notSent = (why: unknown, by: unknown) => {
  if (by === "mail") return why === "unproven" ? "event.notSentUnproven" : "event.notSentByMail";
  if (why === "window_closed") return "event.notSentWindow";
  return why === "stopped" ? "event.notSentStopped" : "event.not_sent";
};

/** A customer's reaction to a message, or that they took it back. */
const reactionLine = (emoji: unknown, t: TFunction<"console">): string =>
  typeof emoji === "string" ? t("event.reacted", { emoji }) : t("event.reaction");

/** Something that happened, on one line without a bubble. */
export const EventLine = ({ item }: { item: TimelineItem }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const type: EventType = item.event?.type && item.event.type in icons ? item.event.type : "business";
  const Icon = icons[type];
  const rule = item.event?.data["rule"];
  const text =
    type === "escalation" && typeof rule === "string"
      ? t("event.escalated", { rule: ruleWords(rule) })
      : type === "not_sent"
        ? t(notSent(item.event?.data["why"], item.event?.data["by"]))
        : type === "action"
          ? actionLine(item, t, moment)
          : type === "rated"
            ? t("event.rated", { stars: String(item.event?.data["value"]) })
            : type === "reaction"
              ? reactionLine(item.event?.data["emoji"], t)
              : item.text || t(`event.${type}`);
  return (
    <p id={`m-${item.id}`} className="-ml-9 flex items-center gap-3 text-12 text-t2">
      <span
        className={clsx(
          "relative z-[1] grid size-6 flex-none place-items-center bg-s1",
          type === "escalation" || type === "not_sent" ? "text-warn" : "text-t3",
        )}
      >
        <Icon size={14} aria-hidden="true" />
      </span>
      <span className="min-w-0">
        {text}{" "}
        <time dateTime={item.at} className="text-t3 tabular-nums">
          {timeOfDay(item.at, moment)}
        </time>
      </span>
    </p>
  );
};
