import { expect, test } from "vitest";
import { states } from "./states.ts";

const at = "2026-11-20T12:00:00Z";
const standing = { name: null, quality: null, to_do: [] as string[], ends_at: null, asked_at: at, trouble: null };
const door = { health: "ok" as const, standing, last_in: null, last_out: null, last_fetch: null };

test("a door that is set up turns green step by step", () => {
  expect(states(undefined)).toEqual({ configured: "open", admitted: "open", heard: "open", answered: "open" });
  expect(states({ ...door, standing: { ...standing, asked_at: null } }).admitted).toBe("open");
  expect(states(door)).toEqual({ configured: "done", admitted: "done", heard: "open", answered: "open" });
  expect(states({ ...door, standing: { ...standing, to_do: ["Set the webhook."] } }).admitted).toBe("open");
  expect(states({ ...door, health: "error" }).admitted).toBe("wrong");
  expect(states({ ...door, last_in: at, last_out: at })).toEqual({ configured: "done", admitted: "done", heard: "done", answered: "done" });
});
