import { useTranslation } from "react-i18next";
import type { Order } from "../api/types.ts";
import { Chip, lineWords, type Tone } from "../elements/Chip.tsx";
import { inMoney } from "../models/money.ts";
import { useMoment } from "../time/use-moment.ts";
import { dayWords } from "../time/words.ts";
import { isOrderState, isOver, productWords } from "./orders.ts";

const tones: Partial<Record<string, Tone>> = { delivered: "ok", shipped: "accent", cancelled: "warn", returned: "warn", refunded: "warn" };

/** Orders as the business told of them: number, what was bought, the amount, and where each stands. */
export const Orders = ({ orders }: { orders: readonly Order[] }) => {
  const { t, i18n } = useTranslation();
  const moment = useMoment();
  return (
    <ul className="grid gap-2">
      {orders.map((order) => (
        <li key={order.number} className="min-w-0">
          <p className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate font-semibold" title={order.number}>
              {order.number}
            </span>
            {order.total_minor !== null && <span className="flex-none tabular-nums">{inMoney(order.total_minor / 100, order.currency, i18n.language)}</span>}
            <Chip tone={tones[order.state] ?? "plain"} className="min-w-0">
              <span className="truncate" title={order.state}>
                {isOrderState(order.state) ? t(`order.state.${order.state}`) : lineWords(order.state.replaceAll("_", " "))}
              </span>
            </Chip>
          </p>
          {order.products.length > 0 && <p className="[overflow-wrap:anywhere]">{productWords(order.products)}</p>}
          <p className="text-12 text-t3 [overflow-wrap:anywhere]">
            {[
              t("order.placed", { day: dayWords(order.placed_at, moment) }),
              order.at === order.placed_at ? null : t("order.heard", { day: dayWords(order.at, moment) }),
              order.expected && !isOver(order.state) ? t("order.expected", { when: order.expected }) : null,
              [order.carrier, order.tracking].filter(Boolean).join(" "),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </li>
      ))}
    </ul>
  );
};
