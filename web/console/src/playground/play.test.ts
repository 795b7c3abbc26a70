import { describe, expect, it } from "vitest";
import { emptyPlay, lastMoment, type Play, type PlayEvent, readHandOver, reduce, strands } from "./play.ts";
import type { Door, PersonState, PhoneBubble } from "./types.ts";

const bubble = (seq: number, channel: Door, direction: "in" | "out" = "in", at = "2026-11-19T09:40:00Z"): PlayEvent => {
  const made: PhoneBubble = { seq, channel, direction, text: `${seq}`, buttons: [], at, status: "read" };
  return { type: "bubble", bubble: made };
};
const state = (apart: Door[], known = true): PlayEvent => ({
  type: "state",
  state: {
    clock: { now: "2026-11-19T09:41:00Z", offset_s: 0 },
    customer: known ? ({ id: "cus_1", facts: [], identifiers: [] } as unknown as PersonState["customer"]) : null,
    others: apart.map((door) => ({ id: door, doors: [door] })),
    rules: [],
    score: { value: 0, delta: 0, history: [] },
    last_turn: null,
    asked_again: 0,
    escalation: null,
    facts_new: [],
  },
});
const site = (id: string, at = "2026-11-16T14:05:00Z"): PlayEvent => ({ type: "site", id, direction: "in", at });
const after = (...events: PlayEvent[]): Play => events.reduce(reduce, emptyPlay);

describe("bubbles", () => {
  it("are shown once and in order, whatever the stream repeats after a break", () => {
    const play = after(bubble(2, "sms"), bubble(1, "sms"), bubble(2, "sms"));
    expect(play.bubbles.map((one) => one.seq)).toEqual([1, 2]);
  });
  it("move the page to the phone the customer used, but only when they are new", () => {
    expect(after(bubble(1, "whatsapp")).here).toBe("whatsapp");
    expect(after(bubble(1, "whatsapp"), { type: "here", door: "sms" }, bubble(1, "whatsapp")).here).toBe("sms");
  });
  it("end the typing on their own phone only", () => {
    expect(after({ type: "typing", channel: "sms" }, bubble(1, "sms", "out")).typing).toBeNull();
    expect(after({ type: "typing", channel: "sms" }, bubble(1, "whatsapp", "out")).typing).toBe("sms");
  });
});

describe("a way on from the website", () => {
  const hand = (channel: string, url: string) => after({ type: "handOver", message: { rapport: "continue", channel, url, code: "RAP-7K3M-92QX" } });
  it("lies ready in the WhatsApp phone with its whole text", () => {
    const play = hand("whatsapp", "https://wa.me/33200?text=Hello%20RAP-7K3M-92QX");
    expect(play.drafts.whatsapp).toBe("Hello RAP-7K3M-92QX");
    expect(play.here).toBe("whatsapp");
  });
  it("is a start button on Telegram", () => expect(hand("telegram", "https://t.me/shop?start=f3a9").start).toEqual({ door: "telegram", token: "f3a9" }));
  it("is one on Messenger and Instagram too", () => {
    expect(hand("messenger", "https://m.me/shop?ref=f3a9").start).toEqual({ door: "messenger", token: "f3a9" });
    expect(hand("instagram", "https://ig.me/m/shop?ref=f3a9").start).toEqual({ door: "instagram", token: "f3a9" });
  });
  it("falls back to the bare code", () => expect(hand("sms", "sms:+33200").drafts.sms).toBe("RAP-7K3M-92QX"));
  it("is a mail with the code, and the bot's command on Discord", () => {
    expect(hand("email", "mailto:support@shop.example?subject=RAP-7K3M-92QX&body=RAP-7K3M-92QX").drafts.email).toBe("RAP-7K3M-92QX");
    const play = hand("discord", "https://discord.com/users/7");
    expect([play.here, play.drafts.discord]).toEqual(["discord", "/link RAP-7K3M-92QX"]);
  });
  it("changes nothing for a door that is not on the table", () => expect(hand("signal", "https://signal.me/x")).toEqual(emptyPlay));
  it("is read from nothing but the widget's own words", () => {
    expect(readHandOver({ rapport: "continue", channel: "whatsapp", url: "https://wa.me/1" })?.code).toBe("");
    for (const other of [null, "continue", {}, { rapport: "open" }, { rapport: "continue", channel: 3, url: "x" }]) expect(readHandOver(other)).toBeNull();
  });
});

describe("strands", () => {
  it("meet in the customer for doors that are joined and stay apart for the others", () => {
    const play = after(site("m1"), site("m2"), bubble(2, "whatsapp"), state(["whatsapp"]));
    expect(strands(play)).toEqual({ joined: ["widget"], apart: ["whatsapp"], messages: 2 });
    expect(strands(reduce(play, state([])))).toEqual({ joined: ["widget", "whatsapp"], apart: [], messages: 3 });
  });
  it("are all apart while nobody is known", () => {
    expect(strands(after(bubble(1, "sms"), state([], false)))).toEqual({ joined: [], apart: ["sms"], messages: 0 });
  });
});

describe("the website chat", () => {
  it("tells of a message twice and it counts once", () => expect(after(site("m1"), site("m1")).site).toHaveLength(1));
  it("counts for the silence before a message on another door", () => {
    const play = after(site("m1"), bubble(1, "whatsapp"));
    const first = play.bubbles[0];
    expect(first && lastMoment(play, first)).toBe("2026-11-16T14:05:00Z");
  });
});

describe("an answer whose vendor keeps another clock", () => {
  it("is as late as what it answers", () => {
    const play = after(bubble(5, "sms"), bubble(6, "sms", "out", "2026-11-01T00:00:00Z"));
    expect(play.bubbles.map((one) => one.at)).toEqual(["2026-11-19T09:40:00Z", "2026-11-19T09:40:00Z"]);
  });
});

describe("a phone number of two phones", () => {
  it("stands apart on both while it is another record", () => {
    const play = after(bubble(1, "sms"), bubble(2, "whatsapp"), site("m1"), state(["phone" as Door]));
    expect(strands(play).apart).toEqual(["whatsapp", "sms"]);
  });
});

describe("starting over", () => {
  it("keeps nothing of the person before", () => {
    const play = after(bubble(1, "sms"), { type: "draft", door: "sms", text: "x" }, { type: "persona", id: "p2", made: null });
    expect(play).toEqual({ ...emptyPlay, persona: "p2" });
  });
});
