import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { ArrowUp, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { writeQuestions } from "../api/endpoints.ts";
import { questionsQuery } from "../api/queries.ts";
import type { Question, Questions } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { toast } from "../elements/toast.ts";

const field =
  "h-9 w-full min-w-0 rounded-2 border border-line-control bg-s1 px-2.5 text-13 outline-none placeholder:text-t3 focus-visible:border-accent disabled:text-t3 max-md:h-11 max-md:text-16";

/** Stands in the list for a matter of the business's own. */
const own = "own";
/** Matters of its own that a business may have. */
const mostOwn = 12;

interface RowProps {
  question: Question;
  place: number;
  known: Questions;
  languages: readonly string[];
  may: boolean;
  onChange: (question: Question) => void;
  onRaise: () => void;
  onDrop: () => void;
}

/** One question: what it asks for, and how it is put in each language. */
const Row = ({ question, place, known, languages, may, onChange, onRaise, onDrop }: RowProps) => {
  const { t } = useTranslation();
  const builtIn = known.slots.find(({ slot }) => slot === question.slot)?.built_in ?? {};
  const isOwn = question.label !== null;
  const name = question.label || t(`slot.${question.slot}`, { defaultValue: t("questions.own") });
  return (
    <li className="border-b border-line py-3 last:border-b-0">
      <div className="mb-2 flex items-center gap-2">
        <span className="grid size-5 flex-none place-items-center rounded-full bg-s3 text-11 font-semibold tabular-nums">{place + 1}</span>
        {isOwn ? (
          <input
            aria-label={t("questions.label", { number: place + 1 })}
            value={question.label ?? ""}
            placeholder={t("questions.labelPlaceholder")}
            maxLength={40}
            autoComplete="off"
            autoFocus={question.slot === null && question.label === ""}
            onChange={(event) => onChange({ ...question, label: event.target.value })}
            className={clsx(field, "flex-1 font-semibold")}
          />
        ) : (
          <span className="min-w-0 flex-1 truncate font-semibold">{name}</span>
        )}
        {may && place > 0 && (
          <IconButton label={t("questions.raise", { question: name })} onClick={onRaise}>
            <ArrowUp size={15} aria-hidden="true" />
          </IconButton>
        )}
        {may && (
          <IconButton label={t("questions.drop", { question: name })} onClick={onDrop}>
            <X size={15} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      <div className="grid gap-1.5">
        {languages.map((language) => (
          <label key={language} className="flex items-center gap-2">
            <span className="w-6 flex-none text-12 text-t3 uppercase">{language}</span>
            <input
              aria-label={t("questions.wording", { question: name, language })}
              value={question.wording[language] ?? ""}
              placeholder={builtIn[language] ?? (isOwn && language === languages[0] ? t("questions.ownPlaceholder") : t("questions.notAsked"))}
              maxLength={200}
              autoComplete="off"
              onChange={(event) => onChange({ ...question, wording: { ...question.wording, [language]: event.target.value } })}
              className={field}
            />
          </label>
        ))}
      </div>
    </li>
  );
};

const Editor = ({ known, may }: { known: Questions; may: boolean }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [items, setItems] = useState(known.items);
  const save = useMutation({
    mutationFn: writeQuestions,
    onSuccess: (kept) => {
      client.setQueryData(questionsQuery.queryKey, kept);
      setItems(kept.items);
      toast(t("questions.saved"));
    },
  });
  const changed = JSON.stringify(items) !== JSON.stringify(known.items);
  const languages = [known.language, ...known.languages.filter((language) => language !== known.language)];
  const others = known.slots.filter(({ slot }) => items.every((item) => item.slot !== slot));
  const ownMatters = items.filter(({ label }) => label !== null).length;
  const put = (place: number, question: Question) => setItems(items.map((item, at) => (at === place ? question : item)));
  const raise = (place: number) =>
    setItems(items.map((item, at) => (at === place - 1 ? items[place] : at === place ? items[place - 1] : item)).filter((item) => item !== undefined));
  return (
    <>
      <fieldset disabled={!may} className="min-w-0">
        <legend className="sr-only">{t("questions.title")}</legend>
        <ol>
          {items.map((question, place) => (
            <Row
              key={question.slot ?? `own-${place}`}
              question={question}
              place={place}
              known={known}
              languages={languages}
              may={may}
              onChange={(next) => put(place, next)}
              onRaise={() => raise(place)}
              onDrop={() => setItems(items.filter((_, at) => at !== place))}
            />
          ))}
        </ol>
        {items.length === 0 && <p className="py-2 text-t2">{t("questions.none")}</p>}
      </fieldset>
      <Refused error={save.error} className="mt-3" />
      {may && (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          {(others.length > 0 || ownMatters < mostOwn) && (
            <select
              aria-label={t("questions.add")}
              value=""
              onChange={(event) =>
                event.target.value &&
                setItems([...items, event.target.value === own ? { slot: null, label: "", wording: {} } : { slot: event.target.value, label: null, wording: {} }])
              }
              className="h-9 min-w-0 rounded-2 border border-line-control bg-s1 px-2 text-13 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16"
            >
              <option value="">{t("questions.add")}</option>
              {ownMatters < mostOwn && <option value={own}>{t("questions.own")}</option>}
              {others.map(({ slot }) => (
                <option key={slot} value={slot}>
                  {t(`slot.${slot}`, { defaultValue: slot })}
                </option>
              ))}
            </select>
          )}
          <span className="flex-1" />
          {known.chosen && !changed && <Button onClick={() => save.mutate(null)}>{t("questions.builtIn")}</Button>}
          {changed && <Button onClick={() => setItems(known.items)}>{t("actions.cancel")}</Button>}
          <Button look="ink" disabled={!changed || items.length === 0 || save.isPending} onClick={() => save.mutate(items)}>
            {t("questions.save")}
          </Button>
        </div>
      )}
    </>
  );
};

/** What the assistant asks of whoever wants something: one at a time, in this order, never what is known. */
export const QuestionList = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const query = useQuery(questionsQuery);
  return (
    <Card title={t("questions.title")}>
      <p className="text-t2">{t("questions.text")}</p>
      {query.isPending && <SkeletonRows rows={3} avatars={false} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Editor known={query.data} may={may} />}
    </Card>
  );
};
