import type { Customer, Order } from "../api/types.ts";

const states = ["created", "paid", "confirmed", "packed", "shipped", "delivered", "cancelled", "returned", "refunded"] as const;

/** A state that the console has words for; any other is the business's own. */
export const isOrderState = (state: string): state is (typeof states)[number] => states.some((known) => known === state);

/** Nothing more is expected of it. */
export const isOver = (state: string): boolean => ["delivered", "cancelled", "returned", "refunded"].includes(state);

/** "2 × Chair, Mat". */
export const productWords = (products: Order["products"]): string =>
  products.map(({ name, quantity }) => (quantity !== null && quantity !== 1 ? `${quantity} × ${name}` : name)).join(", ");

/** "cart.updated" as people read it: "Cart updated". */
export const eventWords = (type: string): string => {
  const plain = type.replaceAll(/[._-]+/g, " ").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};

/** What the business told besides its orders. */
export const otherEvents = (events: Customer["events"]): Customer["events"] => events.filter(({ type }) => !/^(order|shipment)/.test(type));
