import { queryOptions } from "@tanstack/react-query";
import { fetchConversations } from "../api/endpoints.ts";
import { keys } from "../api/queries.ts";

/** The numbers beside the views, kept fresh with every list. */
export const countsQuery = queryOptions({
  queryKey: keys.counts,
  queryFn: async () => (await fetchConversations("escalated", null)).counts,
});
