import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleHelp, Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { knowledgeAnswerQuery, knowledgeQuery, sessionQuery } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { Card, PageFrame } from "../elements/Card.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { Give } from "./Give.tsx";
import { SourceList, TakeAway } from "./SourceList.tsx";

const AskBox = () => {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [question, setQuestion] = useState("");
  const answer = useQuery(knowledgeAnswerQuery(question));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setQuestion(text.trim());
  };
  return (
    <Card title={t("knowledge.ask")} note={t("knowledge.askNote")} className="mb-4">
      <form onSubmit={submit} className="flex gap-2">
        <label className="relative min-w-0 flex-1">
          <span className="sr-only">{t("knowledge.question")}</span>
          <Search size={15} aria-hidden="true" className="absolute top-1/2 left-3 -translate-y-1/2 text-t3" />
          <input
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={t("knowledge.question")}
            className="h-9 w-full rounded-2 border border-line-control bg-s1 pr-3 pl-9 text-14 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:text-16"
          />
        </label>
        <Button look="ink" type="submit" className="!h-9" disabled={text.trim() === ""}>
          {t("knowledge.askDo")}
        </Button>
      </form>
      <div aria-live="polite">
        {answer.isError && (
          <Failure title={t("knowledge.askFailed")} error={answer.error} onRetry={() => void answer.refetch()} />
        )}
        {answer.data && (
          <div className="mt-3">
            {answer.data.answer ? (
              <p className="max-w-[680px] text-14 whitespace-pre-wrap">{answer.data.answer}</p>
            ) : (
              <p className="text-14 text-warn">{t("knowledge.noAnswer")}</p>
            )}
            <ul className="mt-2 grid gap-2">
              {answer.data.citations.map((citation) => (
                <li key={citation.source + citation.heading} className="border-l-2 border-ai-line pl-3">
                  <p className="font-medium">
                    {citation.heading} <span className="text-12 font-normal text-t3">{citation.source}</span>
                  </p>
                  <p className="line-clamp-3 max-w-[680px] text-12 text-t2">{citation.text}</p>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Card>
  );
};

/** While somebody puts documents there, the page looks after them. */
const LOOK_AGAIN = 5_000;

/** What the AI may answer from, and the real questions nothing answers yet. */
export const KnowledgePage = () => {
  const { t } = useTranslation();
  const moment = useMoment();
  const query = useQuery({ ...knowledgeQuery, refetchInterval: LOOK_AGAIN });
  const knowledge = query.data;
  const role = useQuery(sessionQuery).data?.teammate.role;
  const may = role === "owner" || role === "admin";
  return (
    <PageFrame
      title={t("place.knowledge")}
      note={knowledge && t("knowledge.note", { count: knowledge.sources.length })}
    >
      <AskBox />
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !knowledge && (
        <Failure title={t("knowledge.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {knowledge && may && <Give folders={knowledge.folders} />}
      {knowledge && knowledge.sources.length === 0 && (
        <Empty title={t("empty.knowledge.title")} text={t(may ? "empty.knowledge.text" : "knowledge.askOwner")} />
      )}
      {knowledge && knowledge.sources.length > 0 && (
        <div className="grid grid-cols-[1.4fr_1fr] items-start gap-4 max-xl3:grid-cols-1">
          <SourceList sources={knowledge.sources} may={may} />
          <div className="grid gap-4">
            <Card title={t("knowledge.gaps")} note={t("knowledge.gapsNote")}>
              {knowledge.gaps.length === 0 && <p className="text-t3">{t("knowledge.noGaps")}</p>}
              <ul className="grid gap-2">
                {knowledge.gaps.map((gap) => (
                  <li key={gap.question} className="flex items-start gap-2">
                    <CircleHelp size={14} aria-hidden="true" className="mt-[3px] flex-none text-warn" />
                    <span className="min-w-0 flex-1">
                      <Link
                        to="/inbox/$view/$conversation"
                        params={{ view: "all", conversation: gap.conversation }}
                        className="rounded-1 hover:underline"
                      >
                        {gap.question}
                      </Link>
                      {gap.also.map((other) => (
                        <span key={other} className="block text-12 text-t2">
                          {other}
                        </span>
                      ))}
                      <span className="block text-12 text-t3">
                        {t("knowledge.times", { count: gap.times })}, {dayAndTime(gap.last_at, moment)}
                      </span>
                    </span>
                  </li>
                ))}
              </ul>
            </Card>
            {knowledge.conflicts.length > 0 && (
              <Card title={t("knowledge.conflicts")} note={t("knowledge.conflictsNote")}>
                <ul className="grid gap-3">
                  {knowledge.conflicts.map(({ about, sources }) => (
                    <li key={about + sources.map(({ source }) => source).join()} className="grid gap-1">
                      <span className="font-medium">{about}</span>
                      {sources.map(({ source, text }) => (
                        <span key={source} className="block border-l-2 border-warn pl-2">
                          <span className="block">{text}</span>
                          <span className="block truncate text-12 text-t3">{source}</span>
                        </span>
                      ))}
                    </li>
                  ))}
                </ul>
              </Card>
            )}
            {knowledge.sites.map((site) => (
              <Card key={site.id} title={site.id} note={t("knowledge.pages", { count: site.pages })}>
                <p className="truncate text-12 text-t3">
                  {site.sitemap}
                  {site.read_at && `, ${dayAndTime(site.read_at, moment)}`}
                </p>
                {site.failed && <p className="text-warn">{site.failed}</p>}
                {site.skipped.length > 0 && (
                  <ul className="mt-2 grid gap-2">
                    {site.skipped.map(({ url, reason }) => (
                      <li key={url}>
                        <span className="block truncate">{url}</span>
                        <span className="block text-12 text-t3">{reason}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            ))}
            {knowledge.skipped.length > 0 && (
              <Card title={t("knowledge.skipped")}>
                <ul className="grid gap-2">
                  {knowledge.skipped.map((file) => (
                    <li key={file.path} className="flex items-center gap-2">
                      <span className="min-w-0 flex-1">
                        <span className="block truncate">{file.path}</span>
                        <span className="block text-12 text-t3">{file.reason}</span>
                      </span>
                      {may && file.document && <TakeAway document={file.document} name={file.path} />}
                    </li>
                  ))}
                </ul>
              </Card>
            )}
          </div>
        </div>
      )}
    </PageFrame>
  );
};
