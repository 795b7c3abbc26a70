import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAlerts } from "../alerts/use-alerts.ts";
import { RequestError } from "../api/client.ts";
import { fetchDemoClock } from "../api/endpoints.ts";
import { followLive, type LiveState } from "../api/live.ts";
import { sessionQuery } from "../api/queries.ts";
import { useOnePane } from "../elements/media.ts";
import { Failure } from "../elements/States.tsx";
import { undoToast } from "../elements/toast.ts";
import { Toast } from "../elements/Toast.tsx";
import { setClockOffset } from "../time/clock.ts";
import { MomentContext, usePresentMoment } from "../time/use-moment.ts";
import { countsQuery } from "./counts.ts";
import { Palette } from "./Palette.tsx";
import { BottomBar, Rail } from "./Rail.tsx";
import { openPalette, openShortcutSheet, useFloating } from "./sheet-state.ts";
import { ShortcutSheet } from "./ShortcutSheet.tsx";
import { useShortcuts } from "./shortcuts.ts";

const readDemoClock = async () => {
  const clock = await fetchDemoClock().catch(() => null);
  if (clock) setClockOffset(clock.offset_s);
};

const useLive = (signedIn: boolean, demo: boolean): LiveState => {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    if (!signedIn) return undefined;
    if (demo) void readDemoClock();
    return followLive({
      client,
      onState: setState,
      onChange: () => {
        if (demo) void readDemoClock();
      },
    });
  }, [client, signedIn, demo]);
  return state;
};

const useOnline = (): boolean => {
  const [online, setOnline] = useState(() => window.navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(window.navigator.onLine);
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
  return online;
};

const useLasting = (condition: boolean, milliseconds: number): boolean => {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLasting(condition), condition ? milliseconds : 0);
    return () => window.clearTimeout(timer);
  }, [condition, milliseconds]);
  return lasting && condition;
};

const Offline = ({ reason }: { reason: "offline" | "server" }) => {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      className="flex flex-none items-center gap-2 border-b border-warn-line bg-warn-soft px-4 py-1.5 text-warn"
    >
      <WifiOff size={15} aria-hidden="true" />
      <span>
        <strong className="font-semibold">{t("offline.title")}</strong> {t(`offline.${reason}`)}
      </span>
    </div>
  );
};

/** What every signed-in page shares: rail, live changes, palette, toast. */
export const Shell = () => {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery);
  const moment = usePresentMoment();
  const live = useLive(session.isSuccess, session.data?.demo ?? false);
  const online = useOnline();
  const lost = useLasting(live === "lost", 3000);
  const floating = useFloating();
  const onePane = useOnePane();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const inThread = /^\/inbox\/[^/]+\/[^/]+/.test(path);

  useAlerts(session.data?.teammate.alerts, /^\/inbox\/[^/]+\/([^/]+)/.exec(path)?.[1] ?? null);
  const { data: counts } = useQuery({ ...countsQuery, enabled: session.isSuccess });
  const waiting = counts?.escalated ?? 0;
  const workspace = session.data?.workspace.name;
  useEffect(() => {
    const name = workspace ? `${workspace} · Rapport` : "Rapport";
    document.title = waiting > 0 ? `(${waiting}) ${name}` : name;
  }, [waiting, workspace]);

  useShortcuts({ "?": openShortcutSheet, z: undoToast });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  if (session.isPending) return null;
  if (session.isError) {
    if (session.error instanceof RequestError && session.error.status === 401) return <Navigate to="/sign-in" />;
    return <Failure title={t("states.consoleFailed")} error={session.error} onRetry={() => void session.refetch()} />;
  }
  return (
    <MomentContext value={moment}>
    <div className="relative flex h-dvh flex-col overflow-hidden">
      <a
        href="#content"
        className="absolute top-2 left-2 z-[80] -translate-y-16 rounded-2 bg-ink px-3 py-2 text-on-ink focus:translate-y-0"
      >
        {t("shell.skip")}
      </a>
      {!online ? <Offline reason="offline" /> : lost ? <Offline reason="server" /> : null}
      <div className="flex min-h-0 flex-1">
        <Rail session={session.data} onFind={openPalette} />
        <div className="min-w-0 flex-1">
          <Outlet />
        </div>
      </div>
      {!(onePane && inThread) && <BottomBar session={session.data} />}
      <Palette open={floating === "palette"} />
      <ShortcutSheet open={floating === "shortcuts"} />
      <Toast />
    </div>
    </MomentContext>
  );
};
