/** The lead score as a small line; each point wears the hue of the door it was earned on. */
import { channelHue } from "@rapport/shared/glyphs";
import type { ScorePoint } from "./types.ts";
import { useSpeech } from "./words.ts";

const WIDTH = 280;
const HEIGHT = 46;
const EDGE = 6;

export const ScoreLine = ({ points }: { points: ScorePoint[] }) => {
  const { say } = useSpeech();
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const range = Math.max(10, Math.max(...values) - low);
  const step = points.length > 1 ? (WIDTH - 2 * EDGE) / (points.length - 1) : 0;
  const placed = points.map((point, index) => ({
    ...point,
    x: points.length > 1 ? EDGE + index * step : WIDTH / 2,
    y: HEIGHT - EDGE - ((point.value - low) / range) * (HEIGHT - 2 * EDGE),
  }));
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={say("scoreChart", { value: values.at(-1) ?? 0 })}
      className="mt-1.5 block w-full overflow-visible"
    >
      <path d={`M${placed.map(({ x, y }) => `${x} ${y}`).join("L")}`} fill="none" stroke="var(--text-1)" strokeWidth="2" strokeLinejoin="round" />
      {placed.map(({ x, y, at, channel }) => (
        <circle key={`${at}-${x}`} cx={x} cy={y} r="4" fill={channelHue(channel)} stroke="var(--surface-1)" strokeWidth="2" />
      ))}
    </svg>
  );
};
