import { channelHue } from "@rapport/shared/glyphs";
import { markShape } from "@rapport/shared/logo";
import clsx from "clsx";
import { Glyph } from "./Channel.tsx";

export const Mark = ({ size = 20 }: { size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 32 32"
    fill="none"
    aria-hidden="true"
    className="block flex-none"
    // A constant of this product.
    dangerouslySetInnerHTML={{ __html: markShape }}
  />
);

interface StrandsProps {
  channels: readonly string[];
  width: number;
  height: number;
  /** Diameter of the point where the strands meet. */
  point?: number;
  tile?: number;
  className?: string;
}

/** Doors on the left, one strand each, joining in one point: the picture of this product. */
export const Strands = ({ channels, width, height, point = 18, tile = 24, className }: StrandsProps) => {
  const step = height / channels.length;
  const middle = height / 2;
  const from = tile + 1;
  const to = width - point * 1.6;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={clsx("block", className)} aria-hidden="true" fill="none">
      {channels.map((channel, index) => {
        const y = step * (index + 0.5);
        const bend = (to - from) * 0.5;
        return (
          <g key={channel} stroke={channelHue(channel)}>
            <path
              d={`M${from} ${y}C${from + bend} ${y} ${to - bend * 0.85} ${middle} ${to} ${middle}`}
              strokeWidth={Math.max(1.5, tile / 14)}
              strokeOpacity={0.8}
              strokeLinecap="round"
            />
            <rect
              x={0.5}
              y={y - tile / 2}
              width={tile}
              height={tile}
              rx={tile * 0.28}
              stroke="none"
              style={{ fill: `color-mix(in srgb, ${channelHue(channel)} var(--ch-mix), var(--surface-1))` }}
            />
            <svg
              x={tile * 0.21}
              y={y - tile * 0.29}
              width={tile * 0.58}
              height={tile * 0.58}
              style={{ color: channelHue(channel) }}
              overflow="visible"
            >
              <Glyph channel={channel} size={tile * 0.58} />
            </svg>
          </g>
        );
      })}
      <path d={`M${to} ${middle}H${width}`} stroke="var(--text-1)" strokeWidth={Math.max(1.5, tile / 12)} />
      <circle cx={to} cy={middle} r={point / 2} fill="var(--brand-point)" />
    </svg>
  );
};
