import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { turnDial } from "../api/endpoints.ts";
import { channelsQuery, sessionQuery } from "../api/queries.ts";
import type { ChannelConnection, Mode } from "../api/types.ts";

const modes: readonly Mode[] = ["off", "draft", "out_of_hours", "answer"];

/** The trust dial: how far the AI goes on this door. The next message obeys. */
export const Dial = ({ connection }: { connection: ChannelConnection }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const may = session?.teammate.role === "owner" || session?.teammate.role === "admin";
  const turn = useMutation({
    mutationFn: (mode: Mode) => turnDial(connection.id, mode),
    onSettled: () => void client.invalidateQueries({ queryKey: channelsQuery.queryKey }),
  });
  const shown = turn.isPending ? turn.variables : connection.mode;
  return (
    <div className="mt-3">
      <div
        role="radiogroup"
        aria-label={t("dial.label", { door: connection.label })}
        className="grid grid-cols-4 gap-0.5 rounded-[7px] bg-s2 p-0.5 max-md:grid-cols-2"
      >
        {modes.map((mode) => (
          <button
            key={mode}
            type="button"
            role="radio"
            aria-checked={shown === mode}
            disabled={!may}
            onClick={() => turn.mutate(mode)}
            className={clsx(
              "min-h-7 rounded-[5px] px-2 text-12 font-medium max-md:min-h-11",
              shown === mode ? "bg-s1 text-t1 shadow-1 dark:bg-s3" : "text-t2 enabled:hover:text-t1",
            )}
          >
            {t(`dial.${mode}.name`)}
          </button>
        ))}
      </div>
      <p className="mt-1.5 text-12 text-t2">
        {t(`dial.${shown}.text`)}
        {connection.mode !== connection.configured_mode && (
          <span className="text-t3"> {t("dial.differs", { mode: t(`dial.${connection.configured_mode}.name`) })}</span>
        )}
      </p>
      {turn.isError && (
        <p role="alert" className="mt-1 text-12 text-danger">
          {t("dial.failed")}
        </p>
      )}
    </div>
  );
};
