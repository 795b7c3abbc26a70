import { useQuery } from "@tanstack/react-query";
import { Check, Sparkles, Zap } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { turnQuery } from "../api/queries.ts";
import type { Turn } from "../api/types.ts";
import { predicateWords } from "../customer/facts.ts";
import { ChannelTile } from "../elements/Channel.tsx";
import { Chip, ruleWords } from "../elements/Chip.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age, dayAndTime } from "../time/words.ts";
import { recalledOf, shortMilliseconds, signalWords } from "./readings.ts";
import { Part } from "./Part.tsx";
import { useMayChange } from "../session/may.ts";
import { Replay } from "./Replay.tsx";
import { TimesBar } from "./TimesBar.tsx";

const Nothing = ({ children }: { children: ReactNode }) => <p className="text-t3">{children}</p>;

export const costWords = (cost: Turn["cost"], locale: string): string => {
  const amount = Number(cost.amount);
  try {
    return new Intl.NumberFormat(locale, {
      style: "currency",
      currency: cost.currency,
      maximumFractionDigits: amount < 0.1 ? 4 : 2,
    }).format(amount);
  } catch {
    return `${cost.amount} ${cost.currency}`;
  }
};

interface InspectorProps {
  id: string;
  onShowMessage: (message: string) => void;
}

/** Why the AI said what it said: everything one turn used, checked, learned and cost. */
export const TurnInspector = ({ id, onShowMessage }: InspectorProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const may = useMayChange();
  const query = useQuery(turnQuery(id));
  if (query.isPending) return <SkeletonRows rows={5} avatars={false} />;
  if (query.isError)
    return <Failure title={t("turn.failed")} error={query.error} onRetry={() => void query.refetch()} />;
  const turn = query.data;
  const recalled = recalledOf(turn);
  const used = turn.passages.filter((passage) => passage.used);
  const fired = turn.rules.filter((rule) => rule.fired);
  return (
    <div className="grid gap-3 p-4">
      <header>
        <p className="flex flex-wrap items-center gap-2">
          <Chip tone={turn.decision === "escalate" ? "warn" : "ai"}>
            {turn.decision === "escalate" ? (
              <Zap size={12} aria-hidden="true" />
            ) : (
              <Sparkles size={12} aria-hidden="true" />
            )}
            {t(`turn.decision.${turn.decision}`)}
          </Chip>
          <span className="ml-auto text-12 text-t3 tabular-nums">
            {shortMilliseconds(turn.milliseconds.total)} ms, {costWords(turn.cost, moment.locale)}
          </span>
        </p>
        <p className="mt-1 text-12 text-t3">
          {dayAndTime(turn.at, moment)} · {turn.engine === "built-in" ? t("turn.builtIn") : turn.engine}
        </p>
        {turn.trigger.map((message) => (
          <blockquote key={message.id} className="mt-2 border-l-2 border-line-strong pl-2.5 text-14">
            {message.text}
          </blockquote>
        ))}
        <p className="mt-2 flex flex-wrap gap-1">
          {signalWords(turn, moment.locale).map((signal) => (
            <Chip key={signal}>{signal}</Chip>
          ))}
        </p>
      </header>
      <Part title={t("turn.sources")} count={used.length}>
        {used.length === 0 && <Nothing>{t("turn.noSources")}</Nothing>}
        <ul className="grid gap-2">
          {used.map((passage) => (
            <li key={passage.source + passage.heading}>
              <p className="font-medium">{passage.heading}</p>
              <p className="line-clamp-3 text-12 text-t2" title={passage.text}>
                {passage.text}
              </p>
              <p className="text-12 text-t3">
                {passage.source} · {passage.score.toFixed(2)}
              </p>
            </li>
          ))}
        </ul>
        {turn.passages.length > used.length && (
          <p className="mt-1 text-12 text-t3">{t("turn.passedOver", { count: turn.passages.length - used.length })}</p>
        )}
      </Part>
      <Part title={t("turn.didNotAsk")} count={turn.did_not_ask.length}>
        {turn.did_not_ask.length === 0 && <Nothing>{t("turn.nothingKept")}</Nothing>}
        <ul className="grid gap-1">
          {turn.did_not_ask.map((slot) => (
            <li key={slot.slot}>
              {predicateWords(slot.slot)} <span className="text-12 text-t3">{slot.because}</span>
            </li>
          ))}
        </ul>
        {turn.asked && <p className="mt-1 text-12 text-t2">{t("turn.asked", { slot: predicateWords(turn.asked) })}</p>}
      </Part>
      <Part title={t("turn.recalled")} count={recalled.length}>
        {recalled.length === 0 && <Nothing>{t("turn.noRecall")}</Nothing>}
        <ul className="grid gap-1">
          {recalled.map((memory) => (
            <li key={memory.kind + memory.id} className="flex items-start gap-2">
              <span className="min-w-0 flex-1">
                {memory.kind === "message" ? (
                  <button
                    type="button"
                    className="rounded-1 text-left hover:underline"
                    onClick={() => onShowMessage(memory.id)}
                  >
                    <span className="line-clamp-2">“{memory.text}”</span>
                  </button>
                ) : (
                  memory.text
                )}
                {memory.kind !== "message" && memory.kind !== "fact" && (
                  <span className="text-12 text-t3"> {t(`turn.kind.${memory.kind}`)}</span>
                )}
              </span>
              <span className="inline-flex flex-none items-center gap-1.5 pt-0.5 text-12 text-t3">
                <ChannelTile channel={memory.channel} size="s" />
                {age(memory.at, moment)}
              </span>
            </li>
          ))}
        </ul>
      </Part>
      <Part title={t("turn.learned")} count={turn.learned.length}>
        {turn.learned.length === 0 && <Nothing>{t("turn.noLearned")}</Nothing>}
        <ul className="grid gap-1">
          {turn.learned.map((fact) => (
            <li key={fact.predicate + fact.value}>
              {predicateWords(fact.predicate)}: <strong className="font-semibold">{fact.value}</strong>{" "}
              <span className="text-12 text-t3">“{fact.quote}”</span>
            </li>
          ))}
        </ul>
      </Part>
      <Part title={t("turn.rules")} count={turn.rules.length}>
        <p className="mb-1 text-12 text-t3">
          {fired.length > 0 ? t("turn.rulesFired", { count: fired.length }) : t("turn.rulesQuiet")}
        </p>
        <ul className="grid gap-1">
          {turn.rules.map((rule) => (
            <li key={rule.rule} className="flex items-start gap-2">
              {rule.fired ? (
                <Zap size={13} role="img" aria-label={t("turn.fired")} className="mt-[3px] flex-none text-warn" />
              ) : (
                <Check size={13} role="img" aria-label={t("turn.quiet")} className="mt-[3px] flex-none text-t3" />
              )}
              <span className="min-w-0">
                <span className={rule.fired ? "font-semibold text-warn" : ""}>{ruleWords(rule.rule)}</span>
                <span className="text-12 text-t3"> {rule.reason}</span>
                {rule.evidence && (
                  <span className="block">
                    “<mark>{rule.evidence}</mark>”
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      </Part>
      {may && <Replay turn={turn} />}
      <Part title={t("turn.times")}>
        <TimesBar milliseconds={turn.milliseconds} />
      </Part>
      <Part title={t("turn.modelCalls")} count={turn.model_calls.length}>
        {turn.model_calls.length === 0 && <Nothing>{t("turn.noModel")}</Nothing>}
        <ul className="grid gap-1">
          {turn.model_calls.map((call, index) => (
            <li key={index} className="flex items-baseline gap-2">
              <span className="min-w-0 flex-1 truncate">{call.model}</span>
              <span className="text-12 text-t3 tabular-nums">
                {call.milliseconds} ms, {t("turn.tokens", { input: call.input_tokens, output: call.output_tokens })},{" "}
                {call.cost > 0 && `${costWords({ amount: call.cost, currency: turn.cost.currency }, moment.locale)}, `}
                {call.outcome}
              </span>
            </li>
          ))}
        </ul>
      </Part>
    </div>
  );
};
