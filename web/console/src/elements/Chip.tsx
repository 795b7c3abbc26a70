import clsx from "clsx";
import { Clock3, Zap } from "lucide-react";
import type { ReactNode } from "react";
import { useMoment } from "../time/use-moment.ts";
import { deadline } from "../time/words.ts";
import { nameWords } from "./names.ts";

const tones = {
  plain: "bg-s2 text-t2",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  ai: "bg-ai-soft text-ai",
  accent: "bg-accent-soft text-accent",
} as const;

export type Tone = keyof typeof tones;

export const Chip = ({
  tone = "plain",
  children,
  className,
}: {
  tone?: Tone;
  children: ReactNode;
  className?: string;
}) => (
  <span
    className={clsx(
      "inline-flex h-5 max-w-full items-center gap-1 rounded-1 px-[7px] text-12 whitespace-nowrap",
      tones[tone],
      className,
    )}
  >
    {children}
  </span>
);

/** "competitor-named" as people read it: "Competitor named". */
export const ruleWords = nameWords;

/** A text from the brief as the beginning of a line. */
export const lineWords = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A brief's reason names its rule first: "competitor-named: …" is read "Competitor named: …". */
export const reasonWords = (why: string): string => why.replace(/^[a-z]+(-[a-z]+)+(?=:)/, ruleWords);

/** The rule that asked for a person: amber, with its bolt, always by name. */
export const RuleChip = ({ rule, raised = false }: { rule: string; raised?: boolean }) => (
  <span
    className={clsx(
      "inline-flex h-5 min-w-0 items-center gap-1 rounded-1 pr-[7px] pl-[5px] text-12 font-medium text-warn",
      raised ? "bg-s1" : "bg-warn-soft",
    )}
  >
    <Zap size={12} aria-hidden="true" className="flex-none" />
    <span className="truncate">{ruleWords(rule)}</span>
  </span>
);

const deadlineTones = { calm: "text-t3", soon: "text-warn font-medium", late: "text-danger font-semibold" } as const;

/** Time left to a promised answer, in words. */
export const Deadline = ({ dueAt, long = false, name }: { dueAt: string; long?: boolean; name?: string }) => {
  const { tone, text, long: full } = deadline(dueAt, useMoment());
  return (
    <span
      title={name}
      className={clsx(
        "inline-flex flex-none items-center gap-1 text-12 whitespace-nowrap tabular-nums",
        deadlineTones[tone],
      )}
    >
      <Clock3 size={12} aria-hidden="true" />
      {long ? full : text}
    </span>
  );
};
