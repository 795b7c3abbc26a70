import { Eraser, MoreVertical, Pencil, Pin } from "lucide-react";
import { Tooltip } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePinFact } from "../api/actions.ts";
import type { Fact } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Menu, MenuItem } from "../elements/Menu.tsx";
import { toast } from "../elements/toast.ts";
import { useMoment } from "../time/use-moment.ts";
import { age, dayAndTime } from "../time/words.ts";
import { factWords, type KnownFact } from "./facts.ts";
import { useMayChange } from "../session/may.ts";

interface SourceProps {
  fact: Fact;
  onShowMessage: (message: string) => void;
}

/** Glyph and time of where a fact comes from; hover or focus shows the sentence, a click opens it. */
export const FactSource = ({ fact, onShowMessage }: SourceProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const label = useChannelLabel()(fact.channel);
  const message = fact.source_message;
  return (
    <Tooltip.Root delayDuration={120}>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={t("fact.source", {
            predicate: factWords(fact),
            channel: label,
            when: dayAndTime(fact.recorded_at, moment),
          })}
          onClick={() => message && onShowMessage(message)}
          className="inline-flex h-6 flex-none items-center gap-1.5 rounded-1 px-1 text-12 text-t3 tabular-nums hover:bg-s2 hover:text-t1"
        >
          <ChannelTile channel={fact.channel} size="s" labelled />
          {age(fact.recorded_at, moment)}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          role="region"
          aria-label={t("fact.sentence")}
          side="left"
          sideOffset={8}
          collisionPadding={8}
          className="pop-in z-40 max-w-[300px] rounded-3 border border-line bg-overlay p-3 shadow-2"
        >
          <p className="text-12 text-t3">
            {label}, {dayAndTime(fact.recorded_at, moment)} ·{" "}
            {t("fact.sure", { confidence: fact.confidence.toFixed(2) })}
          </p>
          {fact.quote && (
            <p className="mt-1 text-14">
              “<mark>{fact.quote}</mark>”
            </p>
          )}
          {message && <p className="mt-1.5 text-12 font-medium text-accent">{t("fact.openMessage")}</p>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
};

/** A fact in a teammate's words: what is kept here is pinned. */
const FactForm = ({ label, value, onDone }: { label: string; value: string; onDone: (value: string | null) => void }) => {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  return (
    <form
      className="flex items-center gap-1.5 border-b border-line py-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onDone(text.trim());
      }}
    >
      <input
        autoFocus
        value={text}
        maxLength={500}
        aria-label={label}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onDone(null);
        }}
        className="h-7 min-w-0 flex-1 rounded-2 border border-line-control bg-s1 px-2 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16"
      />
      <Button height="s" onClick={() => onDone(null)}>
        {t("actions.cancel")}
      </Button>
      <Button height="s" look="ink" type="submit" disabled={!text.trim()}>
        {t("canned.save")}
      </Button>
    </form>
  );
};

interface RowProps {
  known: KnownFact;
  customer: string;
  onShowMessage: (message: string) => void;
}

/** One thing known: what, the value, what it replaced, and where it comes from. */
export const FactRow = ({ known, customer, onShowMessage }: RowProps) => {
  const { t } = useTranslation();
  const pin = usePinFact();
  const may = useMayChange();
  const { current, replaced, rivals, predicate } = known;
  const previous = replaced.find((fact) => fact.value !== current.value);
  const [editing, setEditing] = useState(false);
  const words = factWords(known.current);
  const put = (value: string) => pin.mutate({ customer, predicate, value });
  const forget = () => {
    put("");
    toast(t("fact.forgotten", { predicate: words }), () => put(current.value));
  };
  if (editing) {
    return (
      <FactForm
        label={words}
        value={current.value}
        onDone={(value) => {
          setEditing(false);
          if (value !== null && value !== current.value) put(value);
        }}
      />
    );
  }
  return (
    <div className="grid grid-cols-[92px_minmax(0,1fr)] gap-x-2 border-b border-line py-1 last:border-b-0">
      <dt className="pt-0.5 text-t3 [overflow-wrap:anywhere]">{words}</dt>
      <dd className="flex min-w-0 flex-1 items-start gap-1">
        <span className="min-w-0 flex-1 pt-0.5 [overflow-wrap:anywhere]">
          {current.value}
          {current.pinned && <Pin size={11} role="img" aria-label={t("fact.pinned")} className="ml-1 inline text-t3" />}
          {previous && (
            <del className="ml-1.5 text-t3" aria-label={t("fact.replaced", { value: previous.value })}>
              {previous.value}
            </del>
          )}
        </span>
        <FactSource fact={current} onShowMessage={onShowMessage} />
        {may && (
          <Menu
            align="end"
            trigger={
              <IconButton label={t("fact.change", { predicate: words })} className="!size-6 max-md:!size-9">
                <MoreVertical size={13} aria-hidden="true" />
              </IconButton>
            }
          >
            <MenuItem icon={<Pencil size={14} aria-hidden="true" />} onSelect={() => setEditing(true)}>
              {t("fact.edit")}
            </MenuItem>
            <MenuItem icon={<Pin size={14} aria-hidden="true" />} disabled={current.pinned} onSelect={() => put(current.value)}>
              {t("fact.pin")}
            </MenuItem>
            <MenuItem icon={<Eraser size={14} aria-hidden="true" />} onSelect={forget}>
              {t("fact.forget")}
            </MenuItem>
          </Menu>
        )}
      </dd>
      {rivals.length > 0 && (
        <dd className="col-span-2 mt-1 mb-1.5 rounded-2 bg-warn-soft p-2">
          <p className="text-12 font-semibold text-warn">{t("fact.conflict")}</p>
          {[current, ...rivals].map((fact) => (
            <div key={fact.id} className="mt-1 flex items-center gap-1">
              <span className="min-w-0 flex-1 truncate">{fact.value}</span>
              <FactSource fact={fact} onShowMessage={onShowMessage} />
              {may && (
                <Button height="s" onClick={() => pin.mutate({ customer, predicate, value: fact.value })}>
                  {t("fact.pin")}
                </Button>
              )}
            </div>
          ))}
        </dd>
      )}
    </div>
  );
};
