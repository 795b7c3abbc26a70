import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileText, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { dropDocument } from "../api/endpoints.ts";
import { knowledgeQuery } from "../api/queries.ts";
import type { KnowledgeOverview } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age } from "../time/words.ts";

/** Takes a given document away, after a second thought. */
export const TakeAway = ({ document, name }: { document: string; name: string }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const drop = useMutation({
    mutationFn: dropDocument,
    onSettled: () => client.invalidateQueries({ queryKey: knowledgeQuery.queryKey }),
  });
  if (!asking) {
    return (
      <IconButton label={t("knowledge.takeAway", { name })} onClick={() => setAsking(true)}>
        <Trash2 size={14} aria-hidden="true" />
      </IconButton>
    );
  }
  return (
    <span className="flex flex-none items-center gap-2">
      <Refused error={drop.error} className="" />
      <Button height="s" onClick={() => setAsking(false)}>
        {t("actions.cancel")}
      </Button>
      <Button height="s" look="danger" autoFocus disabled={drop.isPending} onClick={() => drop.mutate(document)}>
        {t("knowledge.takeAwayDo")}
      </Button>
    </span>
  );
};

/** What the AI may answer from, each with what became of it. */
export const SourceList = ({ sources, may }: { sources: KnowledgeOverview["sources"]; may: boolean }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  return (
    <Card title={t("knowledge.sources")} note={sources.length}>
      <ul>
        {sources.map((source) => (
          <li key={source.path} className="flex items-center gap-3 border-b border-line py-2 last:border-b-0">
            <FileText size={15} aria-hidden="true" className="flex-none text-t3" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{source.title}</span>
              <span className="block truncate text-12 text-t3">{source.path}</span>
            </span>
            {source.outdated && <Chip tone="warn">{t("knowledge.outdated")}</Chip>}
            {source.audience !== "public" && <Chip>{source.audience}</Chip>}
            <span className="w-20 flex-none text-right text-12 text-t2 tabular-nums">
              {t("knowledge.passages", { count: source.passages })}
            </span>
            <span className="w-16 flex-none text-right text-12 text-t3 tabular-nums max-md:hidden">
              {source.synced_at && age(source.synced_at, moment)}
            </span>
            {may && source.document && <TakeAway document={source.document} name={source.title} />}
          </li>
        ))}
      </ul>
    </Card>
  );
};
