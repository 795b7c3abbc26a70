import { useTranslation } from "react-i18next";
import type { ReportRow } from "../api/types.ts";
import { hueOf, useChannelLabel } from "../elements/Channel.tsx";
import { useOnePane } from "../elements/media.ts";
import { numberIn, wordIn } from "./figures.ts";
import { layFlow } from "./flow.ts";

/** A picture of few ways need not fill the screen. */
const EACH = 64;
const [LOWEST, HIGHEST] = [96, 320];

/** From which door to which: every band opens the conversations in which somebody went that way. */
export const FlowPicture = ({ rows, onOpen }: { rows: readonly ReportRow[]; onOpen: (row: ReportRow, title: string) => void }) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const narrow = useOnePane();
  const width = narrow ? 350 : 1060;
  const margin = narrow ? 96 : 190;
  const thick = 8;
  const ways = rows.map((row) => ({ from: wordIn(row, "from"), to: wordIn(row, "to"), count: numberIn(row, "switches"), row }));
  const pillars = Math.max(new Set(ways.map(({ from }) => from)).size, new Set(ways.map(({ to }) => to)).size);
  const height = Math.min(HIGHEST, Math.max(LOWEST, pillars * EACH));
  const flow = layFlow(ways, { left: margin, right: width - margin - thick, thick, height, gap: 14 });
  return (
    <svg viewBox={`0 -6 ${width} ${height + 12}`} className="block w-full" role="group" aria-label={t("insights.flow")}>
      {flow.bands.map((band) => {
        const way = ways.find(({ from, to }) => from === band.from && to === band.to);
        const title = t("insights.went", { count: band.count, from: label(band.from), to: label(band.to) });
        const open = () => way && onOpen(way.row, title);
        return (
          <path
            key={`${band.from}-${band.to}`}
            d={band.path}
            style={hueOf(band.from)}
            fill="var(--c)"
            role="button"
            tabIndex={0}
            aria-label={title}
            onClick={open}
            onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), open())}
            className="cursor-pointer opacity-25 outline-none transition-opacity duration-[160ms] hover:opacity-70 focus-visible:opacity-80"
          >
            <title>{title}</title>
          </path>
        );
      })}
      {(["left", "right"] as const).map((side) =>
        flow[side].map(({ channel, total, y, height: tall }) => (
          <g key={side + channel} style={hueOf(channel)}>
            <rect x={side === "left" ? margin : width - margin - thick} y={y} width={thick} height={Math.max(tall, 2)} rx={2} fill="var(--c)" />
            <text
              x={side === "left" ? margin - 8 : width - margin + 8}
              y={y + Math.max(tall, 2) / 2}
              dominantBaseline="central"
              textAnchor={side === "left" ? "end" : "start"}
              className="fill-[var(--text-1)] text-12"
            >
              {label(channel)} <tspan className="fill-[var(--text-3)] tabular-nums">{total}</tspan>
            </text>
          </g>
        )),
      )}
    </svg>
  );
};
