import type { SavedView } from "../api/types.ts";
import type { Narrowing } from "./narrowing.ts";

/** Is this what is shown now? */
export const isSaved = (saved: SavedView, view: string | undefined, { tag, channel, team }: Narrowing): boolean =>
  saved.view === view && saved.tag === tag && saved.channel === channel && saved.team === team;

/** A count as it stands beside a view; none for nothing, a crowd is rounded. */
export const crowd = (count: number): string => (count === 0 ? "" : count > 999 ? "999+" : String(count));
