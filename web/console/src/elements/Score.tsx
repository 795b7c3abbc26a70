import { useWords } from "../i18n/words.ts";

const round = 2 * Math.PI * 6;

/** Lead score as a ring in text colour: a score is neither good nor bad. */
export const ScoreRing = ({ score }: { score: number }) => {
  const t = useWords();
  const part = (Math.min(100, Math.max(0, score)) / 100) * round;
  return (
    <span
      role="img"
      aria-label={t("customer.scoreOf", { score })}
      className="inline-flex flex-none items-center gap-1 text-12 font-medium text-t2 tabular-nums"
    >
      <svg width="14" height="14" viewBox="0 0 16 16" fill="none" aria-hidden="true">
        <circle cx="8" cy="8" r="6" stroke="var(--line-strong)" strokeWidth="2.4" />
        <circle
          cx="8"
          cy="8"
          r="6"
          stroke="currentColor"
          strokeWidth="2.4"
          strokeLinecap="round"
          strokeDasharray={`${part} 40`}
          transform="rotate(-90 8 8)"
        />
      </svg>
      {score}
    </span>
  );
};
