import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Failure } from "./elements/States.tsx";
import { InboxPage } from "./inbox/InboxPage.tsx";
import { Shell } from "./shell/Shell.tsx";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => <Navigate to="/" />,
});

/** A page that failed to draw says so and offers to draw itself again. */
const Broken = ({ error, reset }: { error: unknown; reset: () => void }) => {
  const { t } = useTranslation();
  return (
    <main id="content">
      <Failure title={t("states.pageFailed")} error={error} onRetry={reset} />
    </main>
  );
};

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { sso?: string | undefined } => ({ sso: text(search["sso"]) }),
  component: lazyRouteComponent(() => import("./session/SignInPage.tsx"), "SignInPage"),
});

const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot",
  component: lazyRouteComponent(() => import("./session/ForgotPage.tsx"), "ForgotPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./session/SetupPage.tsx"), "SetupPage"),
});

const joinRoute = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: lazyRouteComponent(() => import("./session/JoinPage.tsx"), "JoinPage"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox/$view", params: { view: "escalated" } });
  },
});

const inbox = createRoute({ getParentRoute: () => shell, path: "/inbox/$view", component: InboxPage });

interface ThreadSearch {
  /** The turn whose reasons are open beside the thread. */
  turn?: string | undefined;
  /** The message to scroll to. */
  message?: string | undefined;
}

const thread = createRoute({
  getParentRoute: () => inbox,
  path: "$conversation",
  validateSearch: (search: Record<string, unknown>): ThreadSearch => ({
    turn: text(search["turn"]),
    message: text(search["message"]),
  }),
});

const people = createRoute({
  getParentRoute: () => shell,
  path: "/people",
  component: lazyRouteComponent(() => import("./people/PeoplePage.tsx"), "PeoplePage"),
});

const review = createRoute({
  getParentRoute: () => shell,
  path: "/people/review",
  component: lazyRouteComponent(() => import("./people/ReviewPage.tsx"), "ReviewPage"),
});

const person = createRoute({
  getParentRoute: () => shell,
  path: "/people/$customer",
  component: lazyRouteComponent(() => import("./people/PersonPage.tsx"), "PersonPage"),
});

const tasks = createRoute({
  getParentRoute: () => shell,
  path: "/tasks",
  component: lazyRouteComponent(() => import("./tasks/TasksPage.tsx"), "TasksPage"),
});

const calls = createRoute({
  getParentRoute: () => shell,
  path: "/calls",
  component: lazyRouteComponent(() => import("./calls/CallsPage.tsx"), "CallsPage"),
});

const knowledge = createRoute({
  getParentRoute: () => shell,
  path: "/knowledge",
  component: lazyRouteComponent(() => import("./knowledge/KnowledgePage.tsx"), "KnowledgePage"),
});

const rules = createRoute({
  getParentRoute: () => shell,
  path: "/rules",
  component: lazyRouteComponent(() => import("./rules/RulesPage.tsx"), "RulesPage"),
});

const ledger = createRoute({
  getParentRoute: () => shell,
  path: "/ledger",
  component: lazyRouteComponent(() => import("./ledger/LedgerPage.tsx"), "LedgerPage"),
});

const channels = createRoute({
  getParentRoute: () => shell,
  path: "/channels",
  component: lazyRouteComponent(() => import("./channels/ChannelsPage.tsx"), "ChannelsPage"),
});

const guide = createRoute({
  getParentRoute: () => shell,
  path: "/channels/$channel",
  validateSearch: (search: Record<string, unknown>): { connection?: string | undefined } => ({ connection: text(search["connection"]) }),
  component: lazyRouteComponent(() => import("./channels/GuidePage.tsx"), "GuidePage"),
});

const models = createRoute({
  getParentRoute: () => shell,
  path: "/models",
  component: lazyRouteComponent(() => import("./models/ModelsPage.tsx"), "ModelsPage"),
});

const assistant = createRoute({
  getParentRoute: () => shell,
  path: "/assistant",
  component: lazyRouteComponent(() => import("./assistant/AssistantPage.tsx"), "AssistantPage"),
});

const start = createRoute({
  getParentRoute: () => shell,
  path: "/start",
  component: lazyRouteComponent(() => import("./start/StartPage.tsx"), "StartPage"),
});

const website = createRoute({
  getParentRoute: () => shell,
  path: "/website",
  component: lazyRouteComponent(() => import("./start/WebsitePage.tsx"), "WebsitePage"),
});

const insights = createRoute({
  getParentRoute: () => shell,
  path: "/insights",
  component: lazyRouteComponent(() => import("./insights/InsightsPage.tsx"), "InsightsPage"),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>): { subject?: string | undefined } => ({ subject: text(search["subject"]) }),
  component: lazyRouteComponent(() => import("./audit/AuditPage.tsx"), "AuditPage"),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/SettingsPage.tsx"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    forgot,
    setup,
    joinRoute,
    shell.addChildren([home, inbox.addChildren([thread]), people, review, person, tasks, calls, knowledge, rules, insights, ledger, audit, channels, guide, assistant, models, start, website, settings]),
  ]),
  defaultPreload: "intent",
  scrollRestoration: false,
  defaultErrorComponent: Broken,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
