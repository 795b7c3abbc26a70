/** The line a journey would say next, with the button that says it. */
import { ArrowRight } from "lucide-react";
import { DoorTile, useDoorName } from "./Door.tsx";
import type { Guide } from "./use-journey.ts";
import { gapWords, useSpeech } from "./words.ts";

export const JourneyBar = ({ guide, ready }: { guide: Guide; ready: boolean }) => {
  const { say } = useSpeech();
  const name = useDoorName();
  const { chosen, next, done } = guide;
  if (!chosen) return null;
  const wait = next?.advance_s ? gapWords(next.advance_s * 1000, say) : null;
  return (
    <section aria-label={say("journey")} className="flex min-h-11 flex-none items-center gap-2.5 border-b border-line bg-s0 px-5 py-1.5 max-[1024px]:px-3">
      <span className="flex flex-none items-center gap-[3px] max-[640px]:hidden" role="img" aria-label={say("progress", { done, count: chosen.lines.length })}>
        {chosen.lines.map((_, index) => (
          <i key={index} className={index < done ? "h-1.5 w-3 rounded-full bg-t1" : "h-1.5 w-3 rounded-full bg-line-strong"} />
        ))}
      </span>
      {next ? (
        <>
          <span className="text-12 text-t3 max-[640px]:hidden">{say("next")}</span>
          <DoorTile door={next.channel} />
          <p className="min-w-0 flex-1 truncate text-14" title={next.text}>
            {next.event && <span className="mr-1.5 text-12 text-t3">{next.event.told}.</span>}
            {wait && <span className="mr-1.5 text-12 text-t3">{say("jump", { when: wait })}</span>}
            <span className="sr-only">{name(next.channel)}: </span>
            {next.text}
          </p>
          <button
            type="button"
            onClick={guide.sayNext}
            disabled={!ready || guide.busy}
            className="inline-flex h-8 flex-none items-center gap-1.5 rounded-2 bg-ink px-3 font-medium whitespace-nowrap text-on-ink shadow-1 hover:bg-ink-hover disabled:opacity-50 max-[1024px]:h-11"
          >
            {say(guide.busy ? "answering" : done === 0 ? "firstLine" : "nextLine")}
            {!guide.busy && <ArrowRight size={14} aria-hidden="true" />}
          </button>
        </>
      ) : (
        <p className="text-t2">{say("journeyDone")}</p>
      )}
    </section>
  );
};
