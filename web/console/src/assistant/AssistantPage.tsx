import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { previewManner, writeManner } from "../api/endpoints.ts";
import { mannerQuery, sessionQuery } from "../api/queries.ts";
import type { Manner, MannerShown } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Card, PageFrame } from "../elements/Card.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { toast } from "../elements/toast.ts";
import { DoorRows } from "./DoorRows.tsx";
import { isSame } from "./manner.ts";
import { MannerFields } from "./MannerFields.tsx";
import { Preview } from "./Preview.tsx";
import { QuestionList } from "./QuestionList.tsx";

/** A moment after the last key. */
const pause = 400;

const Desk = ({ shown, may }: { shown: MannerShown; may: boolean }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const kept: Manner = { name: shown.name, tone: shown.tone, persona: shown.persona, doors: shown.doors };
  const [manner, setManner] = useState(kept);
  const [question, setQuestion] = useState(t("assistant.example"));
  const changed = !isSame(manner, kept);
  const tried = useMutation({ mutationFn: previewManner });
  const save = useMutation({
    mutationFn: writeManner,
    onSuccess: (written) => {
      client.setQueryData(mannerQuery.queryKey, written);
      setManner({ name: written.name, tone: written.tone, persona: written.persona, doors: written.doors });
      toast(t("assistant.saved"));
    },
  });
  const { mutate } = tried;
  useEffect(() => {
    if (question.trim() === "") return undefined;
    const timer = window.setTimeout(() => mutate({ question, manner }), pause);
    return () => window.clearTimeout(timer);
  }, [question, manner, mutate]);
  return (
    <div className="grid grid-cols-[minmax(0,5fr)_minmax(0,6fr)] items-start gap-4 max-xl3:grid-cols-[minmax(0,1fr)]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Card title={t("assistant.persona")}>
          <fieldset disabled={!may} className="min-w-0">
            <legend className="sr-only">{t("assistant.persona")}</legend>
            <MannerFields manner={manner} configured={shown.configured_persona} onChange={setManner} />
            <h3 className="mb-1 font-semibold">{t("assistant.doors")}</h3>
            <p className="mb-2 text-12 text-t3">{t("assistant.doorsText", { language: shown.language })}</p>
            <DoorRows channels={shown.channels} manner={manner} onChange={setManner} />
          </fieldset>
          <Refused error={save.error} className="mt-3" />
          {may ? (
            <div className="mt-4 flex items-center justify-end gap-2">
              {changed && (
                <>
                  <span className="mr-auto text-12 text-warn">{t("assistant.unsaved")}</span>
                  <Button onClick={() => setManner(kept)}>{t("actions.cancel")}</Button>
                </>
              )}
              <Button look="ink" disabled={!changed || save.isPending} onClick={() => save.mutate(manner)}>
                {t("assistant.save")}
              </Button>
            </div>
          ) : (
            <p className="mt-3 text-t2">{t("assistant.askOwner")}</p>
          )}
        </Card>
        <QuestionList may={may} />
      </div>
      <Preview question={question} onQuestion={setQuestion} items={tried.data?.items} error={tried.error} />
    </div>
  );
};

/** How the assistant speaks on each door, how that reads, and what it asks. */
export const AssistantPage = () => {
  const { t } = useTranslation();
  const query = useQuery(mannerQuery);
  const role = useQuery(sessionQuery).data?.teammate.role;
  return (
    <PageFrame title={t("place.assistant")} note={t("assistant.note")}>
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && (
        <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && <Desk shown={query.data} may={role === "owner" || role === "admin"} />}
    </PageFrame>
  );
};
