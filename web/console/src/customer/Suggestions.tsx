import { useQuery } from "@tanstack/react-query";
import { Merge } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDecideSuggestion, useUndoMerge } from "../api/actions.ts";
import { suggestionsQuery } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { toast } from "../elements/toast.ts";
import { useMayChange } from "../session/may.ts";

/** A guess that two records are one person: dashed, because nothing has happened yet. */
export const MergeSuggestions = ({ customer }: { customer: string }) => {
  const { t } = useTranslation();
  const { data } = useQuery(suggestionsQuery);
  const decide = useDecideSuggestion();
  const undo = useUndoMerge();
  const may = useMayChange();
  const mine = (data?.items ?? []).filter(
    ({ a, b, status }) => (a.id === customer || b.id === customer) && status !== "accepted" && status !== "rejected",
  );
  return mine.map((suggestion) => {
    const other = suggestion.a.id === customer ? suggestion.b : suggestion.a;
    const name = other.name ?? t("customer.nameless");
    return (
      <section
        key={suggestion.id}
        aria-label={t("suggestion.title")}
        className="rounded-3 border border-dashed border-line-strong bg-s1 p-3"
      >
        <h3 className="flex items-center gap-2 font-semibold">
          <Merge size={14} aria-hidden="true" />
          <span className="flex-1">{t("suggestion.title")}</span>
          <span className="text-12 font-normal text-t3 tabular-nums">{Math.round(suggestion.probability * 100)} %</span>
        </h3>
        <p className="mt-1">{name}</p>
        <ul className="mt-1 text-12 text-t2">
          {suggestion.reasons.map((reason) => (
            <li key={reason.text} className="flex gap-2">
              <span aria-hidden="true">{reason.weight < 0 ? "−" : "+"}</span>
              {reason.text}
            </li>
          ))}
        </ul>
        {may && (
          <div className="mt-2.5 flex flex-wrap gap-2">
            <Button
              height="s"
              onClick={() => {
                decide.mutate(
                  { id: suggestion.id, verdict: "accept" },
                  { onSuccess: ({ merge }) => toast(t("toast.merged", { name }), merge ? () => undo.mutate(merge) : undefined) },
                );
              }}
            >
              {t("merge.do")}
            </Button>
            <Button look="quiet" height="s" onClick={() => decide.mutate({ id: suggestion.id, verdict: "reject" })}>
              {t("suggestion.reject")}
            </Button>
          </div>
        )}
      </section>
    );
  });
};
