import { useTranslation } from "react-i18next";
import type { Offer } from "../api/types.ts";
import { Chip, type Tone } from "../elements/Chip.tsx";

const tones: Record<Offer["outcome"], Tone> = { open: "plain", accepted: "ok", declined: "warn", expired: "plain" };

/** Terms taken from a row of a table come with the product's name again and with its bars. */
const termsWords = ({ product, terms }: Offer): string =>
  terms
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "" && !part.endsWith(`: ${product}`))
    .join(", ");

/** What was offered, on which terms, and what became of it. */
export const Offers = ({ offers }: { offers: readonly Offer[] }) => {
  const { t } = useTranslation();
  return (
    <ul className="grid gap-1.5">
      {offers.map((offer) => (
        <li key={offer.id} className="flex items-start gap-2">
          <span className="min-w-0 flex-1">
            {offer.product}
            <span className="line-clamp-2 text-12 text-t3" title={offer.terms}>
              {[termsWords(offer), offer.reason].filter(Boolean).join("; ")}
            </span>
          </span>
          <Chip tone={tones[offer.outcome]}>{t(`offer.${offer.outcome}`)}</Chip>
        </li>
      ))}
    </ul>
  );
};
