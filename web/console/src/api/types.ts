/** Shapes of the console's HTTP interface, as the server sends them. Times are RFC 3339 text, ids opaque. */

export type Proof = "anonymous" | "claimed" | "channel_asserted" | "verified";
export type ConversationStatus = "open" | "with_teammate" | "waiting" | "snoozed" | "resolved";
export type View =
  | "mine"
  | "unassigned"
  | "mentions"
  | "ai"
  | "approval"
  | "escalated"
  | "snoozed"
  | "team"
  | "resolved";
export type Author = "customer" | "ai" | "teammate" | "system";
export type Direction = "in" | "out" | "event";

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
}

export interface Session {
  teammate: Teammate;
  workspace: { id: string; name: string; currency: string; timezone: string; locale: string };
  csrf: string;
  demo: boolean;
}

/** A line of the audit log. */
export interface AuditEntry {
  seq: number;
  at: string;
  /** `operator`, `teammate:…` or `token:…`. */
  actor: string;
  /** A route's method and path, or the name of a tool. */
  act: string;
  subjects: string[];
  outcome: number;
  hash: string;
}

export interface AuditCheck {
  entries: number;
  broken: number | null;
  checkpoints: number;
}

export interface ReportFigure {
  figure: string;
  about: string;
  unit: "count" | "share" | "seconds" | "money" | "number" | "mood";
  value: number | null;
  count: number;
  of: number | null;
  before: number | null;
  days: { day: string; count: number }[];
  conversations: string;
}

/** What the row is about and its figures, by name; and where its conversations are. */
export type ReportRow = { conversations: string } & Record<string, string | number | null>;

export interface Report {
  report: string;
  about: string;
  from: string;
  to: string;
  as_of: string;
  complete: boolean;
  currency: string | null;
  figures: ReportFigure[];
  tables: { table: string; rows: ReportRow[] }[];
  questions?: { question: string; times: number; last_at: string; conversation: string }[];
}

export interface Change {
  seq: number;
  kind:
    | "message.created"
    | "message.updated"
    | "conversation.updated"
    | "escalation.updated"
    | "customer.updated"
    | "call.updated"
    | "identity.updated"
    | "alert.raised"
    | "alert.told";
  conversation: string | null;
  customer: string | null;
  at: string;
}

export interface EscalationMark {
  id: string;
  rule: string;
  also: string[];
  status: "open" | "accepted" | "returned" | "resolved" | "released";
  at: string;
  due_at: string | null;
  /** How it is best answered; nothing: whoever answers decides. */
  way: Way | null;
}

/** Now and by voice, where the customer wrote, or by email with papers. */
export type Way = "urgent" | "same_channel" | "email";

export interface ConversationItem {
  id: string;
  status: ConversationStatus;
  customer: { id: string; name: string | null; proof: Proof; score: number };
  channel: string;
  channels: string[];
  last_message: { text: string; at: string; direction: Direction; author: Author } | null;
  updated_at: string;
  created_at: string;
  snoozed_until: string | null;
  assignee: { id: string; name: string } | null;
  /** The team that has it; nothing: everybody. */
  team: { id: string; name: string } | null;
  unread: boolean;
  escalation: EscalationMark | null;
  asked_again: number;
  /** Replies that wait for a teammate's word. */
  drafts: number;
  /** Actions that wait for a teammate's word. */
  /** The target of the team that is due next, while a person has it. */
  sla: { policy: string; target: "first_reply" | "resolution"; due_at: string } | null;
  actions_waiting: number;
  tags: string[];
}

/** A view of the inbox under a name of one's own. */
export interface SavedView {
  id: string;
  name: string;
  /** The whole team has it. */
  shared: boolean;
  view: View | "all";
  tag: string | null;
  channel: string | null;
  team: string | null;
  count: number;
}

export type ViewCounts = Record<View, number>;

export interface ConversationPage {
  items: ConversationItem[];
  next: string | null;
  counts: ViewCounts;
}

export interface Brief {
  name: string;
  contacts: string[];
  summary: string;
  need: string;
  learned: string[];
  tried: string[];
  emotion: string;
  why: string;
  next_step: string;
  promised: string[];
}

export interface Escalation extends EscalationMark {
  evidence: { rule: string; message: string; quote: string }[];
  customer: { id: string; name: string | null };
  conversation: string;
  brief: Brief;
}

export interface ServiceWindow {
  channel: string;
  open: boolean;
  closes_at: string | null;
}

export interface Door {
  channel: string;
  connection: string;
  label: string;
  open: boolean;
}

export interface Conversation extends ConversationItem {
  /** What it was about, and the messages that says it; not there yet while only the list is known. */
  summary?: { text: string; messages: string[] };
  escalations: Escalation[];
  window: ServiceWindow;
  doors: Door[];
}

export interface Identifier {
  id: string;
  kind: string;
  value: string;
  trust: Proof;
  origin: string;
  shared: boolean;
  first_seen: string;
  last_seen: string;
}

export interface Fact {
  id: string;
  predicate: string;
  value: string;
  data: unknown;
  status: "active" | "superseded" | "disputed" | "retracted";
  source_message: string | null;
  quote: string;
  channel: string;
  valid_from: string;
  valid_to: string | null;
  recorded_at: string;
  confidence: number;
  pinned: boolean;
}

export interface CustomerPromise {
  id: string;
  by: "us" | "customer";
  what: string;
  due_at: string | null;
  status: "open" | "kept" | "broken" | "withdrawn";
  source_message: string;
  channel: string;
  at: string;
}

export interface Offer {
  id: string;
  product: string;
  terms: string;
  outcome: "open" | "accepted" | "declined" | "expired";
  reason: string | null;
  at: string;
}

/** Something done on the customer's behalf, or waiting for a teammate. */
export interface Action {
  id: string;
  number: string;
  tool: "return.create" | "exchange.create" | "booking.create" | "tool.call";
  arguments: { order?: string; reason?: string | null; wanted?: string; what?: string; starts_at?: string; name?: string; about?: string; arguments?: Record<string, unknown> };
  status: "waiting" | "done" | "declined" | "replaced" | "cancelled";
  because: "over_refund_limit" | "always_asked" | "window_unknown" | "exchange_under_way" | "no_answer" | "tool_refused" | null;
  by: string | null;
  conversation: string;
  message: string | null;
  document: string | null;
  at: string;
  changed_at: string;
}

export interface Consent {
  purpose: string;
  channel: string;
  state: "given" | "withdrawn" | "requested";
  wording: string;
  at: string;
}

export interface Merge {
  id: string;
  at: string;
  absorbed: string;
  reasons: (string | { text: string })[];
  undone: boolean;
}

export interface Customer {
  id: string;
  name: string | null;
  proof: Proof;
  identifiers: Identifier[];
  facts: Fact[];
  promises: CustomerPromise[];
  offers: Offer[];
  actions: Action[];
  consents: Consent[];
  lead: { score: number; reasons: { text: string; points: number }[]; stage: string };
  events: { id: string; type: string; at: string; data: unknown }[];
  conversations: string[];
  merges: Merge[];
  /** When the person will be erased, while that can be taken back. */
  erased_at?: string | null;
}

/** What a condition would have done over the latest conversations. */
export interface RuleTried {
  conversations: number;
  messages: number;
  fired: number;
  undecided: number;
  why_undecided: string | null;
  items: {
    conversation: string;
    message: string;
    customer: { id: string; name: string | null };
    channel: string;
    text: string;
    at: string;
  }[];
}

export interface Attachment {
  id: string;
  kind: "image" | "audio" | "video" | "document" | "sticker";
  voice: boolean;
  name: string | null;
  mime: string | null;
  /** The media type by its bytes, when it may be shown or played in place. */
  shown_as: string | null;
  size: number | null;
  state: "waiting" | "kept" | "lost";
  /** Why it is not here. */
  why: string | null;
  url: string | null;
}

export interface TimelineItem {
  id: string;
  at: string;
  kind: "message" | "note" | "event";
  channel: string;
  direction: Direction;
  author: Author;
  author_name: string | null;
  text: string;
  turn: string | null;
  conversation: string;
  state: string | null;
  delivery: string | null;
  delivery_reason: string | null;
  /** Written by the AI, said to nobody yet. */
  draft: boolean;
  /** A teammate's message that leaves then; until then it can be taken back. */
  send_at: string | null;
  buttons: { title: string; payload: string }[];
  sources: { source: string; heading: string }[];
  /** What could be looked at beside it. */
  cards?: { title: string; text: string; picture: string | null; url: string | null }[];
  /** Files that came with it. */
  attachments?: Attachment[];
  /** What its author made of it later. */
  changed?: { how: "edited" | "deleted"; at: string };
  event?: {
    type: "escalation" | "merge" | "unmerge" | "handed_back" | "business" | "resolved" | "link" | "not_sent" | "action" | "call" | "rated" | "reaction";
    data: Record<string, unknown>;
  };
}

export type CallOutcome = "completed" | "transferred" | "nobody_free" | "silent" | "cut" | "not_reached";

/** A phone call. */
export interface Call {
  id: string;
  connection: string;
  /** The number that was rung. */
  number: string | null;
  carried_by: "relay" | "sound" | "sip";
  customer: string | null;
  name: string | null;
  proof: Proof | null;
  /** The other side's number. */
  caller: string | null;
  conversation: string;
  direction: "inbound" | "outbound";
  state: "ringing" | "live" | "transferring" | "cut" | "ended";
  attestation: "full" | "claimed" | "failed" | "withheld";
  language: string;
  at: string;
  ended_at: string | null;
  seconds: number;
  outcome: CallOutcome | null;
  /** The teammate who speaks on it. */
  taken_by: string | null;
  /** Where the connection puts callers through. */
  through_to: string | null;
  /** Both sides as sound, where the caller agreed. */
  recording: { attachment: string; url: string; from: string; running: boolean } | null;
  connected: boolean;
}

/** Something said on a call; of our words those that were heard. */
export interface CallLine {
  message: string;
  at: string;
  who: "caller" | "assistant" | "teammate";
  name: string | null;
  text: string;
  unheard: string | null;
  turn: string | null;
}

/** Where the time of one turn of a call went. */
export interface CallTurn {
  message: string | null;
  ears_ms: number | null;
  thinking_ms: number | null;
  voice_ms: number | null;
}

export interface CallInFull extends Call {
  transcript: CallLine[];
  turns: CallTurn[];
}

/** A message that the vendor approved beforehand; a gap is a name in double braces. */
export interface Template {
  name: string;
  language: string;
  category: string;
  header: string | null;
  body: string;
  footer: string | null;
  buttons: string[];
  variables: string[];
}

/** A stretch of an excerpt; hits are the words that were looked for. */
export interface Stretch {
  text: string;
  hit: boolean;
}

/** A message that a search found. */
export interface FoundMessage {
  id: string;
  conversation: string;
  customer: { id: string; name: string | null };
  at: string;
  channel: string;
  direction: Direction;
  author: Author;
  author_name: string | null;
  /** A note of the team. */
  note: boolean;
  text: string;
  excerpt: Stretch[];
}

/** `complete` is false while the index is built anew. */
export interface FoundMessages {
  items: FoundMessage[];
  next: string | null;
  complete: boolean;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Turn {
  id: string;
  at: string;
  conversation: string;
  customer: string;
  channel: string;
  engine: string;
  trigger: { id: string; text: string }[];
  recalled: {
    kind: "fact" | "message" | "promise" | "offer" | "order";
    id: string;
    text: string;
    channel: string;
    at: string;
  }[];
  passages: { source: string; heading: string; text: string; score: number; used: boolean }[];
  signals: {
    language: string | null;
    intent: string | { name: string; score: number } | null;
    /** Below zero is displeased, above is pleased. */
    sentiment: string | number | null;
    entities: unknown[];
  };
  learned: { predicate: string; value: string; quote: string }[];
  rules: { rule: string; fired: boolean; reason: string; evidence: string | null }[];
  did_not_ask: { slot: string; because: string }[];
  asked: string | null;
  model_calls: { model: string; milliseconds: number; input_tokens: number; output_tokens: number; cost: number; outcome: string }[];
  decision: "reply" | "escalate" | "ask_identity" | "silent" | "promise";
  reply: string | null;
  rendered: { channel: string; text: string; buttons: unknown[] }[];
  milliseconds: {
    total: number;
    recall: number;
    analyst: number;
    answerer: number;
    qualifier: number;
    rules: number;
    render: number;
  };
  cost: { amount: number | string; currency: string };
}

export interface KnowledgeOverview {
  sources: { path: string; title: string; passages: number; audience: string; outdated: boolean; synced_at: string }[];
  sites: {
    id: string;
    sitemap: string;
    read_at: string | null;
    pages: number;
    skipped: { url: string; reason: string }[];
    failed: string | null;
  }[];
  gaps: { question: string; also: string[]; times: number; last_at: string; conversation: string }[];
  conflicts: { about: string; sources: { source: string; heading: string; text: string }[] }[];
  skipped: { path: string; reason: string }[];
  /** Where documents are put, for those who administer. */
  folders: { id: string; path: string }[];
}

export interface KnowledgeAnswer {
  answer: string | null;
  citations: { source: string; heading: string; text: string }[];
}

export interface Rule {
  name: string;
  sentence: string;
  /** Nothing: a built-in rule reads the words itself. */
  when: string | null;
  origin: "built_in" | "configuration" | "console";
  enabled: boolean;
  switchable: boolean;
  /** To whom it goes; nothing: everybody. */
  team: { id: string; name: string } | null;
  way: Way | null;
  firings: number;
  last_at: string | null;
  version: number;
  since: string | null;
}

/** What a rule of the console said once. */
export interface RuleVersion {
  version: number;
  when: string;
  sentence: string | null;
  at: string;
  by: string | null;
}

/** Some of the teammates under a name. */
export interface Team {
  id: string;
  name: string;
  lead: string | null;
  members: string[];
  /** Spans by day; nothing: as the business is open. */
  hours: Record<string, string[]> | null;
  /** Nobody has them yet. */
  waiting: number;
  answering: number;
}

export type Tone = "formal" | "warm" | "short";

/** What differs on a door. */
export interface DoorManner {
  tone: Tone | null;
  greeting: string | null;
  sign_off: string | null;
}

/** How the assistant speaks. */
export interface Manner {
  name: string | null;
  tone: Tone | null;
  /** In the business's own words; for models. */
  persona: string | null;
  doors: Record<string, DoorManner>;
}

export interface MannerShown extends Manner {
  configured_persona: string | null;
  /** The language of the business's own words. */
  language: string;
  channels: string[];
}

export interface MannerTried {
  items: { channel: string; text: string; messages: string[] }[];
}

/** Something asked of whoever wants something. */
export interface Question {
  slot: string;
  /** By two-letter language. */
  wording: Record<string, string>;
}

export interface Questions {
  items: Question[];
  /** Nobody chose: the built-in ones. */
  chosen: boolean;
  slots: { slot: string; built_in: Record<string, string> }[];
  language: string;
  languages: string[];
}

/** By when people of the team answer; minutes. */
export interface Target {
  name: string;
  channel: string | null;
  team: string | null;
  rule: string | null;
  escalated: boolean | null;
  first_reply: number | null;
  resolution: number | null;
  always: boolean;
}

export type LedgerState = "open" | "answered" | "handed_over" | "ignored_by_rule" | "quarantined";

export interface LedgerEntry {
  id: string;
  at: string;
  connection: string;
  channel: string;
  state: LedgerState;
  reason: string | null;
  turn: string | null;
}

export interface Ledger {
  counts: Record<LedgerState, number>;
  accepted: number;
  /** Nothing when the database is PostgreSQL. */
  backup: { newest: string | null; every_s: number | null; late: boolean } | null;
  items: LedgerEntry[];
  next: string | null;
}

/** The trust dial: how far the AI goes on a door. */
export type Mode = "off" | "draft" | "out_of_hours" | "answer";

export interface ChannelConnection {
  id: string;
  channel: string;
  mode: Mode;
  configured_mode: Mode;
  label: string;
  health: "ok" | "warn" | "error";
  detail: string;
  last_in: string | null;
  last_out: string | null;
  /** When a door that fetches by itself has done so last. */
  last_fetch?: string | null;
  standing?: ChannelStanding;
}

/** What is entered at the vendor for a door. */
export interface ChannelSetup {
  id: string;
  channel: string;
  hook: string;
  status_hook: string | null;
  verify_token: string | null;
}

/** What the vendor says of us. */
export interface ChannelStanding {
  name: string | null;
  quality: string | null;
  to_do: string[];
  asked_at: string | null;
  trouble: { code: string; why: string; at: string; alarm: boolean } | null;
}

export interface Suggestion {
  id: string;
  a: { id: string; name: string | null };
  b: { id: string; name: string | null };
  probability: number;
  reasons: { text: string; weight: number }[];
  status: string;
}

/** A language model with its place in the order; amounts in whole units of the currency. */
export interface Model {
  id: string;
  kind: "openai" | "anthropic";
  model: string;
  server: string | null;
  timeout_s: number;
  answerer: number | null;
  qualifier: number | null;
  input_price: number | null;
  output_price: number | null;
  daily_budget: number | null;
  currency: string | null;
  spent_today: number;
}

/** What a try of a model has shown. */
export interface ModelTested {
  id: string;
  ok: boolean;
  took_ms: number;
  input_tokens: number;
  output_tokens: number;
  cost: number | null;
  currency: string | null;
  said: string | null;
  trouble: string | null;
}

/** What the sign-in page offers besides a password. */
export interface Sso {
  label: string | null;
  url: string | null;
}

export interface Teammate {
  id: string;
  name: string;
  email: string;
  role: string;
  /** Has not set a password yet. */
  invited: boolean;
  away: boolean;
  /** Signs in with a second factor. */
  second_factor: boolean;
  /** Known by an account at the identity provider. */
  sso: boolean;
  alerts: AlertSwitches;
}

/** What a teammate has switched on; the browser's consent is asked besides. */
export interface AlertSwitches {
  browser: boolean;
  sound: boolean;
  email: boolean;
}

export type AlertKind = "escalated" | "assigned" | "mentioned" | "late";

/** Something that a teammate should know. */
export interface Alert {
  id: string;
  kind: AlertKind;
  at: string;
  conversation: string;
  customer: { id: string; name: string | null };
  rule: string | null;
  /** Nobody has taken it yet. */
  waits: boolean;
}

/** By which way the team is told besides the console. */
export interface AlertWay {
  id: string;
  kind: "webhook" | "email";
  name: string;
  host: string | null;
  signed: boolean;
  on: AlertKind[];
  last: { state: "waiting" | "told" | "given_up"; at: string; why: string | null } | null;
}

/** A teammate's page and what it has open. */
export interface Here {
  teammate: string;
  name: string;
  conversation: string | null;
  typing: boolean;
}

/** A text the team says often, with gaps such as {name}. */
export interface Canned {
  id: string;
  name: string;
  text: string;
  /** What is done to the conversation once it is sent. */
  steps: CannedStep[];
}

export type CannedStep =
  | { do: "tag"; tag: string }
  | { do: "assign"; teammate?: string | null }
  | { do: "snooze"; minutes: number }
  | { do: "return" }
  | { do: "resolve" };

export interface Token {
  id: string;
  name: string;
  scopes: string[];
  expires_at: string | null;
}
