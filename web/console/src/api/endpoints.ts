import { perform, rememberCsrf, request, withQuery } from "./client.ts";
import type {
  ChannelConnection,
  Conversation,
  ConversationItem,
  ConversationPage,
  Customer,
  KnowledgeAnswer,
  KnowledgeOverview,
  Ledger,
  Page,
  Rule,
  Session,
  Suggestion,
  TimelineItem,
  Turn,
} from "./types.ts";

const v1 = "/api/v1";
const id = encodeURIComponent;

const keep = (session: Session): Session => {
  rememberCsrf(session.csrf);
  return session;
};

export const fetchSession = async (): Promise<Session> => keep(await request<Session>("GET", `${v1}/session`));

export const signIn = async (email: string, password: string): Promise<Session> =>
  keep(await request<Session>("POST", `${v1}/session`, { email, password }));

export const signOut = async (): Promise<void> => {
  await perform("DELETE", `${v1}/session`);
  rememberCsrf(null);
};

export interface FirstOwner {
  token: string;
  name: string;
  email: string;
  password: string;
}

export const setUp = async (owner: FirstOwner): Promise<Session> =>
  keep(await request<Session>("POST", `${v1}/setup`, owner));

export const fetchConversations = (view: string, cursor: string | null): Promise<ConversationPage> =>
  request("GET", withQuery(`${v1}/conversations`, { view, cursor, limit: 50 }));

export const fetchConversation = (conversation: string): Promise<Conversation> =>
  request("GET", `${v1}/conversations/${id(conversation)}`);

export type ConversationStep =
  | { step: "take" }
  | { step: "return" }
  | { step: "resolve" }
  | { step: "snooze"; until: string }
  | { step: "reply"; text: string; channel?: string }
  | { step: "note"; text: string };

export const stepConversation = (conversation: string, action: ConversationStep): Promise<ConversationItem> => {
  const { step, ...body } = action;
  return request("POST", `${v1}/conversations/${id(conversation)}/${step}`, body);
};

export const fetchCustomers = (q: string): Promise<Page<Customer>> =>
  request(
    "GET",
    withQuery(`${v1}/customers`, q.startsWith("+") ? { identifier: `phone:${q.replace(/\s/g, "")}` } : { q }),
  );

export const fetchCustomer = (customer: string): Promise<Customer> => request("GET", `${v1}/customers/${id(customer)}`);

export const fetchTimeline = (customer: string, before: string | null): Promise<Page<TimelineItem>> =>
  request("GET", withQuery(`${v1}/customers/${id(customer)}/timeline`, { before, limit: 60 }));

export const mergeCustomers = (customer: string, absorb: string): Promise<{ id: string; customer: string }> =>
  request("POST", `${v1}/customers/${id(customer)}/merge`, { absorb });

export const undoMerge = (merge: string): Promise<void> => perform("POST", `${v1}/merges/${id(merge)}/undo`, {});

export const pinFact = (customer: string, predicate: string, value: string): Promise<void> =>
  perform("PATCH", `${v1}/customers/${id(customer)}`, { facts: { [predicate]: value } });

export const fetchTurn = (turn: string): Promise<Turn> => request("GET", `${v1}/turns/${id(turn)}`);

export const fetchKnowledge = (): Promise<KnowledgeOverview> => request("GET", `${v1}/knowledge`);

export const askKnowledge = (q: string): Promise<KnowledgeAnswer> =>
  request("GET", withQuery(`${v1}/knowledge/ask`, { q }));

export const fetchRules = (): Promise<{ items: Rule[] }> => request("GET", `${v1}/rules`);

export const fetchLedger = (cursor: string | null): Promise<Ledger> =>
  request("GET", withQuery(`${v1}/ledger`, { cursor }));

export const fetchChannels = (): Promise<{ items: ChannelConnection[] }> => request("GET", `${v1}/channels`);

export const fetchSuggestions = (): Promise<{ items: Suggestion[] }> => request("GET", `${v1}/suggestions`);

export const decideSuggestion = (suggestion: string, verdict: "accept" | "reject"): Promise<void> =>
  perform("POST", `${v1}/suggestions/${id(suggestion)}/${verdict}`, {});

/** The demo's clock, which the playground may have moved ahead of the browser's. */
export const fetchDemoClock = (): Promise<{ now: string; offset_s: number }> => request("GET", "/playground/api/clock");
