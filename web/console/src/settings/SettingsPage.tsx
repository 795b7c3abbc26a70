import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signOutEverywhere } from "../api/endpoints.ts";
import { sessionQuery } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { Card, PageFrame } from "../elements/Card.tsx";
import { Alerts, AlertWays } from "./Alerts.tsx";
import { CannedReplies } from "./CannedReplies.tsx";
import { SecondFactor } from "./SecondFactor.tsx";
import { Targets } from "./Targets.tsx";
import { Teammates } from "./Teammates.tsx";
import { Teams } from "./Teams.tsx";
import { Tokens } from "./Tokens.tsx";

/** Ends every session of one's own, this one too. */
const Devices = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    await signOutEverywhere();
    client.clear();
    await navigate({ to: "/sign-in" });
  };
  return (
    <Card title={t("settings.devices")}>
      <p className="mb-2 text-t2">{t("settings.devicesText")}</p>
      <Button onClick={() => void leave().catch(() => undefined)}>{t("settings.everywhere")}</Button>
    </Card>
  );
};

/** Who works here, what they often say, and which programs may. */
export const SettingsPage = () => {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const me = session?.teammate;
  const may = me?.role === "owner" || me?.role === "admin";
  return (
    <PageFrame title={t("place.settings")} note={session?.workspace.name}>
      <div className="grid grid-cols-[repeat(2,minmax(0,1fr))] items-start gap-4 max-xl3:grid-cols-[minmax(0,1fr)]">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <Teammates may={may} me={me} />
          <Teams may={may} />
          {me && <Alerts me={me} />}
          {me && <SecondFactor on={me.second_factor} />}
          <Devices />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <Targets may={may} />
          <CannedReplies may={me !== undefined && me.role !== "analyst"} />
          {may && <AlertWays />}
          {may ? <Tokens /> : <p className="p-4 text-t2">{t("settings.askOwner")}</p>}
        </div>
      </div>
    </PageFrame>
  );
};
