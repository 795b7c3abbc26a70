import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { writeTargets } from "../api/endpoints.ts";
import { channelsQuery, rulesQuery, targetsQuery, teamsQuery } from "../api/queries.ts";
import type { Target } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { useChannelLabel } from "../elements/Channel.tsx";
import { Chip, ruleWords } from "../elements/Chip.tsx";
import { FormEnd } from "../elements/FormEnd.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Field } from "../session/Field.tsx";
import { minutesOf, spanOf, units } from "./span.ts";

const small =
  "h-10 min-w-0 rounded-2 border border-line-control bg-s1 px-2 text-14 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";

/** Minutes, hours or days in one's own words. */
const useSpanWords = () => {
  const { t } = useTranslation();
  return (minutes: number) => {
    const { count, unit } = spanOf(minutes);
    return t(`targets.span.${unit}`, { count });
  };
};

/** For which conversations it counts and by when, as one line. */
const useTargetWords = () => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const span = useSpanWords();
  const teams = useQuery(teamsQuery).data?.items ?? [];
  return (target: Target) => {
    const of = [
      target.team && t("targets.ofTeam", { team: teams.find(({ id }) => id === target.team)?.name ?? target.team }),
      target.rule && t("targets.ofRule", { rule: ruleWords(target.rule) }),
      target.channel && label(target.channel),
      target.escalated === true && t("targets.escalated"),
      target.escalated === false && t("targets.unescalated"),
    ].filter(Boolean);
    const by = [
      target.first_reply && t("targets.answeredIn", { span: span(target.first_reply) }),
      target.resolution && t("targets.endedIn", { span: span(target.resolution) }),
    ].filter(Boolean);
    return { of: of.length > 0 ? of.join(", ") : t("targets.everything"), by: by.join(", "), when: t(target.always ? "targets.always" : "targets.inHours") };
  };
};

const SpanField = ({ name, label, minutes }: { name: string; label: string; minutes: number | null | undefined }) => {
  const { t } = useTranslation();
  const span = minutes ? spanOf(minutes) : null;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 font-semibold">{label}</legend>
      <div className="flex gap-2">
        <input
          name={name}
          type="number"
          min={1}
          max={10_000}
          inputMode="numeric"
          aria-label={label}
          defaultValue={span?.count}
          className={`${small} w-24`}
        />
        <select name={`${name}Unit`} aria-label={t("targets.unit", { of: label })} defaultValue={span?.unit ?? "hours"} className={small}>
          {units.map((unit) => (
            <option key={unit} value={unit}>
              {t(`targets.unitName.${unit}`)}
            </option>
          ))}
        </select>
      </div>
    </fieldset>
  );
};

const Choose = ({ name, label, none, value, options }: { name: string; label: string; none: string; value: string | null | undefined; options: readonly (readonly [string, string])[] }) => (
  <label className="block min-w-0">
    <span className="mb-1.5 block font-semibold">{label}</span>
    <select name={name} defaultValue={value ?? ""} className={`${small} w-full`}>
      <option value="">{none}</option>
      {options.map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

interface FormProps {
  target: Target | null;
  busy: boolean;
  error: unknown;
  onSave: (target: Target) => void;
  onDone: () => void;
}

const TargetForm = ({ target, busy, error, onSave, onDone }: FormProps) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const teams = useQuery(teamsQuery).data?.items ?? [];
  const rules = useQuery(rulesQuery).data?.items ?? [];
  const doors = [...new Set((useQuery(channelsQuery).data?.items ?? []).map(({ channel }) => channel))];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const choice = (name: string) => text(name) || null;
    const minutes = (name: string) => minutesOf(text(name), text(`${name}Unit`));
    onSave({
      name: text("name"),
      team: choice("team"),
      rule: choice("rule"),
      channel: choice("channel"),
      escalated: target?.escalated ?? null,
      first_reply: minutes("first_reply"),
      resolution: minutes("resolution"),
      always: form.get("always") !== null,
    });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      <Field label={t("targets.name")} name="name" required autoFocus maxLength={60} defaultValue={target?.name} autoComplete="off" />
      <div className="mb-5 grid grid-cols-2 gap-4 max-md:grid-cols-1">
        <SpanField name="first_reply" label={t("targets.firstReply")} minutes={target?.first_reply} />
        <SpanField name="resolution" label={t("targets.resolution")} minutes={target?.resolution} />
        <Choose name="team" label={t("targets.team")} none={t("targets.anyTeam")} value={target?.team} options={teams.map(({ id, name }) => [id, name])} />
        <Choose name="rule" label={t("targets.rule")} none={t("targets.anyRule")} value={target?.rule} options={rules.map(({ name }) => [name, ruleWords(name)])} />
        <Choose name="channel" label={t("targets.door")} none={t("targets.anyDoor")} value={target?.channel} options={doors.map((door) => [door, label(door)])} />
        <label className="flex min-h-10 items-center gap-2 self-end">
          <input type="checkbox" name="always" defaultChecked={target?.always ?? false} className="size-4 accent-(--accent)" />
          {t("targets.always")}
        </label>
      </div>
      <FormEnd save={t("targets.save")} busy={busy} onCancel={onDone} error={error} />
    </form>
  );
};

/** By when people of the team answer: the first that fits counts. */
export const Targets = ({ may }: { may: boolean }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(targetsQuery);
  const words = useTargetWords();
  const [editing, setEditing] = useState<number | "new" | null>(null);
  const write = useMutation({
    mutationFn: writeTargets,
    onSuccess: (kept) => {
      client.setQueryData(targetsQuery.queryKey, kept);
      setEditing(null);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["conversations"] }),
  });
  const items = query.data?.items ?? [];
  const configured = query.data?.configured ?? [];
  const save = (target: Target) =>
    write.mutate(editing === "new" ? [...items, target] : items.map((item, place) => (place === editing ? target : item)));
  const raise = (place: number) =>
    write.mutate(items.map((item, at) => (at === place - 1 ? items[place] : at === place ? items[place - 1] : item)).filter((item) => item !== undefined));
  const line = (target: Target) => {
    const { of, by, when } = words(target);
    return (
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold">{target.name}</span>
        <span className="block text-12 text-t2">{of}</span>
        <span className="block text-12 text-t3">
          {by} · {when}
        </span>
      </span>
    );
  };
  const rowClass = "flex items-center gap-3 border-b border-line py-2.5 last:border-b-0";
  return (
    <Card
      title={t("targets.title")}
      action={
        may &&
        editing === null && (
          <Button height="s" onClick={() => setEditing("new")}>
            {t("targets.add")}
          </Button>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} avatars={false} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && items.length + configured.length === 0 && editing === null && <p className="py-1 text-t2">{t("targets.none")}</p>}
      <ul>
        {items.map((target, place) => (
          <li key={target.name} className={rowClass}>
            {line(target)}
            {may && (
              <>
                {place > 0 && (
                  <IconButton label={t("targets.raise", { name: target.name })} onClick={() => raise(place)}>
                    <ArrowUp size={15} aria-hidden="true" />
                  </IconButton>
                )}
                <Button height="s" onClick={() => setEditing(place)} aria-label={t("targets.edit", { name: target.name })}>
                  {t("draft.edit")}
                </Button>
                <Button
                  height="s"
                  look="danger"
                  onClick={() => write.mutate(items.filter((_, at) => at !== place))}
                  aria-label={t("targets.drop", { name: target.name })}
                >
                  {t("canned.delete")}
                </Button>
              </>
            )}
          </li>
        ))}
        {configured.map((target) => (
          <li key={`file-${target.name}`} className={rowClass}>
            {line(target)}
            <Chip>{t("rules.origin.configuration")}</Chip>
          </li>
        ))}
      </ul>
      {editing !== null && (
        <TargetForm
          key={editing}
          target={editing === "new" ? null : (items[editing] ?? null)}
          busy={write.isPending}
          error={write.error}
          onSave={save}
          onDone={() => {
            write.reset();
            setEditing(null);
          }}
        />
      )}
    </Card>
  );
};
