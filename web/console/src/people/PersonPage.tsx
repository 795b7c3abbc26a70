import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ChevronRight, Merge, MessageCircle } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { customerQuery, timelineQuery } from "../api/queries.ts";
import { Consents } from "../customer/Consents.tsx";
import { FactRow } from "../customer/FactRow.tsx";
import { groupFacts } from "../customer/facts.ts";
import { Identifiers } from "../customer/Identifiers.tsx";
import { LeadReasons } from "../customer/Lead.tsx";
import { MergeDialog } from "../customer/MergeDialog.tsx";
import { Merges } from "../customer/Merges.tsx";
import { Offers } from "../customer/Offers.tsx";
import { Promises } from "../customer/Promises.tsx";
import { MergeSuggestions } from "../customer/Suggestions.tsx";
import { useDoors } from "../customer/use-doors.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button, buttonClass } from "../elements/Button.tsx";
import { Card, PageFrame } from "../elements/Card.tsx";
import { Shield } from "../elements/Proof.tsx";
import { ScoreRing } from "../elements/Score.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { PersonTasks } from "../tasks/PersonTasks.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime, dayWords } from "../time/words.ts";
import { Privacy } from "./Privacy.tsx";
import { firstSeen } from "./journey.ts";
import { JourneyStrip } from "./JourneyStrip.tsx";
import { useMayChange } from "../session/may.ts";
import { Actions } from "../customer/Actions.tsx";
import { Orders } from "../customer/Orders.tsx";
import { eventWords, otherEvents } from "../customer/orders.ts";

/** One person: the journey, what is known and from where, addresses with proof, and what was promised. */
export const PersonPage = () => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const moment = useMoment();
  const id = useParams({ strict: false }).customer ?? "";
  const query = useQuery(customerQuery(id));
  const timeline = useInfiniteQuery(timelineQuery(id));
  const items = useMemo(
    () => [...(timeline.data?.pages ?? [])].reverse().flatMap((page) => page.items),
    [timeline.data?.pages],
  );
  const [merging, setMerging] = useState(false);
  const may = useMayChange();
  const doors = useDoors(query.data);
  const customer = query.data;
  const crumb = (name: string) => (
    <>
      <Link to="/people" className="rounded-1 font-normal text-t2 hover:underline">
        {t("place.people")}
      </Link>
      <ChevronRight size={13} aria-hidden="true" className="flex-none text-t3" />
      <span className="truncate">{name}</span>
    </>
  );
  if (!customer) {
    return (
      <PageFrame title={crumb("…")}>
        {query.isError ? (
          <Failure title={t("customer.failed")} error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={5} />
        )}
      </PageFrame>
    );
  }
  const name = customer.name ?? t("customer.nameless");
  const facts = groupFacts(customer.facts);
  const conversation = customer.conversations[0];
  const others = otherEvents(customer.events);
  const showMessage = (message: string) => {
    if (!conversation) return;
    void navigate({ to: "/inbox/$view/$conversation", params: { view: "all", conversation }, search: { message } });
  };
  return (
    <PageFrame
      title={crumb(name)}
      tools={
        may && (
          <Button height="s" onClick={() => setMerging(true)}>
            <Merge size={13} aria-hidden="true" />
            {t("merge.open")}
          </Button>
        )
      }
    >
      <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <Avatar name={customer.name} size="xl" />
        <div className="min-w-0 flex-1 max-md:basis-[60%]">
          <p className="flex flex-wrap items-center gap-x-3 text-20 font-bold tracking-[-0.014em]">
            {name}
            <Shield proof={customer.proof} worded />
          </p>
          <p className="text-t2">
            {t("person.first", { day: dayWords(firstSeen(customer), moment) })} · {t("customer.doors", { count: doors.length })}
          </p>
        </div>
        <dl className="flex gap-6 max-md:w-full">
          <div className="border-l border-line pl-4">
            <dt className="text-12 text-t3">{t("person.stage")}</dt>
            <dd className="font-semibold">{customer.lead.stage}</dd>
          </div>
          <div className="border-l border-line pl-4">
            <dt className="text-12 text-t3">{t("customer.lead")}</dt>
            <dd>
              <ScoreRing score={customer.lead.score} />
            </dd>
          </div>
        </dl>
        {conversation && (
          <Link to="/inbox/$view/$conversation" params={{ view: "all", conversation }} className={buttonClass("ink")}>
            <MessageCircle size={14} aria-hidden="true" />
            {t("person.open")}
          </Link>
        )}
      </header>
      {items.length > 0 && (
        <Card
          title={t("person.journey")}
          note={t("person.journeyNote", {
            doors: t("customer.doors", { count: doors.length }),
            messages: t("person.messages", { count: customer.messages ?? 0 }),
          })}
          className="mb-4"
        >
          <JourneyStrip items={items} more={timeline.hasNextPage} onMore={() => void timeline.fetchNextPage()} />
        </Card>
      )}
      <div className="grid grid-cols-[1.08fr_1fr_0.86fr] items-start gap-4 max-xl3:grid-cols-2 max-md:grid-cols-1">
        <div className="grid gap-4">
          <Card title={t("customer.facts")} note={t("customer.factCount", { count: facts.length })}>
            {facts.length > 0 ? (
              <dl>
                {facts.map((known) => (
                  <FactRow key={known.predicate} known={known} customer={id} onShowMessage={showMessage} />
                ))}
              </dl>
            ) : (
              <p className="text-t3">{t("customer.noFacts")}</p>
            )}
          </Card>
          {customer.orders.length > 0 && (
            <Card title={t("order.title")} note={t("order.count", { count: customer.orders.length })}>
              <Orders orders={customer.orders} />
            </Card>
          )}
          {customer.actions.length > 0 && (
            <Card title={t("customer.actions")}>
              <Actions customer={id} actions={customer.actions} onShowMessage={showMessage} />
            </Card>
          )}
          {customer.offers.length > 0 && (
            <Card title={t("customer.offers")}>
              <Offers offers={customer.offers} />
            </Card>
          )}
        </div>
        <div className="grid gap-4">
          <Card title={t("customer.identifiers")} note={t("customer.doors", { count: doors.length })}>
            <Identifiers identifiers={customer.identifiers} roomy />
          </Card>
          {customer.consents.length > 0 && (
            <Card title={t("customer.consents")}>
              <Consents consents={customer.consents} />
            </Card>
          )}
        </div>
        <div className="grid gap-4 max-xl3:col-span-2 max-md:col-span-1">
          <MergeSuggestions customer={id} />
          {customer.lead.reasons.length > 0 && (
            <Card
              title={t("person.whyScore", { score: customer.lead.score })}
              action={<ScoreRing score={customer.lead.score} />}
            >
              <LeadReasons lead={customer.lead} bars />
            </Card>
          )}
          <Card title={t("place.tasks")}>
            <PersonTasks customer={id} conversation={conversation} />
          </Card>
          {customer.promises.length > 0 && (
            <Card title={t("customer.promises")}>
              <Promises promises={customer.promises} onShowMessage={showMessage} />
            </Card>
          )}
          <Privacy customer={customer} name={name} />
          {customer.merges.length > 0 && (
            <Card title={t("merge.part")}>
              <Merges merges={customer.merges} />
            </Card>
          )}
          {others.length > 0 && (
            <Card title={t("person.events")}>
              <ul className="grid gap-1">
                {others.map((event) => (
                  <li key={event.id} className="flex gap-2">
                    <span className="min-w-0 flex-1 truncate" title={event.type}>
                      {eventWords(event.type)}
                    </span>
                    <span className="text-12 text-t3 tabular-nums">{dayAndTime(event.at, moment)}</span>
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </div>
      </div>
      <MergeDialog customer={customer} open={merging} onClose={() => setMerging(false)} />
    </PageFrame>
  );
};
