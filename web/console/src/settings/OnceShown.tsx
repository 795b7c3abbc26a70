import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../elements/Button.tsx";

/** The one time that something which opens can be read. */
export const OnceShown = ({ text, value, onDone }: { text: string; value: string; onDone: () => void }) => {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  return (
    <div role="status" className="mt-3 rounded-2 border border-ok-line bg-ok-soft p-3">
      <p className="mb-2 font-semibold">{text}</p>
      <code className="block rounded-1 bg-s1 px-2 py-1.5 font-mono text-12 [overflow-wrap:anywhere] select-all">{value}</code>
      <div className="mt-2 flex gap-2">
        <Button
          height="s"
          look="ink"
          onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true), () => setCopied(false))}
        >
          {copied ? t("settings.copied") : t("settings.copy")}
        </Button>
        <Button height="s" onClick={onDone}>
          {t("settings.kept")}
        </Button>
      </div>
    </div>
  );
};
