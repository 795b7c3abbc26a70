import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ChannelConnection } from "../api/types.ts";
import { Card } from "../elements/Card.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { Dial } from "./Dial.tsx";
import { type State, states } from "./states.ts";
import { Standing } from "./Standing.tsx";

const icons = {
  done: { icon: CircleCheck, className: "text-ok" },
  open: { icon: CircleDashed, className: "text-t3" },
  wrong: { icon: CircleX, className: "text-danger" },
} as const;

const Line = ({ state, title, text }: { state: State; title: string; text: string }) => {
  const { t } = useTranslation();
  const { icon: Icon, className } = icons[state];
  return (
    <li className="flex items-start gap-2.5 border-b border-line py-2.5 last:border-b-0">
      <Icon size={17} role="img" aria-label={t(`guide.state.${state}`)} className={`mt-px flex-none ${className}`} />
      <span className="min-w-0">
        <span className="block font-medium">{title}</span>
        <span className="block text-12 break-words text-t2">{text}</span>
      </span>
    </li>
  );
};

/** What works already and what does not yet, looked at again and again while somebody is at it. */
export const Checks = ({ connection, may }: { connection: ChannelConnection | undefined; may: boolean }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const { configured, admitted, heard, answered } = states(connection);
  const when = (at: string | null | undefined) => (at ? dayAndTime(at, moment) : "");
  return (
    <Card title={t("guide.checks")} note={t("guide.checksNote")}>
      <ul aria-live="polite">
        <Line
          state={configured}
          title={t("guide.configured")}
          text={connection ? t("guide.configuredAs", { id: connection.id }) : t("guide.notConfigured")}
        />
        <Line
          state={admitted}
          title={t("guide.admitted")}
          text={connection ? connection.detail : t("guide.later")}
        />
        <Line
          state={heard}
          title={t("guide.heard")}
          text={connection?.last_in ? when(connection.last_in) : t("guide.heardHow")}
        />
        <Line
          state={answered}
          title={t("guide.answered")}
          text={connection?.last_out ? when(connection.last_out) : t(connection?.mode === "draft" ? "guide.answeredDraft" : "guide.answeredHow")}
        />
      </ul>
      {connection && may && (
        <>
          <Standing connection={connection} />
          <h3 className="mt-4 font-semibold">{t("guide.dial")}</h3>
          <Dial connection={connection} />
        </>
      )}
    </Card>
  );
};
