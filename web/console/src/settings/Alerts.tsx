import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { chime } from "../alerts/sound.ts";
import { changeTeammate, testAlertWay } from "../api/endpoints.ts";
import { alertWaysQuery, keys, sessionQuery, teammatesQuery } from "../api/queries.ts";
import type { AlertSwitches, AlertWay, Session } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";

interface SwitchProps {
  label: string;
  text: string;
  on: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}

const Switch = ({ label, text, on, disabled, onChange }: SwitchProps) => {
  const about = useId();
  return (
    <label className="flex min-h-11 items-center gap-3 border-b border-line py-2 last:border-b-0">
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{label}</span>
        <span id={about} className="block text-12 text-t3">
          {text}
        </span>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-label={label}
        aria-describedby={about}
        checked={on}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
        className="size-5 flex-none accent-(--accent)"
      />
    </label>
  );
};

/** The browser's own consent, asked when it is switched on and never before. */
const consent = async (): Promise<boolean> => {
  if (!("Notification" in window)) return false;
  return (Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission) === "granted";
};

/** What one wants to be told of, and how; everything is off until it is switched on. */
export const Alerts = ({ me }: { me: Session["teammate"] }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [refused, setRefused] = useState(false);
  const change = useMutation({
    mutationFn: (alerts: AlertSwitches) => changeTeammate(me.id, { alerts }),
    onMutate: (alerts) =>
      client.setQueryData<Session>(keys.session, (session) => session && { ...session, teammate: { ...session.teammate, alerts } }),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      await client.invalidateQueries({ queryKey: teammatesQuery.queryKey });
    },
  });
  const turn = (what: Partial<AlertSwitches>) => change.mutate({ ...me.alerts, ...what });
  const turnBrowser = async (on: boolean) => {
    const granted = !on || (await consent());
    setRefused(!granted);
    if (granted) turn({ browser: on });
  };
  return (
    <Card title={t("alerts.title")} note={t("alerts.note")}>
      <Switch
        label={t("alerts.browser")}
        text={t("alerts.browserText")}
        on={me.alerts.browser}
        disabled={change.isPending}
        onChange={(on) => void turnBrowser(on)}
      />
      <Switch
        label={t("alerts.sound")}
        text={t("alerts.soundText")}
        on={me.alerts.sound}
        disabled={change.isPending}
        onChange={(on) => {
          if (on) chime();
          turn({ sound: on });
        }}
      />
      <Switch
        label={t("alerts.email")}
        text={t("alerts.emailText", { address: me.email })}
        on={me.alerts.email}
        disabled={change.isPending}
        onChange={(on) => turn({ email: on })}
      />
      {refused && (
        <p role="alert" className="mt-2 text-12 text-danger">
          {t("alerts.refused")}
        </p>
      )}
      {change.isError && (
        <p role="alert" className="mt-2 text-12 text-danger">
          {t("settings.failed")}
        </p>
      )}
    </Card>
  );
};

const Standing = ({ way }: { way: AlertWay }): ReactNode => {
  const { t } = useTranslation();
  const moment = useMoment();
  if (!way.last) return way.kind === "webhook" ? t("alerts.neverTold") : t("alerts.mailText");
  const when = dayAndTime(way.last.at, moment);
  if (way.last.state === "told") return t("alerts.told", { when });
  return <span className="text-danger">{t(`alerts.${way.last.state}`, { when, why: way.last.why ?? "" })}</span>;
};

const Way = ({ way }: { way: AlertWay }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => testAlertWay(way.id),
    onSettled: () => client.invalidateQueries({ queryKey: alertWaysQuery.queryKey }),
  });
  const outcome = test.isError ? t("settings.failed") : test.data?.ok ? t("alerts.tested") : t("alerts.notTested", { why: test.data?.why ?? "" });
  return (
    <li className="border-b border-line py-2.5 last:border-b-0">
      <div className="flex items-center gap-3">
        <span className="min-w-0 flex-1">
          <span className="block truncate font-semibold">
            {way.kind === "email" ? t("alerts.mailbox", { name: way.name }) : t("alerts.webhook", { name: way.name, host: way.host ?? "" })}
          </span>
          <span className="block text-12 text-t2">
            <Standing way={way} />
          </span>
        </span>
        <Button height="s" disabled={test.isPending} onClick={() => test.mutate()} aria-label={t("alerts.testOf", { name: way.name })}>
          {t("alerts.test")}
        </Button>
      </div>
      {(test.isSuccess || test.isError) && (
        <p role="status" className="mt-1 text-12 text-t2">
          {outcome}
        </p>
      )}
    </li>
  );
};

/** Where the whole team is told, besides the console. */
export const AlertWays = () => {
  const { t } = useTranslation();
  const query = useQuery(alertWaysQuery);
  return (
    <Card title={t("alerts.ways")} note={t("alerts.waysNote")}>
      {query.isPending && <SkeletonRows rows={1} avatars={false} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="py-1 text-t2">{t("alerts.noWays")}</p>}
      <ul>
        {query.data?.items.map((way) => (
          <Way key={way.id} way={way} />
        ))}
      </ul>
    </Card>
  );
};
