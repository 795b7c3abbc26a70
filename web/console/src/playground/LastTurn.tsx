/** Where the last turn's time went, and why it said what it said. */
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Turn } from "../api/types.ts";
import { predicateWords } from "../customer/facts.ts";
import { nameWords } from "../elements/names.ts";
import { recalledOf, shortMilliseconds } from "../turn/readings.ts";
import { DoorTile } from "./Door.tsx";
import { Part, Quiet } from "./Live.tsx";
import { useSpeech, type Word } from "./words.ts";

const parts: { key: keyof Turn["milliseconds"]; word: Word; colour: string }[] = [
  { key: "recall", word: "part.recall", colour: "var(--text-2)" },
  { key: "analyst", word: "part.analyst", colour: "var(--ai)" },
  { key: "answerer", word: "part.answerer", colour: "var(--ai)" },
  { key: "qualifier", word: "part.qualifier", colour: "var(--accent)" },
  { key: "rules", word: "part.rules", colour: "var(--warn-mark)" },
  { key: "render", word: "part.render", colour: "var(--text-3)" },
];

const TimeBar = ({ milliseconds }: { milliseconds: Turn["milliseconds"] }) => {
  const { say } = useSpeech();
  const shown = parts.filter(({ key }) => milliseconds[key] > 0);
  return (
    <>
      <div aria-hidden="true" className="mt-2 flex gap-0.5">
        {shown.map(({ key, colour }) => (
          <i key={key} className="h-1.5 min-w-1 rounded-[2px]" style={{ flexGrow: milliseconds[key], background: colour }} />
        ))}
      </div>
      <ul className="mt-1.5 mb-1 flex flex-wrap gap-x-3 text-11 text-t2">
        {shown.map(({ key, word, colour }) => (
          <li key={key} className="flex items-center gap-1 tabular-nums">
            <i className="size-1.5 rounded-full" style={{ background: colour }} aria-hidden="true" />
            {say(word)} {shortMilliseconds(milliseconds[key])}
          </li>
        ))}
      </ul>
    </>
  );
};

const Reason = ({ word, children }: { word: Word; children: ReactNode }) => {
  const { say } = useSpeech();
  return (
    <div className="mt-2.5">
      <dt className="text-11 text-t3">{say(word)}</dt>
      <dd className="[overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
};

const ruleName = nameWords;

const Why = ({ turn }: { turn: Turn }) => {
  const { say } = useSpeech();
  const used = turn.passages.filter((passage) => passage.used);
  const recalled = recalledOf(turn);
  const fired = turn.rules.filter((rule) => rule.fired);
  return (
    <details className="group mt-1.5 rounded-2 border border-line">
      <summary className="flex min-h-8 items-center gap-1 px-2 font-medium select-none max-[1024px]:min-h-11">
        <ChevronRight size={14} aria-hidden="true" className="transition-transform group-open:rotate-90" />
        {say("why")}
      </summary>
      <dl className="px-2.5 pb-2.5 text-[12.5px] leading-[18px]">
        <Reason word="why.decision">{say(`decision.${turn.decision}`)}</Reason>
        {turn.trigger.length > 0 && (
          <Reason word="why.trigger">
            {turn.trigger.map((message) => (
              <p key={message.id}>“{message.text}”</p>
            ))}
          </Reason>
        )}
        {recalled.length > 0 && (
          <Reason word="why.recalled">
            {recalled.map((memory) => (
              <p key={memory.id} className="mt-0.5 flex items-start gap-1.5">
                <span className="mt-px flex-none">
                  {memory.channel && <DoorTile door={memory.channel} small />}
                </span>
                <span className="min-w-0">{memory.text}</span>
              </p>
            ))}
          </Reason>
        )}
        {used.length > 0 && (
          <Reason word="why.passages">
            {used.map((passage) => (
              <p key={`${passage.source}-${passage.heading}`}>
                <span className="font-medium">{passage.heading}</span> <span className="text-t3">{passage.source}</span>
              </p>
            ))}
          </Reason>
        )}
        {turn.did_not_ask.length > 0 && (
          <Reason word="why.didNotAsk">
            {turn.did_not_ask.map((slot) => (
              <p key={slot.slot}>
                <span className="font-medium">{predicateWords(slot.slot)}</span>: {slot.because}
              </p>
            ))}
          </Reason>
        )}
        {turn.learned.length > 0 && (
          <Reason word="why.learned">
            {turn.learned.map((fact) => (
              <p key={`${fact.predicate}-${fact.value}`}>
                <span className="font-medium">{predicateWords(fact.predicate)}</span>: {fact.value}
              </p>
            ))}
          </Reason>
        )}
        {fired.length > 0 && (
          <Reason word="why.rules">
            {fired.map((rule) => (
              <p key={rule.rule}>
                <span className="font-medium">{ruleName(rule.rule)}</span>: {rule.reason}
              </p>
            ))}
          </Reason>
        )}
      </dl>
    </details>
  );
};

export const LastTurn = ({ turn }: { turn: Turn | null }) => {
  const { say, language } = useSpeech();
  if (!turn) {
    return (
      <Part title={say("lastTurn")}>
        <Quiet>{say("lastTurnNone")}</Quiet>
      </Part>
    );
  }
  const cost = new Intl.NumberFormat(language, { style: "currency", currency: turn.cost.currency, maximumFractionDigits: 4, minimumFractionDigits: 0 }).format(
    Number(turn.cost.amount),
  );
  return (
    <Part
      title={say("lastTurn")}
      note={<span className="text-12 text-t3 tabular-nums">{say("milliseconds", { count: shortMilliseconds(turn.milliseconds.total) })}</span>}
    >
      <TimeBar milliseconds={turn.milliseconds} />
      <p className="text-12 text-t3">
        {turn.engine === "built-in" ? say("builtIn", { cost }) : say("model", { model: turn.engine, cost })}
      </p>
      <Why key={turn.id} turn={turn} />
    </Part>
  );
};
