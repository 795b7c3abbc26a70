import { useCallback, useReducer } from "react";
import type { Attached } from "./attach.ts";

/** Files wait in the field of their conversation while the page shows something else. A reload loses them: browsers keep no files. */
const waiting = new Map<string, Attached[]>();
const none: Attached[] = [];

export const useAttached = (conversation: string): readonly [Attached[], (files: Attached[]) => void] => {
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const set = useCallback(
    (files: Attached[]) => {
      if (files.length > 0) waiting.set(conversation, files);
      else waiting.delete(conversation);
      drawAgain();
    },
    [conversation],
  );
  return [waiting.get(conversation) ?? none, set];
};
