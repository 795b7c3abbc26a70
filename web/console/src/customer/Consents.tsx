import { CheckCircle2, CircleDashed, MinusCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Consent } from "../api/types.ts";
import { useChannelLabel } from "../elements/Channel.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayWords } from "../time/words.ts";
import { predicateWords } from "./facts.ts";

const icons = { given: CheckCircle2, withdrawn: MinusCircle, requested: CircleDashed } as const;

/** What a person allowed, on which door and since when. */
export const Consents = ({ consents }: { consents: readonly Consent[] }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const label = useChannelLabel();
  return (
    <ul className="grid gap-1">
      {consents.map((consent) => {
        const Icon = icons[consent.state];
        return (
          <li key={consent.purpose + consent.channel} className="flex items-start gap-2" title={consent.wording}>
            <Icon
              size={14}
              aria-hidden="true"
              className={`mt-[3px] flex-none ${consent.state === "given" ? "text-ok" : "text-t3"}`}
            />
            <span className="min-w-0 flex-1">{predicateWords(consent.purpose)}</span>
            <span className="pt-0.5 text-right text-12 text-t3">
              {t(`consent.${consent.state}`)}, {label(consent.channel)}, {dayWords(consent.at, moment)}
            </span>
          </li>
        );
      })}
    </ul>
  );
};
