import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { channelsQuery } from "../api/queries.ts";
import { Dial } from "./Dial.tsx";
import { guided } from "./guides.ts";
import { Standing } from "./Standing.tsx";
import { buttonClass } from "../elements/Button.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";

const tones = { ok: "plain", warn: "warn", error: "danger" } as const;

/** Every door with its health, in words. */
export const ChannelsPage = () => {
  const { t } = useTranslation();
  const moment = useMoment();
  const label = useChannelLabel();
  const query = useQuery(channelsQuery);
  const connections = query.data?.items ?? [];
  const others = guided.filter((channel) => connections.every((connection) => connection.channel !== channel));
  return (
    <PageFrame title={t("place.channels")} note={t("channels.note")}>
      {query.isPending && <SkeletonRows avatars={false} />}
      {query.isError && !query.data && (
        <Failure title={t("channels.failed")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && connections.length === 0 && (
        <Empty title={t("empty.channels.title")} text={t("empty.channels.text")} />
      )}
      <ul className="grid grid-cols-2 gap-3 max-xl3:grid-cols-1">
        {connections.map((connection) => (
          <li key={connection.id} className="rounded-3 border border-line bg-s1 p-4">
            <div className="flex items-center gap-3">
              <ChannelTile channel={connection.channel} size="l" labelled />
              <div className="min-w-0 flex-1">
                <h2 className="truncate text-14 font-semibold">{label(connection.channel)}</h2>
                <p className="truncate text-12 text-t3">{connection.label}</p>
              </div>
              <Link
                to="/channels/$channel"
                params={{ channel: connection.channel }}
                search={{ connection: connection.id }}
                className={buttonClass("quiet", "s")}
                aria-label={t("channels.setUpOf", { door: connection.label })}
              >
                {t("channels.setUp")}
              </Link>
              <Chip tone={tones[connection.health]}>{t(`channels.health.${connection.health}`)}</Chip>
            </div>
            {connection.detail && (
              <p
                className={
                  connection.health === "ok"
                    ? "mt-2 text-t2"
                    : connection.health === "warn"
                      ? "mt-2 text-warn"
                      : "mt-2 text-danger"
                }
              >
                {connection.detail}
              </p>
            )}
            <Standing connection={connection} />
            <Dial connection={connection} />
            <dl className="mt-2 flex gap-6 text-12 text-t3">
              <div>
                <dt className="inline">{t("channels.lastIn")} </dt>
                <dd className="inline text-t2 tabular-nums">
                  {connection.last_in ? dayAndTime(connection.last_in, moment) : t("channels.never")}
                </dd>
              </div>
              <div>
                <dt className="inline">{t("channels.lastOut")} </dt>
                <dd className="inline text-t2 tabular-nums">
                  {connection.last_out ? dayAndTime(connection.last_out, moment) : t("channels.never")}
                </dd>
              </div>
              {connection.waiting > 0 && (
                <div>
                  <dt className="inline">{t("channels.waiting")} </dt>
                  <dd className="inline text-t2 tabular-nums">{connection.waiting}</dd>
                </div>
              )}
              {connection.last_fetch && (
                <div>
                  <dt className="inline">{t("channels.lastFetch")} </dt>
                  <dd className="inline text-t2 tabular-nums">{dayAndTime(connection.last_fetch, moment)}</dd>
                </div>
              )}
            </dl>
          </li>
        ))}
      </ul>
      {query.data && others.length > 0 && (
        <section aria-label={t("channels.more")} className="mt-6">
          <h2 className="text-14 font-semibold">{t("channels.more")}</h2>
          <p className="mb-2 text-t2">{t("channels.moreText")}</p>
          <ul className="grid grid-cols-4 gap-2 max-xl3:grid-cols-3 max-md:grid-cols-2">
            {others.map((channel) => (
              <li key={channel}>
                <Link
                  to="/channels/$channel"
                  params={{ channel }}
                  className="flex min-h-12 items-center gap-2.5 rounded-3 border border-dashed border-line-strong bg-s1 px-3 font-medium hover:bg-s2"
                >
                  <ChannelTile channel={channel} />
                  <span className="min-w-0 truncate">{label(channel)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
    </PageFrame>
  );
};
