import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { customerQuery } from "../api/queries.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button } from "../elements/Button.tsx";
import { Shield } from "../elements/Proof.tsx";
import { ScoreRing } from "../elements/Score.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { PersonTasks } from "../tasks/PersonTasks.tsx";
import { Actions } from "./Actions.tsx";
import { Consents } from "./Consents.tsx";
import { FactRow } from "./FactRow.tsx";
import { groupFacts } from "./facts.ts";
import { Identifiers } from "./Identifiers.tsx";
import { JoinedStrands } from "./JoinedStrands.tsx";
import { LeadReasons } from "./Lead.tsx";
import { MergeDialog } from "./MergeDialog.tsx";
import { Merges } from "./Merges.tsx";
import { Offers } from "./Offers.tsx";
import { Promises } from "./Promises.tsx";
import { MergeSuggestions } from "./Suggestions.tsx";
import { useDoors } from "./use-doors.ts";
import { useMayChange } from "../session/may.ts";
import { Orders } from "./Orders.tsx";

const Part = ({ title, end, children }: { title: string; end?: ReactNode; children: ReactNode }) => (
  <section aria-label={title}>
    <h3 className="mb-1 flex min-h-6 items-center justify-between font-semibold">
      {title}
      <span className="text-12 font-normal text-t3">{end}</span>
    </h3>
    {children}
  </section>
);

interface CardProps {
  id: string;
  /** The conversation at hand. */
  conversation?: string | undefined;
  /** What the conversation at hand was about. */
  summary?: { text: string; messages: string[] } | undefined;
  onShowMessage: (message: string) => void;
}

/** Who the customer is and what is known, beside the thread. */
export const CustomerCard = ({ id, conversation, summary, onShowMessage }: CardProps) => {
  const { t } = useTranslation();
  const query = useQuery(customerQuery(id));
  const [merging, setMerging] = useState(false);
  const may = useMayChange();
  const doors = useDoors(query.data);
  if (query.isPending) return <SkeletonRows rows={5} avatars={false} />;
  if (query.isError)
    return <Failure title={t("customer.failed")} error={query.error} onRetry={() => void query.refetch()} />;
  const customer = query.data;
  const facts = groupFacts(customer.facts);
  const name = customer.name ?? t("customer.nameless");
  return (
    <div className="grid gap-4 p-4">
      <header className="flex items-center gap-3">
        <Avatar name={customer.name} />
        <span className="min-w-0 flex-1">
          <Link
            to="/people/$customer"
            params={{ customer: id }}
            className="block truncate rounded-1 font-semibold hover:underline"
          >
            {name}
          </Link>
          <Shield proof={customer.proof} worded />
        </span>
      </header>
      <section
        aria-label={t("customer.doors", { count: doors.length })}
        className="rounded-3 border border-line bg-s1 p-3"
      >
        <h3 className="mb-2 font-semibold">{t("customer.doors", { count: doors.length })}</h3>
        {doors.length > 1 && <JoinedStrands doors={doors} name={customer.name} />}
        <Identifiers identifiers={customer.identifiers} />
      </section>
      {summary && (
        <Part
          title={t("customer.summary")}
          end={
            summary.messages[0] && (
              <button
                type="button"
                className="rounded-1 hover:underline"
                onClick={() => onShowMessage(summary.messages[0] ?? "")}
              >
                {t("customer.fromWhere")}
              </button>
            )
          }
        >
          <p className="text-t2">{summary.text}</p>
        </Part>
      )}
      {customer.orders.length > 0 && (
        <Part title={t("order.title")} end={t("order.count", { count: customer.orders.length })}>
          <Orders orders={customer.orders.slice(0, 3)} />
        </Part>
      )}
      {customer.actions.length > 0 && (
        <Part title={t("customer.actions")}>
          <Actions customer={id} actions={customer.actions} onShowMessage={onShowMessage} />
        </Part>
      )}
      {customer.lead.score > 0 && (
        <Part title={t("customer.lead")} end={<ScoreRing score={customer.lead.score} />}>
          <LeadReasons lead={customer.lead} />
        </Part>
      )}
      <Part title={t("customer.known")} end={t("customer.factCount", { count: facts.length })}>
        {facts.length > 0 ? (
          <dl>
            {facts.map((known) => (
              <FactRow key={known.predicate} known={known} customer={id} onShowMessage={onShowMessage} />
            ))}
          </dl>
        ) : (
          <p className="text-t3">{t("customer.noFacts")}</p>
        )}
      </Part>
      <Part title={t("place.tasks")}>
        <PersonTasks customer={id} conversation={conversation} />
      </Part>
      {customer.promises.length > 0 && (
        <Part title={t("customer.promises")}>
          <Promises promises={customer.promises} onShowMessage={onShowMessage} />
        </Part>
      )}
      {customer.offers.length > 0 && (
        <Part title={t("customer.offers")}>
          <Offers offers={customer.offers} />
        </Part>
      )}
      {customer.consents.length > 0 && (
        <Part title={t("customer.consents")}>
          <Consents consents={customer.consents} />
        </Part>
      )}
      <MergeSuggestions customer={id} />
      {(may || customer.merges.length > 0) && (
        <Part title={t("merge.part")}>
          {customer.merges.length > 0 && <Merges merges={customer.merges} />}
          {may && (
            <Button height="s" className="mt-2" onClick={() => setMerging(true)}>
              {t("merge.open")}
            </Button>
          )}
        </Part>
      )}
      <MergeDialog customer={customer} open={merging} onClose={() => setMerging(false)} />
    </div>
  );
};
