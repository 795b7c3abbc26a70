import { useTranslation } from "react-i18next";
import type { Identifier } from "../api/types.ts";
import { ChannelTile } from "../elements/Channel.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Shield } from "../elements/Proof.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayWords } from "../time/words.ts";
import { addressesOf, addressWords, identifierChannel } from "./facts.ts";

const shorten = (value: string): string => (value.length > 26 ? `${value.slice(0, 10)}…${value.slice(-8)}` : value);

/** Every address a person is known by, each with how well it is proven. */
export const Identifiers = ({
  identifiers,
  roomy = false,
}: {
  identifiers: readonly Identifier[];
  roomy?: boolean;
}) => {
  const { t } = useTranslation();
  const moment = useMoment();
  return (
    <ul className="grid">
      {addressesOf(identifiers).map((identifier) => (
        <li
          key={identifier.id}
          className={
            roomy
              ? "flex items-center gap-3 border-b border-line py-2.5 last:border-b-0"
              : "flex h-6 items-center gap-2"
          }
        >
          <ChannelTile channel={identifierChannel(identifier.kind, identifier.origin)} size={roomy ? "m" : "s"} />
          <span className="min-w-0 flex-1">
            <span className="flex items-center gap-2">
              <span className={roomy ? "truncate font-semibold" : "truncate"} title={identifier.value}>
                {identifier.kind === "visitor" ? t("customer.visitor") : shorten(addressWords(identifier))}
              </span>
              {identifier.shared && <Chip tone="warn">{t("customer.sharedAddress")}</Chip>}
            </span>
            {roomy && (
              <span className="block truncate text-12 text-t3">
                {t("customer.since", { origin: identifier.origin, day: dayWords(identifier.first_seen, moment) })}
              </span>
            )}
          </span>
          <Shield proof={identifier.trust} worded={roomy} />
        </li>
      ))}
    </ul>
  );
};
