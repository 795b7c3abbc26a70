import { expect, test } from "vitest";
import type { Alert } from "../api/types.ts";
import { freshAlerts } from "./fresh.ts";

const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  id,
  kind: "escalated",
  team: null,
  at: "2026-11-29T10:00:00Z",
  conversation: `of-${id}`,
  customer: { id: "c", name: "Ada" },
  rule: null,
  waits: true,
  ...more,
});

test("what was known, is taken or lies open is no news", () => {
  const all = [alert("a"), alert("b", { waits: false }), alert("c"), alert("d")];
  expect(freshAlerts(new Set(["a"]), all, "of-c").map(({ id }) => id)).toEqual(["d"]);
});
