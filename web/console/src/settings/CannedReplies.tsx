import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { addCanned, changeCanned, dropCanned } from "../api/endpoints.ts";
import { cannedQuery } from "../api/queries.ts";
import type { Canned } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Field } from "../session/Field.tsx";

interface FormProps {
  canned: Canned | null;
  onDone: () => void;
}

const CannedForm = ({ canned, onDone }: FormProps) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (written: { name: string; text: string }) =>
      canned ? changeCanned({ id: canned.id, ...written }) : addCanned(written),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: cannedQuery.queryKey });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    save.mutate({ name: String(form.get("name") ?? "").trim(), text: String(form.get("text") ?? "").trim() });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      <Field label={t("canned.name")} name="name" required autoFocus maxLength={60} defaultValue={canned?.name} autoComplete="off" />
      <label className="mb-5 block">
        <span className="mb-1.5 block font-semibold">{t("canned.text")}</span>
        <textarea
          name="text"
          required
          rows={4}
          maxLength={8000}
          defaultValue={canned?.text}
          className="field-sizing-content max-h-[40vh] min-h-24 w-full resize-none rounded-2 border border-line-control bg-s1 px-3 py-2 text-14 outline-none focus-visible:border-accent max-md:text-16"
        />
        <span className="mt-1 block text-12 text-t3">{t("canned.gaps")}</span>
      </label>
      {save.isError && (
        <p role="alert" className="mb-3 text-12 text-danger">
          {save.error instanceof RequestError && save.error.message ? save.error.message : t("settings.failed")}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{t("actions.cancel")}</Button>
        <Button look="ink" type="submit" disabled={save.isPending}>
          {t("canned.save")}
        </Button>
      </div>
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
