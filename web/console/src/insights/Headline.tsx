import { useTranslation } from "react-i18next";
import type { Report } from "../api/types.ts";
import { barsOf, changeWords, figureOf, figureWords, type Tongue } from "./figures.ts";
import { type Opened, Spark } from "./Behind.tsx";

const first = ["kept", "repeated", "first_answer", "complete_briefs", "for_good"] as const;
const second = ["conversations", "new_customers", "unanswered", "purchases", "revenue"] as const;

interface HeadlineProps {
  report: Report;
  tongue: Tongue;
  onOpen: (opened: Opened) => void;
}

/** The figures that matter most; each opens the conversations behind it. */
export const Headline = ({ report, tongue, onOpen }: HeadlineProps) => {
  const { t } = useTranslation();
  return (
    <div className="mb-4 overflow-hidden rounded-3 border border-line bg-s1">
      <ul className="grid grid-cols-5 max-xl3:grid-cols-3 max-md:grid-cols-2" aria-label={t("insights.headline")}>
        {first.map((name) => {
          const figure = figureOf(report, name);
          if (!figure) return null;
          const words = figureWords(figure, tongue);
          const change = changeWords(figure, tongue);
          const note = figure.of === null ? t("insights.times", { count: figure.count }) : t("insights.partOf", { count: figure.count, of: figure.of });
          const title = t(`insights.figure.${name}`);
          return (
            <li key={name} className="-mb-px -ml-px border-b border-l border-line">
              <button
                type="button"
                onClick={() => onOpen({ title, text: t(`insights.about.${name}`), words, conversations: figure.conversations, figure })}
                className="block h-full w-full px-4 py-3 text-left hover:bg-s2 focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]"
              >
                <span className="block text-12 text-t2">{title}</span>
                <span className="flex items-baseline gap-2">
                  <span className="text-28 font-bold tracking-[-0.02em] tabular-nums">{words}</span>
                  {change && <span className="text-12 text-t3 tabular-nums">{change}</span>}
                </span>
                <span className="mb-2 block text-12 text-t3 tabular-nums">{note}</span>
                <Spark bars={barsOf(figure, report.from, report.to, 20)} className="h-5" />
              </button>
            </li>
          );
        })}
      </ul>
      <ul className="flex flex-wrap border-t border-line px-2 py-1">
        {second.map((name) => {
          const figure = figureOf(report, name);
          if (!figure) return null;
          const words = figureWords(figure, tongue);
          const title = t(`insights.figure.${name}`);
          return (
            <li key={name}>
              <button
                type="button"
                onClick={() => onOpen({ title, text: t(`insights.about.${name}`), words, conversations: figure.conversations, figure })}
                className="flex min-h-8 items-center gap-1.5 rounded-2 px-2 text-12 text-t2 hover:bg-s2 max-md:min-h-11"
              >
                {title} <strong className="font-semibold text-t1 tabular-nums">{words}</strong>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
};
