import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { checkChannel } from "../api/endpoints.ts";
import { channelsQuery, sessionQuery } from "../api/queries.ts";
import type { ChannelConnection } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";

/** What the vendor says of us, what is still to be done, and a way to ask now. */
export const Standing = ({ connection }: { connection: ChannelConnection }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const may = session?.teammate.role === "owner" || session?.teammate.role === "admin";
  const check = useMutation({
    mutationFn: () => checkChannel(connection.id),
    onSettled: () => void client.invalidateQueries({ queryKey: channelsQuery.queryKey }),
  });
  const { standing } = connection;
  if (!standing) return null;
  const facts = [
    standing.name,
    standing.quality && t("channels.quality", { quality: standing.quality }),
    standing.ends_at && t("channels.ends", { when: dayAndTime(standing.ends_at, moment) }),
  ].filter(Boolean);
  const more = standing.to_do.filter((words) => words !== connection.detail);
  return (
    <div className="mt-2 text-12 text-t2">
      {more.length > 0 && (
        <ul className="list-disc pl-4">
          {more.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {facts.length > 0 && <span>{facts.join(" · ")}</span>}
        {standing.asked_at && <span className="text-t3">{t("channels.asked", { when: dayAndTime(standing.asked_at, moment) })}</span>}
        {may && (
          <Button height="s" disabled={check.isPending} onClick={() => check.mutate()} aria-label={t("channels.checkOf", { door: connection.label })}>
            {t("channels.check")}
          </Button>
        )}
      </p>
    </div>
  );
};
