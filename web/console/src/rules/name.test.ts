import { expect, test } from "vitest";
import { asName } from "./name.ts";

test("any name becomes one that a rule can have", () => {
  expect(asName("Gold & unhappy")).toBe("gold-unhappy");
  expect(asName("  Très déçu ! ")).toBe("tres-decu");
  expect(asName("---")).toBe("");
  expect(asName(`a${"-b".repeat(40)}`).length).toBeLessThanOrEqual(60);
});
