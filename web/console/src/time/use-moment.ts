import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "../api/queries.ts";
import { useNow } from "./clock.ts";
import type { Moment } from "./words.ts";

const locales: Record<string, string> = { en: "en-GB", fr: "fr-FR" };

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const knownZone = (zone: string | null | undefined): string => {
  if (!zone) return browserZone();
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return browserZone();
  }
};

/** The present moment of every page, worked out once for all of its rows and bubbles. */
export const MomentContext = createContext<Moment | null>(null);

/** The present moment as the console's clocks and dates need it. */
export const useMoment = (): Moment => {
  const moment = useContext(MomentContext);
  if (!moment) throw new Error("a clock stands outside of the shell");
  return moment;
};

/** Works out the present moment; the shell hands it to everything inside. */
export const usePresentMoment = (): Moment => {
  const { t, i18n } = useTranslation();
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
  const present = useNow();
  const timeZone = useMemo(() => knownZone(session?.workspace.timezone), [session?.workspace.timezone]);
  return useMemo(
    () => ({ now: present, timeZone, locale: locales[i18n.language] ?? "en-GB", t }),
    [present, timeZone, i18n.language, t],
  );
};
