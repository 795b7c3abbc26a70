import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "../api/queries.ts";
import { PageFrame } from "../elements/Card.tsx";
import { Teammates } from "./Teammates.tsx";
import { Tokens } from "./Tokens.tsx";

/** Who works here, and which programs may. */
export const SettingsPage = () => {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const may = session?.teammate.role === "owner" || session?.teammate.role === "admin";
  return (
    <PageFrame title={t("place.settings")} note={session?.workspace.name}>
      <div className="grid grid-cols-2 items-start gap-4 max-xl3:grid-cols-1">
        <Teammates may={may} />
        {may ? <Tokens /> : <p className="p-4 text-t2">{t("settings.askOwner")}</p>}
      </div>
    </PageFrame>
  );
};
