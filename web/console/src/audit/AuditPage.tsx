import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Eye, Pencil, ShieldAlert, ShieldCheck, Trash2, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { auditCheckQuery, auditQuery, sessionQuery, teammatesQuery, tokensQuery } from "../api/queries.ts";
import type { AuditEntry } from "../api/types.ts";
import { Button, IconButton } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { More } from "../elements/More.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { actKind, actName, actorOf, subjectsOf } from "./acts.ts";

const icons = { looked: Eye, changed: Pencil, removed: Trash2 } as const;
/** People of one line that are named before the rest is counted. */
const SHOWN = 3;

const useActorWords = (): ((actor: string) => string) => {
  const { t } = useTranslation();
  const { data: team } = useQuery(teammatesQuery);
  const { data: tokens } = useQuery(tokensQuery);
  return (actor) => {
    const { kind, id } = actorOf(actor);
    if (kind === "operator") return t("audit.operator");
    if (kind === "teammate") return team?.items.find((one) => one.id === id)?.name ?? t("audit.formerTeammate");
    if (kind === "token") return t("audit.program", { name: tokens?.items.find((one) => one.id === id)?.name ?? t("audit.endedToken") });
    return id;
  };
};

/** Is the chain whole? */
const Whole = () => {
  const { t } = useTranslation();
  const check = useQuery(auditCheckQuery);
  const result = check.data;
  if (!result) return null;
  const whole = result.broken === null;
  const Icon = whole ? ShieldCheck : ShieldAlert;
  return (
    <section aria-label={t("audit.chain")} className="mb-4 flex flex-wrap items-center gap-3 rounded-3 border border-line bg-s1 p-4">
      <Icon size={24} aria-hidden="true" className={clsx("flex-none", whole ? "text-ok" : "text-danger")} />
      <div className="min-w-0 flex-1" role="status">
        <p className="font-semibold">{whole ? t("audit.whole") : t("audit.broken", { entry: result.broken })}</p>
        <p className="text-12 text-t2">
          {whole ? t("audit.wholeText", { count: result.entries, signed: result.checkpoints }) : t("audit.brokenText")}
        </p>
      </div>
      <Button height="s" disabled={check.isFetching} onClick={() => void check.refetch()}>
        {t("audit.again")}
      </Button>
    </section>
  );
};

const Line = ({ entry, who, onSubject }: { entry: AuditEntry; who: string; onSubject: (subject: string) => void }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const name = actName(entry.act);
  const kind = actKind(entry.act);
  const Icon = icons[kind];
  const { people, conversations, others } = subjectsOf(entry.subjects);
  const links: ReactNode[] = [
    ...people.slice(0, SHOWN).map((id) => (
      <button key={id} type="button" onClick={() => onSubject(id)} title={id} className="rounded-1 text-accent hover:underline">
        {t("audit.customer", { id: id.slice(-6) })}
      </button>
    )),
    ...conversations.slice(0, 1).map((id) => (
      <Link key={id} to="/inbox/$view/$conversation" params={{ view: "all", conversation: id }} className="rounded-1 text-accent hover:underline">
        {t("audit.conversation")}
      </Link>
    )),
    ...others.slice(0, 1).map((id) => (
      <span key={id} className="text-t3">
        {id}
      </span>
    )),
  ];
  const rest = people.length - SHOWN;
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-1.5 last:border-b-0">
      <span className="w-32 flex-none text-12 text-t3 tabular-nums">{dayAndTime(entry.at, moment)}</span>
      <span className="w-44 flex-none truncate font-medium max-md:w-auto max-md:flex-1">{who}</span>
      <Icon size={14} aria-hidden="true" className={clsx("flex-none", kind === "removed" ? "text-danger" : "text-t3")} />
      <span className="min-w-[180px] flex-1 truncate" title={entry.act}>
        {name ? t(`audit.act.${name}`) : entry.act}
      </span>
      <span className="flex flex-none gap-2 text-12">
        {links}
        {rest > 0 && <span className="text-t3">{t("audit.more", { count: rest })}</span>}
      </span>
      {entry.outcome >= 400 && <Chip tone="warn">{t("audit.refused", { status: entry.outcome })}</Chip>}
    </li>
  );
};

const inputClass = "h-8 rounded-2 border border-line-control bg-s1 px-2 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16";

/** Midnight of a day as the one who looks reads it. */
const midnight = (date: string, ahead = 0): string | null => {
  if (!date) return null;
  const at = new Date(`${date}T00:00:00`);
  at.setDate(at.getDate() + ahead);
  return at.toISOString();
};

/** Who looked at what and who changed it, and whether nothing of it was altered since. */
export const AuditPage = () => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { subject = "" } = useSearch({ from: "/shell/audit" });
  const { data: session } = useQuery(sessionQuery);
  const { data: team } = useQuery(teammatesQuery);
  const { data: tokens } = useQuery(tokensQuery);
  const role = session?.teammate.role;
  const may = role === "owner" || role === "admin";
  const [actor, setActor] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const words = useActorWords();
  const query = useInfiniteQuery({ ...auditQuery({ actor, subject, from: midnight(from), to: midnight(to, 1) }), enabled: may });
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const onSubject = (wanted: string) => void navigate({ to: "/audit", search: wanted ? { subject: wanted } : {} });
  if (role && !may) {
    return (
      <PageFrame title={t("place.audit")}>
        <Empty title={t("empty.audit.title")} text={t("empty.audit.text")} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title={t("place.audit")} note={t("audit.note")}>
      <Whole />
      <div className="mb-3 flex flex-wrap items-end gap-3" role="group" aria-label={t("audit.filter")}>
        <label className="grid gap-1 text-12 text-t2">
          {t("audit.who")}
          <select value={actor} onChange={(event) => setActor(event.target.value)} className={`${inputClass} text-13`}>
            <option value="">{t("audit.everybody")}</option>
            <option value="operator">{t("audit.operator")}</option>
            {team?.items.map(({ id, name }) => (
              <option key={id} value={`teammate:${id}`}>
                {name}
              </option>
            ))}
            {tokens?.items.map(({ id, name }) => (
              <option key={id} value={`token:${id}`}>
                {t("audit.program", { name })}
              </option>
            ))}
          </select>
        </label>
        <label className="grid gap-1 text-12 text-t2">
          {t("audit.from")}
          <input type="date" value={from} max={to || undefined} onChange={(event) => setFrom(event.target.value)} className={inputClass} />
        </label>
        <label className="grid gap-1 text-12 text-t2">
          {t("audit.to")}
          <input type="date" value={to} min={from || undefined} onChange={(event) => setTo(event.target.value)} className={inputClass} />
        </label>
        {subject && (
          <span className="flex h-8 items-center gap-1 rounded-2 bg-s2 pl-2 text-12 max-md:h-11">
            {subject.startsWith("cus_") ? (
              <Link to="/people/$customer" params={{ customer: subject }} className="rounded-1 text-accent hover:underline">
                {t("audit.onlyCustomer", { id: subject.slice(-6) })}
              </Link>
            ) : (
              subject
            )}
            <IconButton label={t("audit.allSubjects")} onClick={() => onSubject("")}>
              <X size={14} aria-hidden="true" />
            </IconButton>
          </span>
        )}
      </div>
      {query.isPending && may && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && <Failure title={t("audit.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && entries.length === 0 && <p className="px-4 text-t3">{t("audit.nothing")}</p>}
      {entries.length > 0 && (
        <ul className="overflow-hidden rounded-3 border border-line bg-s1" aria-label={t("place.audit")}>
          {entries.map((entry) => (
            <Line key={entry.seq} entry={entry} who={words(entry.actor)} onSubject={onSubject} />
          ))}
        </ul>
      )}
      <More pages={query} />
    </PageFrame>
  );
};
