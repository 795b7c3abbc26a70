import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { addTeam, changeTeam, dropTeam, type NewTeam } from "../api/endpoints.ts";
import { keys, teammatesQuery, teamsQuery } from "../api/queries.ts";
import type { Team, Teammate } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { FormEnd, Refused } from "../elements/FormEnd.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Field } from "../session/Field.tsx";
import { days, hoursOf, hoursWords } from "./hours.ts";

const select =
  "h-10 w-full rounded-2 border border-line-control bg-s1 px-2 text-14 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";
const small =
  "h-8 min-w-0 rounded-2 border border-line-control bg-s1 px-2 text-13 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:text-16";

const Hours = ({ team }: { team: Team | null }) => {
  const { t } = useTranslation();
  const [own, setOwn] = useState(team?.hours != null);
  return (
    <fieldset className="mb-5">
      <legend className="sr-only">{t("teams.hours")}</legend>
      <label className="flex min-h-8 items-center gap-2 font-semibold max-md:min-h-11">
        <input type="checkbox" name="ownHours" checked={own} onChange={(event) => setOwn(event.target.checked)} className="size-4 accent-(--accent)" />
        {t("teams.ownHours")}
      </label>
      {own && (
        <>
          <div className="mt-1 grid grid-cols-2 gap-x-4 gap-y-1.5 max-md:grid-cols-1">
            {days.map((day) => (
              <label key={day} className="flex items-center gap-2">
                <span className="w-20 flex-none text-t2">{t(`day.${day}`)}</span>
                <input
                  name={`hours-${day}`}
                  defaultValue={(team?.hours?.[day] ?? []).join(", ")}
                  placeholder={t("teams.closed")}
                  autoComplete="off"
                  className={`${small} flex-1`}
                />
              </label>
            ))}
          </div>
          <p className="mt-1 text-12 text-t3">{t("teams.hoursHint")}</p>
        </>
      )}
    </fieldset>
  );
};

interface FormProps {
  team: Team | null;
  people: readonly Teammate[];
  onDone: () => void;
}

const TeamForm = ({ team, people, onDone }: FormProps) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (written: NewTeam) => (team ? changeTeam(team.id, written) : addTeam(written)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.conversations });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const lead = String(form.get("lead") ?? "");
    save.mutate({
      name: String(form.get("name") ?? "").trim(),
      members: form.getAll("members").map(String),
      lead: lead === "" ? null : lead,
      hours: form.get("ownHours") ? hoursOf((day) => String(form.get(`hours-${day}`) ?? "")) : null,
    });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      <Field label={t("teams.name")} name="name" required autoFocus maxLength={60} defaultValue={team?.name} autoComplete="off" />
      <fieldset className="mb-5">
        <legend className="mb-1.5 font-semibold">{t("teams.members")}</legend>
        <div className="grid grid-cols-2 gap-x-4 max-md:grid-cols-1">
          {people.map(({ id, name }) => (
            <label key={id} className="flex min-h-8 min-w-0 items-center gap-2 max-md:min-h-11">
              <input type="checkbox" name="members" value={id} defaultChecked={team?.members.includes(id) ?? false} className="size-4 flex-none accent-(--accent)" />
              <Avatar name={name} size="s" teammate />
              <span className="truncate">{name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <label className="mb-5 block">
        <span className="mb-1.5 block font-semibold">{t("teams.lead")}</span>
        <select name="lead" defaultValue={team?.lead ?? ""} className={select}>
          <option value="">{t("teams.noLead")}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Hours team={team} />
      <FormEnd save={t("teams.save")} busy={save.isPending} onCancel={onDone} error={save.error} />
    </form>
  );
};

/** Some of the teammates under a name: rules hand over to them, and they have targets and hours of their own. */
export const Teams = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(teamsQuery);
  const everybody = useQuery(teammatesQuery).data?.items ?? [];
  const people = everybody.filter(({ role }) => role !== "analyst");
  const nameOf = (id: string) => everybody.find((person) => person.id === id)?.name ?? "";
  const [editing, setEditing] = useState<Team | "new" | null>(null);
  const drop = useMutation({ mutationFn: dropTeam, onSettled: () => client.invalidateQueries({ queryKey: keys.conversations }) });
  const all = query.data?.items ?? [];
  return (
    <Card
      title={t("teams.title")}
      action={
        may &&
        editing === null && (
          <Button height="s" onClick={() => setEditing("new")}>
            {t("teams.add")}
          </Button>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} avatars={false} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && all.length === 0 && editing === null && <p className="py-1 text-t2">{t("teams.none")}</p>}
      <ul>
        {all.map((team) => (
          <li key={team.id} className="flex items-center gap-3 border-b border-line py-2.5 last:border-b-0">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">{team.name}</span>
              <span className="block truncate text-12 text-t2">
                {team.members.length === 0
                  ? t("teams.nobody")
                  : team.members.map((id) => (id === team.lead ? t("teams.leads", { name: nameOf(id) }) : nameOf(id))).join(", ")}
              </span>
              <span className="block truncate text-12 text-t3">
                {team.hours ? hoursWords(team.hours, (day) => t(`day.${day}`)) : t("teams.businessHours")}
                {team.waiting > 0 && ` · ${t("teams.waiting", { count: team.waiting })}`}
              </span>
            </span>
            {may && (
              <>
                <Button height="s" onClick={() => setEditing(team)} aria-label={t("teams.edit", { name: team.name })}>
                  {t("draft.edit")}
                </Button>
                <Button height="s" look="danger" onClick={() => drop.mutate(team.id)} aria-label={t("teams.drop", { name: team.name })}>
                  {t("canned.delete")}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {drop.isError && <Refused error={drop.error} />}
      {editing !== null && (
        <TeamForm
          key={editing === "new" ? "new" : editing.id}
          team={editing === "new" ? null : editing}
          people={people}
          onDone={() => setEditing(null)}
        />
      )}
    </Card>
  );
};
