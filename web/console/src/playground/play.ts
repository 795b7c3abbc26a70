/** Everything the playground page knows, as one reducer: bubbles, what is being typed, and the person's state. */
import type { Door, DrawnDoor, HandOver, PersonState, Persona, PhoneBubble } from "./types.ts";

export const doors: readonly Door[] = ["widget", "whatsapp", "telegram", "discord", "email", "sms", "rcs", "messenger", "instagram", "voice"];

/** Doors whose links carry the code unseen, and under which name. */
const unseen = { telegram: "start", messenger: "ref", instagram: "ref" } as const;

/** A message of the website chat, as its frame tells of it; the stream carries the drawn phones only. */
export interface SiteMessage {
  id: string;
  direction: "in" | "out";
  at: string;
}

export interface Play {
  persona: string | null;
  /** Known only when this page made the persona; a reload keeps the id alone. */
  made: Persona | null;
  bubbles: PhoneBubble[];
  site: SiteMessage[];
  typing: string | null;
  state: PersonState | null;
  online: boolean;
  drafts: Record<DrawnDoor, string>;
  /** A link's token that waits for its tap on the phone it leads to. */
  start: { door: DrawnDoor; token: string } | null;
  here: Door;
  contactShared: boolean;
  trouble: boolean;
}

export type PlayEvent =
  | { type: "persona"; id: string; made: Persona | null }
  | { type: "bubble"; bubble: PhoneBubble }
  | { type: "site"; id: string; direction: "in" | "out"; at: string | null }
  | { type: "state"; state: PersonState }
  | { type: "typing"; channel: string }
  | { type: "online"; on: boolean }
  | { type: "draft"; door: DrawnDoor; text: string }
  | { type: "here"; door: Door }
  | { type: "shared" }
  | { type: "started" }
  | { type: "handOver"; message: HandOver }
  | { type: "trouble"; on: boolean };

const noDrafts: Record<DrawnDoor, string> = {
  whatsapp: "",
  telegram: "",
  discord: "",
  email: "",
  sms: "",
  rcs: "",
  messenger: "",
  instagram: "",
  voice: "",
};

export const emptyPlay: Play = {
  persona: null,
  made: null,
  bubbles: [],
  site: [],
  typing: null,
  state: null,
  online: true,
  drafts: noDrafts,
  start: null,
  here: "widget",
  contactShared: false,
  trouble: false,
};

/** One parameter of a link, or null when there is none or it is no link. */
export const parameter = (url: string, name: string): string | null => {
  try {
    return new URL(url).searchParams.get(name);
  } catch {
    return null;
  }
};

/** The link the widget made, as it would land in that phone: a text ready to send, or a start button. */
const receiveHandOver = (play: Play, { channel, url, code }: HandOver): Play => {
  if (channel === "telegram" || channel === "messenger" || channel === "instagram") {
    return { ...play, here: channel, start: { door: channel, token: parameter(url, unseen[channel]) ?? code } };
  }
  // Discord has no link that carries a code: it is given with the bot's command.
  if (channel === "discord") return { ...play, here: channel, drafts: { ...play.drafts, discord: `/link ${code}` } };
  if (channel !== "whatsapp" && channel !== "sms" && channel !== "email") return play;
  const text = parameter(url, channel === "whatsapp" ? "text" : "body") ?? code;
  return { ...play, here: channel, drafts: { ...play.drafts, [channel]: text } };
};

/** An answer is never older than what it answers, whatever clock its vendor keeps. */
const inOrder = (play: Play, bubble: PhoneBubble): PhoneBubble => {
  const last = play.bubbles.findLast((one) => one.channel === bubble.channel && one.seq < bubble.seq);
  return last && Date.parse(last.at) > Date.parse(bubble.at) ? { ...bubble, at: last.at } : bubble;
};

export const reduce = (play: Play, event: PlayEvent): Play => {
  switch (event.type) {
    case "persona":
      return { ...emptyPlay, persona: event.id, made: event.made };
    case "bubble": {
      const bubble = inOrder(play, event.bubble);
      const others = play.bubbles.filter((one) => one.seq !== bubble.seq);
      const isNew = others.length === play.bubbles.length;
      return {
        ...play,
        bubbles: [...others, bubble].sort((one, other) => one.seq - other.seq),
        typing: bubble.direction === "out" && play.typing === bubble.channel ? null : play.typing,
        here: isNew && bubble.direction === "in" ? bubble.channel : play.here,
      };
    }
    case "site": {
      if (play.site.some((one) => one.id === event.id)) return play;
      const at = event.at ?? play.state?.clock.now ?? new Date().toISOString();
      return { ...play, site: [...play.site, { id: event.id, direction: event.direction, at }] };
    }
    case "state":
      return { ...play, state: event.state };
    case "typing":
      return { ...play, typing: event.channel };
    case "online":
      return { ...play, online: event.on };
    case "draft":
      return { ...play, drafts: { ...play.drafts, [event.door]: event.text } };
    case "here":
      return { ...play, here: event.door };
    case "shared":
      return { ...play, contactShared: true };
    case "started":
      return { ...play, start: null };
    case "handOver":
      return receiveHandOver(play, event.message);
    case "trouble":
      return { ...play, trouble: event.on };
  }
};

/** The widget's words to the page around it, or null for any other message. */
export const readHandOver = (value: unknown): HandOver | null => {
  if (typeof value !== "object" || value === null) return null;
  const { rapport, channel, url, code } = value as Record<string, unknown>;
  if (rapport !== "continue" || typeof channel !== "string" || typeof url !== "string") return null;
  return { rapport, channel, url, code: typeof code === "string" ? code : "" };
};

/** Doors an identifier stands for; a number is both phones. */
const doorsOfKind: Record<string, Door[]> = {
  visitor: ["widget"],
  widget: ["widget"],
  whatsapp: ["whatsapp"],
  telegram: ["telegram"],
  discord: ["discord"],
  email: ["email"],
  sms: ["sms"],
  rcs: ["rcs"],
  messenger: ["messenger"],
  instagram: ["instagram"],
  voice: ["voice"],
  phone: ["whatsapp", "sms", "rcs", "voice"],
};

/** Everything said on a door, oldest first. */
const saidOn = (play: Play, door: Door): number =>
  play.bubbles.filter((bubble) => bubble.channel === door).length || (door === "widget" ? play.site.length : 0);

/** When something was last said on any door before the bubble with that number. */
export const lastMoment = (play: Play, before: PhoneBubble): string | null => {
  const earlier = [...play.bubbles.filter((one) => one.seq < before.seq), ...play.site]
    .map((one) => one.at)
    .filter((at) => Date.parse(at) <= Date.parse(before.at));
  return earlier.reduce<string | null>((last, at) => (last && Date.parse(last) >= Date.parse(at) ? last : at), null);
};

/** Doors that lead to the joined person, those that were used but stand apart, and what was said in one timeline. */
export const strands = (play: Play): { joined: Door[]; apart: Door[]; messages: number } => {
  const used = doors.filter((door) => saidOn(play, door) > 0);
  const customer = play.state?.customer;
  if (!customer) return { joined: [], apart: used, messages: 0 };
  const own = new Set(
    customer.identifiers.filter((one) => one.trust !== "claimed").flatMap((one) => doorsOfKind[one.kind] ?? []),
  );
  const others = new Set(play.state?.others.flatMap((other) => other.doors).flatMap((kind) => doorsOfKind[kind] ?? []));
  const joined = used.filter((door) => own.has(door) || !others.has(door));
  const messages = joined.reduce((sum, door) => sum + saidOn(play, door), 0);
  return { joined, apart: used.filter((door) => !joined.includes(door)), messages };
};
