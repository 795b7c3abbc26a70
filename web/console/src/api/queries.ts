import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  askKnowledge,
  checkAudit,
  fetchAlertWays,
  fetchAlerts,
  fetchAudit,
  fetchBehind,
  fetchCall,
  fetchCalls,
  fetchCanned,
  fetchChannels,
  fetchChannelSetup,
  fetchConversation,
  fetchConversations,
  fetchConversationsOf,
  fetchCustomer,
  fetchCustomers,
  fetchKnowledge,
  fetchLedger,
  fetchManner,
  fetchQuestions,
  fetchReport,
  fetchRules,
  fetchRuleVersions,
  fetchSavedViews,
  fetchModels,
  fetchPeople,
  fetchSession,
  fetchSso,
  fetchSuggestions,
  fetchTargets,
  fetchTasks,
  fetchTasksAbout,
  fetchTeammates,
  fetchTeams,
  fetchTemplates,
  fetchTimeline,
  fetchTokens,
  fetchTurn,
  proposeAnswer,
  searchSaid,
  type AuditFilter,
  type PeopleFilter,
} from "./endpoints.ts";
import type { Narrowing } from "../inbox/narrowing.ts";

/** Cache addresses, in one place so that live changes and actions name the same things. */
export const keys = {
  session: ["session"] as const,
  conversations: ["conversations"] as const,
  conversationLists: ["conversations", "list"] as const,
  conversationList: (view: string) => ["conversations", "list", view] as const,
  counts: ["conversations", "counts"] as const,
  savedViews: ["conversations", "saved"] as const,
  teams: ["conversations", "teams"] as const,
  conversation: (id: string) => ["conversation", id] as const,
  timeline: (customer: string) => ["timeline", customer] as const,
  customer: (id: string) => ["customer", id] as const,
  customers: ["customers"] as const,
  suggestions: ["suggestions"] as const,
  alerts: ["alerts", "mine"] as const,
  alertWays: ["alerts", "ways"] as const,
  calls: ["calls"] as const,
  tasks: ["tasks"] as const,
  call: (id: string) => ["call", id] as const,
  proposal: (conversation: string) => ["proposal", conversation] as const,
};

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: fetchSession,
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

/** Calls under way. */
export const callsQuery = queryOptions({ queryKey: keys.calls, queryFn: fetchCalls });

/** A call with what was said on it. */
export const callQuery = (call: string) => queryOptions({ queryKey: keys.call(call), queryFn: () => fetchCall(call) });

export type TaskView = "mine" | "all" | "done";

export const tasksQuery = (view: TaskView) =>
  infiniteQueryOptions({
    queryKey: [...keys.tasks, "list", view],
    queryFn: ({ pageParam }) => fetchTasks(view, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** The numbers beside the place, with as little of the list as can be asked for. */
export const taskCountsQuery = queryOptions({ queryKey: [...keys.tasks, "counts"], queryFn: () => fetchTasks("all", null, 1) });

export const tasksAboutQuery = (customer: string) =>
  queryOptions({ queryKey: [...keys.tasks, "about", customer], queryFn: () => fetchTasksAbout(customer) });

export const modelsQuery = queryOptions({ queryKey: ["models"], queryFn: fetchModels });

export const ssoQuery = queryOptions({ queryKey: ["sso"], queryFn: fetchSso, staleTime: Number.POSITIVE_INFINITY, retry: false });

export const conversationsQuery = (view: string, { tag, channel, team }: Narrowing) =>
  infiniteQueryOptions({
    queryKey: tag || channel || team ? [...keys.conversationList(view), tag, channel, team] : keys.conversationList(view),
    queryFn: ({ pageParam }) => fetchConversations(view, pageParam, tag, channel, team),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const conversationsOfQuery = (customer: string) =>
  queryOptions({ queryKey: [...keys.conversations, "of", customer], queryFn: () => fetchConversationsOf(customer) });

/** What the AI would answer to what was said last. */
export const proposalQuery = (conversation: string, lastSaid: string) =>
  queryOptions({
    queryKey: [...keys.proposal(conversation), lastSaid],
    queryFn: () => proposeAnswer(conversation),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** The views that were saved; their counts follow every list. */
export const savedViewsQuery = queryOptions({ queryKey: keys.savedViews, queryFn: fetchSavedViews });

export const alertsQuery = queryOptions({ queryKey: keys.alerts, queryFn: fetchAlerts, staleTime: Number.POSITIVE_INFINITY });

export const alertWaysQuery = queryOptions({ queryKey: keys.alertWays, queryFn: fetchAlertWays });

export const cannedQuery = queryOptions({ queryKey: ["canned"], queryFn: fetchCanned, staleTime: 60_000 });

export const conversationQuery = (id: string) =>
  queryOptions({ queryKey: keys.conversation(id), queryFn: () => fetchConversation(id) });

export const timelineQuery = (customer: string) =>
  infiniteQueryOptions({
    queryKey: keys.timeline(customer),
    queryFn: ({ pageParam }) => fetchTimeline(customer, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const customerQuery = (id: string) =>
  queryOptions({ queryKey: keys.customer(id), queryFn: () => fetchCustomer(id) });

export const customersQuery = (q: string) =>
  queryOptions({
    queryKey: [...keys.customers, q],
    queryFn: () => fetchCustomers(q),
    placeholderData: keepPreviousData,
  });

export const peopleQuery = (filter: PeopleFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.customers, "list", filter],
    queryFn: ({ pageParam }) => fetchPeople(filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const templatesQuery = (connection: string) =>
  queryOptions({ queryKey: ["templates", connection], queryFn: () => fetchTemplates(connection), staleTime: 60_000, retry: false });

export const saidQuery = (q: string, limit = 20) =>
  infiniteQueryOptions({
    queryKey: ["said", q, limit],
    queryFn: ({ pageParam }) => searchSaid(q, pageParam, limit),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 2_000,
  });

export const turnQuery = (id: string) =>
  queryOptions({ queryKey: ["turn", id], queryFn: () => fetchTurn(id), staleTime: Number.POSITIVE_INFINITY });

export const knowledgeQuery = queryOptions({ queryKey: ["knowledge"], queryFn: fetchKnowledge });

export const knowledgeAnswerQuery = (q: string) =>
  queryOptions({ queryKey: ["knowledge", "ask", q], queryFn: () => askKnowledge(q), enabled: q !== "" });

export const rulesQuery = queryOptions({ queryKey: ["rules"], queryFn: fetchRules });

export const ruleVersionsQuery = (rule: string) => queryOptions({ queryKey: ["rules", rule, "versions"], queryFn: () => fetchRuleVersions(rule) });

/** Teams with their counts, which follow every list. */
export const teamsQuery = queryOptions({ queryKey: keys.teams, queryFn: fetchTeams });

export const mannerQuery = queryOptions({ queryKey: ["manner"], queryFn: fetchManner });

export const questionsQuery = queryOptions({ queryKey: ["questions"], queryFn: fetchQuestions });

export const targetsQuery = queryOptions({ queryKey: ["targets"], queryFn: fetchTargets });

export const ledgerQuery = infiniteQueryOptions({
  queryKey: ["ledger"],
  queryFn: ({ pageParam }) => fetchLedger(pageParam),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

export const channelsQuery = queryOptions({ queryKey: ["channels"], queryFn: fetchChannels, refetchInterval: 30_000 });

export const channelSetupQuery = (connection: string) =>
  queryOptions({ queryKey: ["channels", connection, "setup"], queryFn: () => fetchChannelSetup(connection), retry: false });

export const reportQuery = (report: string, from: string) =>
  queryOptions({
    queryKey: ["report", report, from],
    queryFn: () => fetchReport(report, from),
    placeholderData: keepPreviousData,
    staleTime: 20_000,
  });

export const behindQuery = (address: string) =>
  infiniteQueryOptions({
    queryKey: ["behind", address],
    queryFn: ({ pageParam }) => fetchBehind(address, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) => fetchAudit(filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const auditCheckQuery = queryOptions({ queryKey: ["audit", "check"], queryFn: checkAudit, staleTime: 60_000 });

export const teammatesQuery = queryOptions({ queryKey: ["teammates"], queryFn: fetchTeammates, staleTime: 30_000 });

export const tokensQuery = queryOptions({ queryKey: ["tokens"], queryFn: fetchTokens });

export const suggestionsQuery = queryOptions({ queryKey: keys.suggestions, queryFn: fetchSuggestions });
