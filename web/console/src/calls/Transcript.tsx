import clsx from "clsx";
import { useTranslation } from "react-i18next";
import type { CallLine } from "../api/types.ts";
import { useMoment } from "../time/use-moment.ts";
import { timeOfDay } from "../time/words.ts";

interface TranscriptProps {
  lines: readonly CallLine[];
  /** The caller's name. */
  caller: string;
  /** The line that is being played. */
  playing?: string | null;
  /** Goes to the moment at which a line was said. */
  onPlay?: ((line: CallLine) => void) | undefined;
}

/** What was said on a call: of our words those that were heard, and struck out those that were cut off. */
export const Transcript = ({ lines, caller, playing = null, onPlay }: TranscriptProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  return (
    <ol className="grid gap-2">
      {lines.map((line) => (
        <li
          key={line.message}
          aria-current={line.message === playing || undefined}
          className={clsx("grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 rounded-2 px-2 py-1 max-md:grid-cols-1", line.message === playing && "bg-accent-soft")}
        >
          <span className="flex flex-col text-12 max-md:flex-row max-md:gap-2">
            <span className={clsx("truncate font-medium", line.who === "caller" ? "text-t1" : line.who === "teammate" ? "text-accent" : "text-ai")}>
              {line.who === "caller" ? caller : line.who === "teammate" ? (line.name ?? t("author.teammate")) : t("author.ai")}
            </span>
            {onPlay ? (
              <button type="button" onClick={() => onPlay(line)} className="w-max text-t3 tabular-nums hover:text-accent hover:underline" aria-label={t("calls.playFrom", { at: timeOfDay(line.at, moment) })}>
                {timeOfDay(line.at, moment)}
              </button>
            ) : (
              <time dateTime={line.at} className="text-t3 tabular-nums">
                {timeOfDay(line.at, moment)}
              </time>
            )}
          </span>
          <span dir="auto" className="min-w-0 [overflow-wrap:anywhere]">
            {line.text}
            {line.unheard && (
              <>
                {line.text && " "}
                <span className="sr-only">{t("calls.unheard")}</span>
                <s title={t("calls.unheard")} className="text-t3">
                  {line.unheard}
                </s>
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
};
