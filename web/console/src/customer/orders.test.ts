import { expect, test } from "vitest";
import { eventWords, otherEvents, productWords } from "./orders.ts";

test("products are counted where there are several, and an event's name is read as words", () => {
  expect(productWords([{ name: "Chair", quantity: 2 }, { name: "Mat", quantity: 1 }, { name: "Lamp", quantity: null }])).toBe("2 × Chair, Mat, Lamp");
  expect(eventWords("cart.checkout_started")).toBe("Cart checkout started");
  const event = (type: string) => ({ id: type, type, data: {}, at: "" });
  expect(otherEvents([event("order.created"), event("cart.updated"), event("shipment.sent")]).map(({ type }) => type)).toEqual(["cart.updated"]);
});
