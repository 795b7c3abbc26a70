import { useNavigate } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { Keyboard, LogOut, Monitor, Moon, MoreHorizontal, Sun } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { signOut } from "../api/endpoints.ts";
import type { Session } from "../api/types.ts";
import { holdChoices, holdSeconds, setHoldSeconds } from "../conversation/hold.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../elements/Menu.tsx";
import { chooseLanguage, languages } from "../i18n/index.ts";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "../theme/theme.ts";
import { placesOf } from "./Rail.tsx";
import { openShortcutSheet } from "./sheet-state.ts";

const themes: readonly { choice: ThemeChoice; icon: typeof Sun }[] = [
  { choice: "system", icon: Monitor },
  { choice: "light", icon: Sun },
  { choice: "dark", icon: Moon },
];

/** Everything about oneself: theme, language, shortcuts, leaving. On a phone also the remaining places. */
export const SelfMenu = ({ session, bar = false }: { session: Session; bar?: boolean }) => {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const theme = useThemeChoice();
  const [hold, setHold] = useState(holdSeconds);
  const chooseHold = (seconds: number) => {
    setHoldSeconds(seconds);
    setHold(seconds);
  };
  const leave = async () => {
    await signOut().catch(() => undefined);
    client.clear();
    await navigate({ to: "/sign-in" });
  };
  const trigger = bar ? (
    <button type="button" className="grid min-h-14 content-center justify-items-center gap-0.5 text-11 text-t2">
      <MoreHorizontal size={19} aria-hidden="true" />
      {t("shell.more")}
    </button>
  ) : (
    <button
      type="button"
      aria-label={t("shell.account", { name: session.teammate.name })}
      className="flex h-9 w-full items-center gap-[9px] rounded-2 px-1.5 text-t2 hover:bg-s2 max-xl3:size-[38px] max-xl3:justify-center max-xl3:px-0"
    >
      <Avatar name={session.teammate.name} size="m" teammate />
      <span className="flex-1 truncate text-left max-xl3:hidden">{session.teammate.name}</span>
    </button>
  );
  return (
    <Menu trigger={trigger} side="top" align={bar ? "end" : "start"}>
      {bar &&
        placesOf(session.teammate.role).slice(1).map(({ to, key, icon: Icon }) => (
          <MenuItem key={key} icon={<Icon size={15} aria-hidden="true" />} onSelect={() => void navigate({ to })}>
            {t(`place.${key}`)}
          </MenuItem>
        ))}
      {bar && <MenuLine />}
      <MenuLabel>{t("shell.theme")}</MenuLabel>
      {themes.map(({ choice, icon: Icon }) => (
        <MenuItem
          key={choice}
          icon={<Icon size={15} aria-hidden="true" />}
          checked={theme === choice}
          onSelect={() => chooseTheme(choice)}
        >
          {t(`theme.${choice}`)}
        </MenuItem>
      ))}
      <MenuLabel>{t("shell.language")}</MenuLabel>
      {languages.map((language) => (
        <MenuItem key={language} checked={i18n.language === language} onSelect={() => void chooseLanguage(language)}>
          {t(`language.${language}`)}
        </MenuItem>
      ))}
      <MenuLabel>{t("shell.hold")}</MenuLabel>
      {holdChoices.map((seconds) => (
        <MenuItem key={seconds} checked={hold === seconds} onSelect={() => chooseHold(seconds)}>
          {seconds === 0 ? t("shell.holdNone") : t("shell.holdFor", { count: seconds })}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<Keyboard size={15} aria-hidden="true" />} hint="?" onSelect={openShortcutSheet}>
        {t("shell.shortcuts")}
      </MenuItem>
      <MenuItem icon={<LogOut size={15} aria-hidden="true" />} onSelect={() => void leave()}>
        {t("session.signOut")}
      </MenuItem>
    </Menu>
  );
};
