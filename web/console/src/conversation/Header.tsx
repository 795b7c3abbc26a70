import { AlarmClock, ArrowLeft, Check, CornerUpLeft, PanelRight } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ConversationItem } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Menu, MenuItem, MenuLabel } from "../elements/Menu.tsx";
import { Shield } from "../elements/Proof.tsx";
import type { InboxView } from "../inbox/views.ts";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { snoozeChoices } from "./snooze.ts";

export const SnoozeMenu = ({ onSnooze }: { onSnooze: (until: Date) => void }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t("actions.snooze")} aria-keyshortcuts="H" id="snooze-trigger">
          <AlarmClock size={16} aria-hidden="true" />
        </IconButton>
      }
    >
      <MenuLabel>{t("snooze.until")}</MenuLabel>
      {snoozeChoices(moment).map(({ name, until }) => (
        <MenuItem key={name} hint={dayAndTime(until.toISOString(), moment)} onSelect={() => onSnooze(until)}>
          {t(`snooze.${name}`)}
        </MenuItem>
      ))}
    </Menu>
  );
};

interface HeaderProps {
  item: ConversationItem;
  view: InboxView;
  mine: boolean;
  escalated: boolean;
  sideShown: boolean;
  onTake: () => void;
  onReturn: () => void;
  onResolve: () => void;
  onSnooze: (until: Date) => void;
  onSide: () => void;
}

/** Who the thread is with, who answers, and what can be done about it. */
export const Header = ({
  item,
  view,
  mine,
  escalated,
  sideShown,
  onTake,
  onReturn,
  onResolve,
  onSnooze,
  onSide,
}: HeaderProps) => {
  const { t } = useTranslation();
  const { customer } = item;
  return (
    <header className="flex h-[52px] flex-none items-center gap-2 border-b border-line pr-3 pl-5 max-md:pl-1">
      <Link
        to="/inbox/$view"
        params={{ view }}
        aria-label={t("actions.back")}
        className="grid size-11 flex-none place-items-center rounded-2 text-t2 md:hidden"
      >
        <ArrowLeft size={18} aria-hidden="true" />
      </Link>
      <h1 className="min-w-0 truncate text-14 font-semibold">
        <Link to="/people/$customer" params={{ customer: customer.id }} className="rounded-1 hover:underline">
          {customer.name ?? t("customer.nameless")}
        </Link>
      </h1>
      <Shield proof={customer.proof} />
      <span className="min-w-0 max-md:hidden">
        {item.status === "open" && !escalated && <Chip tone="ai">{t("status.open")}</Chip>}
        {item.status === "with_teammate" && !escalated && (
          <Chip tone="accent">
            {mine ? t("brief.youAnswer") : t("status.with", { name: item.assignee?.name ?? t("author.teammate") })}
          </Chip>
        )}
        {item.status === "resolved" && <Chip tone="ok">{t("status.resolved")}</Chip>}
        {(item.status === "snoozed" || item.status === "waiting") && !escalated && (
          <Chip>{t(`status.${item.status}`)}</Chip>
        )}
      </span>
      <span className="flex-1" />
      {!mine && !escalated && (
        <Button height="s" shortcut="A" onClick={onTake} className="max-md:hidden">
          {t("actions.takeOver")}
        </Button>
      )}
      {mine && !escalated && (
        <Button height="s" shortcut="R" onClick={onReturn} className="max-md:hidden">
          <CornerUpLeft size={13} aria-hidden="true" />
          {t("actions.returnToAi")}
        </Button>
      )}
      <SnoozeMenu onSnooze={onSnooze} />
      {item.status !== "resolved" && (
        <Button
          height="s"
          shortcut="E"
          onClick={onResolve}
          aria-label={t("actions.resolve")}
          className="max-md:!size-11 max-md:!border-transparent max-md:!px-0 max-md:!shadow-none"
        >
          <Check size={14} aria-hidden="true" />
          <span className="max-md:hidden">{t("actions.resolve")}</span>
        </Button>
      )}
      <IconButton label={t("actions.side")} aria-pressed={sideShown} aria-keyshortcuts="]" onClick={onSide}>
        <PanelRight size={16} aria-hidden="true" />
      </IconButton>
    </header>
  );
};
