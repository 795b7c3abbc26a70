import { expect, test } from "vitest";
import type { Manner } from "../api/types.ts";
import { isSame, withDoor } from "./manner.ts";

const plain: Manner = { name: null, tone: null, persona: null, doors: {} };

test("a door of which nothing is said is not kept", () => {
  const greeted = withDoor(plain, "email", { greeting: "Dear customer," });
  expect(greeted.doors).toEqual({ email: { tone: null, greeting: "Dear customer,", sign_off: null } });
  expect(withDoor(greeted, "email", { greeting: "" }).doors).toEqual({});
  expect(isSame(withDoor(greeted, "email", { greeting: "" }), plain)).toBe(true);
  expect(isSame(greeted, plain)).toBe(false);
});

test("the order in which doors were written makes no difference", () => {
  const one = withDoor(withDoor(plain, "sms", { tone: "short" }), "email", { tone: "formal" });
  const other = withDoor(withDoor(plain, "email", { tone: "formal" }), "sms", { tone: "short" });
  expect(isSame(one, other)).toBe(true);
});
