import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { customerQuery, timelineQuery } from "../api/queries.ts";
import type { ConversationItem } from "../api/types.ts";

/**
 * Fetches what a conversation shows before it is opened, so that opening it waits for nothing.
 * The conversation itself is not asked for: looking at it is what marks it as read.
 */
export const useNearby = (): ((item: ConversationItem) => void) => {
  const client = useQueryClient();
  return useCallback(
    (item) => {
      void client.prefetchInfiniteQuery(timelineQuery(item.customer.id));
      void client.prefetchQuery(customerQuery(item.customer.id));
    },
    [client],
  );
};
