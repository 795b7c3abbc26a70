import { useMutation } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { replayTurn } from "../api/endpoints.ts";
import type { Turn } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Chip, ruleWords } from "../elements/Chip.tsx";
import { Failure } from "../elements/States.tsx";
import { Part } from "./Part.tsx";

/** The same messages with the sources, rules and models of today, beside what was said then. */
export const Replay = ({ turn }: { turn: Turn }) => {
  const { t } = useTranslation();
  const again = useMutation({ mutationFn: () => replayTurn(turn.id) });
  const found = again.data;
  return (
    <Part title={t("turn.today")}>
      <p className="mb-2 text-12 text-t3">{t("turn.todayNote")}</p>
      <Button height="s" onClick={() => again.mutate()} disabled={again.isPending}>
        <RotateCcw size={13} aria-hidden="true" />
        {t("turn.answerToday")}
      </Button>
      {again.isError && <Failure title={t("turn.todayFailed")} error={again.error} onRetry={() => again.mutate()} />}
      <div role="status">
        {found && (
          <div className="mt-2 grid gap-1.5">
            <p className="flex flex-wrap gap-1">
              <Chip tone={found.same ? "ai" : "warn"}>{t(found.same ? "turn.sameToday" : "turn.otherToday")}</Chip>
              {found.now.decision !== found.then.decision && (
                <Chip>{t(`turn.decision.${found.now.decision}`, { defaultValue: found.now.decision })}</Chip>
              )}
              {found.now.rules
                .filter((rule) => !found.then.rules.includes(rule))
                .map((rule) => (
                  <Chip key={rule} tone="warn">
                    {ruleWords(rule)}
                  </Chip>
                ))}
            </p>
            {!found.same && found.now.text && (
              <blockquote className="border-l-2 border-line-strong pl-2.5 text-14 whitespace-pre-line">
                {found.now.text}
              </blockquote>
            )}
            {!found.same && found.now.sources.length > 0 && (
              <p className="text-12 text-t3">
                {found.now.sources.map(({ source, heading }) => `${heading} (${source})`).join(", ")}
              </p>
            )}
          </div>
        )}
      </div>
    </Part>
  );
};
