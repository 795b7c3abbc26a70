import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Bookmark } from "lucide-react";
import { savedViewsQuery } from "../api/queries.ts";
import type { SavedView } from "../api/types.ts";
import { MenuItem } from "../elements/Menu.tsx";
import { narrow, useNarrowing } from "./narrowing.ts";
import { crowd, isSaved } from "./saved.ts";

/** The saved views, which of them is open, and how one is opened. */
export const useSavedViews = () => {
  const navigate = useNavigate();
  const { view } = useParams({ strict: false });
  const narrowing = useNarrowing();
  const { data } = useQuery(savedViewsQuery);
  const open = (saved: SavedView) => {
    narrow({ tag: saved.tag, channel: saved.channel, team: saved.team });
    void navigate({ to: "/inbox/$view", params: { view: saved.view } });
  };
  return { items: data?.items ?? [], isOpen: (saved: SavedView) => isSaved(saved, view, narrowing), open };
};

/** In the menu from view to view. */
export const SavedViewItems = () => {
  const { items, isOpen, open } = useSavedViews();
  return items.map((saved) => (
    <MenuItem
      key={saved.id}
      icon={<Bookmark size={15} aria-hidden="true" />}
      hint={crowd(saved.count)}
      checked={isOpen(saved)}
      onSelect={() => open(saved)}
    >
      {saved.name}
    </MenuItem>
  ));
};
