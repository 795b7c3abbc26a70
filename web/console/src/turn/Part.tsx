import type { ReactNode } from "react";

/** A part of a turn's explanation. */
export const Part = ({ title, count, children }: { title: string; count?: number; children: ReactNode }) => (
  <section aria-label={title} className="border-t border-line pt-3">
    <h3 className="mb-1 flex items-baseline gap-2 font-semibold">
      {title}
      {count !== undefined && <span className="text-12 font-normal text-t3 tabular-nums">{count}</span>}
    </h3>
    {children}
  </section>
);
