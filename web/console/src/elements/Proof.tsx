import clsx from "clsx";
import { useWords } from "../i18n/words.ts";
import type { Proof } from "../api/types.ts";

const outline = "M8 1.6l5 1.8v4c0 3.2-2.1 5.6-5 7-2.9-1.4-5-3.8-5-7v-4z";
const leftHalf = "M8 1.6v12.8c-2.9-1.4-5-3.8-5-7v-4z";

const tones: Record<Proof, string> = {
  verified: "text-ok",
  channel_asserted: "text-ok",
  claimed: "text-warn",
  anonymous: "text-t3",
};

interface ShieldProps {
  proof: Proof;
  /** Show the word beside the shape. */
  worded?: boolean;
}

/** How well it is proven who somebody is: the shape says it, the colour repeats it. */
export const Shield = ({ proof, worded = false }: ShieldProps) => {
  const t = useWords();
  const label = t(`proof.${proof}`);
  return (
    <span
      className={clsx("inline-flex flex-none items-center gap-1 text-12 whitespace-nowrap", tones[proof])}
      {...(worded ? {} : { role: "img", "aria-label": label, title: label })}
    >
      <svg
        width="14"
        height="14"
        viewBox="0 0 16 16"
        fill="none"
        strokeWidth="1.5"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {proof === "verified" ? (
          <>
            <path d={outline} fill="currentColor" stroke="currentColor" />
            <path d="M5.6 8l1.7 1.7 3.2-3.5" stroke="var(--surface-1)" strokeWidth="1.6" strokeLinecap="round" />
          </>
        ) : (
          <path d={outline} stroke="currentColor" strokeDasharray={proof === "anonymous" ? "2 2.2" : undefined} />
        )}
        {proof === "channel_asserted" && <path d={leftHalf} fill="currentColor" />}
      </svg>
      {worded && label}
    </span>
  );
};
