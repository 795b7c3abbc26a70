import { useTranslation } from "react-i18next";
import { useUndoMerge } from "../api/actions.ts";
import type { Merge } from "../api/types.ts";
import { lineWords } from "../elements/Chip.tsx";
import { Button } from "../elements/Button.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { useMayChange } from "../session/may.ts";

/** Records that were joined into this one, each with the way back. */
export const Merges = ({ merges }: { merges: readonly Merge[] }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const undo = useUndoMerge();
  const may = useMayChange();
  return (
    <ul className="grid gap-2">
      {merges.map((merge) => (
        <li key={merge.id} className="flex items-start gap-2">
          <span className="min-w-0 flex-1">
            <span className={merge.undone ? "text-t3 line-through" : ""}>
              {lineWords(merge.reasons.join("; ")) || t("merge.byHand")}
            </span>
            <span className="block text-12 text-t3">{dayAndTime(merge.at, moment)}</span>
          </span>
          {merge.undone ? (
            <span className="text-12 text-t3">{t("merge.undone")}</span>
          ) : (
            may && <Button height="s" disabled={undo.isPending} onClick={() => undo.mutate(merge.id)}>
              {t("merge.undo")}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
};
