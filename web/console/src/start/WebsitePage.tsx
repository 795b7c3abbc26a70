import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { channelsQuery } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { Card, PageFrame } from "../elements/Card.tsx";
import { type Looks, preview, snippet } from "./snippet.ts";

const languages = ["", "en", "fr", "de", "es", "pt"] as const;
const themes = ["", "light", "dark"] as const;

const fieldClass =
  "h-9 w-full rounded-2 border border-line-control bg-s1 px-2.5 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";

/** A page of this server's own, so that it may open the chat before any other page may. */
const openPage = (text: string) => {
  const address = URL.createObjectURL(new Blob([text], { type: "text/html" }));
  window.open(address, "_blank", "noopener");
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

/** Designs the website chat, shows it as it will be, and gives the one line that puts it on a page. */
export const WebsitePage = () => {
  const { t } = useTranslation();
  const channels = useQuery(channelsQuery);
  const connections = (channels.data?.items ?? []).filter(({ channel }) => channel === "widget");
  const [looks, setLooks] = useState<Looks>({ connection: "", colour: "#2b50c8", locale: "", theme: "", greet: false, consent: false });
  const [copied, setCopied] = useState(false);
  const chosen = { ...looks, connection: looks.connection || (connections[0]?.id ?? "web") };
  const server = window.location.origin;
  const line = snippet(server, chosen);
  const set = (change: Partial<Looks>) => {
    setCopied(false);
    setLooks({ ...looks, ...change });
  };
  return (
    <PageFrame title={t("website.title")} note={t("website.note")}>
      <div className="grid grid-cols-2 items-start gap-4 max-xl3:grid-cols-1">
        <div className="grid gap-4">
          <Card title={t("website.looks")}>
            <div className="grid grid-cols-2 gap-4 max-md:grid-cols-1">
              <label>
                <span className="mb-1 block font-medium">{t("website.colour")}</span>
                <input type="color" value={looks.colour} onChange={(event) => set({ colour: event.target.value })} className={`${fieldClass} p-1`} />
              </label>
              <label>
                <span className="mb-1 block font-medium">{t("shell.theme")}</span>
                <select value={looks.theme} onChange={(event) => set({ theme: event.target.value })} className={fieldClass}>
                  {themes.map((theme) => (
                    <option key={theme} value={theme}>
                      {theme === "" ? t("website.asVisitor") : t(`theme.${theme}`)}
                    </option>
                  ))}
                </select>
              </label>
              <label>
                <span className="mb-1 block font-medium">{t("shell.language")}</span>
                <select value={looks.locale} onChange={(event) => set({ locale: event.target.value })} className={fieldClass}>
                  {languages.map((language) => (
                    <option key={language} value={language}>
                      {language === "" ? t("website.asPage") : language}
                    </option>
                  ))}
                </select>
              </label>
              {connections.length > 1 && (
                <label>
                  <span className="mb-1 block font-medium">{t("website.connection")}</span>
                  <select value={chosen.connection} onChange={(event) => set({ connection: event.target.value })} className={fieldClass}>
                    {connections.map(({ id, label }) => (
                      <option key={id} value={id}>
                        {label}
                      </option>
                    ))}
                  </select>
                </label>
              )}
            </div>
            <label className="mt-4 flex items-center gap-2">
              <input
                type="checkbox"
                checked={looks.greet}
                onChange={(event) => set({ greet: event.target.checked })}
                className="size-4 accent-[var(--accent)]"
              />
              {t("website.greet")}
            </label>
            <label className="mt-3 flex items-start gap-2">
              <input
                type="checkbox"
                checked={looks.consent}
                onChange={(event) => set({ consent: event.target.checked })}
                className="mt-0.5 size-4 flex-none accent-[var(--accent)]"
              />
              <span>
                {t("website.consent")}
                {looks.consent && (
                  <span className="mt-1 block text-12 text-t3">
                    {t("website.consentNote")} <code className="font-mono select-all">rapport("consent")</code>
                  </span>
                )}
              </span>
            </label>
          </Card>
          <Card title={t("website.line")} note={t("website.lineNote")}>
            <code className="block rounded-2 bg-s2 p-3 font-mono text-12 [overflow-wrap:anywhere] select-all">{line}</code>
            <div className="mt-3 flex items-center gap-3">
              <Button
                look="ink"
                onClick={() => void navigator.clipboard.writeText(line).then(() => setCopied(true), () => setCopied(false))}
              >
                {copied ? t("settings.copied") : t("settings.copy")}
              </Button>
              <span className="text-12 text-t3">
                {t("website.origins")}{" "}
                <Link to="/channels/$channel" params={{ channel: "widget" }} className="rounded-1 font-medium text-accent hover:underline">
                  {t("website.originsHow")}
                </Link>
              </span>
            </div>
          </Card>
        </div>
        <Card
          title={t("website.preview")}
          note={t("website.previewNote")}
          action={
            <Button height="s" onClick={() => openPage(preview(server, chosen))}>
              <ExternalLink size={13} aria-hidden="true" />
              {t("website.asPageDo")}
            </Button>
          }
        >
          <iframe
            key={preview(server, chosen)}
            title={t("website.preview")}
            srcDoc={preview(server, chosen)}
            className="h-[680px] w-full rounded-2 border border-line bg-s1 max-md:h-[560px]"
          />
        </Card>
      </div>
    </PageFrame>
  );
};
