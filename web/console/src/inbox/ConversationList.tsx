import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, Search } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { conversationsQuery } from "../api/queries.ts";
import { buttonClass, IconButton } from "../elements/Button.tsx";
import { Menu, MenuItem } from "../elements/Menu.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { countsQuery } from "../shell/counts.ts";
import { openPalette } from "../shell/sheet-state.ts";
import { BulkBar } from "./BulkBar.tsx";
import { useNearby } from "./nearby.ts";
import { ListRow } from "./ListRow.tsx";
import { chooseNone, chooseThrough, toggleChosen, useChosen } from "./selection.ts";
import { Filter } from "./Filter.tsx";
import { useNarrowing } from "./narrowing.ts";
import { SavedViewItems } from "./SavedViews.tsx";
import { countWords, type InboxView, viewIcons, views } from "./views.ts";

/** On a phone the title is the way from view to view. */
const ViewMenu = ({ view }: { view: InboxView }) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: counts } = useQuery(countsQuery);
  return (
    <Menu
      trigger={
        <button type="button" className="flex min-h-11 items-center gap-2 rounded-2 text-20 font-bold">
          {t(`view.${view}`)}
          <span className="text-13 font-normal text-t3 tabular-nums">{countWords(counts, view)}</span>
          <ChevronDown size={16} aria-hidden="true" className="text-t3" />
        </button>
      }
    >
      {views.map((entry) => {
        const Icon = viewIcons[entry];
        return (
          <MenuItem
            key={entry}
            icon={<Icon size={15} aria-hidden="true" />}
            hint={countWords(counts, entry)}
            checked={entry === view}
            onSelect={() => void navigate({ to: "/inbox/$view", params: { view: entry } })}
          >
            {t(`view.${entry}`)}
          </MenuItem>
        );
      })}
      <SavedViewItems />
    </Menu>
  );
};

/** Why a view is empty and what to do about it. */
export const EmptyView = ({ view }: { view: InboxView }) => {
  const { t } = useTranslation();
  return (
    <Empty
      title={t(`empty.${view}.title`)}
      text={t(`empty.${view}.text`)}
      action={
        view === "ai" || view === "all" ? (
          <Link to="/start" className={buttonClass("ink")}>
            {t("empty.ai.action")}
          </Link>
        ) : (
          <Link to="/inbox/$view" params={{ view: "ai" }} className={buttonClass("line")}>
            {t("empty.seeAi")}
          </Link>
        )
      }
    />
  );
};

interface ListProps {
  view: InboxView;
  selected: string | null;
  /** The explanation of an empty view stands elsewhere. */
  brief: boolean;
  onOpen: (conversation: string) => void;
}

/** The conversations of one view, newest first, drawn only where they can be seen. */
export const ConversationList = ({ view, selected, brief, onOpen }: ListProps) => {
  const { t } = useTranslation();
  const { data: counts } = useQuery(countsQuery);
  const narrowing = useNarrowing();
  const { tag, channel, team } = narrowing;
  const list = useInfiniteQuery(conversationsQuery(view, narrowing));
  const scroller = useRef<HTMLDivElement>(null);
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data?.pages]);
  const order = useMemo(() => items.map((item) => item.id), [items]);
  const known = useMemo(() => [...new Set(items.flatMap((item) => item.tags))].sort(), [items]);
  const chosen = useChosen();
  const choose = useCallback(
    (id: string, range: boolean) => (range ? chooseThrough(id, order) : toggleChosen(id)),
    [order],
  );
  const nearby = useNearby();
  useEffect(() => chooseNone, [view]);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 80,
    overscan: 8,
    getItemKey: (index) => items[index]?.id ?? index,
  });
  const visible = rows.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastVisible >= items.length - 10) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastVisible, items.length]);
  const selectedIndex = items.findIndex((item) => item.id === selected);
  useEffect(() => {
    if (selectedIndex >= 0) rows.scrollToIndex(selectedIndex, { align: "auto" });
  }, [selectedIndex, rows]);

  return (
    <section
      aria-label={t("inbox.listLabel", { view: t(`view.${view}`) })}
      className="flex h-full min-h-0 flex-col bg-s1"
    >
      <header className="flex h-[52px] flex-none items-center gap-2 border-b border-line pr-2.5 pl-4">
        <h1 className="md:hidden">
          <ViewMenu view={view} />
        </h1>
        <h2 className="text-14 font-semibold max-md:hidden">{t(`view.${view}`)}</h2>
        <span className="text-t3 tabular-nums max-md:hidden">{countWords(counts, view)}</span>
        <span className="flex-1" />
        <Filter view={view} />
        <IconButton label={t("shell.find")} onClick={openPalette}>
          <Search size={16} aria-hidden="true" />
        </IconButton>
      </header>
      <BulkBar known={known} />
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" data-scroller="conversations">
        {list.isPending && <SkeletonRows />}
        {list.isError && !list.data && (
          <Failure title={t("inbox.failed")} error={list.error} onRetry={() => void list.refetch()} />
        )}
        {list.data &&
          items.length === 0 &&
          (tag || channel || team ? (
            <p className="px-4 py-3 text-t2">{tag ? t("inbox.noneWithTag", { tag }) : t(team ? "inbox.noneOfTeam" : "inbox.noneOnDoor")}</p>
          ) : brief ? (
            <p className="px-4 py-3 text-t3">{t(`empty.${view}.title`)}</p>
          ) : (
            <EmptyView view={view} />
          ))}
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {visible.map((row) => {
            const item = items[row.index];
            return item ? (
              <li
                key={row.key}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <ListRow
                  item={item}
                  view={view}
                  selected={item.id === selected}
                  chosen={chosen.has(item.id)}
                  choosing={chosen.size > 0}
                  onOpen={onOpen}
                  onNear={nearby}
                  onChoose={choose}
                />
              </li>
            ) : null;
          })}
        </ul>
      </div>
    </section>
  );
};
