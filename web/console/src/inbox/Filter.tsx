import { type InfiniteData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BookmarkPlus, ListFilter, Tag, Trash2, UsersRound, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { dropView, saveView } from "../api/endpoints.ts";
import { keys, savedViewsQuery, teamsQuery } from "../api/queries.ts";
import type { ConversationPage, SavedView } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { Pick, pickField, Popover } from "../elements/Popover.tsx";
import { narrow, useNarrowing, widen } from "./narrowing.ts";
import { isSaved } from "./saved.ts";
import type { InboxView } from "./views.ts";
import { useMayChange } from "../session/may.ts";

const Off = ({ label, text, onOff }: { label: string; text: string; onOff: () => void }) => (
  <Chip tone="accent">
    <span className="max-w-[72px] truncate">{text}</span>
    <button type="button" aria-label={label} onClick={onOff} className="-mr-1 grid size-5 place-items-center rounded-1 hover:bg-s3">
      <X size={11} aria-hidden="true" />
    </button>
  </Chip>
);

const Save = ({ view, onDone }: { view: InboxView; onDone: () => void }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { tag, channel, team } = useNarrowing();
  const save = useMutation({
    mutationFn: (asked: { name: string; shared: boolean }) => saveView({ ...asked, view, tag, channel, team }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.savedViews });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    save.mutate({ name: String(form.get("name") ?? "").trim(), shared: form.get("shared") === "on" });
  };
  return (
    <form onSubmit={submit} className="grid gap-2 border-t border-line p-2">
      <label className="grid gap-1">
        <span className="text-12 font-medium">{t("saved.name")}</span>
        <input name="name" required maxLength={40} autoFocus autoComplete="off" className={pickField} />
      </label>
      <label className="flex min-h-8 items-center gap-2 max-md:min-h-11">
        <input type="checkbox" name="shared" className="size-4 accent-(--accent)" />
        {t("saved.shared")}
      </label>
      <Refused error={save.error} className="" />
      <Button look="ink" type="submit" disabled={save.isPending}>
        {t("saved.save")}
      </Button>
    </form>
  );
};

/** Narrows the list to a team, a tag or a door, of those that any list at hand shows, and keeps that under a name. */
export const Filter = ({ view }: { view: InboxView }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const label = useChannelLabel();
  const narrowing = useNarrowing();
  const { tag, channel, team } = narrowing;
  const teams = useQuery(teamsQuery).data?.items ?? [];
  const chosenTeam = teams.find(({ id }) => id === team);
  const [open, setOpen] = useState(false);
  const [saving, setSaving] = useState(false);
  const may = useMayChange();
  const { data: saved } = useQuery(savedViewsQuery);
  const here = saved?.items.find((one) => isSaved(one, view, narrowing));
  const drop = useMutation({
    mutationFn: (one: SavedView) => dropView(one.id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.savedViews }),
  });
  const lists = client.getQueriesData<InfiniteData<ConversationPage>>({ queryKey: keys.conversationLists });
  const shown = lists.flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? []);
  const tags = [...new Set([...shown.flatMap((item) => item.tags), ...(tag ? [tag] : [])])].sort();
  const channels = [...new Set([...shown.map((item) => item.channel), ...(channel ? [channel] : [])])].sort();
  const opened = (next: boolean) => {
    setOpen(next);
    if (!next) setSaving(false);
  };
  return (
    <>
      {chosenTeam && <Off label={t("inbox.allTeams", { team: chosenTeam.name })} text={chosenTeam.name} onOff={() => narrow({ team: null })} />}
      {channel && <Off label={t("inbox.allDoors", { door: label(channel) })} text={label(channel)} onOff={() => narrow({ channel: null })} />}
      {tag && <Off label={t("inbox.allTags", { tag })} text={tag} onOff={() => narrow({ tag: null })} />}
      <Popover
        open={open}
        onOpen={opened}
        label={t("inbox.filter")}
        trigger={
          <IconButton label={t("inbox.filter")}>
            <ListFilter size={16} aria-hidden="true" />
          </IconButton>
        }
      >
        <div className="max-h-[46vh] overflow-y-auto">
          {teams.map(({ id, name }) => (
            <Pick
              key={id}
              icon={<UsersRound size={14} aria-hidden="true" />}
              checked={id === team}
              hint={id === team ? "✓" : undefined}
              onPick={() => narrow({ team: id === team ? null : id })}
            >
              {name}
            </Pick>
          ))}
          {tags.map((entry) => (
            <Pick
              key={entry}
              icon={<Tag size={14} aria-hidden="true" />}
              checked={entry === tag}
              hint={entry === tag ? "✓" : undefined}
              onPick={() => narrow({ tag: entry === tag ? null : entry })}
            >
              {entry}
            </Pick>
          ))}
          {channels.map((entry) => (
            <Pick
              key={entry}
              icon={<ChannelTile channel={entry} size="s" labelled />}
              checked={entry === channel}
              hint={entry === channel ? "✓" : undefined}
              onPick={() => narrow({ channel: entry === channel ? null : entry })}
            >
              {label(entry)}
            </Pick>
          ))}
        </div>
        {!may ? null : here ? (
          <Pick
            icon={<Trash2 size={14} aria-hidden="true" />}
            onPick={() => {
              drop.mutate(here);
              widen();
              opened(false);
            }}
          >
            {t("saved.drop", { name: here.name })}
          </Pick>
        ) : saving ? (
          <Save view={view} onDone={() => opened(false)} />
        ) : (
          <Pick icon={<BookmarkPlus size={14} aria-hidden="true" />} disabled={!tag && !channel && !team} onPick={() => setSaving(true)}>
            {t("saved.keep")}
          </Pick>
        )}
      </Popover>
    </>
  );
};
