import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { addTeammate } from "../api/endpoints.ts";
import { teammatesQuery } from "../api/queries.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Field } from "../session/Field.tsx";

const roles = ["owner", "admin", "teammate", "analyst"] as const;
const isRole = (text: string): text is (typeof roles)[number] => roles.some((role) => role === text);

const NewTeammate = ({ onDone }: { onDone: () => void }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: addTeammate,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: teammatesQuery.queryKey });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    add.mutate({ name: text("name"), email: text("email"), role: text("role"), password: String(form.get("password") ?? "") });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      <Field label={t("settings.name")} name="name" required autoFocus autoComplete="off" />
      <Field label={t("session.email")} name="email" type="email" required autoComplete="off" />
      <Field
        label={t("settings.firstPassword")}
        hint={t("settings.passwordHint")}
        name="password"
        type="password"
        required
        minLength={10}
        autoComplete="new-password"
      />
      <label className="mb-5 block">
        <span className="mb-1.5 block font-semibold">{t("settings.role")}</span>
        <select
          name="role"
          defaultValue="teammate"
          className="h-10 w-full rounded-2 border border-line-control bg-s1 px-2 text-14 max-md:h-11 max-md:text-16"
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </select>
      </label>
      {add.isError && (
        <p role="alert" className="mb-3 text-12 text-danger">
          {add.error instanceof RequestError && add.error.message ? add.error.message : t("settings.failed")}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{t("actions.cancel")}</Button>
        <Button look="ink" type="submit" disabled={add.isPending}>
          {t("settings.addTeammate")}
        </Button>
      </div>
    </form>
  );
};

export const Teammates = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const query = useQuery(teammatesQuery);
  const [adding, setAdding] = useState(false);
  return (
    <Card
      title={t("settings.teammates")}
      action={
        may &&
        !adding && (
          <Button height="s" onClick={() => setAdding(true)}>
            {t("settings.addTeammate")}
          </Button>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      <ul>
        {query.data?.items.map((teammate) => (
          <li key={teammate.id} className="flex items-center gap-3 border-b border-line py-2.5 last:border-b-0">
            <Avatar name={teammate.name} size="m" teammate />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">{teammate.name}</span>
              <span className="block truncate text-12 text-t3">{teammate.email}</span>
            </span>
            <Chip>{isRole(teammate.role) ? t(`role.${teammate.role}`) : teammate.role}</Chip>
          </li>
        ))}
      </ul>
      {adding && <NewTeammate onDone={() => setAdding(false)} />}
    </Card>
  );
};
