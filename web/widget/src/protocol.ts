/** Frames of the widget socket, in both directions. The server is the only other reader. */

export type Author = "customer" | "ai" | "teammate" | "system";

export interface QuickReply {
  title: string;
  payload: string;
}

export interface Source {
  title: string;
  url: string | null;
}

/** A file that came with a message; shown in place only when its bytes are a picture's. */
export interface SentFile {
  name: string;
  shown_as: string | null;
  size: number | null;
  url: string;
}

/** Something worth a look: a product, a page. */
export interface Card {
  title: string;
  text: string;
  picture: string | null;
  url: string | null;
}

export interface Settings {
  workspace: string;
  locale: string;
  colour: string | null;
  continue: string[];
  quick_replies: QuickReply[];
  open_now: boolean;
  /** Somebody of the team answers within so long; absent while nobody is there. */
  person_within_s?: number | null;
  /** Somebody of the team answers by then. */
  person_by?: string;
  /** Bytes of the largest file that is taken. */
  largest_file?: number;
}

export interface Page {
  url: string;
  title: string;
  locale: string;
}

export interface OutgoingMessage {
  type: "message";
  id: string;
  text: string;
  payload: string | null;
  /** Where it is said: a conversation, `another` for a new one, null for whatever goes on. */
  conversation: string | null;
}

export type ClientFrame =
  | { type: "hello"; session: string | null; jwt: string | null; last_seq: number; tag: string | null; page: Page }
  | OutgoingMessage
  | { type: "typing" }
  | { type: "read"; seq: number; conversation: string | null }
  | { type: "identify"; jwt: string }
  | { type: "track"; event: string; data: unknown }
  | { type: "continue"; channel: string }
  | { type: "not_me"; link: string }
  | { type: "rate"; value: number; conversation: string | null }
  | { type: "person"; conversation: string | null }
  | { type: "ping" };

export interface Welcome {
  type: "welcome";
  session: string;
  seq: number;
  identified: boolean;
  name: string | null;
  greeting: string | null;
  settings: Settings;
}

export interface IncomingMessage {
  type: "message";
  seq: number;
  id: string;
  conversation?: string;
  author: Author;
  name: string | null;
  text: string;
  at: string;
  quick_replies: QuickReply[];
  sources: Source[];
  files?: SentFile[];
  cards?: Card[];
}

export interface ContinueLink {
  type: "link";
  channel: string;
  url: string;
  code: string;
  qr: string | null;
}

export type ServerFrame =
  | Welcome
  | { type: "ack"; id: string; message: string; seq: number; conversation?: string }
  | IncomingMessage
  | { type: "sentence"; message: string; conversation?: string; index: number; text: string }
  | { type: "typing"; author: "ai" | "teammate"; on: boolean }
  | ContinueLink
  | { type: "connected"; link: string; as: string }
  | { type: "undone"; link: string }
  | { type: "teammate"; name: string }
  | { type: "resolved"; conversation: string }
  | { type: "error"; code: string; message: string }
  | { type: "pong" };

/** What the line itself tells the panel, beside the server's frames. */
export type LineEvent =
  | ServerFrame
  | { type: "queued"; id: string; text: string; conversation: string | null }
  /** A file leaves: how much of it has, 0 to 1. */
  | { type: "leaving"; id: string; name: string; conversation: string | null; share: number }
  /** A file did not leave, and why; without a reason it was taken back. */
  | { type: "refused"; id: string; why: string }
  /** What is before the visitor's eyes now. */
  | { type: "shown"; conversation: string | null }
  | { type: "online"; on: boolean };
