import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Merge, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PeopleFilter } from "../api/endpoints.ts";
import { peopleQuery, suggestionsQuery } from "../api/queries.ts";
import type { Customer } from "../api/types.ts";
import { addressesOf, addressWords, doorsOf } from "../customer/facts.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { buttonClass } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { ChannelTile } from "../elements/Channel.tsx";
import { Shield } from "../elements/Proof.tsx";
import { ScoreRing } from "../elements/Score.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age } from "../time/words.ts";
import { Said } from "./Said.tsx";
import { More } from "../elements/More.tsx";
import { everybody, NarrowPeople } from "./NarrowPeople.tsx";

const lastSeen = (customer: Customer): string | null =>
  customer.identifiers.reduce<string | null>(
    (latest, { last_seen }) => (latest === null || Date.parse(last_seen) > Date.parse(latest) ? last_seen : latest),
    null,
  );

/** Somebody who opened the chat and said nothing is nobody yet. */
const hasSpoken = (customer: Customer): boolean =>
  customer.name !== null || customer.conversations.length > 0 || customer.identifiers.some(({ kind }) => kind !== "visitor");

const PersonRow = ({ customer }: { customer: Customer }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const seen = lastSeen(customer);
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/people/$customer"
        params={{ customer: customer.id }}
        className="flex items-center gap-3 px-4 py-2.5 hover:bg-s2 focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]"
      >
        <Avatar name={customer.name} />
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-semibold">{customer.name ?? t("customer.nameless")}</span>
            <Shield proof={customer.proof} />
          </span>
          <span className="block truncate text-12 text-t3">
            {addressesOf(customer.identifiers)
              .map((address) => (address.kind === "visitor" ? t("customer.visitor") : addressWords(address)))
              .join(" · ")}
          </span>
        </span>
        <span className="flex flex-none gap-1 max-md:hidden">
          {doorsOf(customer).map((door) => (
            <ChannelTile key={door} channel={door} />
          ))}
        </span>
        <span className="w-24 flex-none truncate text-12 text-t2 max-md:hidden">{customer.lead.stage}</span>
        <span className="w-12 flex-none">{customer.lead.score > 0 && <ScoreRing score={customer.lead.score} />}</span>
        <span className="w-16 flex-none text-right text-12 text-t3 tabular-nums">{seen && age(seen, moment)}</span>
      </Link>
    </li>
  );
};

/** Everybody who ever wrote, found by name, by any address, or by what was said. */
export const PeoplePage = () => {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const [narrowed, setNarrowed] = useState<Omit<PeopleFilter, "q">>(everybody);
  const query = useInfiniteQuery(peopleQuery({ ...narrowed, q: wanted }));
  const { data: suggested } = useQuery(suggestionsQuery);
  const waiting = suggested?.items.filter(({ status }) => status === "open").length ?? 0;
  const isNarrowed = narrowed.channel !== null || narrowed.proof !== null || narrowed.score !== null;
  const people = (query.data?.pages ?? []).flatMap(({ items }) => items).filter((customer) => wanted !== "" || hasSpoken(customer));
  return (
    <PageFrame
      title={t("place.people")}
      note={t("people.note")}
      tools={
        <Link to="/people/review" className={buttonClass("line", "s")}>
          <Merge size={13} aria-hidden="true" />
          {t("review.title")}
          {waiting > 0 && <span className="tabular-nums">{waiting}</span>}
        </Link>
      }
    >
      <div className="mb-4 flex flex-wrap items-center gap-2">
      <label className="relative block w-full max-w-[420px]">
        <span className="sr-only">{t("people.search")}</span>
        <Search size={15} aria-hidden="true" className="absolute top-1/2 left-3 -translate-y-1/2 text-t3" />
        <input
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t("people.hint")}
          className="h-9 w-full rounded-2 border border-line-control bg-s1 pr-3 pl-9 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:text-16"
        />
      </label>
        <NarrowPeople narrowed={narrowed} onNarrow={setNarrowed} />
      </div>
      <div className="overflow-hidden rounded-3 border border-line bg-s1">
        {query.isPending && <SkeletonRows />}
        {query.isError && !query.data && (
          <Failure title={t("people.failed")} error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data && people.length === 0 && (wanted !== "" || isNarrowed) && (
          <p className="px-4 py-3 text-t2">
            {t("people.nobody")}. {t("people.nobodyHint")}
          </p>
        )}
        {query.data && people.length === 0 && wanted === "" && !isNarrowed && (
          <Empty title={t("empty.people.title")} text={t("empty.people.text")} />
        )}
        <ul>
          {people.map((customer) => (
            <PersonRow key={customer.id} customer={customer} />
          ))}
        </ul>
      </div>
      <More pages={query} />
      {wanted.length > 1 && <Said words={wanted} />}
    </PageFrame>
  );
};
