import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { saidQuery } from "../api/queries.ts";
import type { FoundMessage, Stretch } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { ChannelTile } from "../elements/Channel.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age } from "../time/words.ts";

/** The words around a hit, with the hits marked. */
export const Excerpt = ({ stretches }: { stretches: readonly Stretch[] }) =>
  stretches.map(({ text, hit }, at) =>
    hit ? (
      <mark key={at} className="font-medium">
        {text}
      </mark>
    ) : (
      <span key={at}>{text}</span>
    ),
  );

/** Who said it, in a few letters. */
export const useSpeaker = (): ((found: FoundMessage) => string) => {
  const { t } = useTranslation();
  return (found) => {
    const name = found.customer.name ?? t("customer.nameless");
    if (found.note) return t("said.note", { by: found.author_name ?? t("author.teammate"), name });
    if (found.author === "customer") return name;
    return t("said.to", { by: found.author === "teammate" ? (found.author_name ?? t("author.teammate")) : t(`author.${found.author}`), name });
  };
};

const SaidRow = ({ found }: { found: FoundMessage }) => {
  const moment = useMoment();
  const speaker = useSpeaker();
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/inbox/$view/$conversation"
        params={{ view: "all", conversation: found.conversation }}
        search={{ message: found.id }}
        className="flex items-start gap-3 px-4 py-2.5 hover:bg-s2 focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]"
      >
        <ChannelTile channel={found.channel} />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-12 font-medium text-t2">{speaker(found)}</span>
          <span className="line-clamp-2 break-words">
            <Excerpt stretches={found.excerpt} />
          </span>
        </span>
        <span className="w-16 flex-none text-right text-12 text-t3 tabular-nums">{age(found.at, moment)}</span>
      </Link>
    </li>
  );
};

/** Everything ever said that holds the words, newest first. */
export const Said = ({ words }: { words: string }) => {
  const { t } = useTranslation();
  const query = useInfiniteQuery(saidQuery(words));
  const found = query.data?.pages.flatMap((page) => page.items) ?? [];
  const isWhole = query.data?.pages.every((page) => page.complete) ?? true;
  return (
    <section aria-label={t("said.title")} className="mt-6">
      <h2 className="mb-2 font-semibold">{t("said.title")}</h2>
      {!isWhole && <p className="mb-2 text-12 text-t2">{t("said.partial")}</p>}
      <div className="overflow-hidden rounded-3 border border-line bg-s1">
        {query.isPending && <SkeletonRows />}
        {query.isError && !query.data && (
          <Failure title={t("said.failed")} error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data && found.length === 0 && !query.hasNextPage && <Empty title={t("said.nothing")} text={t("said.nothingHint")} />}
        <ul>
          {found.map((one) => (
            <SaidRow key={one.id} found={one} />
          ))}
        </ul>
        {query.hasNextPage && (
          <div className="border-t border-line p-2 text-center">
            <Button look="quiet" height="s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t("said.more")}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
};
