import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { testModel } from "../api/endpoints.ts";
import { modelsQuery, sessionQuery } from "../api/queries.ts";
import type { Model, ModelTested } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { inMoney } from "./money.ts";

/** What a try has shown: the model's own words, or why there are none. */
const Outcome = ({ tested }: { tested: ModelTested }) => {
  const { t, i18n } = useTranslation();
  const seconds = (tested.took_ms / 1000).toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  if (!tested.ok) return <p className="text-danger">{t("models.silent", { why: tested.trouble })}</p>;
  const cost = tested.cost === null ? "" : inMoney(tested.cost, tested.currency, i18n.language);
  return (
    <>
      <p className="text-ok">{t("models.answered", { seconds, tokens: tested.input_tokens + tested.output_tokens, cost })}</p>
      <blockquote className="mt-1 border-l-2 border-ai-line pl-3 text-14" dir="auto">
        {tested.said}
      </blockquote>
    </>
  );
};

const ModelRow = ({ model, may }: { model: Model; may: boolean }) => {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const trying = useMutation({
    mutationFn: () => testModel(model.id),
    onSettled: () => client.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
  const money = (amount: number) => inMoney(amount, model.currency, i18n.language);
  const prices =
    model.input_price === null && model.output_price === null
      ? t("models.noPrice")
      : t("models.price", { input: money(model.input_price ?? 0), output: money(model.output_price ?? 0) });
  const spent =
    model.daily_budget === null
      ? t("models.spent", { spent: money(model.spent_today) })
      : t("models.spentOf", { spent: money(model.spent_today), budget: money(model.daily_budget) });
  const isSpent = model.daily_budget !== null && model.spent_today >= model.daily_budget;
  return (
    <li className="rounded-3 border border-line bg-s1 p-4">
      <div className="flex flex-wrap items-start gap-3">
        <span className="grid size-8 flex-none place-items-center rounded-full bg-s2 font-semibold tabular-nums" aria-hidden="true">
          {model.answerer ?? model.qualifier ?? "–"}
        </span>
        <div className="min-w-0 flex-1 basis-48">
          <h2 className="truncate text-14 font-semibold">{model.id}</h2>
          <p className="truncate text-12 text-t3">{model.server ? t("models.at", { model: model.model, server: model.server }) : model.model}</p>
          <p className="mt-2 flex flex-wrap gap-1.5">
            {model.answerer !== null && <Chip>{t("models.answers", { place: model.answerer })}</Chip>}
            {model.qualifier !== null && <Chip>{t("models.reads", { place: model.qualifier })}</Chip>}
            {model.answerer === null && model.qualifier === null && <Chip tone="warn">{t("models.unused")}</Chip>}
            {isSpent && <Chip tone="warn">{t("models.isSpent")}</Chip>}
          </p>
          <p className="mt-2 text-12 text-t2">{prices}</p>
          <p className="text-12 text-t2 tabular-nums">{spent}</p>
        </div>
        {may && (
          <Button onClick={() => trying.mutate()} disabled={trying.isPending} className="max-md:w-full">
            {t(trying.isPending ? "models.trying" : "models.try", { name: model.id })}
          </Button>
        )}
      </div>
      <div role="status" className="mt-2 empty:hidden">
        {trying.data && <Outcome tested={trying.data} />}
        {trying.error && (
          <p className="text-danger">
            {trying.error instanceof RequestError && trying.error.status === 429 ? t("session.slowDown") : t("models.failed")}
          </p>
        )}
      </div>
    </li>
  );
};

/** Which models answer, in which order, what they cost, and whether they do. */
export const ModelsPage = () => {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const query = useQuery(modelsQuery);
  const role = session?.teammate.role;
  const items = query.data?.items ?? [];
  return (
    <PageFrame title={t("place.models")} note={t("models.note")}>
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && (
        <Failure title={t("models.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && items.length === 0 && <Empty title={t("empty.models.title")} text={t("empty.models.text")} />}
      {query.data && (
        <ol className="grid max-w-[760px] gap-3">
          {items.map((model) => (
            <ModelRow key={model.id} model={model} may={role === "owner" || role === "admin"} />
          ))}
          <li className="rounded-3 border border-dashed border-line-strong p-4">
            <h2 className="text-14 font-semibold">{t("models.builtIn")}</h2>
            <p className="text-t2">{t(items.length === 0 ? "models.builtInAlone" : "models.builtInLast")}</p>
          </li>
        </ol>
      )}
    </PageFrame>
  );
};
