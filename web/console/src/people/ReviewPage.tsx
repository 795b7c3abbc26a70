import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Merge } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDecideSuggestion, useUndoMerge } from "../api/actions.ts";
import { customerQuery, suggestionsQuery } from "../api/queries.ts";
import type { Customer, Suggestion } from "../api/types.ts";
import { addressesOf, addressWords, doorsOf, factWords, groupFacts } from "../customer/facts.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button, buttonClass } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { ChannelTile } from "../elements/Channel.tsx";
import { Shield } from "../elements/Proof.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { toast } from "../elements/toast.ts";
import { useMayChange } from "../session/may.ts";

/** What would be compared by eye: who, on which doors, and what is known. */
const Side = ({ id, name, other }: { id: string; name: string | null; other: Customer | undefined }) => {
  const { t } = useTranslation();
  const { data: customer } = useQuery(customerQuery(id));
  const values = new Map(other ? groupFacts(other.facts).map((known) => [known.predicate, known.current.value]) : []);
  return (
    <div className="min-w-0 flex-1">
      <p className="flex items-center gap-2">
        <Avatar name={name} size="m" />
        <Link to="/people/$customer" params={{ customer: id }} className="truncate rounded-1 font-semibold hover:underline">
          {name ?? t("customer.nameless")}
        </Link>
        {customer && <Shield proof={customer.proof} />}
        <span className="ml-auto flex flex-none gap-1">
          {customer && doorsOf(customer).map((door) => <ChannelTile key={door} channel={door} />)}
        </span>
      </p>
      {customer && (
        <>
          <p className="mt-1 text-12 text-t2 [overflow-wrap:anywhere]">
            {addressesOf(customer.identifiers)
              .map((address) => (address.kind === "visitor" ? t("customer.visitor") : addressWords(address)))
              .join(" · ")}
          </p>
          <dl className="mt-2">
            {groupFacts(customer.facts)
              .slice(0, 6)
              .map(({ predicate, current }) => {
                const rival = values.get(predicate);
                const differs = rival !== undefined && rival !== current.value;
                return (
                  <div key={predicate} className="flex gap-2 border-b border-line py-0.5 last:border-b-0">
                    <dt className="w-24 flex-none text-t3">{factWords(current)}</dt>
                    <dd className={differs ? "min-w-0 font-medium text-warn" : "min-w-0"}>
                      {current.value}
                      {differs && <span className="sr-only"> {t("review.differs")}</span>}
                    </dd>
                  </div>
                );
              })}
          </dl>
        </>
      )}
    </div>
  );
};

const Pair = ({ suggestion }: { suggestion: Suggestion }) => {
  const { t } = useTranslation();
  const decide = useDecideSuggestion();
  const undo = useUndoMerge();
  const may = useMayChange();
  const { data: a } = useQuery(customerQuery(suggestion.a.id));
  const { data: b } = useQuery(customerQuery(suggestion.b.id));
  const name = suggestion.a.name ?? suggestion.b.name ?? t("customer.nameless");
  return (
    <li className="rounded-3 border border-dashed border-line-strong bg-s1 p-4">
      <div className="flex items-center gap-2">
        <Merge size={15} aria-hidden="true" />
        <h2 className="flex-1 text-14 font-semibold">{t("suggestion.title")}</h2>
        <span className="text-t2 tabular-nums">{Math.round(suggestion.probability * 100)} %</span>
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-4 text-12 text-t2">
        {suggestion.reasons.map((reason) => (
          <li key={reason.text}>
            <span aria-hidden="true">{reason.weight < 0 ? "− " : "+ "}</span>
            {reason.text}
          </li>
        ))}
      </ul>
      <div className="mt-3 flex gap-6 max-md:flex-col">
        <Side id={suggestion.a.id} name={suggestion.a.name} other={b} />
        <Side id={suggestion.b.id} name={suggestion.b.name} other={a} />
      </div>
      {may && (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <Button
            look="ink"
            height="s"
            disabled={decide.isPending}
            onClick={() =>
              decide.mutate(
                { id: suggestion.id, verdict: "accept" },
                { onSuccess: ({ merge }) => toast(t("toast.merged", { name }), merge ? () => undo.mutate(merge) : undefined) },
              )
            }
          >
            {t("review.same")}
          </Button>
          <Button
            height="s"
            disabled={decide.isPending}
            onClick={() =>
              decide.mutate({ id: suggestion.id, verdict: "reject" }, { onSuccess: () => toast(t("review.parted")) })
            }
          >
            {t("suggestion.reject")}
          </Button>
          <span className="text-12 text-t3">{t("review.hint")}</span>
          {decide.isError && (
            <p role="alert" className="text-12 text-danger">
              {t("merge.failed")}
            </p>
          )}
        </div>
      )}
    </li>
  );
};

/** Records that may be one person's, side by side, for somebody to decide. */
export const ReviewPage = () => {
  const { t } = useTranslation();
  const query = useQuery(suggestionsQuery);
  const open = (query.data?.items ?? []).filter(({ status }) => status === "open");
  return (
    <PageFrame title={t("review.title")} note={t("review.note")}>
      {query.isPending && <SkeletonRows />}
      {query.isError && !query.data && (
        <Failure title={t("review.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && open.length === 0 && (
        <Empty
          title={t("review.none")}
          text={t("review.noneText")}
          action={
            <Link to="/people" className={buttonClass("line")}>
              {t("place.people")}
            </Link>
          }
        />
      )}
      <ul className="grid gap-3">
        {open.map((suggestion) => (
          <Pair key={suggestion.id} suggestion={suggestion} />
        ))}
      </ul>
    </PageFrame>
  );
};
