import type { Customer } from "../api/types.ts";

const signed = (points: number): string => `${points < 0 ? "−" : "+"}${Math.abs(points)}`;

/** The reasons of a lead score as signed terms, with bars where there is room. */
export const LeadReasons = ({ lead, bars = false }: { lead: Customer["lead"]; bars?: boolean }) => {
  const most = Math.max(1, ...lead.reasons.map((reason) => Math.abs(reason.points)));
  if (!bars) {
    return (
      <p className="flex flex-wrap gap-x-3 text-12 text-t2">
        {lead.reasons.map((reason) => (
          <span key={reason.text} className="tabular-nums">
            {signed(reason.points)} {reason.text}
          </span>
        ))}
      </p>
    );
  }
  return (
    <ul className="grid gap-1.5">
      {lead.reasons.map((reason) => (
        <li key={reason.text} className="grid grid-cols-[1fr_72px_32px] items-center gap-2">
          <span className="min-w-0 first-letter:uppercase">{reason.text}</span>
          <span aria-hidden="true" className="h-1 overflow-hidden rounded-full bg-s2">
            <span
              className="block h-full rounded-full bg-t2"
              style={{ width: `${(Math.abs(reason.points) / most) * 100}%` }}
            />
          </span>
          <span className="text-right font-semibold tabular-nums">{signed(reason.points)}</span>
        </li>
      ))}
    </ul>
  );
};
