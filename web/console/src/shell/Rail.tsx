import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Bookmark, BookOpen, Bot, ChartColumn, Contact, FileClock, GitBranch, Globe, ListChecks, ListTodo, type LucideIcon, MessageCircleHeart, PhoneCall, Plug, ScrollText, Search, Settings, Smartphone, UsersRound } from "lucide-react";
import clsx from "clsx";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { callsQuery, taskCountsQuery, teamsQuery } from "../api/queries.ts";
import type { Session } from "../api/types.ts";
import { Mark } from "../elements/Strands.tsx";
import { narrow, useNarrowing } from "../inbox/narrowing.ts";
import { crowd } from "../inbox/saved.ts";
import { useSavedViews } from "../inbox/SavedViews.tsx";
import { countWords, viewIcons, views } from "../inbox/views.ts";
import { countsQuery } from "./counts.ts";
import { SelfMenu } from "./SelfMenu.tsx";

export const places = [
  { to: "/people", key: "people", icon: Contact },
  { to: "/tasks", key: "tasks", icon: ListTodo },
  { to: "/calls", key: "calls", icon: PhoneCall },
  { to: "/knowledge", key: "knowledge", icon: BookOpen },
  { to: "/rules", key: "rules", icon: GitBranch },
  { to: "/insights", key: "insights", icon: ChartColumn },
  { to: "/ledger", key: "ledger", icon: ScrollText },
  { to: "/audit", key: "audit", icon: FileClock },
  { to: "/channels", key: "channels", icon: Plug },
  { to: "/assistant", key: "assistant", icon: MessageCircleHeart },
  { to: "/models", key: "models", icon: Bot },
  { to: "/website", key: "website", icon: Globe },
  { to: "/start", key: "start", icon: ListChecks },
  { to: "/settings", key: "settings", icon: Settings },
] as const;

/** The audit log is for those who administer. */
export const placesOf = (role: string | undefined) =>
  places.filter(({ key }) => key !== "audit" || role === "owner" || role === "admin");

const row =
  "flex h-[30px] items-center gap-[9px] [@media(max-height:960px)_and_(min-width:768px)]:h-[27px] rounded-2 px-2 text-t2 transition-colors duration-[90ms] hover:bg-s2 hover:text-t1 max-xl3:size-[38px] max-xl3:justify-center max-xl3:px-0 max-xl3:[@media(max-height:960px)]:size-7";
const rowOn = "!bg-s3 !text-t1 font-medium";

const RowBody = ({ icon: Icon, label, count }: { icon: LucideIcon; label: string; count?: string }) => (
  <>
    <Icon size={16} aria-hidden="true" className="flex-none" />
    <span className="flex-1 truncate max-xl3:sr-only">{label}</span>
    {count && <span className="text-12 tabular-nums max-xl3:sr-only">{count}</span>}
  </>
);

const Group = ({ children }: { children: ReactNode }) => (
  <p className="px-2 pt-3 pb-1 text-11 font-medium text-t3 max-xl3:sr-only">{children}</p>
);

/** Views under names of one's own. */
const Saved = () => {
  const { items, isOpen, open } = useSavedViews();
  return items.map((saved) => (
    <button
      key={saved.id}
      type="button"
      title={saved.name}
      aria-current={isOpen(saved) ? "page" : undefined}
      onClick={() => open(saved)}
      className={clsx(row, "w-full text-left", isOpen(saved) && rowOn)}
    >
      <RowBody icon={Bookmark} label={saved.name} count={crowd(saved.count)} />
    </button>
  ));
};

/** One's own teams, each with how many wait for it; a click narrows what nobody has to it. */
const Teams = ({ me }: { me: string }) => {
  const navigate = useNavigate();
  const { view } = useParams({ strict: false });
  const narrowing = useNarrowing();
  const teams = useQuery(teamsQuery).data?.items.filter(({ members }) => members.includes(me)) ?? [];
  return teams.map(({ id, name, waiting }) => {
    const on = view === "unassigned" && narrowing.team === id;
    return (
      <button
        key={id}
        type="button"
        title={name}
        aria-current={on ? "page" : undefined}
        onClick={() => {
          narrow({ tag: null, channel: null, team: on ? null : id });
          void navigate({ to: "/inbox/$view", params: { view: "unassigned" } });
        }}
        className={clsx(row, "w-full text-left", on && rowOn)}
      >
        <RowBody icon={UsersRound} label={name} count={crowd(waiting)} />
      </button>
    );
  });
};

/** The left rail: views with live counts, then the workspace's places. Folds to icons where room is short. */
export const Rail = ({ session, onFind }: { session: Session; onFind: () => void }) => {
  const { t } = useTranslation();
  const { data: counts } = useQuery(countsQuery);
  const underWay = useQuery(callsQuery).data?.items.length ?? 0;
  const tasks = useQuery(taskCountsQuery).data?.counts;
  const beside: Record<string, string> = { calls: crowd(underWay), tasks: crowd(tasks?.mine || tasks?.open || 0) };
  return (
    <nav
      aria-label={t("shell.navigation")}
      className="z-20 flex min-h-0 w-[212px] flex-none flex-col overflow-y-auto border-r border-line bg-s0 px-2 py-2.5 max-xl3:w-14 max-xl3:items-center max-md:hidden"
    >
      <div className="mb-1.5 flex h-9 flex-none items-center gap-2 px-1.5">
        <Mark size={20} />
        <strong className="flex-1 truncate text-14 font-semibold max-xl3:sr-only">{session.workspace.name}</strong>
      </div>
      <button
        type="button"
        onClick={onFind}
        aria-label={t("shell.find")}
        aria-keyshortcuts="Control+K"
        className="flex h-8 flex-none items-center gap-1.5 rounded-2 border border-line bg-s1 pr-1 pl-2 text-t3 hover:border-line-strong max-xl3:size-[38px] max-xl3:justify-center max-xl3:border-transparent max-xl3:bg-transparent max-xl3:p-0"
      >
        <Search size={15} aria-hidden="true" className="flex-none" />
        <span className="flex-1 truncate text-left text-12 max-xl3:hidden">{t("shell.find")}</span>
        <span className="flex gap-0.5 max-xl3:hidden">
          <kbd aria-hidden="true" className="rounded-1 bg-s2 px-1 font-sans text-[10px] font-medium">
            Ctrl K
          </kbd>
        </span>
      </button>
      <div className="grid gap-px max-xl3:mt-1 max-xl3:justify-items-center">
        <Group>{t("shell.inbox")}</Group>
        {views.map((view) => (
          <Link
            key={view}
            to="/inbox/$view"
            params={{ view }}
            className={row}
            activeProps={{ className: rowOn }}
            title={t(`view.${view}`)}
          >
            <RowBody icon={viewIcons[view]} label={t(`view.${view}`)} count={countWords(counts, view)} />
          </Link>
        ))}
        <Teams me={session.teammate.id} />
        <Saved />
        <Group>{t("shell.workspace")}</Group>
        {placesOf(session.teammate.role).map(({ to, key, icon }) => (
          <Link key={key} to={to} className={row} activeProps={{ className: rowOn }} title={t(`place.${key}`)}>
            <RowBody icon={icon} label={t(`place.${key}`)} {...(beside[key] ? { count: beside[key] } : {})} />
          </Link>
        ))}
        {session.demo && (
          <a href="/playground" className={row} title={t("place.playground")}>
            <RowBody icon={Smartphone} label={t("place.playground")} />
          </a>
        )}
      </div>
      <div className="sticky -bottom-2.5 mt-auto bg-s0 pt-3 pb-2.5 max-xl3:self-center max-xl3:pt-1">
        <SelfMenu session={session} />
      </div>
    </nav>
  );
};

const tab = "grid min-h-14 justify-items-center content-center gap-0.5 text-11 text-t2";

/** The rail of a phone: three places and the rest behind More. */
export const BottomBar = ({ session }: { session: Session }) => {
  const { t } = useTranslation();
  const Escalated = viewIcons.all;
  return (
    <nav
      aria-label={t("shell.navigation")}
      className="z-20 grid flex-none grid-cols-4 border-t border-line bg-s1 pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <Link
        to="/inbox/$view"
        params={{ view: "escalated" }}
        className={tab}
        activeProps={{ className: "!text-t1 font-semibold" }}
      >
        <Escalated size={19} aria-hidden="true" />
        {t("shell.inbox")}
      </Link>
      <Link to="/people" className={tab} activeProps={{ className: "!text-t1 font-semibold" }}>
        <Contact size={19} aria-hidden="true" />
        {t("place.people")}
      </Link>
      {session.demo ? (
        <a href="/playground" className={tab}>
          <Smartphone size={19} aria-hidden="true" />
          {t("place.playground")}
        </a>
      ) : (
        <Link to="/knowledge" className={tab} activeProps={{ className: "!text-t1 font-semibold" }}>
          <BookOpen size={19} aria-hidden="true" />
          {t("place.knowledge")}
        </Link>
      )}
      <SelfMenu session={session} bar />
    </nav>
  );
};
