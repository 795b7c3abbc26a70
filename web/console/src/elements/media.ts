import { useSyncExternalStore } from "react";

/** Whether a media query holds now, and from now on. */
export const useMedia = (query: string): boolean =>
  useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );

/** Room for list, thread and side panel at once. */
export const useThreePanes = (): boolean => useMedia("(min-width: 1240px)");
/** Room for one pane only. */
export const useOnePane = (): boolean => useMedia("(max-width: 767.9px)");
