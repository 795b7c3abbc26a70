import { useTranslation } from "react-i18next";
import type { TimelineItem } from "../api/types.ts";
import { ChannelTile, hueOf, useChannelLabel } from "../elements/Channel.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime, gapWords } from "../time/words.ts";
import { journeyStops } from "./journey.ts";
import { Button } from "../elements/Button.tsx";

/** The customer's way from door to door as one strand that ends in now. */
export const JourneyStrip = ({ items, more, onMore }: { items: readonly TimelineItem[]; more: boolean; onMore: () => void }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const label = useChannelLabel();
  const stops = journeyStops(items, more ? 6 : 12, more);
  return (
    <div className="overflow-x-auto pt-1 pb-1" tabIndex={0} role="group" aria-label={t("person.journey")}>
      <ol className="flex w-full min-w-max items-start">
        {more && (
          <li className="flex-none self-center pr-4">
            <Button height="s" onClick={onMore}>
              {t("person.earlier")}
            </Button>
          </li>
        )}
        {stops.map((stop, index) => {
          const next = stops[index + 1];
          const gap = next?.previousAt ? gapWords(next.previousAt, next.at, moment) : null;
          return (
            <li
              key={stop.key}
              style={hueOf(stop.channel)}
              className="relative max-w-[340px] min-w-[188px] flex-1 basis-[188px] pr-4"
            >
              <p className="mb-2 text-11 text-t3 tabular-nums">{dayAndTime(stop.at, moment)}</p>
              <span
                aria-hidden="true"
                className={
                  gap && next && Date.parse(next.at) - Date.parse(next.previousAt ?? next.at) > 86_400_000
                    ? "absolute top-[34px] right-0 left-6 border-t-[3px] border-dotted border-[var(--c)]"
                    : "absolute top-[34px] right-0 left-6 border-t-[3px] border-[var(--c)]"
                }
              />
              <span className="relative z-10 flex">
                <ChannelTile channel={stop.channel} />
              </span>
              {gap && <span className="absolute top-[38px] right-2 rounded-1 bg-s1 px-1 text-11 text-t3">{gap}</span>}
              <p className="mt-3 line-clamp-2 max-w-[200px] pr-2 text-12 font-semibold">{stop.words}</p>
              <p className="text-11 text-t3">
                {label(stop.channel)}, {t("person.messages", { count: stop.messages })}
              </p>
            </li>
          );
        })}
        <li className="flex-none">
          <p className="mb-2 text-11 text-t3">&nbsp;</p>
          <span className="flex h-6 items-center gap-2">
            <span aria-hidden="true" className="size-2.5 rounded-full bg-brand" />
            <span className="font-semibold">{t("person.now")}</span>
          </span>
        </li>
      </ol>
    </div>
  );
};
