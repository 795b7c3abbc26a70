import { expect, test } from "vitest";
import { inMoney } from "./money.ts";

test("small amounts keep the figures that say something", () => {
  expect(inMoney(0.0002, "EUR", "en")).toBe("€0.0002");
  expect(inMoney(0.15, "EUR", "en")).toBe("€0.15");
  expect(inMoney(5, "USD", "en")).toBe("$5.00");
  expect(inMoney(0, "EUR", "fr")).toMatch(/^0,00\s€$/);
  expect(inMoney(1.5, null, "en")).toBe("1.5");
});
