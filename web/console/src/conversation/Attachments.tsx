import { FileText, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Attached } from "./attach.ts";
import { sizeWords } from "./Files.tsx";

/** What will go with the reply, each with a way to leave it here. */
export const Attachments = ({ files, onRemove }: { files: readonly Attached[]; onRemove: (key: string) => void }) => {
  const { t, i18n } = useTranslation();
  if (files.length === 0) return null;
  return (
    <ul aria-label={t("composer.attached")} className="flex flex-wrap gap-2 px-1 pt-2">
      {files.map(({ key, name, size, preview }) => (
        <li key={key} className="flex max-w-full items-center gap-2 rounded-2 border border-line bg-s2 py-1 pr-1 pl-1.5 text-12">
          {preview ? (
            <img src={preview} alt="" className="size-8 flex-none rounded-1 object-cover" />
          ) : (
            <FileText size={16} aria-hidden="true" className="flex-none text-t3" />
          )}
          <span className="min-w-0 max-w-48 truncate">{name}</span>
          <span className="flex-none text-t2 tabular-nums">{sizeWords(size, i18n.language)}</span>
          <button
            type="button"
            aria-label={t("composer.detach", { name })}
            onClick={() => onRemove(key)}
            className="grid size-6 flex-none place-items-center rounded-1 text-t2 hover:bg-s3 hover:text-t1 max-md:size-11"
          >
            <X size={13} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
};
