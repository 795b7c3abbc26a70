/** What the engine knows after each turn: score, memory, rules, the turn itself, and an escalation when there is one. */
import clsx from "clsx";
import { Circle, Zap } from "lucide-react";
import type { ReactNode } from "react";
import { factWords, groupFacts } from "../customer/facts.ts";
import { nameWords as words } from "../elements/names.ts";
import { DoorTile } from "./Door.tsx";
import { EscalationCard } from "./EscalationCard.tsx";
import { LastTurn } from "./LastTurn.tsx";
import { ScoreLine } from "./ScoreLine.tsx";
import type { PersonState, RuleState } from "./types.ts";
import { ageWords, useSpeech } from "./words.ts";

interface PartProps {
  title: string;
  note?: ReactNode;
  children: ReactNode;
}

export const Part = ({ title, note, children }: PartProps) => (
  <section aria-label={title} className="border-b border-line py-3 last:border-b-0">
    <header className="flex items-center gap-2">
      <h3 className="flex-1 text-13 font-semibold">{title}</h3>
      {note}
    </header>
    {children}
  </section>
);

export const Quiet = ({ children }: { children: ReactNode }) => <p className="mt-1 text-12 text-t3">{children}</p>;

const Score = ({ state }: { state: PersonState | null }) => {
  const { say } = useSpeech();
  const score = state?.score;
  return (
    <Part
      title={say("score")}
      note={
        <>
          <span className="text-28 leading-8 font-bold tracking-[-0.02em] tabular-nums">{score?.value ?? 0}</span>
          {score && score.delta !== 0 && (
            <span
              className={clsx(
                "inline-flex h-5 items-center rounded-1 px-[7px] text-12 tabular-nums",
                score.delta > 0 ? "bg-ok-soft text-ok" : "bg-s2 text-t2",
              )}
            >
              {score.delta > 0 ? "+" : "−"}
              {Math.abs(score.delta)}
            </span>
          )}
        </>
      }
    >
      {score && score.history.length > 0 ? <ScoreLine points={score.history} /> : <Quiet>{say("scoreNone")}</Quiet>}
    </Part>
  );
};

const Memory = ({ state }: { state: PersonState | null }) => {
  const speech = useSpeech();
  const { say } = speech;
  const isNew = (id: string) => Boolean(state?.facts_new.includes(id));
  const known = groupFacts(state?.customer?.facts ?? []).sort(
    (one, other) =>
      Number(isNew(other.current.id)) - Number(isNew(one.current.id)) ||
      Date.parse(other.current.recorded_at) - Date.parse(one.current.recorded_at),
  );
  return (
    <Part title={say("memory")} note={<span className="text-12 text-t3">{say("facts", { count: known.length })}</span>}>
      {known.length === 0 && <Quiet>{say("memoryNone")}</Quiet>}
      <dl className="mt-0.5">
        {known.map(({ current, replaced }) => {
          const before = replaced.find((fact) => fact.value !== current.value);
          return (
            <div
              key={current.id}
              title={current.quote ? `“${current.quote}”` : undefined}
              className={clsx(
                "-mx-1.5 grid grid-cols-[92px_1fr_auto] items-baseline gap-2 rounded-[5px] px-1.5 py-1 text-[12.5px]",
                isNew(current.id) && "fresh mb-0.5 bg-ok-soft",
              )}
            >
              <dt className="truncate text-t2" title={factWords(current)}>
                {factWords(current)}
              </dt>
              <dd className="font-medium [overflow-wrap:anywhere]">
                {current.value}
                {before && <del className="ml-1.5 font-normal text-t3">{before.value}</del>}
                {isNew(current.id) && <span className="sr-only"> ({say("factNew")})</span>}
              </dd>
              <dd className="inline-flex items-center gap-1 text-11 text-t3 tabular-nums">
                {current.channel && <DoorTile door={current.channel} small />}
                {state && ageWords(current.recorded_at, state.clock.now, speech)}
              </dd>
            </div>
          );
        })}
      </dl>
    </Part>
  );
};

const ROOM_FOR_QUIET = 3;

const Rules = ({ state }: { state: PersonState | null }) => {
  const speech = useSpeech();
  const { say } = speech;
  const rules = state?.rules ?? [];
  const fired = rules.filter((rule) => rule.state === "fired");
  const quiet = rules.filter((rule) => rule.state === "quiet");
  const turnAt = state?.last_turn?.at;
  const when = (rule: RuleState): string => {
    if (!rule.at || !state) return say("fires");
    const fresh = !turnAt || Date.parse(rule.at) >= Date.parse(turnAt);
    return fresh ? say("fires") : say("fired", { when: ageWords(rule.at, state.clock.now, speech) });
  };
  return (
    <Part title={say("rules")} note={<span className="text-12 text-t3">{say("armed", { count: rules.length })}</span>}>
      {rules.length === 0 && <Quiet>{say("rulesNone")}</Quiet>}
      <ul className="mt-0.5">
        {fired.map((rule) => (
          <li key={rule.rule} title={rule.sentence} className="fresh -mx-1.5 my-1 rounded-[5px] bg-warn-soft px-1.5 py-1 text-[12.5px] text-warn">
            <p className="flex items-center gap-2 font-medium">
              <Zap size={13} aria-hidden="true" className="flex-none" />
              <span className="min-w-0 flex-1 truncate">{words(rule.rule)}</span>
              <span className="text-12">{when(rule)}</span>
            </p>
            {rule.evidence && <p className="pl-[21px] text-12 [overflow-wrap:anywhere]">“{rule.evidence}”</p>}
          </li>
        ))}
        {quiet.slice(0, ROOM_FOR_QUIET).map((rule) => (
          <li key={rule.rule} title={rule.sentence} className="flex items-center gap-2 py-[3px] text-[12.5px] text-t2">
            <Circle size={13} aria-hidden="true" className="flex-none text-t3" />
            <span className="min-w-0 flex-1 truncate">{words(rule.rule)}</span>
            <span className="text-12 text-t3">{say("quiet")}</span>
          </li>
        ))}
      </ul>
      {quiet.length > ROOM_FOR_QUIET && (
        <p className="text-12 text-t3" title={quiet.slice(ROOM_FOR_QUIET).map((rule) => words(rule.rule)).join(", ")}>
          {say("allQuiet", { count: quiet.length - ROOM_FOR_QUIET })}
        </p>
      )}
    </Part>
  );
};

export const Live = ({ state, hidden }: { state: PersonState | null; hidden: boolean }) => {
  const { say } = useSpeech();
  return (
    <aside
      aria-label={say("live")}
      className={clsx(
        "min-h-0 overflow-y-auto border-l border-line bg-s1 px-5 py-3.5 [scrollbar-width:thin] max-[1024px]:border-l-0 max-[1024px]:px-4",
        hidden && "hidden",
      )}
    >
      <header className="flex items-center">
        <h2 className="flex-1 text-14 font-semibold">{say("live")}</h2>
        <span className="text-12 text-t3">{say("afterEachTurn")}</span>
      </header>
      {state?.escalation && <EscalationCard escalation={state.escalation} />}
      <Score state={state} />
      <Memory state={state} />
      <Rules state={state} />
      <LastTurn turn={state?.last_turn ?? null} />
    </aside>
  );
};
