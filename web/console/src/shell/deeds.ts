import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleSlash, FilePlus2, KeyRound, Keyboard, Languages, LogOut, type LucideIcon, MessageSquareQuote, Monitor, Moon, ShieldCheck, Sun, UserCheck, UserPlus, Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { changeTeammate, signOut } from "../api/endpoints.ts";
import { sessionQuery, teammatesQuery } from "../api/queries.ts";
import { toast } from "../elements/toast.ts";
import { chooseLanguage, languages } from "../i18n/index.ts";
import { chooseTheme } from "../theme/theme.ts";
import { openShortcutSheet } from "./sheet-state.ts";

interface Deed {
  key: string;
  label: string;
  icon: LucideIcon;
  run: () => void;
}

/** What can be done from anywhere; only what whoever is signed in may do. */
export const useDeeds = (wanted: boolean): Deed[] => {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const me = useQuery({ ...sessionQuery, enabled: false }).data?.teammate;
  const away = useQuery({ ...teammatesQuery, enabled: wanted }).data?.items.find(({ id }) => id === me?.id)?.away ?? false;
  const turn = useMutation({
    mutationFn: (next: boolean) => changeTeammate(me?.id ?? "", { away: next }),
    onSuccess: (_, next) => {
      toast(t(next ? "palette.nowAway" : "palette.nowHere"));
      return client.invalidateQueries({ queryKey: teammatesQuery.queryKey });
    },
  });
  const leave = async () => {
    await signOut().catch(() => undefined);
    client.clear();
    await navigate({ to: "/sign-in" });
  };
  const writes = me !== undefined && me.role !== "analyst";
  const administers = me?.role === "owner" || me?.role === "admin";
  const settings = () => void navigate({ to: "/settings" });
  const of = (may: boolean, ...deeds: Deed[]): Deed[] => (may ? deeds : []);
  return [
    ...of(
      administers,
      { key: "invite", label: t("palette.invite"), icon: UserPlus, run: settings },
      { key: "rule", label: t("palette.rule"), icon: Zap, run: () => void navigate({ to: "/rules" }) },
      { key: "document", label: t("palette.document"), icon: FilePlus2, run: () => void navigate({ to: "/knowledge" }) },
      { key: "token", label: t("palette.token"), icon: KeyRound, run: settings },
    ),
    ...of(
      writes,
      { key: "canned", label: t("palette.canned"), icon: MessageSquareQuote, run: settings },
      { key: "away", label: t("palette.away"), icon: CircleSlash, run: () => turn.mutate(true) },
      { key: "here", label: t("palette.hereAgain"), icon: UserCheck, run: () => turn.mutate(false) },
    ).filter(({ key }) => (key !== "away" || !away) && (key !== "here" || away)),
    { key: "factor", label: t("palette.factor"), icon: ShieldCheck, run: settings },
    { key: "dark", label: t("palette.dark"), icon: Moon, run: () => chooseTheme("dark") },
    { key: "light", label: t("palette.light"), icon: Sun, run: () => chooseTheme("light") },
    { key: "system", label: t("palette.system"), icon: Monitor, run: () => chooseTheme("system") },
    ...languages
      .filter((language) => language !== i18n.language)
      .map((language) => ({
        key: language,
        label: t("palette.speak", { language: t(`language.${language}`) }),
        icon: Languages,
        run: () => void chooseLanguage(language),
      })),
    { key: "?", label: t("shell.shortcuts"), icon: Keyboard, run: openShortcutSheet },
    { key: "out", label: t("session.signOut"), icon: LogOut, run: () => void leave() },
  ];
};
