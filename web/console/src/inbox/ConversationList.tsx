import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ListFilter, Search, Tag, X } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { conversationsQuery, keys } from "../api/queries.ts";
import type { ConversationPage } from "../api/types.ts";
import { buttonClass, IconButton } from "../elements/Button.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Menu, MenuItem } from "../elements/Menu.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { countsQuery } from "../shell/counts.ts";
import { openPalette } from "../shell/sheet-state.ts";
import { BulkBar } from "./BulkBar.tsx";
import { useNearby } from "./nearby.ts";
import { ListRow } from "./ListRow.tsx";
import { chooseNone, chooseThrough, toggleChosen, useChosen } from "./selection.ts";
import { filterByTag, useTagFilter } from "./tag-filter.ts";
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
    </Menu>
  );
};

/** Narrows the list to one tag of those that any list at hand shows. */
const TagFilter = ({ tag }: { tag: string | null }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const lists = client.getQueriesData<InfiniteData<ConversationPage>>({ queryKey: keys.conversationLists });
  const shown = lists.flatMap(([, data]) => data?.pages.flatMap((page) => page.items.flatMap((item) => item.tags)) ?? []);
  const tags = [...new Set(tag ? [...shown, tag] : shown)].sort();
  if (tags.length === 0) return null;
  return (
    <>
      {tag && (
        <Chip tone="accent">
          <span className="max-w-[90px] truncate">{tag}</span>
          <button
            type="button"
            aria-label={t("inbox.allTags", { tag })}
            onClick={() => filterByTag(null)}
            className="-mr-1 grid size-5 place-items-center rounded-1 hover:bg-s3"
          >
            <X size={11} aria-hidden="true" />
          </button>
        </Chip>
      )}
      <Menu
        align="end"
        trigger={
          <IconButton label={t("inbox.filter")}>
            <ListFilter size={16} aria-hidden="true" />
          </IconButton>
        }
      >
        {tags.map((entry) => (
          <MenuItem key={entry} icon={<Tag size={14} aria-hidden="true" />} checked={entry === tag} onSelect={() => filterByTag(entry === tag ? null : entry)}>
            {entry}
          </MenuItem>
        ))}
      </Menu>
    </>
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
  const tag = useTagFilter();
  const list = useInfiniteQuery(conversationsQuery(view, tag));
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
        <TagFilter tag={tag} />
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
          (tag ? (
            <p className="px-4 py-3 text-t2">{t("inbox.noneWithTag", { tag })}</p>
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
