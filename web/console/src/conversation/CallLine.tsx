import { ChevronDown, Phone } from "lucide-react";
import clsx from "clsx";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallOutcome, TimelineItem } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { clockWords, outcomeTones } from "../calls/words.ts";
import { Chip } from "../elements/Chip.tsx";
import { SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { timeOfDay } from "../time/words.ts";

const CallCard = lazy(() => import("../calls/CallCard.tsx").then((module) => ({ default: module.CallCard })));

interface CallData {
  call: string;
  direction: "inbound" | "outbound";
  outcome: CallOutcome;
  seconds: number;
  learned: string[];
  promised: string[];
}

/** A finished call: how long, how it came out, what was promised; the rest unfolds. */
export const CallLine = ({ item }: { item: TimelineItem }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const [open, setOpen] = useState(false);
  const body = useId();
  const data = item.event?.data as unknown as CallData;
  return (
    <section id={`m-${item.id}`} aria-label={t("calls.one")} className="rounded-3 border border-line bg-s1 p-3">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
        <Phone size={15} aria-hidden="true" className="flex-none text-[var(--c)]" />
        <h3 className="font-semibold">{t(`calls.title.${data.direction}`)}</h3>
        <span className="text-t2 tabular-nums">{clockWords(data.seconds)}</span>
        <Chip tone={outcomeTones[data.outcome]}>{t(`calls.outcome.${data.outcome}`)}</Chip>
        <time dateTime={item.at} className="text-12 text-t3 tabular-nums">
          {timeOfDay(item.at, moment)}
        </time>
        <Button look="quiet" height="s" className="ml-auto" aria-expanded={open} aria-controls={open ? body : undefined} onClick={() => setOpen(!open)}>
          {t(open ? "calls.less" : "calls.more")}
          <ChevronDown size={13} aria-hidden="true" className={clsx("transition-transform", open && "rotate-180")} />
        </Button>
      </div>
      {data.promised.length > 0 && <p className="mt-1.5 text-12 text-t2">{t("calls.promised", { what: data.promised.join(", ") })}</p>}
      {open && (
        <div id={body} className="mt-3 border-t border-line pt-3">
          <Suspense fallback={<SkeletonRows rows={2} avatars={false} />}>
            <CallCard call={data.call} />
          </Suspense>
        </div>
      )}
    </section>
  );
};
