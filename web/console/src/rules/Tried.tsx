import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { RuleTried } from "../api/types.ts";
import { ChannelTile } from "../elements/Channel.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age } from "../time/words.ts";

/** How often it would have fired, and on what. */
export const Tried = ({ tried }: { tried: RuleTried }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const share = tried.conversations > 0 ? Math.round((tried.fired / tried.conversations) * 100) : 0;
  return (
    <div role="status" className="mt-4">
      <p className="text-16 font-semibold">
        {t("tryRule.fired", { count: tried.fired, conversations: tried.conversations, messages: tried.messages, share })}
      </p>
      {tried.undecided > 0 && (
        <p className="text-12 text-warn">
          {t("tryRule.undecided", { count: tried.undecided, why: tried.why_undecided ?? "" })}
        </p>
      )}
      <ul className="mt-2">
        {tried.items.map((hit) => (
          <li key={hit.message} className="border-b border-line last:border-b-0">
            <Link
              to="/inbox/$view/$conversation"
              params={{ view: "all", conversation: hit.conversation }}
              search={{ message: hit.message }}
              className="flex items-center gap-3 rounded-1 px-1 py-1.5 hover:bg-s2"
            >
              <ChannelTile channel={hit.channel} />
              <span className="w-36 flex-none truncate font-medium max-md:w-24">{hit.customer.name ?? t("customer.nameless")}</span>
              <span className="min-w-0 flex-1 truncate text-t2">{hit.text}</span>
              <span className="flex-none text-12 text-t3 tabular-nums">{age(hit.at, moment)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
};
