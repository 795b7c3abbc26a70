import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { templatesQuery } from "../api/queries.ts";
import type { Template } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { firstValues, inOrder, isFilled, previewOf, type Values } from "./template.ts";

interface PickerProps {
  connection: string;
  /** The customer's name and language, as far as they are known. */
  name: string | null;
  onSend: (template: Template, values: Values, preview: string) => void;
}

const control =
  "h-9 w-full rounded-2 border border-line-control bg-s1 px-2.5 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";

/** What may still be said once the service window has closed: a message that the vendor approved, with its gaps filled. */
export const TemplatePicker = ({ connection, name, onSend }: PickerProps) => {
  const { t, i18n } = useTranslation();
  const id = useId();
  const query = useQuery(templatesQuery(connection));
  const templates = inOrder(query.data?.items ?? [], i18n.language);
  const [wanted, setWanted] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({});
  const keyOf = ({ name: title, language }: Template) => `${title} ${language}`;
  const chosen = templates.find((template) => keyOf(template) === wanted) ?? templates[0];
  if (query.isPending) return <p className="px-1 py-3 text-t2">{t("template.loading")}</p>;
  if (query.isError) return <p role="alert" className="px-1 py-3 text-danger">{t("template.failed")} {query.error.message}</p>;
  if (!chosen) return <p className="px-1 py-3 text-t2">{t("template.none")}</p>;
  const filled = { ...firstValues(chosen, name), ...values };
  const preview = previewOf(chosen, filled);
  const ready = isFilled(chosen, filled);
  return (
    <form
      aria-label={t("template.label")}
      className="mt-2 flex flex-col gap-2.5 px-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend(chosen, filled, preview);
      }}
    >
      <p className="text-12 text-t2">{t("template.why")}</p>
      <label className="flex flex-col gap-1 text-12 font-medium" htmlFor={`${id}-template`}>
        {t("template.choose")}
        <select
          id={`${id}-template`}
          value={keyOf(chosen)}
          onChange={(event) => {
            setWanted(event.target.value);
            setValues({});
          }}
          className={control}
        >
          {templates.map((template) => (
            <option key={keyOf(template)} value={keyOf(template)}>
              {template.name.replaceAll("_", " ")} · {template.language}
            </option>
          ))}
        </select>
      </label>
      {chosen.variables.length > 0 && (
        <div className="grid grid-cols-2 gap-2 max-md:grid-cols-1">
          {chosen.variables.map((variable) => (
            <label key={variable} className="flex flex-col gap-1 text-12 font-medium">
              {t("template.gap", { name: variable })}
              <input
                value={filled[variable] ?? ""}
                onChange={(event) => setValues({ ...filled, [variable]: event.target.value })}
                className={control}
              />
            </label>
          ))}
        </div>
      )}
      <figure className="rounded-3 border border-line bg-s2 p-2.5">
        <figcaption className="mb-1 text-12 text-t2">{t("template.preview")}</figcaption>
        <p dir="auto" className="whitespace-pre-wrap break-words">
          {preview}
        </p>
        {chosen.buttons.length > 0 && <p className="mt-1.5 text-12 text-t2">{chosen.buttons.join(" · ")}</p>}
      </figure>
      <div className="flex items-center justify-end gap-2">
        <span className="text-12 text-t3">{t("template.atOnce")}</span>
        <Button look="ink" type="submit" disabled={!ready}>
          {t("template.send")}
        </Button>
      </div>
    </form>
  );
};
