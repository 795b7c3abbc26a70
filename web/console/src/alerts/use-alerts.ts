import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { alertsQuery } from "../api/queries.ts";
import type { Alert, AlertSwitches } from "../api/types.ts";
import { freshAlerts } from "./fresh.ts";
import { chime } from "./sound.ts";

const announced = "rapport.announced";

/** Of several open pages one speaks up. */
const isFirstToTell = (alert: Alert): boolean => {
  if (window.localStorage.getItem(announced) === alert.id) return false;
  window.localStorage.setItem(announced, alert.id);
  return true;
};

/** Tells what is new by the browser's own notification and by a sound, as far as they are switched on. */
export const useAlerts = (switches: AlertSwitches | undefined, open: string | null): void => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const wanted = switches !== undefined && (switches.browser || switches.sound);
  const { data } = useQuery({ ...alertsQuery, enabled: wanted });
  const known = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (!data || !switches) return;
    // What was there when the page opened is in the lists already.
    const before = known.current;
    known.current = new Set(data.items.map(({ id }) => id));
    if (!before) return;
    const fresh = freshAlerts(before, data.items, document.hasFocus() ? open : null);
    const newest = fresh[0];
    if (!newest || !isFirstToTell(newest)) return;
    if (switches.sound) chime();
    if (!switches.browser || !("Notification" in window) || Notification.permission !== "granted") return;
    for (const alert of fresh.slice(0, 3)) {
      const notification = new Notification(t(`alert.${alert.kind}`, { name: alert.customer.name ?? t("customer.nameless") }), {
        tag: alert.id,
        body: t("alert.body"),
      });
      notification.onclick = () => {
        window.focus();
        notification.close();
        void navigate({ to: "/inbox/$view/$conversation", params: { view: "all", conversation: alert.conversation } });
      };
    }
  }, [data, switches, open, navigate, t]);
};
