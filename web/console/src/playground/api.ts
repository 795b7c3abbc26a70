/** Requests to the playground's own interface; there is no sign-in, and it exists only in the demo. */
import type { Journey, PersonState, Persona, PhoneBubble, Saying } from "./types.ts";

const base = "/playground/api";

const ask = async (method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> => {
  const response = await fetch(base + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
};

const of = (persona: string) => `/personas/${encodeURIComponent(persona)}`;

export const newPersona = async (): Promise<Persona> => (await ask("POST", "/personas", {})) as Persona;

export const personState = async (persona: string): Promise<PersonState> => (await ask("GET", of(persona))) as PersonState;

export const journeys = async (): Promise<Journey[]> => ((await ask("GET", "/journeys")) as { items: Journey[] }).items;

export const say = async (persona: string, saying: Saying): Promise<void> => {
  await ask("POST", `${of(persona)}/say`, { text: null, button: null, ...saying });
};

/** What the shop's own programs tell about somebody. */
export const happen = async (persona: string, type: string, data: Record<string, unknown>): Promise<void> => {
  await ask("POST", `${of(persona)}/event`, { type, data });
};

export const advanceClock = async (seconds: number): Promise<void> => {
  await ask("POST", "/clock", { advance_s: seconds });
};

export interface StreamEars {
  bubble: (bubble: PhoneBubble) => void;
  state: (state: PersonState) => void;
  typing: (channel: string) => void;
  online: (on: boolean) => void;
}

/** Listens to one persona until the returned function is called; the browser reconnects by itself. */
export const listen = (persona: string, ears: StreamEars): (() => void) => {
  const source = new EventSource(`${base}${of(persona)}/stream`);
  const read = (event: Event): unknown => JSON.parse(String((event as MessageEvent<unknown>).data));
  source.addEventListener("bubble", (event) => ears.bubble(read(event) as PhoneBubble));
  source.addEventListener("state", (event) => ears.state(read(event) as PersonState));
  source.addEventListener("typing", (event) => ears.typing((read(event) as { channel: string }).channel));
  source.onopen = () => ears.online(true);
  source.onerror = () => ears.online(false);
  return () => source.close();
};
