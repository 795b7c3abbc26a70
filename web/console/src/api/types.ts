/**
 * Shapes of the server's answers under the console's names, from its own description. Written out is only what the
 * description leaves open. Times are RFC 3339 text, ids opaque.
 */
import type { components } from "./schema.ts";

type Schemas = components["schemas"];

export type Channel = Schemas["Conversation"]["channel"];
export type Proof = Schemas["Conversation"]["customer"]["proof"];
export type ConversationStatus = Schemas["Conversation"]["status"];
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

export type Problem = Schemas["Problem"];

export type Session = Schemas["Session"];

/** A line of the audit log. */
export type AuditEntry = Schemas["AuditEntry"];

export type AuditCheck = Schemas["AuditCheck"];

export type ReportFigure = Schemas["Figure"];

/** What the row is about and its figures, by name; and where its conversations are. */
export type ReportRow = { conversations: string } & Record<string, string | number | null>;

export type Report = Omit<Schemas["Report"], "tables"> & { tables: { table: string; rows: ReportRow[] }[] };

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

export type EscalationMark = NonNullable<Schemas["Conversation"]["escalation"]>;

/** Now and by voice, where the customer wrote, or by email with papers. */
export type Way = "urgent" | "same_channel" | "email";

export type ConversationItem = Schemas["Conversation"];

/** A view of the inbox under a name of one's own. */
export type SavedView = Schemas["SavedView"];

export type ViewCounts = Record<View, number>;

export type ConversationPage = Schemas["Conversations"];

export type Brief = Schemas["Brief"];

export type Escalation = Schemas["Escalation"];

export type ServiceWindow = Schemas["ConversationDetail"]["window"];

export type Door = Schemas["ConversationDetail"]["doors"][number];

export type Conversation = Schemas["ConversationDetail"];

export type Identifier = Schemas["Customer"]["identifiers"][number];

export type Fact = Schemas["Customer"]["facts"][number];

export type CustomerPromise = Schemas["Customer"]["promises"][number];

export type Offer = Schemas["Customer"]["offers"][number];

/** Something done on the customer's behalf, or waiting for a teammate. */
export type Action = Omit<Schemas["Action"], "arguments"> & {
  arguments: { order?: string; reason?: string | null; wanted?: string; what?: string; starts_at?: string; name?: string; about?: string; arguments?: Record<string, unknown> };
};

export type Consent = Schemas["Customer"]["consents"][number];

/** An order as the business told of it. */
export type Order = Schemas["Customer"]["orders"][number];

export type Merge = Schemas["Customer"]["merges"][number];

export type Customer = Omit<Schemas["Customer"], "actions"> & { actions: Action[] };

/** What a condition would have done over the latest conversations. */
export type RuleTried = Schemas["RuleTried"];

export type Attachment = Schemas["Attachment"];

export type TimelineItem = Omit<Schemas["TimelineEntry"], "event" | "delivery" | "seq"> & {
  /** `sending` is this page's own, until the server has it. */
  delivery: Schemas["TimelineEntry"]["delivery"] | "sending";
  event?: {
    type: "escalation" | "merge" | "unmerge" | "handed_back" | "business" | "resolved" | "link" | "not_sent" | "action" | "call" | "rated" | "reaction";
    data: Record<string, unknown>;
  };
};

export type CallOutcome = "completed" | "transferred" | "nobody_free" | "silent" | "cut" | "not_reached";

/** A phone call. */
export type Call = Schemas["Call"];

/** Something said on a call; of our words those that were heard. */
export type CallLine = Schemas["CallSaidLine"];

/** Where the time of one turn of a call went. */
export type CallTurn = Schemas["CallTurn"];

export type CallInFull = Schemas["CallInFull"];

/** A message that the vendor approved beforehand; a gap is a name in double braces. */
export type Template = Schemas["Templates"]["items"][number];

/** A stretch of an excerpt; hits are the words that were looked for. */
export type Stretch = Schemas["FoundMessage"]["excerpt"][number];

/** A message that a search found. */
export type FoundMessage = Schemas["FoundMessage"];

/** `complete` is false while the index is built anew. */
export type FoundMessages = Schemas["FoundMessages"];

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
    channel: string | null;
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

export type KnowledgeOverview = Schemas["Knowledge"];

/** A document that was given in the console. */
export type GivenDocument = Schemas["KnowledgeDocument"];

export type KnowledgeAnswer = Schemas["KnowledgeAnswer"];

export type Rule = Schemas["Rule"];

/** What a rule of the console said once. */
export type RuleVersion = Schemas["RuleVersions"]["items"][number];

/** Some of the teammates under a name. */
export type Team = Schemas["Team"];

export type Tone = "formal" | "warm" | "short";

/** What differs on a door. */
export type DoorManner = Required<NonNullable<Schemas["Manner"]["doors"]>[string]>;

/** How the assistant speaks. */
export interface Manner {
  name: string | null;
  tone: Tone | null;
  /** In the business's own words; for models. */
  persona: string | null;
  doors: Record<string, DoorManner>;
}

export type MannerShown = Omit<Schemas["MannerShown"], "doors"> & Pick<Manner, "doors">;

export type MannerTried = Schemas["MannerPreview"];

/** Something asked of whoever wants something. */
/** A matter of the business's own that has no place yet is written without one. */
export type Question = Omit<Schemas["Question"], "slot"> & { slot: string | null };

export type Questions = Omit<Schemas["Questions"], "items"> & { items: Question[] };

/** By when people of the team answer; minutes. */
export type Task = Schemas["Task"];

export type Tasks = Schemas["Tasks"];

export type Target = Required<Schemas["Target"]>;

export type LedgerState = "open" | "answered" | "handed_over" | "ignored_by_rule" | "quarantined";

export type LedgerEntry = Schemas["LedgerItem"];

export type Ledger = Schemas["Ledger"];

/** The trust dial: how far the AI goes on a door. */
export type Mode = "off" | "draft" | "out_of_hours" | "answer";

export type ChannelConnection = Schemas["Channel"];

/** What is entered at the vendor for a door. */
export type ChannelSetup = Schemas["ChannelSetup"];

/** What the vendor says of us. */
export type ChannelStanding = NonNullable<Schemas["Channel"]["standing"]>;

export type Suggestion = Schemas["Suggestion"];

/** A language model with its place in the order; amounts in whole units of the currency. */
export type Model = Schemas["Model"];

/** What a try of a model has shown. */
export type ModelTested = Schemas["ModelTested"];

/** What the sign-in page offers besides a password. */
export type Sso = Schemas["Sso"];

export type Teammate = Schemas["Teammate"];

/** What a teammate has switched on; the browser's consent is asked besides. */
export type AlertSwitches = Schemas["AlertSwitches"];

export type AlertKind = "escalated" | "assigned" | "mentioned" | "late" | "due" | "hot_lead";

/** Something that a teammate should know. */
export type Alert = Schemas["Alerts"]["items"][number];

/** By which way the team is told besides the console. */
export type AlertWay = Schemas["AlertWays"]["items"][number];

/** A teammate's page and what it has open. */
export type Here = Schemas["Presence"]["people"][number];

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

export type Token = Schemas["Token"];
