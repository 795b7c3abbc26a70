import type {
  Channel,
  Conversation,
  Customer,
  Escalation,
  Fact,
  Identifier,
  Session,
  TimelineItem,
  Turn,
} from "../src/api/types.ts";
import { shorts } from "./shorts.ts";
import { describeWorkplace, type Workplace } from "./workplace.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A made-up shop with one story told in full and a few shorter ones. */
export interface Story extends Workplace {
  session: Session;
  customers: Map<string, Customer>;
  timelines: Map<string, TimelineItem[]>;
  conversations: Map<string, Conversation>;
  turns: Map<string, Turn>;
}

const iso = (instant: number) => new Date(instant).toISOString();

export const tellStory = (now: number): Story => {
  const at = (ago: number) => iso(now - ago);
  const monday = 4 * day + 2 * hour;
  const wednesday = 2 * day + 3 * hour;
  const me = { id: "tm_maya", name: "Maya Okoye" };
  let count = 0;

  const message = (
    conversation: string,
    ago: number,
    channel: Channel,
    author: TimelineItem["author"],
    text: string,
    more: Partial<TimelineItem> = {},
  ): TimelineItem => {
    count += 1;
    return {
      id: `msg_${String(count).padStart(4, "0")}`,
      at: at(ago),
      kind: "message",
      channel,
      direction: author === "customer" ? "in" : "out",
      author,
      author_name: author === "teammate" ? me.name : null,
      text,
      turn: null,
      conversation,
      state: author === "customer" ? "answered" : null,
      delivery: author === "customer" ? null : "read",
      delivery_reason: null,
      draft: false,
      send_at: null,
      buttons: [],
      sources: [],
      ...more,
    };
  };
  const event = (
    conversation: string,
    ago: number,
    channel: Channel,
    what: NonNullable<TimelineItem["event"]>,
    text = "",
  ): TimelineItem => ({
    ...message(conversation, ago, channel, "system", text),
    kind: "event",
    direction: "event",
    delivery: null,
    event: what,
  });

  const anna = "cv_anna";
  const thread: TimelineItem[] = [
    message(anna, monday, "widget", "customer", "Hello, do you deliver office chairs to Vienna?"),
    message(
      anna,
      monday - minute,
      "widget",
      "ai",
      "Yes, to Vienna in 3 to 5 working days. From 400 € delivery is free.",
      {
        turn: "tn_1",
        sources: [{ source: "delivery.md", heading: "Delivery times" }],
      },
    ),
    message(anna, monday - 3 * minute, "widget", "customer", "We are six people. I can spend 2,400 at most, all in."),
    message(
      anna,
      monday - 4 * minute,
      "widget",
      "ai",
      "Six Arc 2 come to 2,334 €, so they fit. By when do you need them?",
      {
        turn: "tn_2",
        sources: [{ source: "catalogue.md", heading: "Arc 2" }],
      },
    ),
    message(
      anna,
      monday - 6 * minute,
      "widget",
      "customer",
      "4 December. The assembly fee of 35 each puts me off though.",
    ),
    message(
      anna,
      monday - 7 * minute,
      "widget",
      "ai",
      "Understood. Shall I keep this for you so that you can go on in WhatsApp?",
      {
        turn: "tn_3",
        buttons: [
          { title: "Continue in WhatsApp", payload: "continue:whatsapp" },
          { title: "Not now", payload: "no" },
        ],
      },
    ),
    event(
      anna,
      wednesday + minute,
      "whatsapp",
      { type: "link", data: {} },
      "Continued from Website chat with a link code",
    ),
    message(anna, wednesday, "whatsapp", "customer", "hi, back about that quote"),
    message(
      anna,
      wednesday - minute,
      "whatsapp",
      "ai",
      "Welcome back, Anna, the AI here. Six Arc 2 for 4 December, under 2,400 €. The assembly you minded is free from five chairs on.",
      { turn: "tn_4", sources: [{ source: "assembly.md", heading: "Assembly terms" }] },
    ),
    message(
      anna,
      wednesday - 9 * minute,
      "whatsapp",
      "customer",
      "Oh good. In sand, please. I decide this myself by the way.",
    ),
    message(
      anna,
      wednesday - 10 * minute,
      "whatsapp",
      "ai",
      "Noted: six Arc 2 in sand, assembled free, 2,334 €. Shall I write that down as an offer?",
      {
        turn: "tn_5",
      },
    ),
    message(
      anna,
      16 * minute,
      "whatsapp",
      "customer",
      "Thank you. CityDesk offers 359 each, delivered. I would rather buy from you, but must decide today.",
    ),
    message(
      anna,
      15 * minute,
      "whatsapp",
      "ai",
      "Maya from our team decides that and answers you here within half an hour.",
      {
        turn: "tn_6",
        delivery: "delivered",
      },
    ),
    event(anna, 15 * minute - 5000, "whatsapp", { type: "escalation", data: { rule: "competitor-named" } }),
  ];
  const find = (part: string) => thread.find(({ text }) => text.includes(part))?.id ?? "";

  const fact = (
    predicate: string,
    value: string,
    channel: Channel,
    ago: number,
    quote: string,
    more: Partial<Fact> = {},
  ): Fact => {
    count += 1;
    return {
      id: `fc_${count}`,
      predicate,
      value,
      data: {},
      status: "active",
      holds: true,
      origin: "message",
      source_message: find(quote) || null,
      quote,
      channel,
      valid_from: at(ago),
      valid_to: null,
      recorded_at: at(ago),
      retracted_at: null,
      supersedes: null,
      confidence: 0.97,
      pinned: false,
      ...more,
    };
  };
  const identifier = (kind: string, value: string, trust: Identifier["trust"], ago: number): Identifier => {
    count += 1;
    return {
      id: `id_${count}`,
      kind,
      value,
      trust,
      origin: "message",
      shared: false,
      first_seen: at(ago),
      last_seen: at(15 * minute),
    };
  };

  const annaCustomer: Customer = {
    id: "cu_anna",
    name: "Anna Berger",
    proof: "channel_asserted",
    created_at: "2026-11-16T09:00:00Z",
    attributes: {},
    identifiers: [
      identifier("visitor", "Visitor 7f3c", "verified", monday),
      identifier("whatsapp", "+43 660 555 41 07", "channel_asserted", wednesday),
      identifier("email", "anna@studio.example", "claimed", wednesday),
    ],
    facts: [
      fact("wants", "6 × Arc 2, sand", "whatsapp", wednesday, "In sand, please"),
      fact("quantity", "6 chairs", "widget", monday, "We are six people"),
      fact("budget", "up to 2,400 €", "widget", monday, "I can spend 2,400 at most"),
      fact("needed_by", "4 December", "widget", monday, "4 December"),
      fact("decides", "herself", "whatsapp", wednesday, "I decide this myself"),
      fact("objection", "Resolved: assembly is free", "whatsapp", wednesday, "Oh good"),
      fact("objection", "Assembly fee", "widget", monday, "The assembly fee of 35 each puts me off", {
        status: "superseded",
      }),
      fact("competitor", "CityDesk, 359 € each", "whatsapp", 16 * minute, "CityDesk offers 359 each, delivered"),
      fact("fabric", "Sand", "whatsapp", wednesday, "In sand, please"),
      fact("fabric", "Slate", "widget", monday, "Six", {
        status: "disputed",
        confidence: 0.62,
        source_message: null,
        quote: "maybe in slate",
      }),
    ],
    promises: [
      {
        id: "pr_1",
        by: "us",
        what: "A person answers about the price",
        due_at: iso(now + 14 * minute),
        status: "open",
        source_message: find("Maya from our team"),
        channel: "whatsapp",
        at: at(15 * minute),
      },
      {
        id: "pr_2",
        by: "us",
        what: "Free assembly from five chairs",
        due_at: null,
        status: "kept",
        source_message: find("assembly you minded"),
        channel: "whatsapp",
        at: at(wednesday),
      },
    ],
    actions: [],
    offers: [
      {
        id: "of_1",
        product: "6 × Arc 2",
        terms: "2,334 €, assembly free",
        outcome: "open",
        reason: null,
        at: at(wednesday),
      },
    ],
    consents: [
      {
        purpose: "service messages",
        channel: "whatsapp",
        state: "given",
        wording: "She wrote first",
        source_message: null,
        at: at(wednesday),
      },
      {
        purpose: "offers",
        channel: "whatsapp",
        state: "requested",
        wording: "May we send you offers here?",
        source_message: null,
        at: at(wednesday),
      },
    ],
    lead: {
      score: 92,
      stage: "Offer sent",
      reasons: [
        { text: "budget named", points: 30 },
        { text: "needs it within three weeks", points: 25 },
        { text: "came back on a second door", points: 22 },
        { text: "decides herself", points: 20 },
        { text: "named a competitor", points: -5 },
      ],
    },
    events: [{ id: "ev_1", type: "cart.updated", at: at(monday + 5 * minute), data: {} }],
    conversations: [anna],
    orders: [], merges: [
      {
        id: "mg_1",
        at: at(wednesday),
        absorbed: "cu_visitor",
        reasons: ["Link code from Website chat redeemed in WhatsApp"],
        undone: false,
        by: "link",
      },
    ],
  };

  const escalation: Escalation = {
    id: "es_1",
    rule: "competitor-named",
    also: [],
    status: "open",
    at: at(15 * minute),
    due_at: iso(now + 14 * minute),
    way: null,
    team: null,
    turn: null,
    evidence: [
      { rule: "competitor-named", message: find("CityDesk offers"), quote: "CityDesk offers 359 each, delivered" },
    ],
    customer: { id: "cu_anna", name: "Anna Berger" },
    conversation: anna,
    brief: {
      name: "Anna Berger",
      contacts: [
        "WhatsApp +43 660 555 41 07 (channel-asserted)",
        "anna@studio.example (claimed)",
        "Website chat, visitor 7f3c",
      ],
      summary:
        "Anna asked for six office chairs on the website on Monday and came back on WhatsApp on Wednesday. She settled on Arc 2 in sand at 2,334 € with free assembly. Today she named a cheaper offer and wants to decide.",
      need: "6 × Arc 2 by 4 Dec, up to 2,400 €",
      learned: [
        "Budget up to 2,400 €, all in",
        "Needed by 4 December",
        "Decides herself",
        "Wants the sand fabric",
        "Assembly objection resolved",
      ],
      tried: ["Free assembly from five chairs: accepted", "Offer of 2,334 €: open"],
      emotion: "Warm, pressed for time",
      why: "Names CityDesk at 359 € each and decides today",
      next_step: "5 % off is 2,217 € with assembly, under her budget. Your limit is 8 %.",
      promised: ["A person answers within half an hour"],
    },
  };

  const customers = new Map<string, Customer>([[annaCustomer.id, annaCustomer]]);
  const timelines = new Map<string, TimelineItem[]>([[annaCustomer.id, thread]]);
  const conversations = new Map<string, Conversation>();

  const add = (conversation: Conversation) => conversations.set(conversation.id, conversation);
  const lastOf = (items: TimelineItem[]) => {
    const last = items.findLast(({ kind }) => kind === "message");
    return last ? { text: last.text, at: last.at, direction: last.direction, author: last.author } : null;
  };

  add({
    id: anna,
    status: "waiting",
    customer: { id: "cu_anna", name: "Anna Berger", proof: "channel_asserted", score: 92 },
    channel: "whatsapp",
    channels: ["widget", "whatsapp"],
    last_message: {
      text: "CityDesk offers 359 each, delivered. I would rather buy from you, but must decide today.",
      at: at(16 * minute),
      direction: "in",
      author: "customer",
    },
    updated_at: at(15 * minute),
    created_at: at(monday),
    assignee: null,
    team: null,
    unread: true,
    escalation,
    ai_silent: false,
    asked_again: 0,
    drafts: 0,
    actions_waiting: 0,
    sla: null,
    tags: [],
    snoozed_until: null,
    escalations: [escalation],
    connection: "wa",
    window: { channel: "whatsapp", open: true, closes_at: iso(now + 23 * hour + 40 * minute) },
    doors: [
      { channel: "whatsapp", connection: "wa", label: "+43 1 555 0199", open: true, closes_at: null, longest: 4096, stopped: false },
      { channel: "widget", connection: "web", label: "perchandpine.example", open: true, closes_at: null, longest: 4096, stopped: false },
      { channel: "email", connection: "mail", label: "hello@perchandpine.example", open: false, closes_at: null, longest: 4096, stopped: false },
    ],
  });


  for (const short of shorts) {
    const id = `cv_${short.key}`;
    const customer = `cu_${short.key}`;
    const items = short.lines.map(([ago, author, text, more]) =>
      message(id, ago, short.channel, author, text, more ?? {}),
    );
    timelines.set(customer, items);
    const brief: Escalation | null = short.rule
      ? {
          id: `es_${short.key}`,
          rule: short.rule.name,
          also: [],
          status: short.rule.status,
          at: at(30 * minute),
          due_at: iso(now + short.rule.due * minute),
          way: null,
    team: null,
    turn: null,
          evidence: [{ rule: short.rule.name, message: items[0]?.id ?? "", quote: short.rule.quote }],
          customer: { id: customer, name: short.name },
          conversation: id,
          brief: {
            name: short.name ?? "Unknown visitor",
            contacts: [short.address],
            summary: short.lines.map(([, , text]) => text).join(" "),
            need: short.lines[0]?.[2] ?? "",
            learned: ["Nothing beyond this conversation"],
            tried: ["Answered from the catalogue"],
            emotion: short.key === "mira" ? "Angry, third repair" : "Calm",
            why: short.rule.quote,
            next_step: "Answer in person and close the promise.",
            promised: ["A person answers within half an hour"],
          },
        }
      : null;
    add({
      id,
      status: short.status,
      customer: { id: customer, name: short.name, proof: short.proof, score: short.score },
      channel: short.channel,
      channels: [short.channel],
      last_message: lastOf(items),
      updated_at: items.at(-1)?.at ?? at(0),
      created_at: items[0]?.at ?? at(0),
      assignee: short.mine ? me : null,
      team: null,
      unread: short.unread ?? false,
      escalation: brief,
      ai_silent: false,
      asked_again: 0,
    drafts: 0,
    actions_waiting: 0,
    sla: null,
    tags: [],
    snoozed_until: null,
      escalations: brief ? [brief] : [],
      connection: short.channel,
      window: { channel: short.channel, open: true, closes_at: null },
      doors: [
        {
          channel: short.channel,
          connection: short.channel,
          label: short.channel === "sms" ? "+43 1 555 0199" : "Perch & Pine",
          open: true,
          closes_at: null,
          longest: 4096,
          stopped: false,
        },
      ],
    });
    customers.set(customer, {
      id: customer,
      name: short.name,
      proof: short.proof,
      created_at: "2026-11-16T09:00:00Z",
      attributes: {},
      identifiers: [
        identifier(
          short.channel === "widget" ? "visitor" : short.channel,
          short.address,
          short.proof === "anonymous" ? "claimed" : short.proof,
          5 * day,
        ),
      ],
      facts: [],
      promises: [],
      actions: [],
      offers: [],
      consents: [],
      lead: {
        score: short.score,
        reasons: short.score > 30 ? [{ text: "wrote first", points: short.score }] : [],
        stage: short.score > 50 ? "Qualified" : "New",
      },
      events: [],
      conversations: [id],
      orders: [],
  merges: [],
    });
  }

  const turn = (id: string, more: Partial<Turn> = {}): Turn => ({
    id,
    at: at(wednesday - minute),
    conversation: anna,
    customer: "cu_anna",
    channel: "whatsapp",
    engine: "built-in",
    trigger: [{ id: find("back about that quote"), text: "hi, back about that quote" }],
    recalled: [
      { kind: "fact", id: "fc_1", text: "Budget up to 2,400 €", channel: "widget", at: at(monday) },
      { kind: "fact", id: "fc_2", text: "Needs six chairs by 4 December", channel: "widget", at: at(monday) },
      {
        kind: "message",
        id: find("assembly fee of 35"),
        text: "4 December. The assembly fee of 35 each puts me off though.",
        channel: "widget",
        at: at(monday),
      },
    ],
    passages: [
      {
        source: "assembly.md",
        heading: "Assembly terms",
        text: "Assembly costs 35 € per chair. From five chairs in one order it is free.",
        score: 0.87,
        used: true,
      },
      {
        source: "catalogue.md",
        heading: "Arc 2",
        text: "Arc 2, 389 €. Fabrics: sand, slate, moss.",
        score: 0.74,
        used: true,
      },
      {
        source: "delivery.md",
        heading: "Delivery times",
        text: "Vienna: 3 to 5 working days.",
        score: 0.41,
        used: false,
      },
    ],
    signals: { language: "English", intent: "resume quote", sentiment: "neutral", entities: [] },
    learned: [{ predicate: "channel preference", value: "WhatsApp", quote: "hi, back about that quote" }],
    rules: [
      { rule: "competitor-named", fired: false, reason: "no other shop named", evidence: null },
      { rule: "person-asked-for", fired: false, reason: "no wish for a person", evidence: null },
      { rule: "strong-negative-emotion", fired: false, reason: "calm, 0.08", evidence: null },
      { rule: "low-confidence", fired: false, reason: "0.87, above 0.55", evidence: null },
    ],
    did_not_ask: [
      { slot: "name", because: "known from WhatsApp" },
      { slot: "budget", because: "said on Website chat on Monday" },
      { slot: "needed_by", because: "said on Website chat on Monday" },
    ],
    asked: null,
    model_calls: [],
    decision: "reply",
    reply: "Welcome back, Anna.",
    rendered: [],
    milliseconds: { total: 41, recall: 6, analyst: 9, answerer: 14, qualifier: 4, rules: 5, render: 3 },
    cost: { amount: 0, currency: "EUR" },
    ...more,
  });
  const turns = new Map<string, Turn>(["tn_1", "tn_2", "tn_3", "tn_4", "tn_5"].map((id) => [id, turn(id)]));
  turns.set(
    "tn_6",
    turn("tn_6", {
      at: at(15 * minute),
      decision: "escalate",
      trigger: [
        {
          id: find("CityDesk offers"),
          text: "Thank you. CityDesk offers 359 each, delivered. I would rather buy from you, but must decide today.",
        },
      ],
      rules: [
        {
          rule: "competitor-named",
          fired: true,
          reason: "another shop with a price",
          evidence: "CityDesk offers 359 each, delivered",
        },
        { rule: "person-asked-for", fired: false, reason: "no wish for a person", evidence: null },
        { rule: "strong-negative-emotion", fired: false, reason: "calm, 0.12", evidence: null },
      ],
      model_calls: [
        { model: "example-large", milliseconds: 612, input_tokens: 1480, output_tokens: 96, cost: 0.0004, outcome: "used" },
      ],
      milliseconds: { total: 702, recall: 8, analyst: 310, answerer: 322, qualifier: 21, rules: 34, render: 7 },
      cost: { amount: 0.0021, currency: "EUR" },
    }),
  );

  return {
    session: {
      teammate: { ...me, email: "maya@perchandpine.example", role: "owner", invited: false, away: false, second_factor: false, sso: false, alerts: { browser: false, sound: false, email: false } },
      workspace: { id: "ws_1", name: "Perch & Pine", currency: "EUR", timezone: "Europe/Vienna", locale: "en" },
      csrf: "fake-csrf",
      demo: true,
    },
    customers,
    timelines,
    conversations,
    turns,
    ...describeWorkplace(at),
  };
};
