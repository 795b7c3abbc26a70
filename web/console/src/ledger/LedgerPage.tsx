import { useInfiniteQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { CheckCircle2, DatabaseBackup, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ledgerQuery } from "../api/queries.ts";
import type { LedgerState } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Chip, ruleWords, type Tone } from "../elements/Chip.tsx";
import { More } from "../elements/More.tsx";
import { Sheet } from "../elements/Sheet.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { TurnInspector } from "../turn/TurnInspector.tsx";
import { ledgerStates, unaccounted } from "./balance.ts";

const tones: Record<LedgerState, Tone> = {
  answered: "ok",
  handed_over: "accent",
  ignored_by_rule: "plain",
  open: "warn",
  quarantined: "danger",
};

const reasonWords = (reason: string | null): string =>
  reason && /^[a-z]+(-[a-z]+)+$/.test(reason) ? ruleWords(reason) : (reason ?? "");

/** Every message that was ever accepted, and what became of it. */
export const LedgerPage = () => {
  const { t } = useTranslation();
  const moment = useMoment();
  const label = useChannelLabel();
  const [turn, setTurn] = useState<string | null>(null);
  const query = useInfiniteQuery(ledgerQuery);
  const ledger = query.data?.pages[0];
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const lost = ledger ? unaccounted(ledger) : 0;
  return (
    <PageFrame title={t("place.ledger")} note={t("ledger.note")}>
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !ledger && (
        <Failure title={t("ledger.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {ledger && (
        <section aria-label={t("ledger.question")} className="mb-4 rounded-3 border border-line bg-s1 p-5">
          <div className="flex flex-wrap items-center gap-3">
            {lost === 0 ? (
              <CheckCircle2 size={28} aria-hidden="true" className="text-ok" />
            ) : (
              <TriangleAlert size={28} aria-hidden="true" className="text-danger" />
            )}
            <div className="min-w-0 flex-1">
              <h2 className="text-20 font-bold tracking-[-0.014em]">{t("ledger.question")}</h2>
              <p className={clsx("text-14", lost === 0 ? "text-t2" : "text-danger")}>
                {lost === 0 ? t("ledger.no", { count: ledger.accepted }) : t("ledger.yes", { count: lost })}
              </p>
            </div>
            <span className="text-28 font-bold tabular-nums">{ledger.accepted.toLocaleString(moment.locale)}</span>
          </div>
          <dl className="mt-4 grid grid-cols-5 gap-3 max-md:grid-cols-2">
            {ledgerStates.map((state) => (
              <div key={state} className="border-l border-line pl-3">
                <dt className="text-12 text-t3">{t(`ledger.state.${state}`)}</dt>
                <dd className="text-16 font-semibold tabular-nums">
                  {ledger.counts[state].toLocaleString(moment.locale)}
                </dd>
              </div>
            ))}
          </dl>
          {ledger.backup && (
            <p className={clsx("mt-4 flex items-center gap-2 text-12", ledger.backup.late ? "text-danger" : "text-t3")}>
              <DatabaseBackup size={14} aria-hidden="true" className="flex-none" />
              {ledger.backup.newest
                ? t("ledger.backup.newest", { at: dayAndTime(ledger.backup.newest, moment) })
                : t("ledger.backup.none")}{" "}
              {ledger.backup.late && t("ledger.backup.late")}
              {ledger.backup.every_s === null && t("ledger.backup.by_hand")}
            </p>
          )}
        </section>
      )}
      {ledger && items.length === 0 && <Empty title={t("empty.ledger.title")} text={t("empty.ledger.text")} />}
      {items.length > 0 && (
        <ul className="overflow-hidden rounded-3 border border-line bg-s1">
          {items.map((entry) => (
            <li
              key={entry.id}
              className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-1.5 last:border-b-0"
            >
              <ChannelTile channel={entry.channel} labelled />
              <span className="w-28 flex-none truncate max-md:hidden">{label(entry.channel)}</span>
              <span className="w-32 flex-none text-12 text-t3 tabular-nums">{dayAndTime(entry.at, moment)}</span>
              <Chip tone={tones[entry.state]}>{t(`ledger.state.${entry.state}`)}</Chip>
              <span className="min-w-0 flex-1 truncate text-12 text-t2 max-md:hidden">{reasonWords(entry.reason)}</span>
              {entry.turn && (
                <Button look="quiet" height="s" className="ml-auto" onClick={() => setTurn(entry.turn)}>
                  {t("ledger.explain")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <More pages={query} />
      <Sheet open={turn !== null} onClose={() => setTurn(null)} title={t("turn.title")}>
        {turn && <TurnInspector id={turn} onShowMessage={() => undefined} />}
      </Sheet>
    </PageFrame>
  );
};
