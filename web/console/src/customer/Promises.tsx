import { CheckCircle2, CircleDot, CircleSlash, XCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CustomerPromise } from "../api/types.ts";
import { Deadline } from "../elements/Chip.tsx";

const icons = { open: CircleDot, kept: CheckCircle2, broken: XCircle, withdrawn: CircleSlash } as const;
const tones = { open: "text-warn", kept: "text-ok", broken: "text-danger", withdrawn: "text-t3" } as const;

interface PromisesProps {
  promises: readonly CustomerPromise[];
  onShowMessage: (message: string) => void;
}

/** What was promised, by whom, and whether it was kept. */
export const Promises = ({ promises, onShowMessage }: PromisesProps) => {
  const { t } = useTranslation();
  return (
    <ul className="grid gap-1">
      {promises.map((promise) => {
        const Icon = icons[promise.status];
        return (
          <li key={promise.id} className="flex items-start gap-2">
            <Icon size={14} aria-hidden="true" className={`mt-[3px] flex-none ${tones[promise.status]}`} />
            <button
              type="button"
              className="min-w-0 flex-1 rounded-1 text-left enabled:hover:underline"
              disabled={promise.source_message === null}
              onClick={() => promise.source_message && onShowMessage(promise.source_message)}
            >
              {promise.what}
              <span className="text-t3"> · {t(`promise.${promise.by}`)}</span>
            </button>
            {promise.status === "open" && promise.due_at ? (
              <span className="pt-0.5">
                <Deadline dueAt={promise.due_at} />
              </span>
            ) : (
              <span className="pt-0.5 text-12 text-t3">{t(`promise.status.${promise.status}`)}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
};
