import { useMutation, useQuery } from "@tanstack/react-query";
import { WandSparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Reworded, rewordText } from "../api/endpoints.ts";
import { modelsQuery } from "../api/queries.ts";
import { IconButton } from "../elements/Button.tsx";
import { Menu, MenuItem, MenuLabel } from "../elements/Menu.tsx";
import { toast } from "../elements/toast.ts";

const tones = ["formal", "warm", "short"] as const;
const languages = ["en", "fr", "de", "es", "pt", "it", "nl", "pl"] as const;

interface Props {
  conversation: string;
  text: string;
  onText: (text: string) => void;
}

/** What was typed in another tone or language, by a model; where there is none, the button is not there. */
export const Reword = ({ conversation, text, onText }: Props) => {
  const { t, i18n } = useTranslation();
  const models = useQuery({ ...modelsQuery, staleTime: 60_000 });
  const reword = useMutation({
    mutationFn: (wish: Omit<Reworded, "text">) => rewordText(conversation, { text, ...wish }),
    onSuccess: (said) => {
      onText(said.text);
      toast(t("reword.done"), () => onText(text));
    },
    onError: () => toast(t("reword.failed")),
  });
  if (!models.data?.items.some(({ answerer }) => answerer !== null)) return null;
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });
  return (
    <Menu
      side="top"
      align="end"
      trigger={
        <IconButton label={t(reword.isPending ? "reword.busy" : "reword.open")} disabled={reword.isPending}>
          <WandSparkles size={16} aria-hidden="true" className={reword.isPending ? "motion-safe:animate-pulse" : undefined} />
        </IconButton>
      }
    >
      <MenuLabel>{t("reword.tone")}</MenuLabel>
      {tones.map((tone) => (
        <MenuItem key={tone} onSelect={() => reword.mutate({ tone })}>
          {t(`tone.${tone}`)}
        </MenuItem>
      ))}
      <MenuLabel>{t("reword.language")}</MenuLabel>
      {languages.map((language) => (
        <MenuItem key={language} onSelect={() => reword.mutate({ language })}>
          {names.of(language) ?? language}
        </MenuItem>
      ))}
    </Menu>
  );
};
