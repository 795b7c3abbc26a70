import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FlaskConical, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { tryRule } from "../api/endpoints.ts";
import type { RuleTried } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { ChannelTile } from "../elements/Channel.tsx";
import { ruleWords } from "../elements/Chip.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { toast } from "../elements/toast.ts";
import { useMoment } from "../time/use-moment.ts";
import { age } from "../time/words.ts";
import { RuleForm } from "./RuleForm.tsx";

/** Conditions to begin from, each about something else. */
const examples = [
  'message.text.contains("invoice")',
  "signals.sentiment < -0.3",
  'lead.score > 60 && message.channel == "whatsapp"',
  "message.length > 400",
] as const;

const Result = ({ tried }: { tried: RuleTried }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const share = tried.conversations > 0 ? Math.round((tried.fired / tried.conversations) * 100) : 0;
  return (
    <div role="status" className="mt-4">
      <p className="text-16 font-semibold">
        {t("tryRule.fired", { count: tried.fired, conversations: tried.conversations, messages: tried.messages, share })}
      </p>
      {tried.undecided > 0 && (
        <p className="text-12 text-warn">
          {t("tryRule.undecided", { count: tried.undecided, why: tried.why_undecided ?? "" })}
        </p>
      )}
      <ul className="mt-2">
        {tried.items.map((hit) => (
          <li key={hit.message} className="border-b border-line last:border-b-0">
            <Link
              to="/inbox/$view/$conversation"
              params={{ view: "all", conversation: hit.conversation }}
              search={{ message: hit.message }}
              className="flex items-center gap-3 rounded-1 px-1 py-1.5 hover:bg-s2"
            >
              <ChannelTile channel={hit.channel} />
              <span className="w-36 flex-none truncate font-medium max-md:w-24">{hit.customer.name ?? t("customer.nameless")}</span>
              <span className="min-w-0 flex-1 truncate text-t2">{hit.text}</span>
              <span className="flex-none text-12 text-t3 tabular-nums">{age(hit.at, moment)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** A condition, tried on what customers really wrote, before it is let loose on them. */
export const TryRule = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const [when, setWhen] = useState("");
  const trial = useMutation({ mutationFn: tryRule });
  // The form keeps what was tried, whatever is typed meanwhile.
  const [keeping, setKeeping] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (when.trim()) trial.mutate(when.trim());
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
      {trial.data && !trial.isPending && <Result tried={trial.data} />}
      {trial.data && may && keeping === null && (
        <Button className="mt-3" onClick={() => setKeeping(trial.variables)}>
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
