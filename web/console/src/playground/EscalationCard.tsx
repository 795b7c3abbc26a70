/** The brief a teammate would get, shown the moment a rule has asked for a person. */
import { Zap } from "lucide-react";
import type { Escalation } from "../api/types.ts";
import { lineWords, reasonWords } from "../elements/Chip.tsx";
import { useSpeech, type Word } from "./words.ts";

export const EscalationCard = ({ escalation }: { escalation: Escalation }) => {
  const { say } = useSpeech();
  const { brief, rule, also } = escalation;
  const rows: [Word, string][] = [
    ["brief.need", brief.need],
    ["brief.why", reasonWords(brief.why)],
    ["brief.tried", brief.tried.at(-1) ?? ""],
    ["brief.promised", brief.promised.join("; ")],
    ["brief.emotion", brief.emotion],
  ];
  return (
    <section aria-label={say("escalation")} className="fresh mt-2.5 mb-1 rounded-3 border border-warn-line bg-s1 p-3 shadow-2">
      <header className="flex flex-wrap items-center gap-1.5">
        {[rule, ...also].map((name) => (
          <span key={name} className="inline-flex h-5 min-w-0 items-center gap-1 rounded-1 bg-warn-soft pr-[7px] pl-[5px] text-12 font-medium text-warn">
            <Zap size={12} aria-hidden="true" className="flex-none" />
            <span className="truncate first-letter:uppercase">{name.replaceAll(/[-_]+/g, " ")}</span>
          </span>
        ))}
        <h3 className="ml-auto text-12 text-t3">{say("escalation")}</h3>
      </header>
      <p className="mt-1.5 line-clamp-4 text-13 font-semibold" title={brief.summary}>{brief.summary}</p>
      <dl className="mt-1.5 text-[12.5px] leading-[18px]">
        {rows
          .filter(([, text]) => text)
          .map(([word, text]) => (
            <div key={word} className="mt-0.5 grid grid-cols-[64px_1fr] gap-2">
              <dt className="text-t3">{say(word)}</dt>
              <dd className="line-clamp-3 [overflow-wrap:anywhere]" title={text}>{lineWords(text)}</dd>
            </div>
          ))}
        <div className="mt-1.5 grid grid-cols-[64px_1fr] gap-2 border-t border-line pt-1.5">
          <dt className="font-semibold">{say("brief.next")}</dt>
          <dd className="font-medium [overflow-wrap:anywhere]">{brief.next_step}</dd>
        </div>
      </dl>
    </section>
  );
};
