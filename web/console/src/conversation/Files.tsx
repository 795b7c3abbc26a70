import { CloudOff, Download, FileText, Image, Loader, type LucideIcon, Mic, Music, Sticker, Video } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../api/types.ts";

const icons: Record<Attachment["kind"], LucideIcon> = {
  image: Image,
  sticker: Sticker,
  audio: Music,
  video: Video,
  document: FileText,
};

/** A size as people say it. */
export const sizeWords = (bytes: number, locale: string): string => {
  const units = ["kilobyte", "megabyte"] as const;
  const mega = bytes >= 1_000_000;
  const value = bytes / (mega ? 1_000_000 : 1_000);
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[mega ? 1 : 0],
    unitDisplay: "short",
    maximumFractionDigits: mega ? 1 : 0,
  }).format(mega ? value : Math.max(1, Math.round(value)));
};

/** Shown or played in place only when its bytes are what they should be; anything else is a download. */
const Shown = ({ file, name }: { file: Attachment; name: string }) => {
  const shown = file.shown_as ?? "";
  if (!file.url) return null;
  if (shown.startsWith("image/")) {
    return (
      <a href={file.url} download={file.name ?? true} className="block">
        <img
          src={file.url}
          alt={name}
          loading="lazy"
          className={file.kind === "sticker" ? "max-h-28 max-w-28" : "max-h-72 max-w-full rounded-[8px] border border-line"}
        />
      </a>
    );
  }
  if (shown.startsWith("audio/")) return <audio controls preload="none" src={file.url} aria-label={name} className="max-w-full" />;
  if (shown.startsWith("video/")) {
    return <video controls preload="none" src={file.url} aria-label={name} className="max-h-72 max-w-full rounded-[8px]" />;
  }
  return null;
};

const File = ({ file }: { file: Attachment }) => {
  const { t, i18n } = useTranslation();
  const kind = t(file.kind === "audio" && file.voice ? "file.voice" : `file.${file.kind}`);
  const name = file.name ?? kind;
  if (file.state !== "kept" || !file.url) {
    const Icon = file.state === "lost" ? CloudOff : Loader;
    return (
      <span className="inline-flex items-center gap-1.5 text-12 text-t2">
        <Icon size={14} aria-hidden="true" className="flex-none" />
        {name}, {file.state === "lost" ? t("file.lost", { why: file.why ?? "" }) : t("file.waiting")}
      </span>
    );
  }
  const Icon = file.voice ? Mic : icons[file.kind];
  return (
    <span className="flex max-w-full flex-col items-start gap-1">
      <Shown file={file} name={name} />
      <a
        href={file.url}
        download={file.name ?? true}
        title={t("file.unchecked")}
        aria-label={t("file.download", { name })}
        className="inline-flex max-w-full items-center gap-1.5 rounded-1 text-12 text-t2 hover:underline"
      >
        <Icon size={14} aria-hidden="true" className="flex-none" />
        <span className="truncate">{name}</span>
        {file.size !== null && <span className="flex-none tabular-nums">{sizeWords(file.size, i18n.language)}</span>}
        <Download size={12} aria-hidden="true" className="flex-none" />
      </a>
    </span>
  );
};

/** What came with a message. */
export const Files = ({ files }: { files: readonly Attachment[] }) => (
  <span className="mt-1.5 flex flex-col items-start gap-2 first:mt-0">
    {files.map((file) => (
      <File key={file.id} file={file} />
    ))}
  </span>
);
