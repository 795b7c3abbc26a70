import { useQuery } from "@tanstack/react-query";
import { Check, Globe, Plus, Tag, UserPlus, UsersRound, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePresence } from "../api/presence.ts";
import { teammatesQuery, teamsQuery } from "../api/queries.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { IconButton } from "../elements/Button.tsx";
import { Pick, pickField, Popover } from "../elements/Popover.tsx";

/** On a phone these stand in the menu; the button stays where its panel hangs from. */
const folded = "max-md:pointer-events-none max-md:!w-0 max-md:opacity-0";

interface PickerProps {
  open: boolean;
  onOpen: (open: boolean) => void;
  label: string;
  shortcut: string;
  icon: ReactNode;
  children: ReactNode;
}

/** A panel that hangs from its button in the header, and opens by a key. */
const Picker = ({ open, onOpen, label, shortcut, icon, children }: PickerProps) => (
  <Popover
    open={open}
    onOpen={onOpen}
    label={label}
    trigger={
      <IconButton label={label} aria-keyshortcuts={shortcut} className={folded}>
        {icon}
      </IconButton>
    }
  >
    {children}
  </Popover>
);

interface AssignProps {
  open: boolean;
  onOpen: (open: boolean) => void;
  assignee: string | null;
  me: string | undefined;
  onAssign: (teammate: string | null) => void;
  /** Which team has it. */
  team: string | null;
  onTeam: (team: { id: string; name: string } | null) => void;
}

/** Whose conversation it is: one of the team or nobody's, and which team's. */
export const AssignPicker = ({ open, onOpen, assignee, me, onAssign, team: theirs, onTeam }: AssignProps) => {
  const { t } = useTranslation();
  const { data } = useQuery({ ...teammatesQuery, enabled: open });
  const teams = useQuery({ ...teamsQuery, enabled: open }).data?.items ?? [];
  const here = usePresence();
  const team = (data?.items ?? []).filter(({ role, invited }) => role !== "analyst" && !invited);
  const state = (id: string, away: boolean) =>
    away ? t("team.away") : here.some(({ teammate }) => teammate === id) ? t("team.here") : "";
  const pick = (teammate: string | null) => {
    onOpen(false);
    onAssign(teammate);
  };
  const pickTeam = (chosen: { id: string; name: string } | null) => {
    onOpen(false);
    onTeam(chosen);
  };
  return (
    <Picker open={open} onOpen={onOpen} label={t("filing.assign")} shortcut="G" icon={<UserPlus size={16} aria-hidden="true" />}>
      <p className="px-2 pt-2 pb-1 text-11 font-medium text-t3">{t("filing.assignTo")}</p>
      {team.map(({ id, name, away }) => (
        <Pick
          key={id}
          icon={assignee === id ? <Check size={14} aria-hidden="true" /> : <Avatar name={name} size="s" teammate />}
          hint={state(id, away)}
          checked={assignee === id}
          onPick={() => pick(id)}
        >
          {id === me ? t("filing.me", { name }) : name}
        </Pick>
      ))}
      <Pick icon={<X size={14} aria-hidden="true" />} disabled={assignee === null} onPick={() => pick(null)}>
        {t("filing.nobody")}
      </Pick>
      {teams.length > 0 && (
        <>
          <p className="mt-1 border-t border-line px-2 pt-2 pb-1 text-11 font-medium text-t3">{t("filing.teamOf")}</p>
          {teams.map(({ id, name, waiting }) => (
            <Pick
              key={id}
              icon={theirs === id ? <Check size={14} aria-hidden="true" /> : <UsersRound size={14} aria-hidden="true" />}
              hint={waiting > 0 ? t("teams.waiting", { count: waiting }) : undefined}
              checked={theirs === id}
              onPick={() => pickTeam({ id, name })}
            >
              {name}
            </Pick>
          ))}
          <Pick icon={<Globe size={14} aria-hidden="true" />} disabled={theirs === null} onPick={() => pickTeam(null)}>
            {t("filing.everybody")}
          </Pick>
        </>
      )}
    </Picker>
  );
};

interface TagProps {
  open: boolean;
  onOpen: (open: boolean) => void;
  tags: readonly string[];
  /** Tags used elsewhere, offered while one types. */
  known: readonly string[];
  onTag: (add: string[], remove: string[]) => void;
}

/** The team's own labels: on, off, or a new one. */
export const TagPicker = ({ open, onOpen, tags, known, onTag }: TagProps) => {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const offered = known.filter((tag) => tag.includes(wanted) && !tags.includes(tag)).slice(0, 6);
  const put = (tag: string) => {
    setText("");
    if (tag && !tags.includes(tag)) onTag([tag], []);
  };
  return (
    <Picker open={open} onOpen={onOpen} label={t("filing.tags")} shortcut="L" icon={<Tag size={16} aria-hidden="true" />}>
      <form
        className="p-1"
        onSubmit={(event) => {
          event.preventDefault();
          put(wanted);
        }}
      >
        <input
          autoFocus
          value={text}
          maxLength={40}
          onChange={(event) => setText(event.target.value)}
          aria-label={t("filing.newTag")}
          placeholder={t("filing.newTag")}
          className={pickField}
        />
      </form>
      {tags
        .filter((tag) => tag.includes(wanted))
        .map((tag) => (
          <Pick key={tag} icon={<Check size={14} aria-hidden="true" />} checked onPick={() => onTag([], [tag])}>
            {tag}
          </Pick>
        ))}
      {offered.map((tag) => (
        <Pick key={tag} icon={<Plus size={14} aria-hidden="true" />} checked={false} onPick={() => put(tag)}>
          {tag}
        </Pick>
      ))}
    </Picker>
  );
};
