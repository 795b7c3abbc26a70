/** Title, the movable clock, the journey and a fresh start. */
import { markSvg } from "@rapport/shared/logo";
import clsx from "clsx";
import { Check, ChevronDown, Clock, RotateCcw } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { Guide } from "./use-journey.ts";
import { clockWords, momentWords, useSpeech, type Word } from "./words.ts";

const steps: { word: Word; seconds: number }[] = [
  { word: "tenMinutes", seconds: 600 },
  { word: "oneDay", seconds: 86_400 },
  { word: "twoDays", seconds: 172_800 },
];

const small =
  "inline-flex h-[26px] items-center gap-1.5 rounded-2 px-[9px] text-12 font-medium whitespace-nowrap select-none max-[1024px]:h-11 max-[1024px]:px-3";
const lined = clsx(small, "border border-line-strong bg-s1 shadow-1 hover:bg-s2");

interface ClockProps {
  now: string | null;
  advance: (seconds: number) => void;
}

const DemoClock = ({ now, advance }: ClockProps) => {
  const speech = useSpeech();
  return (
    <div
      role="group"
      aria-label={speech.say("clock")}
      className="flex items-center gap-0.5 rounded-[8px] border border-line bg-s0 py-0.5 pr-[3px] pl-2.5 max-[1024px]:order-3 max-[1024px]:w-full max-[1024px]:justify-between max-[1024px]:py-0"
    >
      <Clock size={14} aria-hidden="true" className="mr-1 flex-none text-t3" />
      <time dateTime={now ?? undefined} className="min-w-[146px] font-semibold whitespace-nowrap tabular-nums max-[1024px]:min-w-0 max-[1024px]:flex-1 max-[1024px]:text-12">
        {now ? (
          <>
            <span className="max-[1024px]:hidden">{clockWords(now, speech)}</span>
            <span className="min-[1024px]:hidden">{momentWords(now, speech)}</span>
          </>
        ) : (
          "–"
        )}
      </time>
      <span className="mx-1 h-[18px] w-px bg-line-strong max-[1024px]:hidden" />
      {steps.map((step) => (
        <button
          key={step.word}
          type="button"
          disabled={!now}
          onClick={() => advance(step.seconds)}
          className={clsx(small, "text-t2 hover:bg-s2 hover:text-t1 max-[1024px]:h-9 max-[1024px]:px-2")}
        >
          {speech.say(step.word)}
        </button>
      ))}
    </div>
  );
};

const JourneyPicker = ({ guide }: { guide: Guide }) => {
  const { say } = useSpeech();
  const row =
    "flex min-h-8 cursor-default items-center gap-2 rounded-2 px-2 outline-none select-none data-[highlighted]:bg-s2 max-[1024px]:min-h-11";
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className={clsx(lined, "max-w-[300px] min-w-0 max-[640px]:max-w-[calc(100vw-110px)]")}>
        <span className="truncate">
          <span className="max-[640px]:sr-only">{say("journey")}: </span>
          {guide.chosen?.title ?? say("journeyNone")}
        </span>
        <ChevronDown size={12} aria-hidden="true" className="flex-none" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-40 min-w-[240px] rounded-3 border border-line bg-overlay p-1 shadow-2"
        >
          {[...guide.all, null].map((journey) => (
            <DropdownMenu.Item key={journey?.id ?? "free"} onSelect={() => guide.choose(journey?.id ?? null)} className={row}>
              <span className="flex-1">{journey?.title ?? say("journeyNone")}</span>
              {guide.chosen?.id === journey?.id && <Check size={14} aria-hidden="true" className="text-t2" />}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
};

interface TopBarProps extends ClockProps {
  guide: Guide;
  startOver: () => void;
}

export const TopBar = ({ now, advance, guide, startOver }: TopBarProps) => {
  const { say } = useSpeech();
  return (
    <header className="flex min-h-[52px] flex-none flex-wrap items-center gap-x-2.5 gap-y-2 border-b border-line bg-s1 px-5 py-2 max-[1024px]:gap-x-1.5 max-[1024px]:px-3">
      <a href="/" aria-label="Rapport" className="flex-none" dangerouslySetInnerHTML={{ __html: markSvg(24) }} />
      <h1 className="text-14 font-semibold max-[640px]:sr-only">{say("title")}</h1>
      <span className="inline-flex h-5 items-center rounded-1 bg-s2 px-[7px] text-12 whitespace-nowrap text-t2 max-[1280px]:hidden">
        {say("tagline")}
      </span>
      <span className="flex-1" />
      <DemoClock now={now} advance={advance} />
      <JourneyPicker guide={guide} />
      <button type="button" className={lined} onClick={startOver} title={say("startOver")}>
        <RotateCcw size={13} aria-hidden="true" />
        <span className="max-[1024px]:sr-only">{say("startOver")}</span>
      </button>
    </header>
  );
};
