import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { reportQuery } from "../api/queries.ts";
import { buttonClass } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { Behind, type Opened } from "./Behind.tsx";
import { Choice } from "./Choice.tsx";
import { figureOf } from "./figures.ts";
import { Headline } from "./Headline.tsx";
import { Cost, Credits, Doors, HandOvers, Journeys, Outcomes, Questions, Reasons, Switches, Targets } from "./Parts.tsx";

const spans = ["7", "30", "90", "365"] as const;
type Span = (typeof spans)[number];

const day = 86_400_000;

/** The first day of a stretch that ends today, by the business's own calendar. */
const firstDay = (now: number, timeZone: string, length: number): string => {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone }).format(now);
  return new Date(Date.parse(today) - (length - 1) * day).toISOString().slice(0, 10);
};

/** What became of everything: figures and pictures, each with the conversations behind it. */
export const InsightsPage = () => {
  const { t } = useTranslation();
  const moment = useMoment();
  const [span, setSpan] = useState<Span>("30");
  const [opened, setOpened] = useState<Opened | null>(null);
  const from = firstDay(moment.now, moment.timeZone, Number(span));
  const overview = useQuery(reportQuery("overview", from));
  const { data: switches } = useQuery(reportQuery("switches", from));
  const { data: journeys } = useQuery(reportQuery("journeys", from));
  const { data: channels } = useQuery(reportQuery("channels", from));
  const { data: attribution } = useQuery(reportQuery("attribution", from));
  const { data: leads } = useQuery(reportQuery("leads", from));
  const { data: resolution } = useQuery(reportQuery("resolution", from));
  const { data: handoffs } = useQuery(reportQuery("handoffs", from));
  const { data: sla } = useQuery(reportQuery("sla", from));
  const { data: gaps } = useQuery(reportQuery("gaps", from));
  const { data: cost } = useQuery(reportQuery("cost", from));
  const report = overview.data;
  const tongue = { locale: moment.locale, currency: report?.currency ?? "EUR" };
  const isEmpty = report !== undefined && figureOf(report, "conversations")?.value === 0 && figureOf(report, "conversations")?.before === null;
  const part = { tongue, onOpen: setOpened };
  return (
    <PageFrame
      title={t("place.insights")}
      note={report && !report.complete ? t("insights.counting") : t("insights.note")}
      tools={
        <Choice
          label={t("insights.span")}
          value={span}
          options={spans.map((length) => ({ value: length, words: t(`insights.days.${length}`) }))}
          onChoose={setSpan}
        />
      }
    >
      {overview.isPending && <SkeletonRows avatars={false} />}
      {overview.isError && !report && <Failure title={t("insights.failed")} error={overview.error} onRetry={() => void overview.refetch()} />}
      {isEmpty && (
        <Empty
          title={t("empty.insights.title")}
          text={t("empty.insights.text")}
          action={
            <Link to="/start" className={buttonClass("ink")}>
              {t("empty.insights.action")}
            </Link>
          }
        />
      )}
      {report && !isEmpty && (
        <>
          <Headline report={report} tongue={tongue} onOpen={setOpened} />
          <Switches report={switches} {...part} />
          <Journeys report={journeys} {...part} />
          <div className="columns-2 gap-4 *:mb-4 *:break-inside-avoid max-xl3:columns-1">
            <Doors report={channels} {...part} />
            <Credits report={attribution} {...part} />
            <Outcomes report={resolution} {...part} />
            <HandOvers report={handoffs} {...part} />
            {(sla?.tables[0]?.rows.length ?? 0) > 0 && <Targets report={sla} {...part} />}
            <Reasons report={leads} {...part} />
            <Questions report={gaps} {...part} />
            <Cost report={cost} {...part} />
          </div>
        </>
      )}
      <Behind opened={opened} from={report?.from ?? from} to={report?.to ?? from} onClose={() => setOpened(null)} />
    </PageFrame>
  );
};
