import { describe, expect, it } from "vitest";
import { type Conversation, emptyConversation, hear } from "../src/panel/conversation.ts";
import type { Author, LineEvent } from "../src/protocol.ts";

const message = (seq: number, author: Author, text: string, name: string | null = null): LineEvent => ({
  type: "message", seq, id: `msg_${seq}`, author, name, text, at: "2026-11-19T09:40:00Z", quick_replies: [], sources: [],
});
const queued = (id: string, text: string): LineEvent => ({ type: "queued", id, text });
const ack = (id: string, seq: number): LineEvent => ({ type: "ack", id, message: `msg_${seq}`, seq });
const sentence = (seq: number, index: number, text: string): LineEvent => ({ type: "sentence", message: `msg_${seq}`, index, text });

const after = (...events: LineEvent[]): Conversation => events.reduce(hear, emptyConversation);
const shown = (state: Conversation): string[] => state.entries.map((entry) => `${entry.kind}: ${entry.name ?? entry.text}`);
const check = (events: LineEvent[], expected: string[]) => expect(shown(after(...events))).toEqual(expected);

describe("each message is shown exactly once", () => {
  it("when the acknowledgement comes first", () => check([queued("a", "hi"), ack("a", 1), message(1, "customer", "hi")], ["customer: hi"]));
  it("when the stored message comes first", () => check([queued("a", "hi"), message(1, "customer", "hi"), ack("a", 1)], ["customer: hi"]));
  it("when everything comes twice", () =>
    check([queued("a", "hi"), ack("a", 1), ack("a", 1), message(1, "customer", "hi"), message(1, "customer", "hi")], ["customer: hi"]));
  it("when the line broke before the acknowledgement and all is replayed", () =>
    check([queued("a", "hi"), { type: "online", on: false }, message(1, "customer", "hi"), message(2, "ai", "hello"), ack("a", 1)], [
      "customer: hi",
      "ai: hello",
    ]));
  it("and two equal texts stay two messages", () => check([queued("a", "hi"), queued("b", "hi"), ack("a", 1), ack("b", 2)], ["customer: hi", "customer: hi"]));
});

describe("order", () => {
  it("is the server's, whatever came first", () => check([message(2, "ai", "second"), message(1, "customer", "first")], ["customer: first", "ai: second"]));
  it("puts what is not stored yet last", () => check([queued("a", "later"), message(1, "ai", "earlier")], ["ai: earlier", "customer: later"]));
  it("keeps a bubble's key when it is stored, so that nothing moves", () => {
    const key = (state: Conversation) => state.entries[0]?.key;
    expect(key(after(queued("a", "hi"), ack("a", 1), message(1, "customer", "hi")))).toBe("a");
  });
});

describe("an answer given in sentences", () => {
  it("grows, in order of index", () => check([sentence(2, 1, "Two."), sentence(2, 0, "One.")], ["ai: One. Two."]));
  it("is replaced by the whole message", () => {
    const state = after(sentence(2, 0, "One."), message(2, "ai", "One. Two."));
    expect(shown(state)).toEqual(["ai: One. Two."]);
    expect(state.entries[0]?.sentences).toBeNull();
  });
  it("does not come back when a sentence is late", () => check([message(2, "ai", "One. Two."), sentence(2, 1, "Two.")], ["ai: One. Two."]));
  it("that was cut by a lost line is dropped at the next welcome", () =>
    check([sentence(2, 0, "One."), { type: "welcome", session: "s", seq: 0, identified: false, name: null, greeting: null, settings: { workspace: "", locale: "en", colour: null, continue: [], quick_replies: [], open_now: true } }], []));
  it("ends the typing dots", () => expect(after({ type: "typing", author: "ai", on: true }, sentence(2, 0, "One.")).typing).toBeNull());
});

describe("who answers", () => {
  it("is a person once they joined, said once", () => {
    const state = after(message(1, "ai", "a moment"), { type: "teammate", name: "Maya" }, message(2, "teammate", "hi", "Maya"), message(3, "teammate", "so", "Maya"));
    expect(state.teammate).toBe("Maya");
    expect(shown(state)).toEqual(["ai: a moment", "joined: Maya", "teammate: Maya", "teammate: Maya"]);
  });
  it("is known after a reload from the messages alone", () => check([message(1, "customer", "hi"), message(2, "teammate", "hello", "Maya")], ["customer: hi", "joined: Maya", "teammate: Maya"]));
  it("is the AI again after its next answer", () => expect(after(message(1, "teammate", "hi", "Maya"), message(2, "ai", "here again")).teammate).toBeNull());
  it("does not change by what the visitor writes", () => expect(after(message(1, "teammate", "hi", "Maya"), message(2, "customer", "ok")).teammate).toBe("Maya"));
});

describe("being joined with another door", () => {
  it("is shown, and undone by one word of the server", () => {
    const joined = after({ type: "connected", link: "lnk_1", as: "+33 … 22" });
    expect(joined.joined).toEqual({ link: "lnk_1", as: "+33 … 22" });
    expect(hear(joined, { type: "undone", link: "lnk_1" }).joined).toBeNull();
  });
});
