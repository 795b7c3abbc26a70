import { useTranslation } from "react-i18next";
import type { Turn } from "../api/types.ts";
import { shortMilliseconds } from "./readings.ts";

const phases = ["recall", "analyst", "answerer", "qualifier", "rules", "render"] as const;
const shades = [0.28, 0.45, 0.9, 0.6, 0.38, 0.2] as const;

/** Where a turn's time went, as one bar with its numbers under it. */
export const TimesBar = ({ milliseconds }: { milliseconds: Turn["milliseconds"] }) => {
  const { t } = useTranslation();
  const total = Math.max(
    1,
    phases.reduce((sum, phase) => sum + milliseconds[phase], 0),
  );
  return (
    <div>
      <div aria-hidden="true" className="mb-2 flex h-2 gap-px overflow-hidden rounded-full bg-s2">
        {phases.map((phase, index) => (
          <span
            key={phase}
            className="h-full bg-t1"
            style={{ width: `${(milliseconds[phase] / total) * 100}%`, opacity: shades[index] }}
          />
        ))}
      </div>
      <dl className="grid grid-cols-2 gap-x-4">
        {phases.map((phase, index) => (
          <div key={phase} className="flex items-center gap-1.5 text-12">
            <span aria-hidden="true" className="size-2 rounded-[2px] bg-t1" style={{ opacity: shades[index] }} />
            <dt className="flex-1 text-t2">{t(`turn.phase.${phase}`)}</dt>
            <dd className="text-t3 tabular-nums">{shortMilliseconds(milliseconds[phase])} ms</dd>
          </div>
        ))}
      </dl>
    </div>
  );
};
