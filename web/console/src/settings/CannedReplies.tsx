import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { addCanned, changeCanned, dropCanned } from "../api/endpoints.ts";
import { cannedQuery } from "../api/queries.ts";
import type { Canned, CannedStep } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { FormEnd } from "../elements/FormEnd.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { stepWords } from "../conversation/suggest.ts";
import { Field } from "../session/Field.tsx";

const thens = ["nothing", "resolve", "return", "snooze_1d", "snooze_3d", "snooze_7d"] as const;
const small = "h-8 rounded-2 border border-line-control bg-s1 px-2 text-13 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";
const dayMinutes = 1_440;

/** What is done besides, as the form says it. */
const stepsOf = (form: FormData): CannedStep[] => {
  const tags = String(form.get("tags") ?? "").split(",").map((tag) => tag.trim()).filter((tag) => tag !== "");
  const then = String(form.get("then") ?? "");
  const days = /^snooze_(\d+)d$/.exec(then)?.[1];
  return [
    ...tags.map((tag): CannedStep => ({ do: "tag", tag })),
    ...(form.get("mine") ? [{ do: "assign" } as const] : []),
    ...(then === "resolve" || then === "return" ? [{ do: then } as const] : []),
    ...(days ? [{ do: "snooze", minutes: Number(days) * dayMinutes } as const] : []),
  ];
};

const tagsIn = (canned: Canned | null): string => (canned?.steps ?? []).flatMap((step) => (step.do === "tag" ? [step.tag] : [])).join(", ");

const thenIn = (canned: Canned | null): string => {
  for (const step of canned?.steps ?? []) {
    if (step.do === "resolve" || step.do === "return") return step.do;
    if (step.do === "snooze") return `snooze_${Math.round(step.minutes / dayMinutes)}d`;
  }
  return "nothing";
};

interface FormProps {
  canned: Canned | null;
  onDone: () => void;
}

const CannedForm = ({ canned, onDone }: FormProps) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (written: Omit<Canned, "id">) =>
      canned ? changeCanned({ id: canned.id, ...written }) : addCanned(written),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: cannedQuery.queryKey });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    save.mutate({ name: String(form.get("name") ?? "").trim(), text: String(form.get("text") ?? "").trim(), steps: stepsOf(form) });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      <Field label={t("canned.name")} name="name" required autoFocus maxLength={60} defaultValue={canned?.name} autoComplete="off" />
      <label className="mb-5 block">
        <span className="mb-1.5 block font-semibold">{t("canned.text")}</span>
        <textarea
          name="text"
          rows={4}
          maxLength={8000}
          defaultValue={canned?.text}
          className="field-sizing-content max-h-[40vh] min-h-24 w-full resize-none rounded-2 border border-line-control bg-s1 px-3 py-2 text-14 outline-none focus-visible:border-accent max-md:text-16"
        />
        <span className="mt-1 block text-12 text-t3">{t("canned.gaps")}</span>
      </label>
      <fieldset className="mb-5">
        <legend className="mb-1.5 font-semibold">{t("canned.steps")}</legend>
        <div className="flex flex-wrap items-end gap-3">
          <label className="grid gap-1 text-12 text-t2">
            {t("canned.tags")}
            <input name="tags" defaultValue={tagsIn(canned)} maxLength={200} autoComplete="off" className={small} />
          </label>
          <label className="grid gap-1 text-12 text-t2">
            {t("canned.then")}
            <select name="then" defaultValue={thenIn(canned)} className={small}>
              {thens.map((then) => (
                <option key={then} value={then}>
                  {t(`canned.do.${then}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="flex h-8 items-center gap-2">
            <input type="checkbox" name="mine" defaultChecked={canned?.steps.some((step) => step.do === "assign") ?? false} />
            {t("canned.mine")}
          </label>
        </div>
      </fieldset>
      <FormEnd save={t("canned.save")} busy={save.isPending} onCancel={onDone} error={save.error} />
    </form>
  );
};

/** Texts that the team says often, put into a reply by / and their name. */
export const CannedReplies = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(cannedQuery);
  const [editing, setEditing] = useState<Canned | "new" | null>(null);
  const drop = useMutation({
    mutationFn: dropCanned,
    onSettled: () => client.invalidateQueries({ queryKey: cannedQuery.queryKey }),
  });
  const all = query.data?.items ?? [];
  return (
    <Card
      title={t("canned.title")}
      note={t("canned.note")}
      action={
        may &&
        editing === null && (
          <Button height="s" onClick={() => setEditing("new")}>
            {t("canned.add")}
          </Button>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} avatars={false} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && all.length === 0 && editing === null && <p className="py-1 text-t2">{t("canned.none")}</p>}
      <ul>
        {all.map((canned) => (
          <li key={canned.id} className="flex items-center gap-3 border-b border-line py-2.5 last:border-b-0">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">/{canned.name}</span>
              <span className="block truncate text-12 text-t2">{canned.text}</span>
              {canned.steps.length > 0 && <span className="block truncate text-12 text-t3">{canned.steps.map((step) => stepWords(step, t)).join(", ")}</span>}
            </span>
            {may && (
              <>
                <Button height="s" onClick={() => setEditing(canned)} aria-label={t("canned.edit", { name: canned.name })}>
                  {t("draft.edit")}
                </Button>
                <Button
                  height="s"
                  look="danger"
                  onClick={() => drop.mutate(canned.id)}
                  aria-label={t("canned.drop", { name: canned.name })}
                >
                  {t("canned.delete")}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {editing !== null && (
        <CannedForm
          key={editing === "new" ? "new" : editing.id}
          canned={editing === "new" ? null : editing}
          onDone={() => setEditing(null)}
        />
      )}
    </Card>
  );
};
