import clsx from "clsx";
import { ChevronDown, Clock3, CornerUpLeft } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Door } from "../api/types.ts";
import { RequestError } from "../api/client.ts";
import { Button, Kbd } from "../elements/Button.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Menu, MenuItem, MenuLabel } from "../elements/Menu.tsx";
import { useMoment } from "../time/use-moment.ts";
import { windowWords } from "../time/words.ts";

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
          <span className="truncate text-12 text-t3 max-md:hidden">{chosen.label}</span>
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
        </MenuItem>
      ))}
    </Menu>
  );
};

const waits = (status: string): boolean => status === "open" || status === "released";

interface ComposerProps {
  conversation: Conversation;
  mine: boolean;
  mode: ComposerMode;
  onMode: (mode: ComposerMode) => void;
  /** Counts up when a shortcut wants the field. */
  focusWish: number;
  /** A text to write again; it counts up each time one is asked for. */
  refill: { text: string; count: number };
  error: unknown;
  onTake: () => void;
  onSend: (mode: ComposerMode, text: string, channel: string | undefined) => void;
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
  onTake,
  onSend,
}: ComposerProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const field = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const [text, setText] = useDraft(conversation.id, mode);
  const [wanted, setWanted] = useState<string | null>(null);
  const door =
    conversation.doors.find((entry) => entry.channel === (wanted ?? conversation.channel)) ??
    conversation.doors.find((entry) => entry.open) ??
    conversation.doors[0];
  const note = mode === "note";
  const state = door
    ? windowWords(
        door.channel === conversation.window.channel ? conversation.window : { open: door.open, closes_at: null },
        moment,
      )
    : null;
  const closed = !note && (state?.tone === "closed" || !door);
  const locked = !note && !mine;
  const sendable = text.trim() !== "" && !locked && !closed;

  const refilled = useRef(0);
  useEffect(() => {
    if (refill.count <= refilled.current || note) return;
    refilled.current = refill.count;
    setText(refill.text);
  });
  const granted = useRef(0);
  useEffect(() => {
    if (focusWish <= granted.current || !field.current) return;
    granted.current = focusWish;
    field.current.focus();
  }, [focusWish, locked]);

  const send = () => {
    if (!sendable) return;
    onSend(mode, text.trim(), note ? undefined : door?.channel);
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") event.currentTarget.blur();
  };

  return (
    <section
      aria-label={t("composer.label")}
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
          <DoorPicker doors={conversation.doors} chosen={door} onChoose={(next) => setWanted(next.channel)} />
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
      {error ? (
        <p id={hintId} role="alert" className="px-1 pt-2 text-12 text-danger">
          {error instanceof RequestError && error.message ? error.message : t("composer.failed")}
        </p>
      ) : null}
      {locked ? (
        <div className="mt-2.5 flex flex-wrap items-center gap-3">
          <p className="min-w-[180px] flex-1 text-t2">
            {conversation.assignee
              ? t("composer.lockedBy", { name: conversation.assignee.name })
              : conversation.status === "resolved"
                ? t("composer.lockedResolved")
                : conversation.escalation && waits(conversation.escalation.status)
                  ? t("composer.lockedWaiting")
                  : conversation.drafts > 0
                    ? t("composer.lockedDraft")
                  : t("composer.lockedAi")}
          </p>
          <Button look={conversation.drafts > 0 || (conversation.escalation && waits(conversation.escalation.status)) ? "line" : "ink"} onClick={onTake} shortcut="A">
            {t("actions.takeOver")}
          </Button>
        </div>
      ) : (
        <>
          <textarea
            ref={field}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
            disabled={closed}
            rows={2}
            aria-label={note ? t("composer.noteField") : t("composer.replyField")}
            aria-describedby={error ? hintId : undefined}
            placeholder={
              closed
                ? t("composer.closedHint")
                : note
                  ? t("composer.notePlaceholder")
                  : t("composer.replyPlaceholder", { name: conversation.customer.name ?? t("customer.them") })
            }
            className="mt-2 field-sizing-content max-h-[30vh] min-h-11 w-full resize-none rounded-1 bg-transparent px-1 text-14 outline-none placeholder:text-t3 focus-visible:shadow-none max-md:text-16"
          />
          <div className="flex items-center gap-2">
            <span className="flex items-center gap-1 text-12 text-t3 max-md:hidden">
              <CornerUpLeft size={12} aria-hidden="true" />
              {note ? t("composer.noteFoot") : t("composer.replyFoot")}
            </span>
            <span className="flex-1" />
            <Button look="ink" onClick={send} disabled={!sendable}>
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
