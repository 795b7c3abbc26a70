import { useInfiniteQuery } from "@tanstack/react-query";
import { timelineQuery } from "../api/queries.ts";
import type { Customer } from "../api/types.ts";
import { doorsOf } from "./facts.ts";

/** Every door a person is known from: by an address, by a fact, or because something was said there. */
export const useDoors = (customer: Customer | undefined): string[] => {
  const { data } = useInfiniteQuery({ ...timelineQuery(customer?.id ?? ""), enabled: customer !== undefined });
  if (!customer) return [];
  const said = (data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter(({ kind }) => kind === "message")
    .map(({ channel }) => channel);
  return [...new Set([...doorsOf(customer), ...said])];
};
