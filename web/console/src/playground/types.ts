/** Shapes of the playground's interface, as the server sends them. */
import type { Customer, Escalation, Turn } from "../api/types.ts";

export type Door = "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "messenger" | "instagram" | "voice";

/** Doors of which the page draws the phone itself; the website chat is the real widget in a frame. */
export type DrawnDoor = Exclude<Door, "widget">;

export interface Persona {
  id: string;
  phone: string;
  phone_e164: string;
  telegram_id: string;
  email: string;
  name_hint: string;
}

export interface Choice {
  title: string;
  payload: string;
}

export interface PhoneBubble {
  seq: number;
  channel: Door;
  /** `in` is what the persona wrote, `out` what came back. */
  direction: "in" | "out";
  text: string;
  buttons: Choice[];
  /** Names of the files with it. */
  files?: string[];
  at: string;
  status: "sent" | "delivered" | "read";
}

export interface RuleState {
  rule: string;
  sentence: string;
  state: "quiet" | "fired";
  at: string | null;
  evidence: string | null;
}

export interface ScorePoint {
  at: string;
  value: number;
  channel: string;
}

export interface PersonState {
  /** Only when asked for by id, not in the stream. */
  persona?: Persona;
  clock: { now: string; offset_s: number };
  customer: Customer | null;
  others: { id: string; doors: string[] }[];
  rules: RuleState[];
  score: { value: number; delta: number; history: ScorePoint[] };
  last_turn: Turn | null;
  asked_again: number;
  escalation: Escalation | null;
  facts_new: string[];
}

export interface JourneyLine {
  channel: Door;
  text: string;
  advance_s?: number;
  /** What the shop's own programs tell first. */
  event?: { type: string; data: Record<string, unknown>; told: string };
}

export interface Journey {
  id: string;
  title: string;
  lines: JourneyLine[];
}

export interface Saying {
  channel: DrawnDoor;
  text?: string | null;
  button?: Choice | null;
  share_contact?: true;
  start_token?: string;
}

/** What the widget's frame posts when the visitor wants to go on elsewhere. */
export interface HandOver {
  rapport: "continue";
  channel: string;
  url: string;
  code: string;
}
