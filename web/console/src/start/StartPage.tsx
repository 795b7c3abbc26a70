import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cannedQuery, channelsQuery, knowledgeQuery, sessionQuery, teammatesQuery } from "../api/queries.ts";
import { Button, buttonClass } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { toast } from "../elements/toast.ts";
import { countsQuery } from "../shell/counts.ts";
import { bringLife } from "./life.ts";

const steps = [
  { key: "knowledge", link: { to: "/knowledge" } },
  { key: "website", link: { to: "/website" } },
  { key: "doors", link: { to: "/channels" } },
  { key: "talk", link: { to: "/inbox/$view", params: { view: "all" } } },
  { key: "team", link: { to: "/settings" } },
  { key: "canned", link: { to: "/settings" } },
] as const;

type Step = (typeof steps)[number]["key"];

/** What is done and what is not, read from the workspace itself rather than ticked by hand. */
const useDone = (): Record<Step, boolean> => {
  const knowledge = useQuery(knowledgeQuery);
  const channels = useQuery({ ...channelsQuery, refetchOnMount: "always" });
  const teammates = useQuery(teammatesQuery);
  const canned = useQuery(cannedQuery);
  const { data: counts } = useQuery(countsQuery);
  const doors = channels.data?.items ?? [];
  return {
    knowledge: (knowledge.data?.sources.length ?? 0) > 0,
    website: doors.some(({ channel, last_in: heard }) => channel === "widget" && heard !== null),
    doors: doors.length > 0 && doors.every(({ health }) => health === "ok"),
    talk: counts !== undefined && Object.values(counts).some((count) => count > 0),
    team: (teammates.data?.items.length ?? 0) > 1,
    canned: (canned.data?.items.length ?? 0) > 0,
  };
};

/** In the demo: a few people who write, so that every page has something to show. */
const Life = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const life = useMutation({
    mutationFn: bringLife,
    onSuccess: async (count) => {
      toast(t("start.lived", { count }));
      await client.invalidateQueries();
    },
  });
  return (
    <section aria-label={t("start.life")} className="mb-4 flex items-center gap-3 rounded-3 border border-dashed border-line-strong bg-s1 p-4 max-md:flex-wrap">
      <Sparkles size={18} aria-hidden="true" className="flex-none text-ai" />
      <span className="min-w-0 flex-1 max-md:basis-[80%]">
        <h2 className="text-14 font-semibold">{t("start.life")}</h2>
        <p className="text-t2" role="status">
          {life.isPending ? t("start.living") : life.isSuccess ? t("start.lived", { count: life.data }) : t("start.lifeText")}
        </p>
      </span>
      {life.isSuccess ? (
        <Link to="/inbox/$view" params={{ view: "escalated" }} className={buttonClass("ink")}>
          {t("start.talk.action")}
        </Link>
      ) : (
        <Button look="ink" disabled={life.isPending} onClick={() => life.mutate()}>
          {t("start.lifeDo")}
        </Button>
      )}
    </section>
  );
};

/** The way from an empty workspace to one that works, step by step. */
export const StartPage = () => {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const done = useDone();
  const count = steps.filter(({ key }) => done[key]).length;
  const next = steps.find(({ key }) => !done[key])?.key;
  return (
    <PageFrame title={t("place.start")} note={t("start.note", { count, of: steps.length })}>
      {session?.demo && <Life />}
      <progress value={count} max={steps.length} aria-label={t("start.note", { count, of: steps.length })} className="progress mb-4 h-1.5 w-full" />
      <ol className="grid gap-2">
        {steps.map(({ key, link }) => (
          <li key={key} className="flex items-start gap-3 rounded-3 border border-line bg-s1 p-4 max-md:flex-wrap">
            {done[key] ? (
              <CircleCheck size={18} role="img" aria-label={t("start.done")} className="mt-0.5 flex-none text-ok" />
            ) : (
              <CircleDashed size={18} role="img" aria-label={t("start.open")} className="mt-0.5 flex-none text-t3" />
            )}
            <span className="min-w-0 flex-1 max-md:basis-[80%]">
              <h2 className="text-14 font-semibold">{t(`start.${key}.title`)}</h2>
              <p className="text-t2">{t(`start.${key}.text`)}</p>
            </span>
            <Link {...link} className={buttonClass(key === next ? "ink" : "line")}>
              {t(`start.${key}.action`)}
            </Link>
          </li>
        ))}
      </ol>
      {session?.demo && (
        <p className="mt-4 text-t2">
          {t("start.demo")}{" "}
          <a href="/playground" className="rounded-1 font-medium text-accent hover:underline">
            {t("place.playground")}
          </a>
        </p>
      )}
    </PageFrame>
  );
};
