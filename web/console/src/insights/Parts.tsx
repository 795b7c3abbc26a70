import { Link } from "@tanstack/react-router";
import { CircleHelp, TrendingDown } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Report, ReportRow } from "../api/types.ts";
import { Card } from "../elements/Card.tsx";
import { ChannelTile, hueOf, useChannelLabel } from "../elements/Channel.tsx";
import { ruleWords } from "../elements/Chip.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { BarList } from "./BarList.tsx";
import type { Opened } from "./Behind.tsx";
import { figureOf, figureWords, moneyWords, numberIn, rowsOf, shareWords, spanWords, type Tongue, wordIn } from "./figures.ts";
import { FlowPicture } from "./FlowPicture.tsx";
import { type Cell, HeatTable } from "./HeatTable.tsx";
import { Choice } from "./Choice.tsx";

interface PartProps {
  report: Report | undefined;
  tongue: Tongue;
  onOpen: (opened: Opened) => void;
}

const unique = (words: string[]): string[] => [...new Set(words)];

/** From door to door, as a picture or as a table. */
export const Switches = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const [shape, setShape] = useState<"flow" | "matrix">("flow");
  const rows = rowsOf(report, "switches");
  const to = unique(rows.map((row) => wordIn(row, "to"))).sort();
  const cell = (from: string, channel: string): Cell | null => {
    const row = rows.find((one) => wordIn(one, "from") === from && wordIn(one, "to") === channel);
    if (!row) return null;
    const name = t("insights.went", { count: numberIn(row, "switches"), from: label(from), to: label(channel) });
    return { count: numberIn(row, "switches"), name, open: () => open(row, name) };
  };
  const open = (row: ReportRow, title: string) =>
    onOpen({
      title,
      text: t("insights.switchText", { pause: spanWords(numberIn(row, "mean_pause_s"), tongue.locale), kept: shareWords(numberIn(row, "kept_share"), tongue.locale) }),
      conversations: row.conversations,
    });
  return (
    <Card
      title={t("insights.switches")}
      note={
        report &&
        t("insights.switchNote", {
          count: figureOf(report, "switches")?.count ?? 0,
          customers: t("insights.switchers", { count: figureOf(report, "customers")?.count ?? 0 }),
        })
      }
      action={
        rows.length > 0 && (
          <Choice
            label={t("insights.shape")}
            value={shape}
            options={[
              { value: "flow", words: t("insights.shapeFlow") },
              { value: "matrix", words: t("insights.shapeMatrix") },
            ]}
            onChoose={setShape}
          />
        )
      }
      className="mb-4"
    >
      {report && rows.length === 0 && <p className="text-t3">{t("insights.noSwitches")}</p>}
      {rows.length > 0 && shape === "flow" && <FlowPicture rows={rows} onOpen={open} />}
      {rows.length > 0 && shape === "matrix" && (
        <HeatTable
          label={t("insights.flow")}
          corner={t("insights.fromTo")}
          columns={to.map((channel) => ({ key: channel, head: label(channel) }))}
          rows={unique(rows.map((row) => wordIn(row, "from"))).map((from) => ({ channel: from, cells: to.map((channel) => cell(from, channel)) }))}
        />
      )}
    </Card>
  );
};

const stages = ["met", "need", "answered", "objection", "decision", "bought"] as const;

/** How far conversations come on each door. */
export const Journeys = ({ report, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const rows = rowsOf(report, "stages");
  const doors = unique(rows.filter((row) => wordIn(row, "stage") === "met").map((row) => wordIn(row, "channel")));
  const cell = (door: string, stage: (typeof stages)[number]): Cell | null => {
    const row = rows.find((one) => wordIn(one, "channel") === door && wordIn(one, "stage") === stage);
    if (!row) return null;
    const count = numberIn(row, "count");
    const name = `${label(door)}, ${t(`insights.stage.${stage}`)}: ${count}`;
    return { count, name, open: () => onOpen({ title: `${label(door)}: ${t(`insights.stage.${stage}`)}`, words: String(count), conversations: row.conversations }) };
  };
  return (
    <Card title={t("insights.journeys")} note={t("insights.journeysNote")} className="mb-4">
      {report && doors.length === 0 && <p className="text-t3">{t("insights.nothing")}</p>}
      {doors.length > 0 && (
        <HeatTable
          label={t("insights.journeys")}
          corner={t("insights.door")}
          columns={stages.map((stage) => ({ key: stage, head: t(`insights.stage.${stage}`) }))}
          rows={doors.map((door) => ({ channel: door, cells: stages.map((stage) => cell(door, stage)) }))}
        />
      )}
    </Card>
  );
};

const Door = ({ channel }: { channel: string }) => {
  const label = useChannelLabel();
  return (
    <>
      <ChannelTile channel={channel} size="s" labelled />
      <span className="truncate">{label(channel)}</span>
    </>
  );
};

/** What each door carries, and what comes of it. */
export const Doors = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const rows = rowsOf(report, "channels");
  const idle = rows.filter((row) => row["talks_but_does_not_sell"] === 1).map((row) => label(wordIn(row, "channel")));
  return (
    <Card title={t("insights.doors")} note={t("insights.doorsNote")}>
      <BarList
        empty={t("insights.nothing")}
        bars={rows.map((row) => {
          const channel = wordIn(row, "channel");
          const count = numberIn(row, "count");
          return {
            key: channel,
            label: <Door channel={channel} />,
            name: `${label(channel)}: ${count}`,
            value: count,
            words: String(count),
            note: row["conversion"] === null ? null : t("insights.buys", { share: shareWords(numberIn(row, "conversion"), tongue.locale) }),
            hue: hueOf(channel),
            open: () => onOpen({ title: label(channel), words: String(count), conversations: row.conversations }),
          };
        })}
      />
      {idle.length > 0 && (
        <p className="mt-2 flex items-center gap-1.5 text-12 text-t2">
          <TrendingDown size={14} aria-hidden="true" />
          {t("insights.onlyTalks", { doors: idle.join(", ") })}
        </p>
      )}
    </Card>
  );
};

const credits = ["any_touch", "first_touch", "last_touch"] as const;

/** What purchases are credited to. */
export const Credits = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const [credit, setCredit] = useState<(typeof credits)[number]>("any_touch");
  const rows = [...rowsOf(report, "channels")].sort((one, other) => numberIn(other, credit) - numberIn(one, credit)).filter((row) => numberIn(row, credit) > 0);
  const lift = figureOf(report, "lift");
  return (
    <Card
      title={t("insights.credits")}
      action={
        rows.length > 0 && (
          <Choice label={t("insights.credits")} value={credit} options={credits.map((one) => ({ value: one, words: t(`insights.credit.${one}`) }))} onChoose={setCredit} />
        )
      }
    >
      <BarList
        empty={t("insights.noPurchases")}
        bars={rows.map((row) => {
          const channel = wordIn(row, "channel");
          const value = numberIn(row, credit);
          const words = new Intl.NumberFormat(tongue.locale, { maximumFractionDigits: 1 }).format(value);
          return {
            key: channel,
            label: <Door channel={channel} />,
            name: `${label(channel)}: ${words}`,
            value,
            words,
            note: moneyWords(numberIn(row, `${credit}_revenue`), tongue),
            hue: hueOf(channel),
            open: () => onOpen({ title: label(channel), text: t(`insights.creditText.${credit}`), words, conversations: row.conversations }),
          };
        })}
      />
      {lift && lift.value !== null && <p className="mt-2 text-12 text-t2">{t("insights.lift", { times: figureWords(lift, tongue) })}</p>}
    </Card>
  );
};

const reasons = ["waited_for_us", "price", "competitor", "objection", "no_answer", "went_silent"] as const;
const isReason = (word: string): word is (typeof reasons)[number] => reasons.some((reason) => reason === word);

/** Why people who wanted something left. */
export const Reasons = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const figures = ["stalled", "won_back"] as const;
  return (
    <Card title={t("insights.reasons")} note={t("insights.reasonsNote")}>
      <BarList
        empty={t("insights.nobodyLeft")}
        bars={rowsOf(report, "reasons").map((row) => {
          const word = wordIn(row, "reason");
          const words = isReason(word) ? t(`insights.reason.${word}`) : word;
          const count = numberIn(row, "count");
          return { key: word, label: <span className="truncate">{words}</span>, name: `${words}: ${count}`, value: count, words: String(count), open: () => onOpen({ title: words, words: String(count), conversations: row.conversations }) };
        })}
      />
      <p className="mt-2 flex flex-wrap gap-x-1">
        {figures.map((name) => {
          const figure = figureOf(report, name);
          if (!figure) return null;
          const words = figureWords(figure, tongue);
          return (
            <button
              key={name}
              type="button"
              onClick={() => onOpen({ title: t(`insights.figure.${name}`), text: t(`insights.about.${name}`), words, conversations: figure.conversations, figure })}
              className="flex min-h-7 items-center gap-1.5 rounded-2 px-2 text-12 text-t2 hover:bg-s2 max-md:min-h-11"
            >
              {t(`insights.figure.${name}`)} <strong className="font-semibold text-t1">{words}</strong>
            </button>
          );
        })}
      </p>
    </Card>
  );
};

/** How conversations came out: said so, assumed, for good. */
export const Outcomes = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const names = ["confirmed", "assumed", "for_good", "came_back", "by_ai", "effort", "mood", "rating"] as const;
  return (
    <Card title={t("insights.outcomes")} note={t("insights.outcomesNote")}>
      <BarList
        empty={t("insights.nothing")}
        bars={names.flatMap((name) => {
          const figure = figureOf(report, name);
          if (!figure || figure.value === null) return [];
          const words = figureWords(figure, tongue);
          const title = t(`insights.figure.${name}`);
          return [
            {
              key: name,
              label: <span className="truncate">{title}</span>,
              name: `${title}: ${words}`,
              value: figure.unit === "share" ? figure.value : null,
              words,
              open: () => onOpen({ title, text: t(`insights.about.${name}`), words, conversations: figure.conversations, figure }),
            },
          ];
        })}
      />
    </Card>
  );
};

/** What went to a person, by the rule that sent it. */
export const HandOvers = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const median = figureOf(report, "median");
  return (
    <Card title={t("insights.handOvers")} note={median && median.value !== null && t("insights.takenIn", { time: figureWords(median, tongue) })}>
      <BarList
        empty={t("insights.noHandOvers")}
        bars={rowsOf(report, "rules").map((row) => {
          const rule = wordIn(row, "rule");
          const count = numberIn(row, "handoffs");
          return {
            key: rule,
            label: <span className="truncate">{ruleWords(rule)}</span>,
            name: `${ruleWords(rule)}: ${count}`,
            value: count,
            words: String(count),
            note: t("insights.solved", { share: shareWords(numberIn(row, "solved"), tongue.locale) }),
            open: () => onOpen({ title: ruleWords(rule), words: String(count), conversations: row.conversations }),
          };
        })}
      />
    </Card>
  );
};

/** Whether the team kept its own targets. */
export const Targets = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  return (
    <Card title={t("insights.targets")} note={t("insights.targetsNote")}>
      <BarList
        empty={t("insights.noTargets")}
        bars={rowsOf(report, "policies").map((row) => {
          const policy = wordIn(row, "policy");
          const share = row["first_reply"] === null ? numberIn(row, "resolution") : numberIn(row, "first_reply");
          const words = shareWords(share, tongue.locale);
          return {
            key: policy,
            label: <span className="truncate">{policy}</span>,
            name: `${policy}: ${words}`,
            value: share,
            words,
            note: t("insights.missed", { count: numberIn(row, "missed") }),
            open: () => onOpen({ title: policy, words, conversations: row.conversations }),
          };
        })}
      />
    </Card>
  );
};

/** Questions that keep coming and that nothing answers. */
export const Questions = ({ report }: PartProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const questions = report?.questions ?? [];
  return (
    <Card title={t("insights.questions")} note={t("insights.questionsNote")}>
      {report && questions.length === 0 && <p className="text-t3">{t("insights.noQuestions")}</p>}
      <ul className="grid gap-2">
        {questions.slice(0, 8).map((gap) => (
          <li key={gap.question + gap.conversation} className="flex items-start gap-2">
            <CircleHelp size={14} aria-hidden="true" className="mt-[3px] flex-none text-t3" />
            <span className="min-w-0 flex-1">
              <Link to="/inbox/$view/$conversation" params={{ view: "all", conversation: gap.conversation }} className="rounded-1 hover:underline">
                {gap.question}
              </Link>
              <span className="block text-12 text-t3">
                {t("knowledge.times", { count: gap.times })}, {dayAndTime(gap.last_at, moment)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
};

/** What the models cost. */
export const Cost = ({ report, tongue, onOpen }: PartProps) => {
  const { t } = useTranslation();
  const each = figureOf(report, "per_conversation");
  const own = figureOf(report, "built_in");
  return (
    <Card title={t("insights.cost")} note={each && each.value !== null && t("insights.each", { cost: figureWords(each, tongue) })}>
      <BarList
        empty={t("insights.noModels")}
        bars={rowsOf(report, "models").map((row) => {
          const model = wordIn(row, "model");
          const words = moneyWords(numberIn(row, "cost"), tongue);
          return {
            key: model,
            label: <span className="truncate">{model}</span>,
            name: `${model}: ${words}`,
            value: numberIn(row, "cost"),
            words,
            note: t("insights.calls", { count: numberIn(row, "calls") }),
            open: () => onOpen({ title: model, words, conversations: row.conversations }),
          };
        })}
      />
      {own && own.value !== null && <p className="mt-2 text-12 text-t2">{t("insights.builtIn", { share: figureWords(own, tongue) })}</p>}
    </Card>
  );
};
