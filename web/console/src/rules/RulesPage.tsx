import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rulesQuery, sessionQuery } from "../api/queries.ts";
import { PageFrame } from "../elements/Card.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { RuleRow } from "./RuleRow.tsx";
import { TryRule } from "./TryRule.tsx";

/** The rules that hand a conversation to a person, each as one sentence. */
export const RulesPage = () => {
  const { t } = useTranslation();
  const query = useQuery(rulesQuery);
  const role = useQuery(sessionQuery).data?.teammate.role;
  const may = role === "owner" || role === "admin";
  const rules = query.data?.items ?? [];
  return (
    <PageFrame title={t("place.rules")} note={t("rules.note")}>
      <TryRule may={may} />
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && (
        <Failure title={t("rules.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && rules.length === 0 && <Empty title={t("empty.rules.title")} text={t("empty.rules.text")} />}
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {rules.map((rule) => (
          <RuleRow key={rule.name} rule={rule} may={may} />
        ))}
      </ul>
    </PageFrame>
  );
};
