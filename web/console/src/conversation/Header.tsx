import clsx from "clsx";
import { AlarmClock, ArrowLeft, Check, CornerUpLeft, Hand, Merge, MoreHorizontal, PanelRight, Tag, UserPlus, UsersRound, X } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ConversationItem, Here } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button, IconButton } from "../elements/Button.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Menu, MenuItem } from "../elements/Menu.tsx";
import { Shield } from "../elements/Proof.tsx";
import type { InboxView } from "../inbox/views.ts";
import { AssignPicker, TagPicker } from "./Filing.tsx";
import { WhenPicker } from "./WhenPicker.tsx";
import { useMayChange } from "../session/may.ts";

/** The panels that hang from the header; at most one is open. */
export type Picking = "snooze" | "assign" | "tag" | null;

/** The others who look at this conversation, and what they do. */
const Others = ({ others }: { others: readonly Here[] }) => {
  const { t } = useTranslation();
  const writer = others.find(({ typing }) => typing);
  const first = writer ?? others[0];
  if (!first) return null;
  return (
    <span role="status" className={clsx("flex min-w-0 items-center gap-1.5 text-12", writer ? "font-medium text-danger" : "text-t2")}>
      <span className={clsx("flex flex-none rounded-full", writer && "ring-2 ring-danger")}>
        <Avatar name={first.name} size="s" teammate />
      </span>
      <span className="truncate max-md:sr-only">
        {t(writer ? "team.typing" : others.length > 1 ? "team.viewingMany" : "team.viewing", {
          name: first.name,
          others: others.length - 1,
        })}
      </span>
    </span>
  );
};

interface HeaderProps {
  item: ConversationItem;
  view: InboxView;
  mine: boolean;
  escalated: boolean;
  sideShown: boolean;
  me: string | undefined;
  others: readonly Here[];
  picking: Picking;
  onPicking: (picking: Picking) => void;
  knownTags: readonly string[];
  onAssign: (teammate: string | null) => void;
  onTeam: (team: { id: string; name: string } | null) => void;
  onTag: (add: string[], remove: string[]) => void;
  onMergeTalks: () => void;
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
  me,
  others,
  picking,
  onPicking,
  knownTags,
  onAssign,
  onTeam,
  onTag,
  onMergeTalks,
  onTake,
  onReturn,
  onResolve,
  onSnooze,
  onSide,
}: HeaderProps) => {
  const { t } = useTranslation();
  const may = useMayChange();
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
      <h1 className="min-w-24 truncate text-14 font-semibold max-md:min-w-0">
        <Link to="/people/$customer" params={{ customer: customer.id }} className="rounded-1 hover:underline">
          {customer.name ?? t("customer.nameless")}
        </Link>
      </h1>
      <Shield proof={customer.proof} />
      <span className="min-w-0 overflow-hidden max-md:hidden">
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
      {item.team && (
        <span className="min-w-0 max-md:hidden" title={t("teams.has", { name: item.team.name })}>
          <Chip>
            <UsersRound size={12} aria-hidden="true" className="flex-none" />
            <span className="max-w-[120px] truncate">{item.team.name}</span>
          </Chip>
        </span>
      )}
      <span className="flex min-w-0 items-center gap-1 max-xl3:hidden">
        {item.tags.map((tag) => (
          <Chip key={tag}>
            <span className="max-w-[110px] truncate">{tag}</span>
            {may && (
              <button
                type="button"
                aria-label={t("filing.untag", { tag })}
                onClick={() => onTag([], [tag])}
                className="-mr-1 grid size-4 place-items-center rounded-1 hover:bg-s3"
              >
                <X size={10} aria-hidden="true" />
              </button>
            )}
          </Chip>
        ))}
      </span>
      <span className="flex-1" />
      <Others others={others} />
      {may && (
        <>
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
      <AssignPicker
        open={picking === "assign"}
        onOpen={(open) => onPicking(open ? "assign" : null)}
        assignee={item.assignee?.id ?? null}
        me={me}
        onAssign={onAssign}
        team={item.team?.id ?? null}
        onTeam={onTeam}
      />
      <TagPicker
        open={picking === "tag"}
        onOpen={(open) => onPicking(open ? "tag" : null)}
        tags={item.tags}
        known={knownTags}
        onTag={onTag}
      />
      <WhenPicker
        label={t("snooze.until")}
        open={picking === "snooze"}
        onOpen={(open) => onPicking(open ? "snooze" : null)}
        onWhen={onSnooze}
        trigger={
          <IconButton label={t("actions.snooze")} aria-keyshortcuts="H">
            <AlarmClock size={16} aria-hidden="true" />
          </IconButton>
        }
      />
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
      <Menu
        align="end"
        trigger={
          <IconButton label={t("shell.more")}>
            <MoreHorizontal size={16} aria-hidden="true" />
          </IconButton>
        }
      >
        {!mine && !escalated && (
          <MenuItem icon={<Hand size={15} aria-hidden="true" />} onSelect={onTake}>
            {t("actions.takeOver")}
          </MenuItem>
        )}
        {mine && !escalated && (
          <MenuItem icon={<CornerUpLeft size={15} aria-hidden="true" />} onSelect={onReturn}>
            {t("actions.returnToAi")}
          </MenuItem>
        )}
        <MenuItem icon={<UserPlus size={15} aria-hidden="true" />} onSelect={() => onPicking("assign")}>
          {t("filing.assign")}
        </MenuItem>
        <MenuItem icon={<Tag size={15} aria-hidden="true" />} onSelect={() => onPicking("tag")}>
          {t("filing.tags")}
        </MenuItem>
        <MenuItem icon={<Merge size={15} aria-hidden="true" />} onSelect={onMergeTalks}>
          {t("filing.merge")}
        </MenuItem>
      </Menu>
        </>
      )}
      <IconButton label={t("actions.side")} aria-pressed={sideShown} aria-keyshortcuts="]" onClick={onSide}>
        <PanelRight size={16} aria-hidden="true" />
      </IconButton>
    </header>
  );
};
