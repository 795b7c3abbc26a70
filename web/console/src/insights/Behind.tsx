import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { behindQuery } from "../api/queries.ts";
import type { ReportFigure } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button } from "../elements/Button.tsx";
import { ChannelTile } from "../elements/Channel.tsx";
import { Shield } from "../elements/Proof.tsx";
import { Sheet } from "../elements/Sheet.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { age } from "../time/words.ts";
import { barsOf } from "./figures.ts";

/** What was clicked on. */
export interface Opened {
  title: string;
  text?: string;
  words?: string;
  conversations: string;
  figure?: ReportFigure;
}

export const Spark = ({ bars, className = "h-12" }: { bars: readonly number[]; className?: string }) => {
  const most = Math.max(1, ...bars);
  return (
    <div className={`flex items-end gap-[3px] border-b border-line ${className}`} aria-hidden="true">
      {bars.map((count, index) => (
        <span
          key={index}
          className={count > 0 ? "min-h-[3px] flex-1 rounded-t-[2px] bg-t3" : "h-px flex-1 bg-s3"}
          style={count > 0 ? { height: `${(count / most) * 100}%` } : {}}
        />
      ))}
    </div>
  );
};

/** The conversations behind a figure. */
export const Behind = ({ opened, from, to, onClose }: { opened: Opened | null; from: string; to: string; onClose: () => void }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const query = useInfiniteQuery({ ...behindQuery(opened?.conversations ?? ""), enabled: opened !== null });
  const items = [...new Map((query.data?.pages ?? []).flatMap((page) => page.items).map((item) => [item.id, item])).values()];
  return (
    <Sheet open={opened !== null} onClose={onClose} title={opened?.title ?? ""}>
      <div className="p-4">
        {opened?.text && <p className="mb-2 text-t2">{opened.text}</p>}
        {opened?.words && <p className="mb-3 text-28 font-bold tracking-[-0.02em] tabular-nums">{opened.words}</p>}
        {opened?.figure && opened.figure.days.length > 0 && <Spark bars={barsOf(opened.figure, from, to)} />}
        <h3 className="mt-4 mb-1 font-semibold">{t("insights.behind")}</h3>
      </div>
      {query.isPending && <SkeletonRows rows={4} />}
      {query.isError && <Failure title={t("insights.behindFailed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && items.length === 0 && <p className="px-4 text-t3">{t("insights.nobody")}</p>}
      <ul>
        {items.map((item) => (
          <li key={item.id} className="border-t border-line">
            <Link
              to="/inbox/$view/$conversation"
              params={{ view: "all", conversation: item.id }}
              className="flex items-center gap-3 px-4 py-2.5 hover:bg-s2 focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]"
            >
              <Avatar name={item.customer.name} />
              <span className="min-w-0 flex-1">
                <span className="flex items-center gap-1.5">
                  <span className="truncate font-semibold">{item.customer.name ?? t("customer.nameless")}</span>
                  <Shield proof={item.customer.proof} />
                </span>
                <span className="mt-0.5 flex items-center gap-1">
                  {item.channels.map((channel) => (
                    <ChannelTile key={channel} channel={channel} size="s" />
                  ))}
                  <span className="min-w-0 flex-1 truncate pl-1 text-12 text-t3">{item.last_message?.text}</span>
                </span>
              </span>
              <span className="flex-none text-12 text-t3 tabular-nums">{age(item.updated_at, moment)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="p-4 text-center">
          <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
            {t("insights.more")}
          </Button>
        </div>
      )}
    </Sheet>
  );
};
