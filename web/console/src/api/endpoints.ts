import { type Body, follow, perform, rememberCsrf, request, upload } from "./client.ts";
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
  Task,
  Tasks,
  Team,
  Teammate,
  Template,
  TimelineItem,
  Token,
  Turn,
  Way,
} from "./types.ts";

const v1 = "/api/v1";
const id = encodeURIComponent;

const keep = (session: Session): Session => {
  rememberCsrf(session.csrf);
  return session;
};

export const fetchSession = async (): Promise<Session> => keep(await request("get", "/session"));

/** With a code of the second factor, where one is asked for. */
export const signIn = async (email: string, password: string, code?: string): Promise<Session> =>
  keep(await request("post", "/session", { body: code ? { email, password, code } : { email, password } }));

/** Asks for a link by mail; the answer is the same whether or not the address is known. */
export const askForLink = (email: string): Promise<void> => perform("post", "/forgot", { body: { email } });

/** What an authenticator app is given; it counts only once a code has been confirmed. */
export const beginSecondFactor = (): Promise<{ secret: string; uri: string; qr: string | null }> =>
  request("post", "/second-factor", { body: {} });

/** The codes that open without the app are in this answer only. */
export const confirmSecondFactor = (code: string): Promise<{ recovery: string[] }> =>
  request("post", "/second-factor/confirm", { body: { code } });

export const endSecondFactor = (password: string): Promise<void> => perform("post", "/second-factor/end", { body: { password } });

export const fetchModels = (): Promise<Page<Model>> => request("get", "/models");

/** One short question; it costs what a short answer costs. */
export const testModel = (model: string): Promise<ModelTested> => request("post", "/models/{id}/test", { id: model, body: {} });

export const fetchSso = (): Promise<Sso> => request("get", "/sso");

/** The next sign-in through the provider finds them by their address again. */
export const unlinkSso = (teammate: string): Promise<void> => perform("delete", "/teammates/{id}/sso", { id: teammate });

/** For a teammate who has lost the app and the codes. */
export const dropSecondFactor = (teammate: string): Promise<void> =>
  perform("delete", "/teammates/{id}/second-factor", { id: teammate });

export const signOut = async (): Promise<void> => {
  await perform("delete", "/session");
  rememberCsrf(null);
};

export interface FirstOwner {
  token: string;
  name: string;
  email: string;
  password: string;
}

export const setUp = async (owner: FirstOwner): Promise<Session> =>
  keep(await request("post", "/setup", { body: owner }));

export const fetchConversations = (
  view: string,
  cursor: string | null,
  tag: string | null = null,
  channel: string | null = null,
  team: string | null = null,
): Promise<ConversationPage> => request("get", "/conversations", { query: { view, tag, channel, team, cursor, limit: 50 } });

export const fetchSavedViews = (): Promise<{ items: SavedView[] }> => request("get", "/views");

export const saveView = (view: Omit<SavedView, "id" | "count">): Promise<SavedView> => request("post", "/views", { body: view });

export const dropView = (view: string): Promise<void> => perform("delete", "/views/{id}", { id: view });

export const fetchConversation = (conversation: string): Promise<Conversation> =>
  request("get", "/conversations/{id}", { id: conversation });

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
  | { step: "reply"; text: string; channel?: Channel; connection?: string; at?: string; hold_s?: number; files?: { name: string; base64: string }[]; template?: { name: string; language: string; variables: Record<string, string> }; shown?: string }
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
  return request("post", `/conversations/{id}/${step}` as const, { id: conversation, body });
};

/** What the AI would answer now; nothing is written or sent. */
export const proposeAnswer = (conversation: string): Promise<{ text: string | null; answers: string | null }> =>
  request("post", "/conversations/{id}/draft", { id: conversation, body: {} });

/** Other conversations of a customer, for those who file them. */
export const fetchConversationsOf = (customer: string): Promise<ConversationPage> =>
  request("get", "/conversations", { query: { customer, limit: 50 } });

export const fetchCanned = (): Promise<{ items: Canned[] }> => request("get", "/canned") as Promise<{ items: Canned[] }>;

export const addCanned = (canned: Omit<Canned, "id">): Promise<Canned> => request("post", "/canned", { body: canned }) as Promise<Canned>;

export const changeCanned = ({ id: canned, ...body }: Canned): Promise<Canned> =>
  request("patch", "/canned/{id}", { id: canned, body }) as Promise<Canned>;

export const dropCanned = (canned: string): Promise<void> => perform("delete", "/canned/{id}", { id: canned });

/** Says what this page has open; whoever else is here is told at once. */
export const sayPresence = (place: { conversation: string | null; typing?: boolean; leaving?: boolean }): Promise<void> =>
  perform("post", "/presence", { body: place });

const asked = (q: string) => (q.startsWith("+") ? { identifier: `phone:${q.replace(/\s/g, "")}` } : { q });

export const fetchCustomers = (q: string): Promise<Page<Customer>> => request("get", "/customers", { query: asked(q) });

/** Whom the people page shows, and who comes first. */
export interface PeopleFilter {
  q: string;
  channel: Channel | null;
  proof: "channel_asserted" | "verified" | null;
  score: number | null;
  order: "newest" | "score";
}

export const fetchPeople = ({ q, ...filter }: PeopleFilter, cursor: string | null): Promise<Page<Customer>> =>
  request("get", "/customers", { query: { ...asked(q), ...filter, cursor, limit: 50 } });

export const fetchCustomer = (customer: string): Promise<Customer> => request("get", "/customers/{id}", { id: customer });

export const fetchTimeline = (customer: string, before: string | null): Promise<Page<TimelineItem>> =>
  request("get", "/customers/{id}/timeline", { id: customer, query: { before, limit: 60 } }) as Promise<Page<TimelineItem>>;

export const fetchTemplates = (connection: string): Promise<{ items: Template[] }> =>
  request("get", "/channels/{id}/templates", { id: connection });

/** Everything ever said that holds the words. */
export const searchSaid = (q: string, cursor: string | null, limit: number): Promise<FoundMessages> =>
  request("get", "/search", { query: { q, cursor, limit } });

export const mergeCustomers = (customer: string, absorb: string): Promise<{ id: string; customer: string }> =>
  request("post", "/customers/{id}/merge", { id: customer, body: { absorb } });

export const undoMerge = (merge: string): Promise<void> => perform("post", "/merges/{id}/undo", { id: merge, body: {} });

/** Erases the person in ten minutes; says when. */
export const eraseCustomer = (customer: string): Promise<{ erase_at: string | null }> =>
  request("delete", "/customers/{id}", { id: customer });

export const keepCustomer = (customer: string): Promise<void> => perform("post", "/customers/{id}/keep", { id: customer, body: {} });

/** The address of everything about a person, as one file. */
export const exportAddress = (customer: string): string => `${v1}/customers/${id(customer)}/export`;

/** A condition, or a rule by its name. */
export const tryRule = (tried: { when: string } | { rule: string }): Promise<RuleTried> => request("post", "/rules/try", { body: tried });

/** Pins a value; an empty one takes the fact back. */
export const pinFact = (customer: string, predicate: string, value: string): Promise<void> =>
  perform("patch", "/customers/{id}", { id: customer, body: { facts: { [predicate]: value } } });

export const fetchCalls = (): Promise<{ items: Call[] }> => request("get", "/calls");

export const fetchCall = (call: string): Promise<CallInFull> => request("get", "/calls/{id}", { id: call });

export type CallStep =
  | { step: "take" }
  | { step: "return" }
  | { step: "whisper"; text: string }
  | { step: "say"; text: string }
  | { step: "put_through"; to?: string }
  | { step: "hang_up" };

/** A key to hear a call with, once. */
export const listenToCall = (call: string): Promise<{ path: string }> => request("post", "/calls/{id}/listen", { id: call, body: {} });

/** What a teammate does about a call under way. */
export const stepCall = (call: string, { step, ...body }: CallStep): Promise<unknown> =>
  request("post", `/calls/{id}/${step}` as const, { id: call, body });

export const fetchTurn = (turn: string): Promise<Turn> => request("get", "/turns/{id}", { id: turn }) as Promise<Turn>;

export const fetchKnowledge = (): Promise<KnowledgeOverview> => request("get", "/knowledge");

/** Gives a document to answer from; tells how much of it has left. */
export const giveDocument = (file: File, onSent: (part: number) => void): Promise<GivenDocument> =>
  upload("/knowledge/documents", { name: file.name }, file, onSent);

export const dropDocument = (document: string): Promise<void> => perform("delete", "/knowledge/documents/{id}", { id: document });

export const askKnowledge = (q: string): Promise<KnowledgeAnswer> =>
  request("get", "/knowledge/ask", { query: { q } });

export const fetchRules = (): Promise<{ items: Rule[] }> => request("get", "/rules");

export const addRule = (rule: { name: string; when: string; sentence: string | null }): Promise<Rule> =>
  request("post", "/rules", { body: rule });

export interface RuleChange {
  when?: string;
  sentence?: string;
  enabled?: boolean;
  team?: string | null;
  way?: Way | null;
}

export const changeRule = (rule: string, change: RuleChange): Promise<Rule> => request("patch", "/rules/{name}", { name: rule, body: change });

export const dropRule = (rule: string): Promise<void> => perform("delete", "/rules/{name}", { name: rule });

export const fetchRuleVersions = (rule: string): Promise<{ items: RuleVersion[] }> => request("get", "/rules/{name}/versions", { name: rule });

export const fetchManner = (): Promise<MannerShown> => request("get", "/manner") as Promise<MannerShown>;

export const writeManner = (manner: Manner): Promise<MannerShown> => request("patch", "/manner", { body: manner }) as Promise<MannerShown>;

/** How a question would be answered on every door; nothing is kept. */
export const previewManner = (asked: { question: string; manner: Manner }): Promise<MannerTried> =>
  request("post", "/manner/preview", { body: asked });

export const fetchQuestions = (): Promise<Questions> => request("get", "/questions") as Promise<Questions>;

/** Nothing: back to the built-in ones. */
export const writeQuestions = (items: Question[] | null): Promise<Questions> => request("patch", "/questions", { body: { items: items && items.map(({ slot, ...rest }) => (slot === null ? rest : { slot, ...rest })) } }) as Promise<Questions>;

export type Reworded = Body<"post", "/conversations/{id}/reword">;

/** A text in another tone or language; nothing is sent. */
export const rewordText = (conversation: string, asked: Reworded): Promise<{ text: string }> =>
  request("post", "/conversations/{id}/reword", { id: conversation, body: asked });

export const fetchTeams = (): Promise<{ items: Team[] }> => request("get", "/teams");

export type NewTeam = Pick<Team, "name" | "lead" | "members" | "hours">;

export const addTeam = (team: NewTeam): Promise<Team> => request("post", "/teams", { body: team });

export const changeTeam = (team: string, written: NewTeam): Promise<Team> => request("patch", "/teams/{id}", { id: team, body: written });

export const dropTeam = (team: string): Promise<void> => perform("delete", "/teams/{id}", { id: team });

/** Those of a view, or of everybody. */
export const fetchTasks = (view: "mine" | "all" | "done", cursor: string | null = null, limit = 100): Promise<Tasks> =>
  request("get", "/tasks", { query: { view, cursor, limit } });

/** What is to be done for one customer. */
export const fetchTasksAbout = (customer: string): Promise<Tasks> => request("get", "/tasks", { query: { customer, limit: 100 } });

export type NewTask = Body<"post", "/tasks">;

export const addTask = (task: NewTask): Promise<Task> => request("post", "/tasks", { body: task });

export type TaskChange = Body<"patch", "/tasks/{id}">;

export const changeTask = (task: string, change: TaskChange): Promise<Task> => request("patch", "/tasks/{id}", { id: task, body: change });

export const fetchTargets = (): Promise<{ items: Target[]; configured: Target[] }> => request("get", "/targets") as Promise<{ items: Target[]; configured: Target[] }>;

export const writeTargets = (items: Target[]): Promise<{ items: Target[]; configured: Target[] }> =>
  request("patch", "/targets", { body: { items } }) as Promise<{ items: Target[]; configured: Target[] }>;

export const fetchLedger = (cursor: string | null): Promise<Ledger> =>
  request("get", "/ledger", { query: { cursor } });

export const fetchChannels = (): Promise<{ items: ChannelConnection[]; public_url: string }> => request("get", "/channels");

export const fetchChannelSetup = (connection: string): Promise<ChannelSetup> =>
  request("get", "/channels/{id}/setup", { id: connection });

export const turnDial = (connection: string, mode: Mode): Promise<ChannelConnection> =>
  request("patch", "/channels/{id}", { id: connection, body: { mode } });

/** Asks the vendor now whether it lets us in. */
export const checkChannel = (connection: string): Promise<ChannelStanding & { ok: boolean }> =>
  request("post", "/channels/{id}/check", { id: connection, body: {} });

/** A teammate's word on an action that waits. */
export const decideAction = (action: string, verdict: "approve" | "decline"): Promise<Action> =>
  request("post", `/actions/{id}/${verdict}` as const, { id: action, body: {} });

/** What a past turn would come to today; nothing is written or sent. */
export const replayTurn = (turn: string) => request("post", "/turns/{id}/replay", { id: turn, body: {} });

/** Sends a draft as it is, or in the teammate's own words. */
export const approveDraft = (message: string, text: string | null): Promise<ConversationItem> =>
  request("post", "/drafts/{id}/approve", { id: message, body: text === null ? {} : { text } });

export const discardDraft = (message: string): Promise<ConversationItem> =>
  request("post", "/drafts/{id}/discard", { id: message, body: {} });

export const resendMessage = (message: string): Promise<void> => perform("post", "/messages/{id}/resend", { id: message, body: {} });

export const fetchTeammates = (): Promise<{ items: Teammate[] }> => request("get", "/teammates");

export interface NewTeammate {
  name: string;
  email: string;
  role: Teammate["role"];
}

/** Invites a teammate: the link in the answer sets the first password, and is shown only here. */
export const inviteTeammate = (teammate: NewTeammate): Promise<Teammate & { link: string }> =>
  request("post", "/teammates", { body: teammate }) as Promise<Teammate & { link: string }>;

export const changeTeammate = (
  teammate: string,
  change: { name?: string; role?: Teammate["role"]; away?: boolean; alerts?: AlertSwitches },
): Promise<Teammate> => request("patch", "/teammates/{id}", { id: teammate, body: change });

export const dropTeammate = (teammate: string): Promise<void> => perform("delete", "/teammates/{id}", { id: teammate });

/** A new single-use link to set a password. */
export const makeEntryLink = (teammate: string): Promise<{ link: string }> =>
  request("post", "/teammates/{id}/link", { id: teammate, body: {} });

/** Signed in, or nobody: whoever has a second factor signs in with it afterwards. */
export const join = async (token: string, password: string): Promise<Session | null> => {
  const answer = await request("post", "/join", { body: { token, password } });
  return "sign_in" in answer ? null : keep(answer);
};

export const signOutEverywhere = async (): Promise<void> => {
  await perform("delete", "/sessions");
  rememberCsrf(null);
};

export const fetchAlerts = (): Promise<{ items: Alert[] }> => request("get", "/alerts");

export const fetchAlertWays = (): Promise<{ items: AlertWay[] }> => request("get", "/alerts/ways");

/** Tells by one way that this is a test. */
export const testAlertWay = (way: string): Promise<{ ok: boolean; why: string | null }> =>
  request("post", "/alerts/ways/{id}/test", { id: way, body: {} });

export const fetchTokens = (): Promise<{ items: Token[] }> => request("get", "/tokens");

/** The value that opens is in this answer only. */
export const makeToken = (name: string, scopes: Token["scopes"]): Promise<Token & { token: string }> =>
  request("post", "/tokens", { body: { name, scopes } });

export const endToken = (token: string): Promise<void> => perform("delete", "/tokens/{id}", { id: token });

/** A report from a day on, up to today. */
export const fetchReport = (report: string, from: string): Promise<Report> =>
  request("get", "/analytics/{report}", { report, query: { from } });

/** The conversations behind a figure, by the address that the report gave with it. */
export const fetchBehind = (address: string, cursor: string | null): Promise<Page<ConversationItem>> =>
  follow(cursor ? `${address}&cursor=${id(cursor)}` : address);

export interface AuditFilter {
  actor: string;
  subject: string;
  from: string | null;
  to: string | null;
}

export const fetchAudit = (filter: AuditFilter, cursor: string | null): Promise<Page<AuditEntry>> =>
  request("get", "/audit", { query: { ...filter, cursor, limit: 50 } });

/** Looks through the whole log. */
export const checkAudit = (): Promise<AuditCheck> => request("get", "/audit/check");

export const fetchSuggestions = (): Promise<{ items: Suggestion[] }> => request("get", "/suggestions");

/** Accepting answers with the merge, by which it can be undone. */
export const decideSuggestion = (
  suggestion: string,
  verdict: "accept" | "reject",
): Promise<{ id: string; status: string; merge?: string | null }> =>
  request("post", `/suggestions/{id}/${verdict}` as const, { id: suggestion, body: {} });

/** The demo's clock, which the playground may have moved ahead of the browser's. */
export const fetchDemoClock = (): Promise<{ now: string; offset_s: number }> => follow("/playground/api/clock");
