import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { FlaskConical, History, MoreHorizontal, Pencil, Power, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changeRule, dropRule, type RuleChange, tryRule } from "../api/endpoints.ts";
import { rulesQuery, ruleVersionsQuery, teamsQuery } from "../api/queries.ts";
import type { Rule, Way } from "../api/types.ts";
import { IconButton } from "../elements/Button.tsx";
import { Chip, ruleWords } from "../elements/Chip.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { Menu, MenuItem } from "../elements/Menu.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { RuleForm } from "./RuleForm.tsx";
import { SkeletonRows } from "../elements/States.tsx";
import { Tried } from "./Tried.tsx";

const ways = ["urgent", "same_channel", "email"] as const;
const isWay = (text: string): text is Way => ways.some((way) => way === text);

const select =
  "h-8 min-w-0 max-w-full rounded-2 border border-line-control bg-s1 px-2 text-13 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";

/** To which team a rule hands over, and how that is best answered. */
const Route = ({ rule, may, onChange }: { rule: Rule; may: boolean; onChange: (change: RuleChange) => void }) => {
  const { t } = useTranslation();
  const teams = useQuery(teamsQuery).data?.items ?? [];
  if (!may) {
    if (!rule.team && !rule.way) return null;
    return (
      <p className="mt-1 text-12 text-t3">
        {[rule.team && t("rules.goesTo", { team: rule.team.name }), rule.way && t(`way.${rule.way}`)].filter(Boolean).join(" · ")}
      </p>
    );
  }
  return (
    <div className="mt-2 flex flex-wrap gap-2">
      <select
        aria-label={t("rules.team", { rule: ruleWords(rule.name) })}
        value={rule.team?.id ?? ""}
        onChange={(event) => onChange({ team: event.target.value || null })}
        className={select}
      >
        <option value="">{t("rules.toEverybody")}</option>
        {teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {t("rules.goesTo", { team: name })}
          </option>
        ))}
      </select>
      <select
        aria-label={t("rules.way", { rule: ruleWords(rule.name) })}
        value={rule.way ?? ""}
        onChange={(event) => onChange({ way: isWay(event.target.value) ? event.target.value : null })}
        className={select}
      >
        <option value="">{t("way.any")}</option>
        {ways.map((way) => (
          <option key={way} value={way}>
            {t(`way.${way}`)}
          </option>
        ))}
      </select>
    </div>
  );
};

/** What a rule of the console said before. */
const Versions = ({ rule }: { rule: string }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const query = useQuery(ruleVersionsQuery(rule));
  return (
    <ol className="mt-2 grid gap-1.5 border-t border-line pt-2" aria-label={t("rules.versions")}>
      {query.data?.items.map((kept) => (
        <li key={kept.version} className="min-w-0">
          <span className="text-12 text-t3 tabular-nums">
            {t("rules.version", { version: kept.version })} · {dayAndTime(kept.at, moment)}
            {kept.by && ` · ${kept.by}`}
          </span>
          <code className="block font-mono text-12 break-words text-t2">{kept.when}</code>
        </li>
      ))}
    </ol>
  );
};

/** One rule: what it says, how often it fired, whether it is on and where it goes. */
export const RuleRow = ({ rule, may }: { rule: Rule; may: boolean }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "versions" | "tried" | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: rulesQuery.queryKey });
  const change = useMutation({
    mutationFn: (what: RuleChange) => changeRule(rule.name, what),
    onSuccess: (kept) => {
      client.setQueryData<{ items: Rule[] }>(rulesQuery.queryKey, (data) =>
        data && { ...data, items: data.items.map((known) => (known.name === kept.name ? kept : known)) },
      );
    },
    onSettled: refresh,
  });
  const drop = useMutation({ mutationFn: () => dropRule(rule.name), onSettled: refresh });
  const trial = useMutation({ mutationFn: () => tryRule({ rule: rule.name }) });
  const own = rule.origin === "console";
  const failed = change.error ?? drop.error;
  return (
    <li className="rounded-3 border border-line bg-s1 p-4">
      <div className="flex items-start gap-3 max-md:flex-wrap">
        <span className={rule.enabled ? "mt-0.5 text-warn" : "mt-0.5 text-t3"}>
          <Zap size={16} aria-hidden="true" />
        </span>
        <span className="min-w-0 flex-1 max-md:basis-[70%]">
          <span className="flex flex-wrap items-center gap-2">
            <h2 className={clsx("text-14 font-semibold", !rule.enabled && "text-t2")}>{ruleWords(rule.name)}</h2>
            {!rule.enabled && <Chip>{t("rules.off")}</Chip>}
            {rule.origin !== "built_in" && <Chip>{t(`rules.origin.${rule.origin}`)}</Chip>}
          </span>
          <p className="max-w-[680px] text-14 text-t2">{rule.sentence}</p>
          {rule.when && own && <code className="block font-mono text-12 break-words text-t3">{rule.when}</code>}
          {rule.enabled && <Route rule={rule} may={may} onChange={(what) => change.mutate(what)} />}
        </span>
        <span className="flex-none text-right max-md:order-last max-md:basis-full max-md:pl-7 max-md:text-left">
          <span className="block font-semibold tabular-nums">{t("rules.firings", { count: rule.firings })}</span>
          <span className="block text-12 text-t3 tabular-nums">
            {rule.last_at ? t("rules.last", { when: dayAndTime(rule.last_at, moment) }) : t("rules.never")} ·{" "}
            {t("rules.version", { version: rule.version })}
          </span>
        </span>
        <IconButton
          label={t("rules.tryIt", { rule: ruleWords(rule.name) })}
          aria-expanded={open === "tried"}
          onClick={() => {
            setOpen(open === "tried" ? null : "tried");
            if (open !== "tried") trial.mutate();
          }}
        >
          <FlaskConical size={15} aria-hidden="true" />
        </IconButton>
        {may && (rule.switchable || own) && (
          <Menu
            align="end"
            trigger={
              <IconButton label={t("rules.manage", { rule: ruleWords(rule.name) })}>
                <MoreHorizontal size={16} aria-hidden="true" />
              </IconButton>
            }
          >
            {rule.switchable && (
              <MenuItem icon={<Power size={15} aria-hidden="true" />} onSelect={() => change.mutate({ enabled: !rule.enabled })}>
                {t(rule.enabled ? "rules.switchOff" : "rules.switchOn")}
              </MenuItem>
            )}
            {own && (
              <>
                <MenuItem icon={<Pencil size={15} aria-hidden="true" />} onSelect={() => setOpen("edit")}>
                  {t("rules.edit")}
                </MenuItem>
                <MenuItem icon={<History size={15} aria-hidden="true" />} onSelect={() => setOpen(open === "versions" ? null : "versions")}>
                  {t("rules.versions")}
                </MenuItem>
                <MenuItem icon={<Trash2 size={15} aria-hidden="true" />} onSelect={() => drop.mutate()}>
                  {t("rules.drop")}
                </MenuItem>
              </>
            )}
          </Menu>
        )}
      </div>
      <Refused error={failed} className="mt-2" />
      {open === "tried" && (
        <>
          {trial.isPending && <SkeletonRows rows={1} avatars={false} />}
          <Refused error={trial.error} className="mt-3" />
          {trial.data && !trial.isPending && <Tried tried={trial.data} />}
        </>
      )}
      {open === "versions" && <Versions rule={rule.name} />}
      {open === "edit" && rule.when !== null && <RuleForm rule={rule} when={rule.when} onDone={() => setOpen(null)} />}
    </li>
  );
};
