import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { Change, Channel, Conversation, Customer, TimelineItem, View } from "../src/api/types.ts";
import { type Story, tellStory } from "./story.ts";

type Body = Record<string, unknown>;

const readBody = async (request: IncomingMessage): Promise<Body> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text ? (JSON.parse(text) as Body) : {};
};

const inView = (story: Story, conversation: Conversation, view: string): boolean => {
  const waits = conversation.escalation?.status === "open" || conversation.escalation?.status === "accepted";
  const live = conversation.status !== "resolved";
  switch (view) {
    case "ai":
      return live && !waits && conversation.status !== "with_teammate";
    case "escalated":
      return live && waits;
    case "mine":
      return live && conversation.assignee?.id === story.session.teammate.id;
    case "resolved":
      return !live;
    default:
      return true;
  }
};

const views: readonly View[] = ["ai", "escalated", "mine", "resolved"];

const withoutBriefs = ({ escalations: _e, window: _w, doors: _d, ...item }: Conversation) => item;

/** An in-memory stand-in for the server, for looking at the console without one. */
export const fakeApi = (): Plugin => {
  const story = tellStory(Date.now());
  const listeners = new Set<ServerResponse>();
  let signedIn = true;
  let seq = 0;

  const announce = (kind: Change["kind"], conversation: string | null, customer: string | null) => {
    seq += 1;
    const change: Change = { seq, kind, conversation, customer, at: new Date().toISOString() };
    for (const listener of listeners) listener.write(`id: ${seq}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`);
  };

  const send = (response: ServerResponse, status: number, body?: unknown) => {
    response.statusCode = status;
    response.setHeader("content-type", status >= 400 ? "application/problem+json" : "application/json");
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, detail: string) =>
    send(response, status, { type: "about:blank", title: detail, status, detail, code: `fake-${status}` });

  const say = (conversation: Conversation, item: Partial<TimelineItem> & { text: string }) => {
    const items = story.timelines.get(conversation.customer.id) ?? [];
    const said: TimelineItem = {
      id: `msg_new_${items.length}`,
      at: new Date().toISOString(),
      kind: "message",
      channel: conversation.channel,
      direction: "out",
      author: "teammate",
      author_name: story.session.teammate.name,
      turn: null,
      conversation: conversation.id,
      state: null,
      delivery: "sent",
      delivery_reason: null,
      draft: false,
      send_at: null,
      buttons: [],
      sources: [],
      ...item,
    };
    items.push(said);
    if (said.kind === "message") {
      conversation.last_message = { text: said.text, at: said.at, direction: said.direction, author: said.author };
    }
    announce("message.created", conversation.id, conversation.customer.id);
  };

  const act = (conversation: Conversation, step: string, body: Body) => {
    const mark = conversation.escalations.find(({ status }) => status === "open" || status === "accepted");
    if (step === "take") {
      conversation.status = "with_teammate";
      conversation.assignee = { id: story.session.teammate.id, name: story.session.teammate.name };
      if (mark) mark.status = "accepted";
    } else if (step === "return") {
      conversation.status = "open";
      conversation.assignee = null;
      if (mark) mark.status = "returned";
      say(conversation, {
        kind: "event",
        direction: "event",
        author: "system",
        text: "",
        delivery: null,
        event: { type: "handed_back", data: {} },
      });
    } else if (step === "resolve") {
      conversation.status = "resolved";
      if (mark) mark.status = "resolved";
    } else if (step === "snooze") {
      conversation.status = "snoozed";
    } else if (step === "reply") {
      say(conversation, {
        text: String(body["text"]),
        ...(body["channel"] ? { channel: body["channel"] as Channel } : {}),
      });
    } else if (step === "note") {
      say(conversation, { text: String(body["text"]), kind: "note", delivery: null });
    }
    conversation.unread = false;
    announce("conversation.updated", conversation.id, conversation.customer.id);
  };

  const merge = (keep: Customer, absorbed: Customer): string => {
    const id = `mg_${keep.merges.length + 1}_${absorbed.id}`;
    keep.identifiers.push(...absorbed.identifiers);
    keep.facts.push(...absorbed.facts);
    keep.merges.push({
      id,
      at: new Date().toISOString(),
      absorbed: absorbed.id,
      reasons: [`Merged by ${story.session.teammate.name}`],
      by: "teammate", undone: false,
    });
    announce("identity.updated", null, keep.id);
    return id;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const method = request.method ?? "GET";
    const path = url.pathname.replace("/api/v1", "");
    const body = method === "GET" ? {} : await readBody(request);
    const [, area = "", id = "", step = ""] = path.split("/");
    if (path === "/session") {
      if (method === "POST") {
        if (body["password"] === "wrong") return refuse(response, 401, "Email or password is wrong.");
        signedIn = true;
      }
      if (method === "DELETE") {
        signedIn = false;
        return send(response, 204);
      }
      return signedIn ? send(response, 200, story.session) : refuse(response, 401, "Not signed in.");
    }
    if (path === "/fake/sign-out") {
      signedIn = false;
      return send(response, 200, {});
    }
    if (path === "/live") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(": hello\n\n");
      listeners.add(response);
      request.on("close", () => listeners.delete(response));
      return undefined;
    }
    if (!signedIn) return refuse(response, 401, "Not signed in.");
    if (method !== "GET" && request.headers["x-rapport-csrf"] !== story.session.csrf)
      return refuse(response, 403, "CSRF token missing.");
    if (area === "conversations" && !id) {
      const all = [...story.conversations.values()].sort(
        (one, other) => Date.parse(other.updated_at) - Date.parse(one.updated_at),
      );
      const view = url.searchParams.get("view") ?? "all";
      const counts = Object.fromEntries(
        views.map((name) => [name, all.filter((entry) => inView(story, entry, name)).length]),
      );
      const items = all.filter((entry) => inView(story, entry, view)).map(withoutBriefs);
      return send(response, 200, { items, next: null, counts });
    }
    if (area === "conversations") {
      const conversation = story.conversations.get(id);
      if (!conversation) return refuse(response, 404, "No such conversation.");
      if (method === "POST") {
        act(conversation, step, body);
        return send(response, 200, withoutBriefs(conversation));
      }
      return send(response, 200, conversation);
    }
    if (area === "customers" && !id) {
      const q = (
        url.searchParams.get("q") ??
        url.searchParams.get("identifier")?.replace("phone:", "") ??
        ""
      ).toLowerCase();
      const items = [...story.customers.values()].filter(
        ({ name, identifiers }) =>
          !q ||
          (name ?? "").toLowerCase().includes(q) ||
          identifiers.some(({ value }) => value.toLowerCase().replaceAll(" ", "").includes(q)),
      );
      return send(response, 200, { items, next: null });
    }
    if (area === "customers") {
      const customer = story.customers.get(id);
      if (!customer) return refuse(response, 404, "No such customer.");
      if (step === "timeline") {
        const items = story.timelines.get(id) ?? [];
        const before = url.searchParams.get("before");
        const end = before ? Number(before) : items.length;
        const start = Math.max(0, end - 60);
        return send(response, 200, { items: items.slice(start, end), next: start > 0 ? String(start) : null });
      }
      if (step === "merge") {
        const absorbed = story.customers.get(String(body["absorb"]));
        if (!absorbed) return refuse(response, 404, "No such customer.");
        return send(response, 200, { id: merge(customer, absorbed), customer: id });
      }
      if (method === "PATCH") {
        for (const [predicate, value] of Object.entries((body["facts"] ?? {}) as Record<string, string>)) {
          for (const fact of customer.facts.filter((entry) => entry.predicate === predicate)) {
            fact.pinned = fact.value === value;
            fact.status = fact.value === value ? "active" : "superseded";
          }
        }
        announce("customer.updated", null, id);
      }
      return send(response, 200, customer);
    }
    if (area === "merges") {
      for (const customer of story.customers.values()) {
        for (const entry of customer.merges) if (entry.id === id) entry.undone = true;
      }
      announce("identity.updated", null, null);
      return send(response, 200, {});
    }
    if (area === "suggestions" && method === "POST") {
      story.suggestions = story.suggestions.filter((entry) => entry.id !== id);
      announce("identity.updated", null, null);
      return send(response, 200, {});
    }
    if (area === "turns") {
      const turn = story.turns.get(id);
      return turn ? send(response, 200, turn) : refuse(response, 404, "No such turn.");
    }
    if (path === "/knowledge/ask") {
      const known = (url.searchParams.get("q") ?? "").toLowerCase().includes("assembl");
      return send(
        response,
        200,
        known
          ? {
              answer: "Assembly costs 35 € per chair and is free from five chairs in one order.",
              citations: [
                {
                  source: "assembly.md",
                  heading: "Assembly terms",
                  text: "Assembly costs 35 € per chair. From five chairs in one order it is free.",
                },
              ],
            }
          : { answer: null, citations: [] },
      );
    }
    const simple: Record<string, unknown> = {
      knowledge: story.knowledge,
      rules: { items: story.rules },
      ledger: story.ledger,
      channels: { items: story.channels },
      suggestions: { items: story.suggestions },
    };
    return area in simple ? send(response, 200, simple[area]) : refuse(response, 404, "No such address.");
  };

  return {
    name: "rapport-fake-api",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        if (url.pathname === "/playground/api/clock") {
          send(response, 200, { now: new Date().toISOString(), offset_s: 0 });
        } else if (url.pathname.startsWith("/api/v1/")) {
          answer(request, response, url).catch(() => refuse(response, 500, "The stand-in failed."));
        } else {
          next();
        }
      });
    },
  };
};
