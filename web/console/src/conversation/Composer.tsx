import clsx from "clsx";
import { CalendarClock, ChevronDown, Clock3, Paperclip, Sparkles, X, Zap } from "lucide-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { proposalQuery, sessionQuery, teammatesQuery } from "../api/queries.ts";
import type { Canned, Channel, Conversation, Door, Teammate } from "../api/types.ts";
import { Button, IconButton, Kbd } from "../elements/Button.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Menu, MenuItem, MenuLabel } from "../elements/Menu.tsx";
import { useMoment } from "../time/use-moment.ts";
import { windowWords } from "../time/words.ts";
import { Attachments } from "./Attachments.tsx";
import { bestDoor, doorKey, doorOn } from "./door.ts";
import { attach, type Attached, fitting, letGo } from "./attach.ts";
import { Reword } from "./Reword.tsx";
import { segments } from "./sms.ts";
import { mentionsIn, stepWords } from "./suggest.ts";
import { TemplatePicker } from "./TemplatePicker.tsx";
import { WhenPicker } from "./WhenPicker.tsx";
import { WritingField } from "./WritingField.tsx";
import { useAttached } from "./use-attached.ts";

export type ComposerMode = "reply" | "note";

const draftKey = (conversation: string, mode: ComposerMode) => `rapport.draft.${conversation}.${mode}`;

const useDraft = (conversation: string, mode: ComposerMode): [string, (text: string) => void] => {
  const key = draftKey(conversation, mode);
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const text = drafts[key] ?? window.localStorage.getItem(key) ?? "";
  const set = (next: string) => {
    setDrafts((before) => ({ ...before, [key]: next }));
    if (next) window.localStorage.setItem(key, next);
    else window.localStorage.removeItem(key);
  };
  return [text, set];
};

const windowTones = { calm: "text-t3", soon: "text-warn font-medium", closed: "text-warn font-medium" } as const;

interface DoorPickerProps {
  doors: readonly Door[];
  chosen: Door | undefined;
  onChoose: (door: Door) => void;
}

const DoorPicker = ({ doors, chosen, onChoose }: DoorPickerProps) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  // Two addresses of one channel may have been given one name; then their connections tell them apart.
  const senderOf = (door: Door) =>
    doors.some((other) => other !== door && other.channel === door.channel && other.label === door.label) ? door.connection : door.label;
  if (!chosen) return <span className="text-12 text-t3">{t("composer.noDoor")}</span>;
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t("composer.doorLabel", { channel: label(chosen.channel) })}
          className="flex h-7 min-w-0 items-center gap-1.5 rounded-2 px-1.5 hover:bg-s2 max-md:h-11"
        >
          <ChannelTile channel={chosen.channel} size="s" labelled />
          <span className="font-semibold">{label(chosen.channel)}</span>
          <span className="truncate text-12 text-t3 max-md:hidden">{senderOf(chosen)}</span>
          <ChevronDown size={13} aria-hidden="true" className="flex-none text-t3" />
        </button>
      }
    >
      <MenuLabel>{t("composer.replyOn")}</MenuLabel>
      {doors.map((door) => (
        <MenuItem
          key={door.connection + door.channel}
          icon={<ChannelTile channel={door.channel} size="s" labelled />}
          hint={door.open ? "" : t("composer.templateOnly")}
          checked={door === chosen}
          onSelect={() => onChoose(door)}
        >
          {label(door.channel)}
          {doors.filter(({ channel }) => channel === door.channel).length > 1 && <span className="text-t3"> {senderOf(door)}</span>}
        </MenuItem>
      ))}
    </Menu>
  );
};

/** What a reply by SMS comes to. */
const TextMessages = ({ text }: { text: string }) => {
  const { t } = useTranslation();
  const { count, left } = segments(text.trim());
  return (
    <span className="text-12 whitespace-nowrap text-t3 tabular-nums" title={t("composer.textsLeft", { count: left })}>
      {t("composer.texts", { count })}
    </span>
  );
};

/** From four fifths of what one message of a channel holds on, how much of it is taken; beyond it, in how many it leaves. */
const Room = ({ text, longest }: { text: string; longest: number }) => {
  const { t, i18n } = useTranslation();
  const length = [...text.trim()].length;
  if (length < longest * 0.8) return null;
  const count = new Intl.NumberFormat(i18n.language);
  return (
    <span role="status" className={clsx("text-12 whitespace-nowrap tabular-nums", length > longest ? "font-medium text-warn" : "text-t3")}>
      {length > longest ? t("composer.parts", { count: Math.ceil(length / longest) }) : `${count.format(length)} / ${count.format(longest)}`}
    </span>
  );
};

/** What leaves the composer. */
export interface Said {
  mode: ComposerMode;
  text: string;
  channel: Channel | undefined;
  /** From which of the business's addresses on it. */
  connection: string | undefined;
  /** A reply for later. */
  at: Date | null;
  /** Teammates named in a note. */
  mentions: string[];
  /** What a reply takes along. */
  files: Attached[];
  /** A canned reply that does something besides. */
  canned: Canned | null;
  /** A template that says it, with its gaps filled. */
  template: { name: string; language: string; variables: Record<string, string> } | null;
}

const waits = (status: string): boolean => status === "open" || status === "released";

interface ComposerProps {
  conversation: Conversation;
  mine: boolean;
  mode: ComposerMode;
  onMode: (mode: ComposerMode) => void;
  /** Counts up when a shortcut wants the field. */
  focusWish: number;
  /** A text to write again; it counts up each time one is asked for. */
  refill: { text: string; files: Attached[]; count: number };
  error: unknown;
  /** Another teammate who is writing here now. */
  writer: string | null;
  onTake: () => void;
  onSend: (said: Said) => void;
  onTyping: (typing: boolean) => void;
}

/** Reply on the customer's door, or a note only the team sees. */
export const Composer = ({
  conversation,
  mine,
  mode,
  onMode,
  focusWish,
  refill,
  error,
  writer,
  onTake,
  onSend,
  onTyping,
}: ComposerProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const field = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const [text, setText] = useDraft(conversation.id, mode);
  const [wanted, setWanted] = useState<string | null>(null);
  const door =
    conversation.doors.find((entry) => doorKey(entry) === wanted) ??
    doorOn(conversation, bestDoor(conversation)) ??
    conversation.doors.find((entry) => entry.open) ??
    conversation.doors[0];
  const note = mode === "note";
  const state = door ? windowWords(door, moment) : null;
  const closed = !note && (state?.tone === "closed" || !door);
  const locked = !note && !mine;
  const templated = closed && !locked && door?.channel === "whatsapp";
  const [files, setFiles] = useAttached(conversation.id);
  const [canned, setCanned] = useState<Canned | null>(null);
  const [tooMuch, setTooMuch] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const takesFiles = !note && !locked && !closed && door?.channel !== "voice";
  const sendable = (text.trim() !== "" || (!note && (files.length > 0 || canned !== null))) && !locked && !closed;

  // What the AI would say stands in the empty field until something is typed; it is asked for beside the typing, never before it.
  const [declined, setDeclined] = useState<string | null>(null);
  const lastSaid = conversation.last_message;
  const { data: proposal } = useQuery({
    ...proposalQuery(conversation.id, lastSaid?.at ?? ""),
    enabled: !note && !locked && !closed && conversation.drafts === 0 && lastSaid !== null && lastSaid.author !== "teammate",
  });
  const ghost = !note && !locked && !closed && text === "" && proposal?.text && proposal.answers !== declined ? proposal.text : null;
  const accept = () => {
    if (!ghost) return;
    setText(ghost);
    window.requestAnimationFrame(() => {
      field.current?.focus();
      // Whoever has typed on meanwhile has their caret already.
      if (field.current?.value === ghost) field.current.setSelectionRange(ghost.length, ghost.length);
    });
  };

  const refilled = useRef(0);
  useEffect(() => {
    if (refill.count <= refilled.current || note) return;
    refilled.current = refill.count;
    setText(refill.text);
    setFiles(refill.files);
  });
  const add = (chosen: readonly File[]) => {
    const { taken, over } = fitting(files, chosen);
    setTooMuch(over);
    setFiles([...files, ...taken.map(attach)]);
  };
  const remove = (key: string) => {
    setTooMuch(false);
    files.filter((file) => file.key === key).forEach(letGo);
    setFiles(files.filter((file) => file.key !== key));
  };
  const granted = useRef(0);
  useEffect(() => {
    if (focusWish <= granted.current || !field.current) return;
    granted.current = focusWish;
    field.current.focus();
  }, [focusWish, locked]);

  const client = useQueryClient();
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
  const [later, setLater] = useState(false);
  const send = (at: Date | null = null) => {
    if (!sendable) return;
    const team = client.getQueryData<{ items: Teammate[] }>(teammatesQuery.queryKey)?.items ?? [];
    const mentions = note ? mentionsIn(text, team) : [];
    onSend({ mode, text: text.trim(), channel: note ? undefined : door?.channel, connection: note ? undefined : door?.connection, at, mentions, files: note ? [] : files, canned: note ? null : canned, template: null });
    setCanned(null);
    setText("");
    if (!note) setFiles([]);
    setTooMuch(false);
  };
  const typing = !note && mine && (text.trim() !== "" || files.length > 0);
  useEffect(() => {
    onTyping(typing);
    return () => onTyping(false);
  }, [typing, onTyping]);

  return (
    <section
      aria-label={t("composer.label")}
      onPaste={(event) => {
        if (!takesFiles || event.clipboardData.files.length === 0) return;
        event.preventDefault();
        add([...event.clipboardData.files]);
      }}
      onDragOver={(event) => takesFiles && event.preventDefault()}
      onDrop={(event) => {
        if (!takesFiles || event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        add([...event.dataTransfer.files]);
      }}
      className={clsx(
        "mx-auto w-full max-w-[760px] flex-none rounded-3 border p-2.5 shadow-1",
        note ? "border-note-line bg-note" : "border-line-strong bg-s1",
        "has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:shadow-[0_0_0_1px_var(--accent)]",
      )}
    >
      <div className="flex items-center gap-3">
        <div
          role="group"
          aria-label={t("composer.modes")}
          className={clsx("inline-flex gap-0.5 rounded-[7px] p-0.5", note ? "bg-note-line/50" : "bg-s2")}
        >
          {(["reply", "note"] as const).map((entry) => (
            <button
              key={entry}
              type="button"
              aria-pressed={mode === entry}
              onClick={() => onMode(entry)}
              className={clsx(
                "h-6 rounded-[5px] px-[9px] text-12 font-medium max-md:h-9",
                mode === entry ? "bg-s1 text-t1 shadow-1 dark:bg-s3" : "text-t2 hover:text-t1",
              )}
            >
              {t(`composer.${entry}`)}
            </button>
          ))}
        </div>
        {note ? (
          <span className="truncate text-12 text-t2">{t("composer.noteHint")}</span>
        ) : (
          <DoorPicker doors={conversation.doors} chosen={door} onChoose={(next) => setWanted(doorKey(next))} />
        )}
        <span className="min-w-0 flex-1" />
        {!note && state && (
          <span
            className={clsx("inline-flex flex-none items-center gap-1 text-12", windowTones[state.tone])}
            title={state.text}
          >
            <Clock3 size={12} aria-hidden="true" className="flex-none" />
            <span className="truncate max-md:hidden">{state.text}</span>
            <span aria-hidden="true" className="whitespace-nowrap tabular-nums md:hidden">
              {state.short}
            </span>
          </span>
        )}
      </div>
      {writer && !note && (
        <p role="status" className="px-1 pt-2 text-12 font-medium text-danger">
          {t("composer.collision", { name: writer })}
        </p>
      )}
      {error ? (
        <p id={hintId} role="alert" className="px-1 pt-2 text-12 text-danger">
          {error instanceof RequestError && error.message ? error.message : t("composer.failed")}
        </p>
      ) : null}
      {locked ? (
        <div className="mt-2.5 flex flex-wrap items-center gap-3">
          <p className="min-w-[180px] flex-1 text-t2">
            {conversation.assignee && conversation.status === "with_teammate"
              ? t("composer.lockedBy", { name: conversation.assignee.name })
              : conversation.status === "resolved"
                ? t("composer.lockedResolved")
                : conversation.escalation && waits(conversation.escalation.status)
                  ? t("composer.lockedWaiting")
                  : conversation.status === "with_teammate"
                    ? t("composer.lockedNobody")
                  : conversation.drafts > 0
                    ? t("composer.lockedDraft")
                  : t("composer.lockedAi")}
          </p>
          <Button look={conversation.drafts > 0 || (conversation.escalation && waits(conversation.escalation.status)) ? "line" : "ink"} onClick={onTake} shortcut="A">
            {t("actions.takeOver")}
          </Button>
        </div>
      ) : templated && door ? (
        <TemplatePicker
          connection={door.connection}
          name={conversation.customer.name}
          onSend={({ name, language }, variables, preview) =>
            onSend({ mode, text: preview, channel: door.channel, connection: door.connection, at: null, mentions: [], files: [], canned: null, template: { name, language, variables } })
          }
        />
      ) : (
        <>
          {!note && <Attachments files={files} onRemove={remove} />}
          <WritingField
            field={field}
            text={text}
            onText={setText}
            note={note}
            disabled={closed}
            label={note ? t("composer.noteField") : t("composer.replyField")}
            describedBy={error ? hintId : undefined}
            gaps={{ name: conversation.customer.name, me: session?.teammate.name ?? null }}
            onSubmit={() => send()}
            ghost={ghost}
            onAccept={accept}
            onDecline={() => setDeclined(proposal?.answers ?? null)}
            onCanned={setCanned}
            placeholder={
              closed
                ? t("composer.closedHint")
                : note
                  ? t("composer.notePlaceholder")
                  : t("composer.replyPlaceholder", { name: conversation.customer.name ?? t("customer.them") })
            }
          />
          {canned && !note && (
            <p className="mt-1 flex flex-wrap items-center gap-1.5 px-1 text-12 text-t2">
              <Zap size={13} aria-hidden="true" className="flex-none text-t3" />
              {t("canned.will", { steps: canned.steps.map((step) => stepWords(step, t)).join(", ") })}
              <IconButton label={t("canned.without")} onClick={() => setCanned(null)}>
                <X size={13} aria-hidden="true" />
              </IconButton>
            </p>
          )}
          {tooMuch && (
            <p role="alert" className="px-1 pt-2 text-12 text-danger">
              {t("composer.tooMuch")}
            </p>
          )}
          <div className="flex flex-wrap items-center gap-2">
            {ghost ? (
              <Button height="s" look="line" className="ml-[68px] max-md:ml-[96px] max-md:w-[calc(100%-96px)]" onClick={accept} shortcut="Tab">
                <Sparkles size={13} aria-hidden="true" className="text-ai" />
                {t("composer.useDraft")}
              </Button>
            ) : (
              <span className="ml-[68px] truncate text-12 text-t3 max-md:hidden">
                {note ? t("composer.hintNote") : t("composer.hint")}
              </span>
            )}
            <span className="min-h-8 flex-1" />
            {!note && door?.channel === "sms" && text.trim() !== "" && <TextMessages text={text} />}
            {!note && door?.longest && door.channel !== "sms" && <Room text={text} longest={door.longest} />}
            {!note && (
              <>
                <input
                  ref={chooser}
                  type="file"
                  multiple
                  hidden
                  onChange={(event) => {
                    add([...(event.target.files ?? [])]);
                    event.target.value = "";
                  }}
                />
                <IconButton label={t("composer.attach")} disabled={!takesFiles} onClick={() => chooser.current?.click()}>
                  <Paperclip size={16} aria-hidden="true" />
                </IconButton>
              </>
            )}
            {!note && !locked && !closed && text.trim() !== "" && (
              <Reword conversation={conversation.id} text={text} onText={setText} />
            )}
            {!note && (
              <WhenPicker
                label={t("later.label")}
                side="top"
                open={later}
                onOpen={setLater}
                onWhen={send}
                trigger={
                  <IconButton label={t("later.send")} disabled={!sendable}>
                    <CalendarClock size={16} aria-hidden="true" />
                  </IconButton>
                }
              />
            )}
            <Button look="ink" onClick={() => send()} disabled={!sendable}>
              {note ? t("composer.addNote") : t("composer.send")}
              <span className="flex gap-0.5">
                <Kbd onInk>Ctrl</Kbd>
                <Kbd onInk>↵</Kbd>
              </span>
            </Button>
          </div>
        </>
      )}
    </section>
  );
};
