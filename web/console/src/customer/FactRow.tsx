import { Pin } from "lucide-react";
import { Tooltip } from "radix-ui";
import { useTranslation } from "react-i18next";
import { usePinFact } from "../api/actions.ts";
import type { Fact } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age, dayAndTime } from "../time/words.ts";
import { type KnownFact, predicateWords } from "./facts.ts";

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
            predicate: predicateWords(fact.predicate),
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

interface RowProps {
  known: KnownFact;
  customer: string;
  onShowMessage: (message: string) => void;
}

/** One thing known: what, the value, what it replaced, and where it comes from. */
export const FactRow = ({ known, customer, onShowMessage }: RowProps) => {
  const { t } = useTranslation();
  const pin = usePinFact();
  const { current, replaced, rivals, predicate } = known;
  const previous = replaced.find((fact) => fact.value !== current.value);
  return (
    <div className="grid grid-cols-[92px_minmax(0,1fr)] gap-x-2 border-b border-line py-1 last:border-b-0">
      <dt className="pt-0.5 text-t3 [overflow-wrap:anywhere]">{predicateWords(predicate)}</dt>
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
      </dd>
      {rivals.length > 0 && (
        <dd className="col-span-2 mt-1 mb-1.5 rounded-2 bg-warn-soft p-2">
          <p className="text-12 font-semibold text-warn">{t("fact.conflict")}</p>
          {[current, ...rivals].map((fact) => (
            <div key={fact.id} className="mt-1 flex items-center gap-1">
              <span className="min-w-0 flex-1 truncate">{fact.value}</span>
              <FactSource fact={fact} onShowMessage={onShowMessage} />
              <Button height="s" onClick={() => pin.mutate({ customer, predicate, value: fact.value })}>
                {t("fact.pin")}
              </Button>
            </div>
          ))}
        </dd>
      )}
    </div>
  );
};
