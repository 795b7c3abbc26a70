import clsx from "clsx";
import { Check, Tag, UsersRound } from "lucide-react";
import { memo } from "react";
import { useWords } from "../i18n/words.ts";
import { isUnended } from "../api/actions.ts";
import type { ConversationItem } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Chip, Deadline, RuleChip } from "../elements/Chip.tsx";
import { Shield } from "../elements/Proof.tsx";
import { ScoreRing } from "../elements/Score.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age, dayAndTime } from "../time/words.ts";
import type { InboxView } from "./views.ts";
import { useMayChange } from "../session/may.ts";

/** The chip that says where a conversation stands when no rule is waiting for a person. */
const StatusChip = ({ item }: { item: ConversationItem }) => {
  const t = useWords();
  const moment = useMoment();
  if (item.actions_waiting > 0) return <Chip tone="warn">{t("status.actionWaits")}</Chip>;
  if (item.status === "resolved") return <Chip tone="ok">{t("status.resolved")}</Chip>;
  if (item.status === "with_teammate") {
    return (
      <Chip tone="accent">
        {item.assignee ? t("status.with", { name: item.assignee.name }) : t("status.with_teammate")}
      </Chip>
    );
  }
  if (item.drafts > 0) return <Chip tone="ai">{t("status.drafted", { count: item.drafts })}</Chip>;
  if (item.status === "snoozed") {
    return <Chip>{item.snoozed_until ? t("status.snoozedUntil", { when: dayAndTime(item.snoozed_until, moment) }) : t("status.snoozed")}</Chip>;
  }
  if (item.status === "open") return <Chip tone="ai">{t("status.open")}</Chip>;
  return <Chip>{t(`status.${item.status}`)}</Chip>;
};

const useLastLine = (item: ConversationItem): string => {
  const t = useWords();
  const last = item.last_message;
  if (!last) return t("inbox.noMessage");
  if (last.author === "ai" && item.drafts > 0) return t("inbox.drafted", { text: last.text });
  if (last.author === "ai") return t("inbox.aiSaid", { text: last.text });
  if (last.author === "teammate") return t("inbox.teamSaid", { text: last.text });
  return last.text;
};

interface RowProps {
  item: ConversationItem;
  view: InboxView;
  selected: boolean;
  chosen: boolean;
  /** Something is chosen: a click on any avatar chooses too. */
  choosing: boolean;
  onOpen: (conversation: string) => void;
  onNear: (item: ConversationItem) => void;
  onChoose: (conversation: string, range: boolean) => void;
}

/** One conversation of the list. Drawn anew only when it changed: thousands may pass by. */
export const ListRow = memo(({ item, view, selected, chosen, choosing, onOpen, onNear, onChoose }: RowProps) => {
  const t = useWords();
  const moment = useMoment();
  const last = useLastLine(item);
  const may = useMayChange();
  const waiting = item.escalation && isUnended(item.escalation.status) ? item.escalation : null;
  return (
    <div className="group relative">
    <a
      href={`/inbox/${view}/${item.id}`}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        onOpen(item.id);
      }}
      onPointerDown={() => onNear(item)}
      onFocus={() => onNear(item)}
      aria-current={selected ? "true" : undefined}
      className={clsx(
        "relative flex h-20 gap-3 overflow-hidden border-b border-line pt-[10px] pr-3.5 pl-4 -outline-offset-2 focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]",
        selected || chosen ? "bg-accent-soft shadow-[inset_2px_0_0_var(--accent)]" : "bg-s1 hover:bg-s2",
      )}
    >
      {item.unread && (
        <span
          className="absolute top-6 left-[5px] size-1.5 rounded-full bg-accent"
          role="img"
          aria-label={t("inbox.unread")}
        />
      )}
      <Avatar name={item.customer.name} channel={item.channel} raised={selected} />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-[5px]">
          <span className={clsx("truncate", item.unread ? "font-bold" : "font-medium")}>
            {item.customer.name ?? t("customer.nameless")}
          </span>
          <Shield proof={item.customer.proof} />
          <span className="flex-1" />
          {item.customer.score > 50 && <ScoreRing score={item.customer.score} />}
          <span className="flex-none text-12 text-t3 tabular-nums">
            {age(item.last_message?.at ?? item.updated_at, moment)}
          </span>
        </span>
        <span className={clsx("block truncate", item.unread ? "text-t1" : "text-t2")}>{last}</span>
        <span className="mt-[3px] flex h-5 items-center gap-2">
          {waiting ? <RuleChip rule={waiting.rule} raised={selected} /> : <StatusChip item={item} />}
          <span className="flex-1" />
          {item.sla ? <Deadline dueAt={item.sla.due_at} name={t(`sla.${item.sla.target}`, { policy: item.sla.policy })} /> : waiting?.status === "open" && waiting.due_at && <Deadline dueAt={waiting.due_at} />}
          {waiting?.status === "released" && (
            <span className="flex-none text-12 font-medium whitespace-nowrap text-danger">{t("status.released")}</span>
          )}
          {waiting?.status === "accepted" && <Chip tone="accent">{t("status.accepted")}</Chip>}
          {item.team && (
            <span className="flex min-w-0 items-center gap-1 text-12 text-t3" title={t("teams.has", { name: item.team.name })}>
              <UsersRound size={11} aria-hidden="true" className="flex-none" />
              <span className="truncate">{item.team.name}</span>
            </span>
          )}
          {item.tags.length > 0 && !item.team && !waiting?.due_at && !item.sla && (
            <span className="flex min-w-0 items-center gap-1 text-12 text-t3">
              <Tag size={11} aria-hidden="true" className="flex-none" />
              <span className="truncate">{item.tags.join(", ")}</span>
            </span>
          )}
        </span>
      </span>
    </a>
      {may && (
        <button
          type="button"
          role="checkbox"
          aria-checked={chosen}
          aria-label={t("bulk.choose", { name: item.customer.name ?? t("customer.nameless") })}
          onClick={(event) => onChoose(item.id, event.shiftKey)}
          className={clsx(
            "absolute top-[10px] left-4 grid size-9 place-items-center rounded-full border",
            chosen ? "border-accent bg-accent text-s1" : "border-line-control bg-s1 text-transparent",
            !chosen && !choosing && "opacity-0 group-hover:opacity-100 focus-visible:opacity-100 max-md:hidden",
          )}
        >
          <Check size={16} aria-hidden="true" />
        </button>
      )}
    </div>
  );
});
ListRow.displayName = "ListRow";
