import { ArrowDownUp } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Customer, Fact } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Shield } from "../elements/Proof.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayWords } from "../time/words.ts";
import { addressesOf, addressWords, factWords } from "./facts.ts";
import { joined } from "./merging.ts";

const Group = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="mt-2.5">
    <h3 className="text-12 font-medium text-t3">{title}</h3>
    <ul className="mt-0.5 grid gap-0.5">{children}</ul>
  </div>
);

/** What becomes of two records that are joined: which one stays, what it gains, and which of two values is used. */
export const MergePreview = ({ kept, absorbed, onTurn }: { kept: Customer; absorbed: Customer; onTurn: () => void }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const { addresses, gains, clashes } = joined(kept, absorbed);
  // Two records of one person often have one name: an address tells them apart.
  const name = (customer: Customer) => {
    const [first] = addressesOf(customer.identifiers).filter(({ kind }) => kind !== "visitor");
    const known = customer.name ?? t("customer.nameless");
    return first ? `${known} (${addressWords(first)})` : known;
  };
  const why = (fact: Fact) => (fact.pinned ? t("merge.pinned") : t("merge.newer", { day: dayWords(fact.recorded_at, moment) }));
  return (
    <section aria-label={t("merge.what")} className="mt-3 max-h-[40vh] overflow-y-auto rounded-2 border border-dashed border-line-strong p-3" tabIndex={0}>
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1">
          {t("merge.stays", { kept: name(kept), absorbed: name(absorbed) })} <Shield proof={kept.proof} />
        </p>
        <Button height="s" onClick={onTurn}>
          <ArrowDownUp size={13} aria-hidden="true" />
          {t("merge.turn")}
        </Button>
      </div>
      {clashes.length > 0 && (
        <Group title={t("merge.clashes", { count: clashes.length })}>
          {clashes.map(({ predicate, wins, loses }) => (
            <li key={predicate} className="rounded-1 bg-warn-soft px-2 py-1">
              <span className="text-t2">{factWords(wins)}:</span> <strong className="font-semibold">{wins.value}</strong>{" "}
              <del className="text-t3" aria-label={t("fact.replaced", { value: loses.value })}>
                {loses.value}
              </del>{" "}
              <span className="text-12 text-t3">{why(wins)}</span>
            </li>
          ))}
        </Group>
      )}
      {addresses.length > 0 && (
        <Group title={t("merge.addresses", { count: addresses.length })}>
          {addresses.map((address) => (
            <li key={address.id} className="flex min-w-0 items-center gap-1.5">
              <span className="truncate">{address.kind === "visitor" ? t("customer.visitor") : addressWords(address)}</span>
              <Shield proof={address.trust} />
            </li>
          ))}
        </Group>
      )}
      {gains.length > 0 && (
        <Group title={t("merge.gains", { count: gains.length })}>
          {gains.map((fact) => (
            <li key={fact.id} className="[overflow-wrap:anywhere]">
              <span className="text-t2">{factWords(fact)}:</span> {fact.value}
            </li>
          ))}
        </Group>
      )}
      {clashes.length + addresses.length + gains.length === 0 && <p className="mt-2 text-t3">{t("merge.nothingNew")}</p>}
      <p className="mt-2.5 text-12 text-t3">{t("merge.threads")}</p>
    </section>
  );
};
