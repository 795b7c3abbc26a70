import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../api/queries.ts";

/** May whoever is signed in change anything? Analysts read; what they may not do is not offered to them. */
export const useMayChange = (): boolean => useQuery({ ...sessionQuery, enabled: false }).data?.teammate.role !== "analyst";
