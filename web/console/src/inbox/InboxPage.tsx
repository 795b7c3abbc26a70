import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import { conversationsQuery } from "../api/queries.ts";
import { ConversationPane } from "../conversation/ConversationPane.tsx";
import { useOnePane } from "../elements/media.ts";
import { useMayChange } from "../session/may.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { ConversationList, EmptyView } from "./ConversationList.tsx";
import { useNearby } from "./nearby.ts";
import { toggleChosen } from "./selection.ts";
import { useNarrowing } from "./narrowing.ts";
import { isInboxView, type InboxView } from "./views.ts";

/** List, thread and side panel; two panes or one where room is short. */
export const InboxPage = () => {
  const navigate = useNavigate();
  const params = useParams({ strict: false });
  const view: InboxView = params.view && isInboxView(params.view) ? params.view : "escalated";
  const selected = params.conversation ?? null;
  const onePane = useOnePane();
  const { data } = useInfiniteQuery(conversationsQuery(view, useNarrowing()));
  const items = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);

  const open = useCallback(
    (conversation: string | undefined, replace = false) => {
      if (conversation) {
        void navigate({ to: "/inbox/$view/$conversation", params: { view, conversation }, replace });
      } else {
        void navigate({ to: "/inbox/$view", params: { view }, replace });
      }
    },
    [navigate, view],
  );
  const step = (by: number) => {
    if (!items) return;
    const index = items.findIndex((item) => item.id === selected);
    const next = items[index < 0 ? 0 : Math.min(items.length - 1, Math.max(0, index + by))];
    if (next) open(next.id);
  };
  const may = useMayChange();
  useShortcuts({ j: () => step(1), k: () => step(-1), x: may && selected ? () => toggleChosen(selected) : undefined });

  const first = items?.[0]?.id;
  useEffect(() => {
    if (!onePane && !selected && first) open(first, true);
  }, [onePane, selected, first, open]);

  const nearby = useNearby();
  useEffect(() => {
    const index = items?.findIndex((item) => item.id === selected) ?? -1;
    if (!items || index < 0) return undefined;
    // Whoever goes through a list one by one finds the next one ready.
    const timer = window.setTimeout(() => {
      for (const by of [1, -1, 2]) {
        const item = items[index + by];
        if (item) nearby(item);
      }
    }, 60);
    return () => window.clearTimeout(timer);
  }, [items, selected, nearby]);

  const openNext = () => {
    const all = items ?? [];
    const index = all.findIndex((item) => item.id === selected);
    const next = all[index + 1] ?? all[index - 1];
    open(onePane ? undefined : next?.id);
    return next?.customer.name ?? null;
  };

  return (
    <div className="flex h-full min-h-0">
      {onePane ? (
        !selected && (
          <main id="content" className="min-h-0 w-full">
            <ConversationList view={view} selected={selected} brief={false} onOpen={open} />
          </main>
        )
      ) : (
        <div className="min-h-0 w-[324px] flex-none border-r border-line max-xl3:w-[300px]">
          <ConversationList view={view} selected={selected} brief onOpen={open} />
        </div>
      )}
      {selected ? (
        <ConversationPane
          key={selected}
          id={selected}
          view={view}
          seed={items?.find((item) => item.id === selected)}
          onDone={openNext}
        />
      ) : (
        !onePane && (
          <main id="content" className="grid min-w-0 flex-1 place-items-center bg-s1">
            {items?.length === 0 ? <EmptyView view={view} /> : null}
          </main>
        )
      )}
    </div>
  );
};
