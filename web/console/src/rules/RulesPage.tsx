import { useQuery } from "@tanstack/react-query";
import { Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { rulesQuery } from "../api/queries.ts";
import { PageFrame } from "../elements/Card.tsx";
import { Chip, ruleWords } from "../elements/Chip.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { TryRule } from "./TryRule.tsx";

/** The rules that hand a conversation to a person, each as one sentence. */
export const RulesPage = () => {
  const { t } = useTranslation();
  const moment = useMoment();
  const query = useQuery(rulesQuery);
  const rules = query.data?.items ?? [];
  return (
    <PageFrame title={t("place.rules")} note={t("rules.note")}>
      <TryRule />
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && (
        <Failure title={t("rules.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && rules.length === 0 && <Empty title={t("empty.rules.title")} text={t("empty.rules.text")} />}
      <ul className="grid gap-2">
        {rules.map((rule) => (
          <li
            key={rule.name}
            className="flex items-start gap-3 rounded-3 border border-line bg-s1 p-4 max-md:flex-wrap"
          >
            <span className={rule.enabled ? "mt-0.5 text-warn" : "mt-0.5 text-t3"}>
              <Zap size={16} aria-hidden="true" />
            </span>
            <span className="min-w-0 flex-1 max-md:basis-[80%]">
              <span className="flex flex-wrap items-center gap-2">
                <h2 className="text-14 font-semibold">{ruleWords(rule.name)}</h2>
                {!rule.enabled && <Chip>{t("rules.off")}</Chip>}
              </span>
              <p className="max-w-[680px] text-14 text-t2">{rule.sentence}</p>
            </span>
            <span className="flex-none text-right max-md:basis-full max-md:pl-7 max-md:text-left">
              <span className="block font-semibold tabular-nums">{t("rules.firings", { count: rule.firings })}</span>
              <span className="block text-12 text-t3 tabular-nums">
                {rule.last_at ? t("rules.last", { when: dayAndTime(rule.last_at, moment) }) : t("rules.never")} ·{" "}
                {t("rules.version", { version: rule.version })}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </PageFrame>
  );
};
