import { useMutation } from "@tanstack/react-query";
import { FlaskConical, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { tryRule } from "../api/endpoints.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { ruleWords } from "../elements/Chip.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { toast } from "../elements/toast.ts";
import { RuleForm } from "./RuleForm.tsx";
import { Tried } from "./Tried.tsx";

/** Conditions to begin from, each about something else. */
const examples = [
  'message.text.contains("invoice")',
  "signals.sentiment < -0.3",
  'lead.score > 60 && message.channel == "whatsapp"',
  "message.length > 400",
] as const;

/** A condition, tried on what customers really wrote, before it is let loose on them. */
export const TryRule = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const [when, setWhen] = useState("");
  const trial = useMutation({ mutationFn: (tried: { when: string }) => tryRule(tried) });
  // The form keeps what was tried, whatever is typed meanwhile.
  const [keeping, setKeeping] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (when.trim()) trial.mutate({ when: when.trim() });
  };
  return (
    <Card title={t("tryRule.title")} note={t("tryRule.note")} className="mb-4">
      <form onSubmit={submit} className="flex flex-wrap gap-2">
        <input
          value={when}
          onChange={(event) => setWhen(event.target.value)}
          aria-label={t("tryRule.condition")}
          placeholder={examples[0]}
          spellCheck={false}
          autoCapitalize="off"
          className="h-9 min-w-0 flex-1 rounded-2 border border-line-control bg-s1 px-3 font-mono text-12 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:basis-full max-md:text-16"
        />
        <Button look="ink" type="submit" className="!h-9" disabled={!when.trim() || trial.isPending}>
          <FlaskConical size={14} aria-hidden="true" />
          {t("tryRule.do")}
        </Button>
      </form>
      <div className="mt-2 flex flex-wrap items-center gap-1.5 text-12 text-t3">
        {t("tryRule.examples")}
        {examples.map((example) => (
          <button
            key={example}
            type="button"
            onClick={() => setWhen(example)}
            className="rounded-1 border border-line bg-s1 px-1.5 py-0.5 font-mono text-11 text-t2 hover:bg-s2 max-md:min-h-9"
          >
            {example}
          </button>
        ))}
      </div>
      <Refused error={trial.error} className="mt-3" />
      {trial.data && !trial.isPending && <Tried tried={trial.data} />}
      {trial.data && may && keeping === null && (
        <Button className="mt-3" onClick={() => setKeeping(trial.variables.when)}>
          <Plus size={14} aria-hidden="true" />
          {t("tryRule.make")}
        </Button>
      )}
      {keeping !== null && (
        <RuleForm
          key={keeping}
          rule={null}
          when={keeping}
          onDone={(made) => {
            setKeeping(null);
            if (made === "") return;
            toast(t("rules.made", { rule: ruleWords(made) }));
            setWhen("");
            trial.reset();
          }}
        />
      )}
    </Card>
  );
};
