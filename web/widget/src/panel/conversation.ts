/**
 * The conversation as the panel shows it: one reducer over everything heard. Each message appears exactly once,
 * whatever is repeated, replayed or overtaken on the way.
 */
import type { ContinueLink, IncomingMessage, LineEvent, QuickReply, Settings, Source, SentFile } from "../protocol.ts";

export type Kind = "customer" | "ai" | "teammate" | "system" | "joined";

export interface Entry {
  /** Stays the same while a queued message becomes a stored one, so that nothing moves on the screen. */
  key: string;
  id: string | null;
  /** Absent while only we know of it. */
  seq: number | null;
  kind: Kind;
  name: string | null;
  text: string;
  /** The server's time; empty for what was written here, since two clocks would disagree about the day. */
  at: string;
  replies: QuickReply[];
  sources: Source[];
  files: SentFile[];
  /** Sentences of an answer that is still being given. */
  sentences: string[] | null;
}

export interface Conversation {
  entries: Entry[];
  online: boolean;
  welcomed: boolean;
  settings: Settings | null;
  greeting: string | null;
  name: string | null;
  /** The person who answers; null while it is the AI. */
  teammate: string | null;
  typing: "ai" | "teammate" | null;
  link: ContinueLink | null;
  joined: { link: string; as: string } | null;
  undone: boolean;
  resolved: boolean;
  trouble: string | null;
}

export const emptyConversation: Conversation = {
  entries: [],
  online: false,
  welcomed: false,
  settings: null,
  greeting: null,
  name: null,
  teammate: null,
  typing: null,
  link: null,
  joined: null,
  undone: false,
  resolved: false,
  trouble: null,
};

const blank: Entry = {
  key: "",
  id: null,
  seq: null,
  kind: "customer",
  name: null,
  text: "",
  at: "",
  replies: [],
  sources: [],
  files: [],
  sentences: null,
};

/** What the server has numbered comes in its order; what it has not, afterwards in ours. */
const ordered = (entries: Entry[]): Entry[] => entries.sort((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity) || 0);

const put = (entries: Entry[], entry: Entry): Entry[] => {
  const others = entries.filter((one) => one.key !== entry.key && (entry.id === null || one.id !== entry.id));
  const same = entries.find((one) => one.id !== null && one.id === entry.id);
  return ordered([...others, same ? { ...entry, key: same.key } : entry]);
};

const joinedBefore = (state: Conversation, name: string, seq: number): Entry[] =>
  state.teammate === name
    ? state.entries
    : put(state.entries, { ...blank, key: `joined-${name}-${seq}`, seq: seq - 0.5, kind: "joined", name });

export const lastSeq = (state: Conversation): number =>
  state.entries.reduce((highest, entry) => Math.max(highest, Math.floor(entry.seq ?? 0)), 0);

const receive = (state: Conversation, frame: IncomingMessage): Conversation => {
  const newest = frame.seq >= lastSeq(state);
  const name = frame.name ?? "";
  const entries = frame.author === "teammate" && newest ? joinedBefore(state, name, frame.seq) : state.entries;
  const answer = frame.author !== "customer";
  return {
    ...state,
    entries: put(entries, {
      ...blank,
      key: frame.id,
      id: frame.id,
      seq: frame.seq,
      kind: frame.author,
      name: frame.name,
      text: frame.text,
      at: frame.at,
      replies: frame.quick_replies ?? [],
      sources: frame.sources ?? [],
      files: frame.files ?? [],
    }),
    teammate: !newest || !answer || frame.author === "system" ? state.teammate : frame.author === "teammate" ? name : null,
    typing: answer ? null : state.typing,
  };
};

const stream = (state: Conversation, id: string, index: number, text: string): Conversation => {
  const known = state.entries.find((entry) => entry.id === id);
  // The whole message has overtaken its sentences: it has the last word.
  if (known && !known.sentences) return state;
  const sentences = [...(known?.sentences ?? [])];
  sentences[index] = text;
  const entry: Entry = { ...blank, key: id, id, kind: "ai", sentences, text: sentences.filter(Boolean).join(" ") };
  return { ...state, typing: null, entries: put(state.entries, entry) };
};

export const hear = (state: Conversation, event: LineEvent): Conversation => {
  switch (event.type) {
    case "queued": {
      const entry: Entry = { ...blank, key: event.id, text: event.text };
      return { ...state, resolved: false, trouble: null, entries: put(state.entries, entry) };
    }
    case "ack": {
      const mine = state.entries.find((entry) => entry.key === event.id);
      if (!mine) return state;
      return { ...state, entries: put(state.entries, { ...mine, id: event.message, seq: event.seq }) };
    }
    case "message":
      return receive(state, event);
    case "sentence":
      return stream(state, event.message, event.index, event.text);
    case "welcome":
      return {
        ...state,
        welcomed: true,
        settings: event.settings,
        greeting: event.greeting,
        name: event.name,
        // What was being said when the line broke comes again as a whole.
        entries: state.entries.filter((entry) => !entry.sentences),
      };
    case "online":
      return { ...state, online: event.on, typing: event.on ? state.typing : null };
    case "typing":
      return { ...state, typing: event.on ? event.author : null };
    case "teammate":
      return { ...state, entries: joinedBefore(state, event.name, lastSeq(state) + 1), teammate: event.name };
    case "link":
      return { ...state, link: event };
    case "connected":
      return { ...state, link: null, undone: false, joined: { link: event.link, as: event.as } };
    case "undone":
      return { ...state, joined: null, undone: true };
    case "resolved":
      return { ...state, resolved: true };
    case "error":
      return { ...state, trouble: event.message };
    case "pong":
      return state;
  }
};
