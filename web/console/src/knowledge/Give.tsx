import { useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { CircleAlert, CircleCheck, FileUp, RotateCcw, X } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { giveDocument } from "../api/endpoints.ts";
import { knowledgeQuery } from "../api/queries.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Copy } from "../elements/Copy.tsx";
import { changed, endings, type Giving, refusal } from "./giving.ts";

let count = 0;

/** Documents go one after the other, so that each says how far it is. */
const useGiving = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [all, setAll] = useState<Giving[]>([]);
  const line = useRef(Promise.resolve());
  const set = useCallback((key: number, change: Partial<Giving>) => setAll((known) => changed(known, key, change)), []);
  const send = useCallback(
    async ({ key, file }: Giving) => {
      set(key, { state: "sending", sent: 0 });
      try {
        const given = await giveDocument(file, (sent) => set(key, { sent }));
        set(key, { state: "done", sent: 1, given });
        await client.invalidateQueries({ queryKey: knowledgeQuery.queryKey });
      } catch (error) {
        const why = error instanceof RequestError && error.message ? error.message : t("states.unreachable");
        set(key, { state: "failed", why });
      }
    },
    [client, set, t],
  );
  const queue = useCallback(
    (one: Giving) => {
      line.current = line.current.then(() => send(one));
    },
    [send],
  );
  const give = useCallback(
    (files: readonly File[]) => {
      const added = files.map((file): Giving => {
        const refused = refusal(file);
        const why = refused ? t(`knowledge.refused.${refused}`) : "";
        return { key: (count += 1), name: file.name, sent: 0, state: refused ? "failed" : "waiting", why, given: null, file };
      });
      setAll((known) => [...known, ...added]);
      for (const one of added) if (one.state === "waiting") queue(one);
    },
    [queue, t],
  );
  const forget = (key: number) => setAll((known) => known.filter((one) => one.key !== key));
  return { all, give, forget, again: queue };
};

/** What became of one document, in words. */
const Fate = ({ one }: { one: Giving }) => {
  const { t } = useTranslation();
  if (one.state === "failed") return <span className="text-danger">{one.why}</span>;
  if (one.state === "waiting") return <span className="text-t3">{t("knowledge.waits")}</span>;
  if (one.state === "sending" && one.sent < 1) {
    return <progress value={one.sent} max={1} aria-label={t("knowledge.sending", { name: one.name })} className="progress h-1.5 w-full max-w-60" />;
  }
  if (one.state === "sending") return <span className="text-t2">{t("knowledge.reading")}</span>;
  if (one.given?.skipped) return <span className="text-warn">{one.given.skipped}</span>;
  if (one.given && one.given.audience !== "public") return <span className="text-t2">{t("knowledge.keptInside")}</span>;
  if (one.given?.outdated) return <span className="text-warn">{t("knowledge.isOutdated")}</span>;
  return <span className="text-t2">{t("knowledge.passages", { count: one.given?.passages ?? 0 })}</span>;
};

interface GiveProps {
  folders: readonly { id: string; path: string }[];
}

/** Documents chosen or dropped anywhere on the page; each says how far it is and what became of it. */
export const Give = ({ folders }: GiveProps) => {
  const { t } = useTranslation();
  const { all, give, forget, again } = useGiving();
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  // A file that is dropped beside the field must not lead the browser away from the page.
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      give([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragover", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [give]);
  return (
    <Card title={t("knowledge.add")} className="mb-4">
      <div
        className={clsx(
          "flex items-center gap-3 rounded-3 border border-dashed p-4 max-md:flex-wrap",
          over ? "border-accent bg-accent-soft" : "border-line-strong",
        )}
      >
        <FileUp size={18} aria-hidden="true" className="flex-none text-t3" />
        <p className="min-w-0 flex-1 text-t2 max-md:basis-[80%]">{t("knowledge.addText")}</p>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          accept={endings.join(",")}
          aria-label={t("knowledge.choose")}
          onChange={(event) => {
            give([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <Button look="ink" onClick={() => chooser.current?.click()}>
          {t("knowledge.choose")}
        </Button>
      </div>
      <ul aria-live="polite" aria-label={t("knowledge.givenNow")} className={clsx(all.length > 0 && "mt-2")}>
        {all.map((one) => (
          <li key={one.key} className="flex items-center gap-3 border-b border-line py-2 last:border-b-0">
            {one.state === "done" ? (
              <CircleCheck size={15} aria-hidden="true" className="flex-none text-ok" />
            ) : one.state === "failed" ? (
              <CircleAlert size={15} aria-hidden="true" className="flex-none text-danger" />
            ) : (
              <FileUp size={15} aria-hidden="true" className="flex-none text-t3" />
            )}
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{one.name}</span>
              <span className="block text-12">
                <Fate one={one} />
              </span>
            </span>
            {one.state === "failed" && refusal(one.file) === null && (
              <IconButton label={t("knowledge.again", { name: one.name })} onClick={() => again(one)}>
                <RotateCcw size={14} aria-hidden="true" />
              </IconButton>
            )}
            {(one.state === "failed" || one.state === "done") && (
              <IconButton label={t("knowledge.forget", { name: one.name })} onClick={() => forget(one.key)}>
                <X size={14} aria-hidden="true" />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {folders.length > 0 && (
        <details className="mt-3 text-t2">
          <summary className="rounded-1 text-12">{t("knowledge.folders")}</summary>
          <p className="mt-2 mb-3 max-w-[80ch]">{t("knowledge.foldersText")}</p>
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
            {folders.map(({ id, path }) => (
              <Copy key={id} label={t("knowledge.folder", { id })} value={path} />
            ))}
          </div>
        </details>
      )}
    </Card>
  );
};
