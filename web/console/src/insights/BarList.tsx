import clsx from "clsx";
import type { CSSProperties, ReactNode } from "react";

export interface Bar {
  key: string;
  label: ReactNode;
  /** Read out in place of the label. */
  name: string;
  /** Nothing: a number without a bar. */
  value: number | null;
  words: string;
  note?: ReactNode;
  hue?: CSSProperties;
  open?: () => void;
}

/** Bars with their numbers, the longest first; each opens what is behind it. */
export const BarList = ({ bars, empty }: { bars: readonly Bar[]; empty: string }) => {
  const most = Math.max(1e-9, ...bars.map(({ value }) => value ?? 0));
  if (bars.length === 0) return <p className="text-t3">{empty}</p>;
  return (
    <ul className="grid gap-px">
      {bars.map(({ key, label, name, value, words, note, hue, open }) => {
        const body = (
          <>
            <span className="flex min-w-0 flex-1 items-center gap-1.5 text-left">{label}</span>
            {note && <span className="flex-none text-12 text-t3 max-md:hidden">{note}</span>}
            {value !== null && (
              <span className="h-1.5 w-24 flex-none overflow-hidden rounded-full bg-s2" aria-hidden="true">
                <span
                  className={clsx("block h-full rounded-full", hue ? "bg-[var(--c)]" : "bg-t2")}
                  style={{ ...hue, width: value > 0 ? `${Math.max(2, (value / most) * 100)}%` : 0 }}
                />
              </span>
            )}
            <span className="w-20 flex-none text-right tabular-nums">{words}</span>
          </>
        );
        const shape = "flex min-h-8 w-full items-center gap-3 rounded-2 px-2 max-md:min-h-11";
        return (
          <li key={key} style={hue} className="-mx-2">
            {open ? (
              <button type="button" aria-label={name} onClick={open} className={clsx(shape, "hover:bg-s2")}>
                {body}
              </button>
            ) : (
              <span className={shape}>{body}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
};
