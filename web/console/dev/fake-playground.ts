/**
 * A playground without the real server: one made-up person, scripted answers, a clock that moves. It mounts the fake
 * website chat as well, so that the page can be looked at whole. Only for development.
 */
import type { IncomingMessage as Request, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { fakeWidget } from "../../widget/dev/fake-widget.ts";
import type { Fact, Turn } from "../src/api/types.ts";
import type {
  Choice,
  Door,
  Journey,
  PersonState,
  Persona,
  PhoneBubble,
  RuleState,
  Saying,
} from "../src/playground/types.ts";

interface Script {
  when: RegExp;
  say: string;
  facts?: [predicate: string, value: string][];
  points?: number;
  rule?: string;
  buttons?: string[];
  name?: string;
}

const scripts: Script[] = [
  {
    when: /RAP-|start/i,
    say: "Welcome back, the AI assistant of Perch & Pine here too. We can go on where we stopped on the website.",
    points: 4,
  },
  {
    when: /back trouble|six people|studio/i,
    say: "For long days with lower-back trouble the **Arc 2** fits best, 389 € each. By when do you need them?",
    facts: [
      ["needs", "6 × Arc 2"],
      ["reason", "lower back trouble"],
    ],
    points: 22,
  },
  {
    when: /2,?400|4 dec/i,
    say: "Noted: six by 4 December, within 2,400 €. Take this with you if you like.",
    facts: [
      ["budget", "up to 2,400 €"],
      ["needed_by", "4 December"],
      ["objection", "assembly price"],
    ],
    points: 18,
  },
  {
    when: /quote/i,
    say: "Six Arc 2 for the studio by 4 December, within 2,400 €. Good news on the assembly: free from five chairs on. So 2,334 € all in.",
    facts: [["objection", "assembly, resolved"]],
    points: 10,
    buttons: ["Send the offer", "Compare"],
  },
  {
    when: /i am anna|anna by/i,
    say: "Thanks, Anna. Tell me the desk height any time, here or anywhere else.",
    facts: [
      ["name", "Anna"],
      ["decides", "herself"],
    ],
    points: 8,
    name: "Anna",
  },
  {
    when: /citydesk|cheaper/i,
    say: "I have asked Maya from our team, with the whole story. She answers by 12:45.",
    facts: [["competitor", "CityDesk"]],
    points: 8,
    rule: "competitor-named",
  },
  {
    when: /desk/i,
    say: "Yes, Anna. Arc 2 armrests go down to 64 cm, so they slide under your 72 cm desk with room to spare.",
    facts: [["desk_height", "72 cm"]],
    points: 4,
  },
  { when: /./, say: "Good to know. Is there anything else I can look up for you?" },
];

const armed = [
  "budget-objection",
  "human-asked-for",
  "competitor-named",
  "three-turns-unresolved",
  "angry-customer",
  "legal-threat",
  "large-deal",
  "return-refused",
  "vip-customer",
  "payment-problem",
];

const journeys: Journey[] = [
  {
    id: "quote",
    title: "Quote for six",
    lines: [
      { channel: "widget", text: "chairs for our studio. six people, lower back trouble" },
      { channel: "widget", text: "before 4 dec. can spend 2,400 at most, and 35 € assembly per chair is a bit much" },
      { channel: "whatsapp", text: "hi, back about that quote", advance_s: 172_800 },
      { channel: "whatsapp", text: "nice. i am anna by the way. i decide myself, just need to check the desk" },
      { channel: "telegram", text: "thx! do the armrests go under a 72 cm desk?", advance_s: 54_000 },
      { channel: "telegram", text: "CityDesk is cheaper though" },
    ],
  },
  { id: "return", title: "Return of an order", lines: [{ channel: "sms", text: "my order 10482 is too small" }] },
];

class Person {
  readonly bubbles: PhoneBubble[] = [];
  readonly listeners = new Set<ServerResponse>();
  readonly apart = new Set<Door>();
  spokeOnSite = false;
  readonly facts: Fact[] = [];
  fresh: string[] = [];
  score = 0;
  delta = 0;
  history: PersonState["score"]["history"] = [];
  rules: RuleState[] = armed.map((rule) => ({ rule, sentence: rule, state: "quiet", at: null, evidence: null }));
  turn: Turn | null = null;
  escalated = false;
  name: string | null = null;
  readonly made: Persona;

  constructor(made: Persona) {
    this.made = made;
  }
}

const read = async (request: Request): Promise<Record<string, unknown>> => {
  let text = "";
  for await (const part of request) text += String(part);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
};

export const fakePlayground = (): Plugin[] => {
  const people = new Map<string, Person>();
  let offset = Date.parse("2026-11-16T14:05:00Z") - Date.now();
  let count = 0;
  const now = () => new Date(Date.now() + offset).toISOString();

  const stateOf = (person: Person): PersonState => {
    const talked = person.bubbles.length > 0 || person.spokeOnSite;
    return {
      clock: { now: now(), offset_s: Math.round(offset / 1000) },
      customer: talked
        ? {
            id: `cus_${person.made.id}`,
            name: person.name,
            proof: "channel_asserted",
            created_at: "2026-11-16T09:00:00Z",
            attributes: {},
            identifiers: [],
            facts: person.facts,
            promises: [],
            offers: [],
          actions: [],
            consents: [],
            lead: { score: person.score, reasons: [], stage: "open" },
            events: [],
            conversations: [],
            orders: [], merges: [],
          }
        : null,
      others: [...person.apart].map((door) => ({ id: `cus_${door}`, doors: [door] })),
      rules: person.rules,
      score: { value: person.score, delta: person.delta, history: person.history },
      last_turn: person.turn,
      asked_again: 0,
      escalation: person.escalated
        ? {
            id: "esc_1",
            rule: "competitor-named",
            also: [],
            status: "open",
            at: now(),
            due_at: now(),
            way: null,
            team: null,
            turn: null,
            evidence: [],
            customer: { id: "cus", name: person.name },
            conversation: "con",
            brief: {
              name: "Anna",
              contacts: ["WhatsApp"],
              summary: "Six Arc 2 for a studio, compares with CityDesk",
              need: "six chairs by 4 December, up to 2,400 €",
              learned: ["budget"],
              tried: ["free assembly named", "desk height checked"],
              emotion: "friendly, weighing prices",
              why: "named CityDesk as cheaper",
              next_step: "Offer the volume price of 2,217 €, it is within your rights",
              promised: ["an answer by 12:45"],
            },
          }
        : null,
      facts_new: person.fresh,
    };
  };
  const emit = (person: Person, event: string, data: unknown): void => {
    for (const listener of person.listeners) listener.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const add = (person: Person, channel: Door, direction: "in" | "out", text: string, buttons: Choice[] = []): void => {
    const bubble: PhoneBubble = { seq: ++count, channel, direction, text, buttons, at: now(), status: "read" };
    person.bubbles.push(bubble);
    emit(person, "bubble", bubble);
  };

  const understand = (person: Person, channel: Door, text: string): Script => {
    const script = scripts.find((one) => one.when.test(text)) ?? { when: /./, say: "" };
    const at = now();
    const recalled = person.facts
      .slice(0, 4)
      .map((fact) => ({
        kind: "fact" as const,
        id: fact.id,
        text: `${fact.predicate}: ${fact.value}`,
        channel: fact.channel,
        at: fact.recorded_at,
      }));
    person.fresh = [];
    for (const [predicate, value] of script.facts ?? []) {
      const id = `fct_${++count}`;
      for (const fact of person.facts) if (fact.predicate === predicate) fact.status = "superseded";
      person.facts.push({
        id,
        predicate,
        value,
        data: null,
        status: "active",
        holds: true,
        origin: "message",
        source_message: "msg",
        quote: text,
        channel,
        valid_from: at,
        valid_to: null,
        recorded_at: at,
        retracted_at: null,
        supersedes: null,
        confidence: 0.9,
        pinned: false,
      });
      person.fresh.push(id);
    }
    person.delta = script.points ?? 0;
    person.score = Math.min(100, person.score + person.delta);
    person.history = [...person.history, { at, value: person.score, channel }];
    person.name = script.name ?? person.name;
    for (const rule of person.rules) {
      if (rule.rule !== script.rule) continue;
      rule.state = "fired";
      rule.at = at;
      rule.evidence = text;
      person.escalated = true;
    }
    person.turn = {
      id: `trn_${++count}`,
      at,
      conversation: "con",
      customer: "cus",
      channel,
      engine: "built-in",
      trigger: [{ id: "msg", text }],
      recalled,
      passages: [{ source: "chairs.md", heading: "Arc 2", text: "", score: 0.8, used: true }],
      signals: { language: "en", intent: "ask", sentiment: "neutral", entities: [] },
      learned: (script.facts ?? []).map(([predicate, value]) => ({ predicate, value, quote: text })),
      rules: person.rules.map((rule) => ({
        rule: rule.rule,
        fired: rule.rule === script.rule,
        reason: rule.rule === script.rule ? "another shop was named as cheaper" : "",
        evidence: null,
      })),
      did_not_ask: recalled.length ? [{ slot: "budget", because: "said on the website on Monday" }] : [],
      asked: null,
      model_calls: [],
      decision: script.rule ? "escalate" : "reply",
      reply: script.say,
      rendered: [],
      milliseconds: { total: 38, recall: 6, analyst: 18, answerer: 10, qualifier: 0, rules: 4, render: 0 },
      cost: { amount: 0, currency: "EUR" },
    };
    return script;
  };

  const hearOn = (person: Person, saying: Saying): void => {
    const text = saying.text ?? saying.button?.title ?? (saying.share_contact ? `${person.made.phone}` : "/start");
    const first = !person.bubbles.some((bubble) => bubble.channel === saying.channel);
    if (first && (person.bubbles.length > 0 || person.spokeOnSite) && saying.channel !== "sms") person.apart.add(saying.channel);
    if (/RAP-/.test(text) || saying.start_token || saying.share_contact) person.apart.delete(saying.channel);
    add(person, saying.channel, "in", text);
    setTimeout(() => emit(person, "typing", { channel: saying.channel }), 250);
    setTimeout(() => {
      const script = understand(person, saying.channel, saying.start_token ? "start" : text);
      add(
        person,
        saying.channel,
        "out",
        script.say,
        (script.buttons ?? []).map((title) => ({ title, payload: title })),
      );
      emit(person, "state", stateOf(person));
    }, 800);
  };

  const api: Plugin = {
    name: "fake-playground",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? "/", "http://x").pathname;
        if (path === "/playground") {
          request.url = "/playground.html";
          return next();
        }
        if (!path.startsWith("/playground/api/")) return next();
        const answer = (value: unknown, status = 200): void => {
          response.statusCode = status;
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify(value));
        };
        const [kind, id = "", what] = path.slice("/playground/api/".length).split("/");
        void (async () => {
          if (kind === "journeys") return answer({ items: journeys });
          if (kind === "clock") {
            const body = request.method === "POST" ? await read(request) : {};
            offset += Number(body["advance_s"] ?? 0) * 1000;
            return answer({ now: now(), ran: 0 });
          }
          if (kind === "personas" && !id) {
            const made: Persona = {
              id: `per${++count}x${Date.now().toString(36)}`,
              phone: "+33 6 39 98 22 22",
              phone_e164: "+33639982222",
              telegram_id: "7001",
              email: "anna@people.example",
              name_hint: "Anna",
            };
            people.set(made.id, new Person(made));
            return answer(made);
          }
          const person = people.get(id);
          if (!person)
            return answer({ type: "about:blank", title: "Not found", status: 404, detail: "", code: "not_found" }, 404);
          if (what === "say") {
            hearOn(person, (await read(request)) as unknown as Saying);
            return answer({}, 202);
          }
          if (what !== "stream") return answer(stateOf(person));
          response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
          person.listeners.add(response);
          request.on("close", () => person.listeners.delete(response));
          for (const bubble of person.bubbles) response.write(`event: bubble\ndata: ${JSON.stringify(bubble)}\n\n`);
          response.write(`event: state\ndata: ${JSON.stringify(stateOf(person))}\n\n`);
        })();
      });
    },
  };
  const chat = fakeWidget((tag, message) => {
    const person = people.get(tag);
    if (!person) return;
    person.spokeOnSite = true;
    if (message.author === "customer") {
      setTimeout(() => {
        understand(person, "widget", message.text);
        emit(person, "state", stateOf(person));
      }, 1500);
    }
  }, now);
  return [chat, api];
};
