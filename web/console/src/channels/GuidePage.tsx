import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { channelSetupQuery, channelsQuery, sessionQuery } from "../api/queries.ts";
import { buttonClass } from "../elements/Button.tsx";
import { Card, PageFrame } from "../elements/Card.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Copy } from "../elements/Copy.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { Checks } from "./Checks.tsx";
import { guides, hookOf, isCalled } from "./guides.ts";

/** While somebody sets a door up, the page looks after them. */
const LOOK_AGAIN = 4_000;

const Step = ({ number, children, more }: { number: number; children: ReactNode; more?: ReactNode }) => (
  <li className="flex gap-3 border-b border-line py-3 last:border-b-0">
    <span aria-hidden="true" className="mt-px grid size-5 flex-none place-items-center rounded-full bg-s3 text-11 font-semibold tabular-nums">
      {number}
    </span>
    <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-2">
      <p className="max-w-[62ch]">{children}</p>
      {more}
    </div>
  </li>
);

/** How one door is connected, step by step, with what is to be copied where, and checks that turn green as it goes. */
export const GuidePage = () => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const channel = useParams({ strict: false }).channel ?? "";
  const wanted = useSearch({ strict: false }).connection;
  const role = useQuery(sessionQuery).data?.teammate.role;
  const may = role === "owner" || role === "admin";
  const query = useQuery({ ...channelsQuery, refetchInterval: LOOK_AGAIN });
  const mine = query.data?.items.filter((one) => one.channel === channel) ?? [];
  const connection = mine.find(({ id }) => id === wanted) ?? mine[0];
  const setup = useQuery({ ...channelSetupQuery(connection?.id ?? ""), enabled: may && connection !== undefined }).data;
  const guide = guides[channel];
  if (!guide) {
    return (
      <PageFrame title={t("place.channels")}>
        <Empty title={t("guide.unknown")} text={t("guide.unknownText")} />
      </PageFrame>
    );
  }
  const publicUrl = query.data?.public_url ?? window.location.origin;
  const id = connection?.id ?? guide.id;
  const hook = setup?.hook ?? hookOf(publicUrl, channel, id);
  const words = (step: number) => t(`guide.${channel}.${step}`, { server: publicUrl, defaultValue: "" });
  const before = Array.from({ length: guide.before }, (_, place) => place + 1);
  const after = Array.from({ length: guide.after }, (_, place) => guide.before + place + 1);
  const reachable = !/^https?:\/\/(localhost|127\.|\[::1\])/.test(publicUrl) && publicUrl.startsWith("https://");
  return (
    <PageFrame
      title={
        <>
          <Link to="/channels" aria-label={t("guide.back")} className="-ml-1 grid size-7 place-items-center rounded-2 text-t2 hover:bg-s2 max-md:size-11">
            <ArrowLeft size={16} aria-hidden="true" />
          </Link>
          <ChannelTile channel={channel} />
          {label(channel)}
        </>
      }
      note={t("guide.note")}
    >
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && (
        <Failure title={t("channels.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <div className="grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)] items-start gap-4 max-xl3:grid-cols-[minmax(0,1fr)]">
          <Card title={t("guide.steps")} {...(guide.place ? { note: guide.place } : {})}>
            {isCalled(channel) && !reachable && (
              <p className="mb-2 rounded-2 border border-warn-line bg-warn-soft px-3 py-2 text-warn">{t("guide.unreachable", { server: publicUrl })}</p>
            )}
            <ol>
              {before.map((step) => (
                <Step key={step} number={step}>
                  {words(step)}
                </Step>
              ))}
              <Step
                number={guide.before + 1}
                more={
                  <>
                    <Copy label={t("guide.lines")} value={guide.lines} />
                    {guide.secrets.length > 0 && <p className="text-12 text-t3">{t("guide.secrets", { names: guide.secrets.join(", ") })}</p>}
                  </>
                }
              >
                {t("guide.write")}
              </Step>
              {after.map((step, place) => (
                <Step
                  key={step}
                  number={step + 1}
                  more={
                    place === 0 &&
                    isCalled(channel) && (
                      <>
                        <Copy label={t("guide.hook")} value={hook} />
                        {setup?.status_hook && <Copy label={t("guide.statusHook")} value={setup.status_hook} />}
                        {setup?.verify_token && <Copy label={t("guide.verify")} value={setup.verify_token} />}
                      </>
                    )
                  }
                >
                  {words(step)}
                </Step>
              ))}
            </ol>
          </Card>
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
            <Checks connection={connection} may={may} />
            {channel === "widget" && (
              <Link to="/website" className={buttonClass("ink")}>
                {t("start.website.action")}
              </Link>
            )}
            {!may && <p className="px-1 text-t2">{t("guide.askOwner")}</p>}
          </div>
        </div>
      )}
    </PageFrame>
  );
};
