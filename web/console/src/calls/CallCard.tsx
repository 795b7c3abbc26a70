import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { callQuery } from "../api/queries.ts";
import type { CallLine, CallTurn } from "../api/types.ts";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Transcript } from "./Transcript.tsx";
import { callerWords, lineAt, placeOf, turnParts, usualTurn, wholeTurn } from "./words.ts";

const shades = { ears_ms: "bg-t3", thinking_ms: "bg-ai", voice_ms: "bg-accent" } as const;

/** Where the time of each turn went: listening, thinking, finding a voice. */
const Times = ({ turns }: { turns: readonly CallTurn[] }) => {
  const { t } = useTranslation();
  const longest = Math.max(1, ...turns.map(wholeTurn));
  const usual = usualTurn(turns);
  return (
    <div className="grid gap-1.5">
      <h4 className="text-12 font-semibold">{t("calls.times")}</h4>
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-12 text-t2">
        {turnParts.map((part) => (
          <span key={part} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={clsx("size-2 rounded-[2px]", shades[part])} />
            {t(`calls.part.${part}`)}
          </span>
        ))}
        {usual !== null && <span className="ml-auto text-t3 tabular-nums">{t("calls.usual", { ms: usual })}</span>}
      </p>
      <ol className="grid gap-1">
        {turns.map((turn, index) => (
          <li key={turn.message ?? index} className="flex items-center gap-2 text-12">
            <span className="w-5 flex-none text-right text-t3 tabular-nums">{index + 1}</span>
            <span aria-hidden="true" className="flex h-2 min-w-0 flex-1 gap-px overflow-hidden rounded-full bg-s2">
              {turnParts.map((part) => (
                <span key={part} className={clsx("h-full", shades[part])} style={{ width: `${((turn[part] ?? 0) / longest) * 100}%` }} />
              ))}
            </span>
            <span className="w-16 flex-none text-right text-t2 tabular-nums">{wholeTurn(turn)} ms</span>
            <span className="sr-only">
              {turnParts.filter((part) => turn[part] !== null).map((part) => `${t(`calls.part.${part}`)} ${turn[part]} ms`).join(", ")}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
};

/** A call that is over, in the thread: what was said and heard, and where the time went. */
export const CallCard = ({ call }: { call: string }) => {
  const { t } = useTranslation();
  const query = useQuery(callQuery(call));
  const player = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState<string | null>(null);
  if (query.isPending) return <SkeletonRows rows={2} avatars={false} />;
  if (query.isError) return <Failure title={t("calls.failed")} error={query.error} onRetry={() => void query.refetch()} />;
  const { data } = query;
  const { recording } = data;
  const playFrom = (line: CallLine) => {
    const place = recording ? placeOf(line, recording.from) : null;
    if (!player.current || place === null) return;
    player.current.currentTime = place;
    void player.current.play();
  };
  return (
    <div className="grid gap-4">
      {recording && (
        <figure className="grid gap-1">
          <audio
            ref={player}
            controls
            preload="metadata"
            src={recording.url}
            aria-label={t("calls.recording")}
            onTimeUpdate={(event) => setPlaying(lineAt(data.transcript, recording.from, event.currentTarget.currentTime))}
            onEnded={() => setPlaying(null)}
            className="w-full"
          />
          <figcaption className="text-12 text-t3">{t("calls.recordingNote")}</figcaption>
        </figure>
      )}
      {data.transcript.length > 0 ? <Transcript lines={data.transcript} caller={callerWords(data, t)} playing={playing} onPlay={recording ? playFrom : undefined} /> : <p className="text-t3">{t("calls.nothingSaid")}</p>}
      {data.turns.length > 0 && <Times turns={data.turns} />}
    </div>
  );
};
