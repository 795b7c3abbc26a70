import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Manner, Tone } from "../api/types.ts";
import { Field } from "../session/Field.tsx";

export const tones = ["formal", "warm", "short"] as const;

export const ToneSelect = ({ label, none, tone, onTone }: { label: string; none: string; tone: Tone | null; onTone: (tone: Tone | null) => void }) => {
  const { t } = useTranslation();
  return (
    <select
      aria-label={label}
      value={tone ?? ""}
      onChange={(event) => onTone(tones.find((known) => known === event.target.value) ?? null)}
      className="h-9 min-w-0 rounded-2 border border-line-control bg-s1 px-2 text-13 outline-none focus-visible:border-accent disabled:text-t3 max-md:h-11 max-md:text-16"
    >
      <option value="">{none}</option>
      {tones.map((known) => (
        <option key={known} value={known}>
          {t(`tone.${known}`)}
        </option>
      ))}
    </select>
  );
};

interface Props {
  manner: Manner;
  configured: string | null;
  onChange: (manner: Manner) => void;
}

/** What counts on every door: a name, a tone, and words for models. */
export const MannerFields = ({ manner, configured, onChange }: Props) => {
  const { t } = useTranslation();
  const id = useId();
  return (
    <>
      <Field
        label={t("assistant.name")}
        value={manner.name ?? ""}
        maxLength={40}
        autoComplete="off"
        onChange={(event) => onChange({ ...manner, name: event.target.value || null })}
        hint={t("assistant.nameHint")}
      />
      <div className="mb-5">
        <span className="mb-1.5 block font-semibold">{t("assistant.tone")}</span>
        <ToneSelect label={t("assistant.tone")} none={t("tone.plain")} tone={manner.tone} onTone={(tone) => onChange({ ...manner, tone })} />
        {manner.tone && <p className="mt-1 text-12 text-t3">{t(`toneMeaning.${manner.tone}`)}</p>}
      </div>
      <div className="mb-5">
        <label htmlFor={id} className="mb-1.5 block font-semibold">
          {t("assistant.words")}
        </label>
        <textarea
          id={id}
          rows={2}
          maxLength={2000}
          value={manner.persona ?? ""}
          placeholder={configured ?? ""}
          onChange={(event) => onChange({ ...manner, persona: event.target.value || null })}
          className="field-sizing-content max-h-[30vh] min-h-16 w-full resize-none rounded-2 border border-line-control bg-s1 px-3 py-2 text-14 outline-none placeholder:text-t3 focus-visible:border-accent max-md:text-16"
        />
        <span className="block text-12 text-t3">{t("assistant.wordsHint")}</span>
      </div>
    </>
  );
};
