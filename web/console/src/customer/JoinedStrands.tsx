import { channelHue } from "@rapport/shared/glyphs";
import { initials } from "../elements/Avatar.tsx";

/** The doors of one person as strands that end in that person. */
export const JoinedStrands = ({ doors, name }: { doors: readonly string[]; name: string | null }) => {
  const step = 11;
  const height = Math.max(34, doors.length * step + 8);
  const middle = height / 2;
  const top = middle - ((doors.length - 1) * step) / 2;
  return (
    <svg viewBox={`0 0 244 ${height}`} aria-hidden="true" fill="none" className="mb-2 block w-full">
      {doors.map((door, index) => {
        const y = top + index * step;
        return (
          <g key={door} stroke={channelHue(door)} strokeWidth="1.8">
            <path d={`M10 ${y}C96 ${y} 118 ${middle} 218 ${middle}`} strokeLinecap="round" />
            <circle cx="10" cy={y} r="2.6" fill={channelHue(door)} />
          </g>
        );
      })}
      <circle cx="224" cy={middle} r="12" fill="var(--ink)" />
      <text x="224" y={middle + 3} textAnchor="middle" fontSize="8.5" fontWeight="650" fill="var(--text-on-ink)">
        {initials(name)}
      </text>
    </svg>
  );
};
