import { AlarmClock, AtSign, Bot, CheckCheck, CircleDashed, Inbox, type LucideIcon, PenLine, UserRound, Users, Zap } from "lucide-react";
import type { View, ViewCounts } from "../api/types.ts";

export type InboxView = View | "all";

/** The views of the inbox in the order a day needs them. */
export const views: readonly View[] = [
  "mine",
  "unassigned",
  "mentions",
  "ai",
  "approval",
  "escalated",
  "snoozed",
  "team",
  "resolved",
];

export const viewIcons: Record<InboxView, LucideIcon> = {
  mine: UserRound,
  unassigned: CircleDashed,
  mentions: AtSign,
  ai: Bot,
  approval: PenLine,
  escalated: Zap,
  snoozed: AlarmClock,
  team: Users,
  resolved: CheckCheck,
  all: Inbox,
};

export const isInboxView = (text: string): text is InboxView => text === "all" || views.some((view) => view === text);

/** The number shown beside a view; an empty view shows none, a crowd is rounded. */
export const countWords = (counts: ViewCounts | undefined, view: InboxView): string => {
  if (!counts || view === "all") return "";
  const count = counts[view];
  if (!count) return "";
  return count > 999 ? "999+" : String(count);
};
