/**
 * A visit as the panel shows it: one reducer over everything heard. Each message appears exactly once, whatever is
 * repeated, replayed or overtaken on the way, in the conversation it belongs to.
 */
import type { Author, Card, ContinueLink, IncomingMessage, LineEvent, QuickReply, SentFile, Settings, Source } from "../protocol.ts";

export interface Entry {
  /** Stays the same while a queued message becomes a stored one, so that nothing moves on the screen. */
  key: string;
  id: string | null;
  /** Absent while only we know of it. */
  seq: number | null;
  kind: Author;
  /** `another` or null while the server has not said which one it is. */
  conversation: string | null;
  name: string | null;
  text: string;
  /** The server's time; empty for what was written here, since two clocks would disagree about the day. */
  at: string;
  replies: QuickReply[];
  sources: Source[];
  files: SentFile[];
  cards: Card[];
  /** Sentences of an answer that is still being given. */
  sentences: string[] | null;
  /** How much of a file has left, 0 to 1; null when it is none, or there. */
  share: number | null;
  /** Why a file did not leave. */
  refused: string | null;
}

export interface Visit {
  entries: Entry[];
  online: boolean;
  welcomed: boolean;
  settings: Settings | null;
  greeting: string | null;
  name: string | null;
  typing: "ai" | "teammate" | null;
  link: ContinueLink | null;
  joined: { link: string; as: string } | null;
  undone: boolean;
  trouble: string | null;
  /** The conversation before the visitor's eyes; null: the newest. */
  current: string | null;
  /** Everything up to here was there when the line was opened. */
  replayed: number;
  /** Conversations that have ended. */
  ended: string[];
  /** Conversations with answers that were not before the visitor's eyes. */
  fresh: string[];
}

export const emptyVisit: Visit = {
  entries: [],
  online: false,
  welcomed: false,
  settings: null,
  greeting: null,
  name: null,
  typing: null,
  link: null,
  joined: null,
  undone: false,
  trouble: null,
  current: null,
  replayed: Infinity,
  ended: [],
  fresh: [],
};

const blank: Entry = {
  key: "",
  id: null,
  seq: null,
  kind: "customer",
  conversation: null,
  name: null,
  text: "",
  at: "",
  replies: [],
  sources: [],
  files: [],
  cards: [],
  sentences: null,
  share: null,
  refused: null,
};

/** What the server has numbered comes in its order; what it has not, afterwards in ours. */
const ordered = (entries: Entry[]): Entry[] => entries.sort((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity) || 0);

const put = (entries: Entry[], entry: Entry): Entry[] => {
  const others = entries.filter((one) => one.key !== entry.key && (entry.id === null || one.id !== entry.id));
  const same = entries.find((one) => one.id !== null && one.id === entry.id);
  return ordered([...others, same ? { ...entry, key: same.key } : entry]);
};

export const lastSeq = (entries: Entry[]): number => entries.reduce((highest, entry) => Math.max(highest, entry.seq ?? 0), 0);

/** Which conversation is before the visitor's eyes. */
export const present = ({ current, entries }: Visit): string | null => current ?? entries[entries.length - 1]?.conversation ?? null;

/** What is before the visitor's eyes; a panel without a first view shows everything. */
export const shown = (visit: Visit, all: boolean): Entry[] =>
  all ? visit.entries : visit.entries.filter((entry) => entry.conversation === present(visit));

/** The person who answers here; null while it is the AI. */
export const teammateOf = (entries: Entry[]): string | null => {
  const answers = entries.filter(({ kind }) => kind === "ai" || kind === "teammate");
  const last = answers[answers.length - 1];
  return last?.kind === "teammate" ? (last.name ?? "") : null;
};

/** The visitor's conversations, the newest first. */
export const conversations = (entries: Entry[]): [string, Entry[]][] => {
  const all = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { conversation } = entry;
    // What was refused is no word of anybody's.
    if (!conversation || entry.refused) continue;
    const before = all.get(conversation) ?? [];
    all.delete(conversation);
    all.set(conversation, [...before, entry]);
  }
  return [...all].reverse();
};

const without = (all: string[], one: string | null | undefined): string[] => all.filter((other) => other !== one);

const receive = (visit: Visit, frame: IncomingMessage): Visit => {
  const here = present(visit);
  const conversation = frame.conversation ?? null;
  const answer = frame.author !== "customer";
  const isNews = frame.seq > visit.replayed;
  const entries = put(visit.entries, {
    ...blank,
    key: frame.id,
    id: frame.id,
    seq: frame.seq,
    kind: frame.author,
    conversation,
    name: frame.name,
    text: frame.text,
    at: frame.at,
    replies: frame.quick_replies ?? [],
    sources: frame.sources ?? [],
    files: frame.files ?? [],
    cards: frame.cards ?? [],
  });
  return {
    ...visit,
    entries,
    // What is said elsewhere takes nobody away from what they read.
    current: visit.current ?? (isNews ? (here ?? conversation) : null),
    ended: without(visit.ended, conversation),
    fresh: isNews && answer && conversation && here !== null && conversation !== here ? [...without(visit.fresh, conversation), conversation] : visit.fresh,
    typing: answer ? null : visit.typing,
  };
};

const stream = (visit: Visit, id: string, conversation: string | null, index: number, text: string): Visit => {
  const known = visit.entries.find((entry) => entry.id === id);
  // The whole message has overtaken its sentences: it has the last word.
  if (known && !known.sentences) return visit;
  const sentences = [...(known?.sentences ?? [])];
  sentences[index] = text;
  const entry: Entry = { ...blank, key: id, id, conversation, kind: "ai", sentences, text: sentences.filter(Boolean).join(" ") };
  return { ...visit, typing: null, entries: put(visit.entries, entry) };
};

/** The server has it: what was said here is there, in the conversation that the server names. */
const acknowledge = (visit: Visit, key: string, id: string, seq: number, named: string | null): Visit => {
  const mine = visit.entries.find((entry) => entry.key === key);
  const there = visit.entries.find((entry) => entry.id === id && entry !== mine);
  const before = mine ? mine.conversation : visit.current;
  const conversation = named ?? before;
  // The line may have brought it back before; then that is the whole of it.
  const done = mine && (there ? { ...there, key: mine.key } : { ...mine, id, seq, share: null });
  const entries = (done ? put(visit.entries.filter((entry) => entry !== there), done) : visit.entries).map((entry) =>
    entry === done || (entry.id === null && entry.conversation === before) ? { ...entry, conversation } : entry,
  );
  return { ...visit, entries, current: before === present(visit) ? conversation : visit.current };
};

export const hear = (visit: Visit, event: LineEvent): Visit => {
  switch (event.type) {
    case "queued": {
      const conversation = event.conversation ?? present(visit);
      const entry: Entry = { ...blank, key: event.id, text: event.text, conversation };
      return { ...visit, trouble: null, entries: put(visit.entries, entry) };
    }
    case "leaving": {
      const file: SentFile = { name: event.name, shown_as: null, size: null, url: "" };
      const known = visit.entries.find((entry) => entry.key === event.id);
      // What has arrived meanwhile is not on its way any more.
      if (known?.id) return visit;
      const entry: Entry = { ...blank, conversation: event.conversation ?? present(visit), ...known, key: event.id, files: [file], share: event.share, refused: null };
      return { ...visit, trouble: null, entries: put(visit.entries, entry) };
    }
    case "refused":
      return {
        ...visit,
        entries: visit.entries
          .filter((entry) => event.why || entry.key !== event.id)
          .map((entry) => (entry.key === event.id ? { ...entry, share: null, refused: event.why } : entry)),
      };
    case "ack":
      return acknowledge(visit, event.id, event.message, event.seq, event.conversation ?? null);
    case "message":
      return receive(visit, event);
    case "sentence":
      return stream(visit, event.message, event.conversation ?? present(visit), event.index, event.text);
    case "welcome":
      return {
        ...visit,
        welcomed: true,
        settings: event.settings,
        greeting: event.greeting,
        name: event.name,
        replayed: event.seq,
        // What was being said when the line broke comes again as a whole.
        entries: visit.entries.filter((entry) => !entry.sentences),
      };
    case "online":
      return { ...visit, online: event.on, typing: event.on ? visit.typing : null };
    case "typing":
      return { ...visit, typing: event.on ? event.author : null };
    case "link":
      return { ...visit, link: event };
    case "connected":
      return { ...visit, link: null, undone: false, joined: { link: event.link, as: event.as } };
    case "undone":
      return { ...visit, joined: null, undone: true };
    case "resolved":
      return { ...visit, ended: [...without(visit.ended, event.conversation), event.conversation] };
    case "shown":
      return { ...visit, current: event.conversation, fresh: without(visit.fresh, event.conversation) };
    case "error":
      return { ...visit, trouble: event.message };
    case "teammate":
    case "pong":
      return visit;
  }
};
