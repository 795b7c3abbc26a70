import { Check, Copy as Icon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button.tsx";

/** Something to paste elsewhere: shown whole, copied by one click. */
export const Copy = ({ label, value }: { label: string; value: string }) => {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value).catch(() => undefined);
    setCopied(true);
  };
  const block = value.includes("\n");
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 text-12 text-t2">{label}</figcaption>
      <div className={block ? "relative" : "flex items-center gap-2"}>
        <pre
          tabIndex={0}
          className="min-w-0 flex-1 overflow-x-auto rounded-2 border border-line bg-s2 px-2.5 py-1.5 font-mono text-12 leading-5"
        >
          <code>{value}</code>
        </pre>
        <span className={block ? "absolute top-1.5 right-1.5" : "flex-none"}>
          <Button height="s" onClick={() => void copy()} aria-label={t("guide.copyOf", { what: label })}>
            {copied ? <Check size={13} aria-hidden="true" /> : <Icon size={13} aria-hidden="true" />}
            {t(copied ? "guide.copied" : "guide.copy")}
          </Button>
        </span>
      </div>
    </figure>
  );
};
