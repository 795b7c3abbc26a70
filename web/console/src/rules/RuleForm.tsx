import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { addRule, changeRule, tryRule } from "../api/endpoints.ts";
import { rulesQuery } from "../api/queries.ts";
import type { Rule } from "../api/types.ts";
import { FormEnd, Refused } from "../elements/FormEnd.tsx";
import { Field } from "../session/Field.tsx";
import { asName } from "./name.ts";
import { FlaskConical } from "lucide-react";
import { Button } from "../elements/Button.tsx";
import { Tried } from "./Tried.tsx";

interface FormProps {
  /** The rule that is written anew; nothing: a new one. */
  rule: Rule | null;
  when: string;
  onDone: (made: string) => void;
}

/** A rule of one's own: a name, what it says to people, and its condition. */
export const RuleForm = ({ rule, when: given, onDone }: FormProps) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: ({ sentence, when }: { sentence: string; when: string }) =>
      rule
        ? changeRule(rule.name, { when, ...(sentence ? { sentence } : {}) })
        : addRule({ name: asName(name), when, sentence: sentence || null }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: rulesQuery.queryKey });
      onDone(made.name);
    },
  });
  const [written, setWritten] = useState(given);
  const trial = useMutation({ mutationFn: () => tryRule({ when: written.trim() }) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string) => String(form.get(field) ?? "").trim();
    save.mutate({ sentence: text("sentence"), when: rule ? text("when") : given });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      {!rule && (
        <Field
          label={t("rules.name")}
          name="name"
          required
          autoFocus
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="off"
          hint={name && asName(name) !== name ? t("rules.nameAs", { name: asName(name) }) : t("rules.nameHint")}
        />
      )}
      <Field
        label={t("rules.sentence")}
        name="sentence"
        maxLength={300}
        autoFocus={rule !== null}
        required={rule !== null}
        defaultValue={rule?.sentence}
        autoComplete="off"
        hint={t("rules.sentenceHint")}
      />
      {rule && (
        <label className="mb-5 block">
          <span className="mb-1.5 block font-semibold">{t("tryRule.condition")}</span>
          <textarea
            name="when"
            required
            rows={2}
            maxLength={2000}
            value={written}
            onChange={(event) => setWritten(event.target.value)}
            spellCheck={false}
            className="field-sizing-content min-h-16 w-full resize-none rounded-2 border border-line-control bg-s1 px-3 py-2 font-mono text-13 outline-none focus-visible:border-accent max-md:text-16"
          />
        </label>
      )}
      {rule && (
        <div className="mb-4">
          <Button height="s" disabled={!written.trim() || trial.isPending} onClick={() => trial.mutate()}>
            <FlaskConical size={13} aria-hidden="true" />
            {t("tryRule.do")}
          </Button>
          <Refused error={trial.error} className="mt-2" />
          {trial.data && !trial.isPending && <Tried tried={trial.data} />}
        </div>
      )}
      <FormEnd save={t(rule ? "rules.save" : "rules.switchOn")} busy={save.isPending || (!rule && asName(name) === "")} onCancel={() => onDone("")} error={save.error} />
    </form>
  );
};
