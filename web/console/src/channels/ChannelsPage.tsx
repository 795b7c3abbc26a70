import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { channelsQuery } from "../api/queries.ts";
import { Dial } from "./Dial.tsx";
import { Standing } from "./Standing.tsx";
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
    </PageFrame>
  );
};
