import { perform, rememberCsrf, request, upload, withQuery } from "./client.ts";
import type {
  Action,
  Alert,
  AlertSwitches,
  AlertWay,
  AuditCheck,
  AuditEntry,
  Call,
  CallInFull,
  Canned,
  Channel,
  ChannelConnection,
  ChannelSetup,
  ChannelStanding,
  Conversation,
  ConversationItem,
  ConversationPage,
  Customer,
  FoundMessages,
  GivenDocument,
  KnowledgeAnswer,
  KnowledgeOverview,
  Ledger,
  Manner,
  MannerShown,
  MannerTried,
  Mode,
  Model,
  ModelTested,
  Page,
  Question,
  Questions,
  Report,
  Rule,
  RuleTried,
  RuleVersion,
  SavedView,
  Session,
  Sso,
  Suggestion,
  Target,
  Team,
  Teammate,
  Template,
  TimelineItem,
  Token,
  Tone,
  Turn,
  Way,
} from "./types.ts";

const v1 = "/api/v1";
const id = encodeURIComponent;

const keep = (session: Session): Session => {
  rememberCsrf(session.csrf);
  return session;
};

export const fetchSession = async (): Promise<Session> => keep(await request<Session>("GET", `${v1}/session`));

/** With a code of the second factor, where one is asked for. */
export const signIn = async (email: string, password: string, code?: string): Promise<Session> =>
  keep(await request<Session>("POST", `${v1}/session`, code ? { email, password, code } : { email, password }));

/** Asks for a link by mail; the answer is the same whether or not the address is known. */
export const askForLink = (email: string): Promise<void> => perform("POST", `${v1}/forgot`, { email });

/** What an authenticator app is given; it counts only once a code has been confirmed. */
export const beginSecondFactor = (): Promise<{ secret: string; uri: string; qr: string | null }> =>
  request("POST", `${v1}/second-factor`, {});

/** The codes that open without the app are in this answer only. */
export const confirmSecondFactor = (code: string): Promise<{ recovery: string[] }> =>
  request("POST", `${v1}/second-factor/confirm`, { code });

export const endSecondFactor = (password: string): Promise<void> => perform("POST", `${v1}/second-factor/end`, { password });

export const fetchModels = (): Promise<Page<Model>> => request<Page<Model>>("GET", `${v1}/models`);

/** One short question; it costs what a short answer costs. */
export const testModel = (model: string): Promise<ModelTested> => request<ModelTested>("POST", `${v1}/models/${id(model)}/test`, {});

export const fetchSso = (): Promise<Sso> => request<Sso>("GET", `${v1}/sso`);

/** The next sign-in through the provider finds them by their address again. */
export const unlinkSso = (teammate: string): Promise<void> => perform("DELETE", `${v1}/teammates/${id(teammate)}/sso`);

/** For a teammate who has lost the app and the codes. */
export const dropSecondFactor = (teammate: string): Promise<void> =>
  perform("DELETE", `${v1}/teammates/${id(teammate)}/second-factor`);

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

export const fetchConversations = (
  view: string,
  cursor: string | null,
  tag: string | null = null,
  channel: string | null = null,
  team: string | null = null,
): Promise<ConversationPage> => request("GET", withQuery(`${v1}/conversations`, { view, tag, channel, team, cursor, limit: 50 }));

export const fetchSavedViews = (): Promise<{ items: SavedView[] }> => request("GET", `${v1}/views`);

export const saveView = (view: Omit<SavedView, "id" | "count">): Promise<SavedView> => request("POST", `${v1}/views`, view);

export const dropView = (view: string): Promise<void> => perform("DELETE", `${v1}/views/${id(view)}`);

export const fetchConversation = (conversation: string): Promise<Conversation> =>
  request("GET", `${v1}/conversations/${id(conversation)}`);

export type ConversationStep =
  | { step: "take" }
  | { step: "return" }
  | { step: "resolve" }
  | { step: "snooze"; until: string }
  | { step: "assign"; teammate: string | null }
  | { step: "assign"; team: string | null; teamName: string }
  | { step: "tag"; add: string[]; remove: string[] }
  | { step: "merge"; absorb: string }
  | { step: "split"; from: string }
  | { step: "reply"; text: string; channel?: Channel; at?: string; hold_s?: number; files?: { name: string; base64: string }[]; template?: { name: string; language: string; variables: Record<string, string> }; shown?: string }
  | { step: "run"; canned: string }
  | { step: "note"; text: string; mentions?: string[] };

/** The conversation as it is afterwards; after a reply also the messages that were written. */
export const stepConversation = (
  conversation: string,
  action: ConversationStep,
): Promise<ConversationItem & { message?: string; messages?: string[] }> => {
  const { step, ...rest } = action;
  // How it will read is for this page only.
  const { shown: _shown, teamName: _teamName, ...body } = { shown: undefined, teamName: undefined, ...rest };
  return request("POST", `${v1}/conversations/${id(conversation)}/${step}`, body);
};

/** What the AI would answer now; nothing is written or sent. */
export const proposeAnswer = (conversation: string): Promise<{ text: string | null; answers: string | null }> =>
  request("POST", `${v1}/conversations/${id(conversation)}/draft`, {});

/** Other conversations of a customer, for those who file them. */
export const fetchConversationsOf = (customer: string): Promise<ConversationPage> =>
  request("GET", withQuery(`${v1}/conversations`, { customer, limit: 50 }));

export const fetchCanned = (): Promise<{ items: Canned[] }> => request("GET", `${v1}/canned`);

export const addCanned = (canned: Omit<Canned, "id">): Promise<Canned> => request("POST", `${v1}/canned`, canned);

export const changeCanned = ({ id: canned, ...body }: Canned): Promise<Canned> =>
  request("PATCH", `${v1}/canned/${id(canned)}`, body);

export const dropCanned = (canned: string): Promise<void> => perform("DELETE", `${v1}/canned/${id(canned)}`);

/** Says what this page has open; whoever else is here is told at once. */
export const sayPresence = (place: { conversation: string | null; typing?: boolean; leaving?: boolean }): Promise<void> =>
  perform("POST", `${v1}/presence`, place);

export const fetchCustomers = (q: string): Promise<Page<Customer>> =>
  request(
    "GET",
    withQuery(`${v1}/customers`, q.startsWith("+") ? { identifier: `phone:${q.replace(/\s/g, "")}` } : { q }),
  );

export const fetchCustomer = (customer: string): Promise<Customer> => request("GET", `${v1}/customers/${id(customer)}`);

export const fetchTimeline = (customer: string, before: string | null): Promise<Page<TimelineItem>> =>
  request("GET", withQuery(`${v1}/customers/${id(customer)}/timeline`, { before, limit: 60 }));

export const fetchTemplates = (connection: string): Promise<{ items: Template[] }> =>
  request("GET", `${v1}/channels/${id(connection)}/templates`);

/** Everything ever said that holds the words. */
export const searchSaid = (q: string, cursor: string | null, limit: number): Promise<FoundMessages> =>
  request("GET", withQuery(`${v1}/search`, { q, cursor, limit }));

export const mergeCustomers = (customer: string, absorb: string): Promise<{ id: string; customer: string }> =>
  request("POST", `${v1}/customers/${id(customer)}/merge`, { absorb });

export const undoMerge = (merge: string): Promise<void> => perform("POST", `${v1}/merges/${id(merge)}/undo`, {});

/** Erases the person in ten minutes; says when. */
export const eraseCustomer = (customer: string): Promise<{ erase_at: string | null }> =>
  request("DELETE", `${v1}/customers/${id(customer)}`);

export const keepCustomer = (customer: string): Promise<void> => perform("POST", `${v1}/customers/${id(customer)}/keep`, {});

/** The address of everything about a person, as one file. */
export const exportAddress = (customer: string): string => `${v1}/customers/${id(customer)}/export`;

export const tryRule = (when: string): Promise<RuleTried> => request("POST", `${v1}/rules/try`, { when });

/** Pins a value; an empty one takes the fact back. */
export const pinFact = (customer: string, predicate: string, value: string): Promise<void> =>
  perform("PATCH", `${v1}/customers/${id(customer)}`, { facts: { [predicate]: value } });

export const fetchCalls = (): Promise<{ items: Call[] }> => request("GET", `${v1}/calls`);

export const fetchCall = (call: string): Promise<CallInFull> => request("GET", `${v1}/calls/${id(call)}`);

export type CallStep =
  | { step: "take" }
  | { step: "return" }
  | { step: "whisper"; text: string }
  | { step: "say"; text: string }
  | { step: "put_through"; to?: string }
  | { step: "hang_up" };

/** A key to hear a call with, once. */
export const listenToCall = (call: string): Promise<{ path: string }> => request("POST", `${v1}/calls/${id(call)}/listen`, {});

/** What a teammate does about a call under way. */
export const stepCall = (call: string, { step, ...body }: CallStep): Promise<unknown> =>
  request("POST", `${v1}/calls/${id(call)}/${step}`, body);

export const fetchTurn = (turn: string): Promise<Turn> => request("GET", `${v1}/turns/${id(turn)}`);

export const fetchKnowledge = (): Promise<KnowledgeOverview> => request("GET", `${v1}/knowledge`);

/** Gives a document to answer from; tells how much of it has left. */
export const giveDocument = (file: File, onSent: (part: number) => void): Promise<GivenDocument> =>
  upload(withQuery(`${v1}/knowledge/documents`, { name: file.name }), file, onSent);

export const dropDocument = (document: string): Promise<void> => perform("DELETE", `${v1}/knowledge/documents/${id(document)}`);

export const askKnowledge = (q: string): Promise<KnowledgeAnswer> =>
  request("GET", withQuery(`${v1}/knowledge/ask`, { q }));

export const fetchRules = (): Promise<{ items: Rule[] }> => request("GET", `${v1}/rules`);

export const addRule = (rule: { name: string; when: string; sentence: string | null }): Promise<Rule> =>
  request("POST", `${v1}/rules`, rule);

export interface RuleChange {
  when?: string;
  sentence?: string;
  enabled?: boolean;
  team?: string | null;
  way?: Way | null;
}

export const changeRule = (rule: string, change: RuleChange): Promise<Rule> => request("PATCH", `${v1}/rules/${id(rule)}`, change);

export const dropRule = (rule: string): Promise<void> => perform("DELETE", `${v1}/rules/${id(rule)}`);

export const fetchRuleVersions = (rule: string): Promise<{ items: RuleVersion[] }> => request("GET", `${v1}/rules/${id(rule)}/versions`);

export const fetchManner = (): Promise<MannerShown> => request("GET", `${v1}/manner`);

export const writeManner = (manner: Manner): Promise<MannerShown> => request("PATCH", `${v1}/manner`, manner);

/** How a question would be answered on every door; nothing is kept. */
export const previewManner = (asked: { question: string; manner: Manner }): Promise<MannerTried> =>
  request("POST", `${v1}/manner/preview`, asked);

export const fetchQuestions = (): Promise<Questions> => request("GET", `${v1}/questions`);

/** Nothing: back to the built-in ones. */
export const writeQuestions = (items: Question[] | null): Promise<Questions> => request("PATCH", `${v1}/questions`, { items });

/** A text in another tone or language; nothing is sent. */
export const rewordText = (conversation: string, asked: { text: string; tone?: Tone; language?: string }): Promise<{ text: string }> =>
  request("POST", `${v1}/conversations/${id(conversation)}/reword`, asked);

export const fetchTeams = (): Promise<{ items: Team[] }> => request("GET", `${v1}/teams`);

export type NewTeam = Pick<Team, "name" | "lead" | "members" | "hours">;

export const addTeam = (team: NewTeam): Promise<Team> => request("POST", `${v1}/teams`, team);

export const changeTeam = (team: string, written: NewTeam): Promise<Team> => request("PATCH", `${v1}/teams/${id(team)}`, written);

export const dropTeam = (team: string): Promise<void> => perform("DELETE", `${v1}/teams/${id(team)}`);

export const fetchTargets = (): Promise<{ items: Target[]; configured: Target[] }> => request("GET", `${v1}/targets`);

export const writeTargets = (items: Target[]): Promise<{ items: Target[]; configured: Target[] }> =>
  request("PATCH", `${v1}/targets`, { items });

export const fetchLedger = (cursor: string | null): Promise<Ledger> =>
  request("GET", withQuery(`${v1}/ledger`, { cursor }));

export const fetchChannels = (): Promise<{ items: ChannelConnection[]; public_url: string }> => request("GET", `${v1}/channels`);

export const fetchChannelSetup = (connection: string): Promise<ChannelSetup> =>
  request("GET", `${v1}/channels/${id(connection)}/setup`);

export const turnDial = (connection: string, mode: Mode): Promise<ChannelConnection> =>
  request("PATCH", `${v1}/channels/${id(connection)}`, { mode });

/** Asks the vendor now whether it lets us in. */
export const checkChannel = (connection: string): Promise<ChannelStanding & { ok: boolean }> =>
  request("POST", `${v1}/channels/${id(connection)}/check`, {});

/** A teammate's word on an action that waits. */
export const decideAction = (action: string, verdict: "approve" | "decline"): Promise<Action> =>
  request("POST", `${v1}/actions/${id(action)}/${verdict}`, {});

/** Sends a draft as it is, or in the teammate's own words. */
export const approveDraft = (message: string, text: string | null): Promise<ConversationItem> =>
  request("POST", `${v1}/drafts/${id(message)}/approve`, text === null ? {} : { text });

export const discardDraft = (message: string): Promise<ConversationItem> =>
  request("POST", `${v1}/drafts/${id(message)}/discard`, {});

export const resendMessage = (message: string): Promise<void> => perform("POST", `${v1}/messages/${id(message)}/resend`, {});

export const fetchTeammates = (): Promise<{ items: Teammate[] }> => request("GET", `${v1}/teammates`);

export interface NewTeammate {
  name: string;
  email: string;
  role: string;
}

/** Invites a teammate: the link in the answer sets the first password, and is shown only here. */
export const inviteTeammate = (teammate: NewTeammate): Promise<Teammate & { link: string }> =>
  request("POST", `${v1}/teammates`, teammate);

export const changeTeammate = (
  teammate: string,
  change: { name?: string; role?: string; away?: boolean; alerts?: AlertSwitches },
): Promise<Teammate> => request("PATCH", `${v1}/teammates/${id(teammate)}`, change);

export const dropTeammate = (teammate: string): Promise<void> => perform("DELETE", `${v1}/teammates/${id(teammate)}`);

/** A new single-use link to set a password. */
export const makeEntryLink = (teammate: string): Promise<{ link: string }> =>
  request("POST", `${v1}/teammates/${id(teammate)}/link`, {});

/** Signed in, or nobody: whoever has a second factor signs in with it afterwards. */
export const join = async (token: string, password: string): Promise<Session | null> => {
  const answer = await request<Session | { sign_in: true }>("POST", `${v1}/join`, { token, password });
  return "sign_in" in answer ? null : keep(answer);
};

export const signOutEverywhere = async (): Promise<void> => {
  await perform("DELETE", `${v1}/sessions`);
  rememberCsrf(null);
};

export const fetchAlerts = (): Promise<{ items: Alert[] }> => request("GET", `${v1}/alerts`);

export const fetchAlertWays = (): Promise<{ items: AlertWay[] }> => request("GET", `${v1}/alerts/ways`);

/** Tells by one way that this is a test. */
export const testAlertWay = (way: string): Promise<{ ok: boolean; why: string | null }> =>
  request("POST", `${v1}/alerts/ways/${id(way)}/test`, {});

export const fetchTokens = (): Promise<{ items: Token[] }> => request("GET", `${v1}/tokens`);

/** The value that opens is in this answer only. */
export const makeToken = (name: string, scopes: string[]): Promise<Token & { token: string }> =>
  request("POST", `${v1}/tokens`, { name, scopes });

export const endToken = (token: string): Promise<void> => perform("DELETE", `${v1}/tokens/${id(token)}`);

/** A report from a day on, up to today. */
export const fetchReport = (report: string, from: string): Promise<Report> =>
  request("GET", withQuery(`${v1}/analytics/${id(report)}`, { from }));

/** The conversations behind a figure, by the address that the report gave with it. */
export const fetchBehind = (address: string, cursor: string | null): Promise<Page<ConversationItem>> =>
  request("GET", cursor ? `${address}&cursor=${id(cursor)}` : address);

export interface AuditFilter {
  actor: string;
  subject: string;
  from: string | null;
  to: string | null;
}

export const fetchAudit = (filter: AuditFilter, cursor: string | null): Promise<Page<AuditEntry>> =>
  request("GET", withQuery(`${v1}/audit`, { ...filter, cursor, limit: 50 }));

/** Looks through the whole log. */
export const checkAudit = (): Promise<AuditCheck> => request("GET", `${v1}/audit/check`);

export const fetchSuggestions = (): Promise<{ items: Suggestion[] }> => request("GET", `${v1}/suggestions`);

/** Accepting answers with the merge, by which it can be undone. */
export const decideSuggestion = (
  suggestion: string,
  verdict: "accept" | "reject",
): Promise<{ id: string; status: string; merge?: string }> =>
  request("POST", `${v1}/suggestions/${id(suggestion)}/${verdict}`, {});

/** The demo's clock, which the playground may have moved ahead of the browser's. */
export const fetchDemoClock = (): Promise<{ now: string; offset_s: number }> => request("GET", "/playground/api/clock");
