import { describe, expect, it } from "vitest";
import { conversations, emptyVisit, hear, present, shown as before, teammateOf, type Visit } from "../src/panel/conversation.ts";
import type { Author, LineEvent } from "../src/protocol.ts";

const message = (seq: number, author: Author, text: string, name: string | null = null, conversation = "cnv_1"): LineEvent => ({
  type: "message", seq, id: `msg_${seq}`, conversation, author, name, text, at: "2026-11-19T09:40:00Z", quick_replies: [], sources: [],
});
const queued = (id: string, text: string, conversation: string | null = null): LineEvent => ({ type: "queued", id, text, conversation });
const ack = (id: string, seq: number, conversation = "cnv_1"): LineEvent => ({ type: "ack", id, message: `msg_${seq}`, seq, conversation });
const sentence = (seq: number, index: number, text: string): LineEvent => ({ type: "sentence", message: `msg_${seq}`, conversation: "cnv_1", index, text });
const welcome = (seq: number): LineEvent => ({
  type: "welcome", session: "s", seq, identified: false, name: null, greeting: null,
  settings: { workspace: "", locale: "en", colour: null, continue: [], quick_replies: [], open_now: true },
});

const after = (...events: LineEvent[]): Visit => events.reduce(hear, emptyVisit);
const shown = (state: Visit): string[] => state.entries.map((entry) => `${entry.kind}: ${entry.name ?? entry.text}`);
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
    const key = (state: Visit) => state.entries[0]?.key;
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
  const who = (...events: LineEvent[]) => teammateOf(after(...events).entries);
  it("is a person once they wrote", () => expect(who(message(1, "ai", "a moment"), message(2, "teammate", "hi", "Maya"))).toBe("Maya"));
  it("is the AI again after its next answer", () => expect(who(message(1, "teammate", "hi", "Maya"), message(2, "ai", "here again"))).toBeNull());
  it("does not change by what the visitor writes", () => expect(who(message(1, "teammate", "hi", "Maya"), message(2, "customer", "ok"))).toBe("Maya"));
});

describe("several conversations", () => {
  const texts = (state: Visit) => before(state, false).map((entry) => entry.text);
  const first = [message(1, "customer", "my parcel"), message(2, "ai", "on its way"), welcome(2)];

  it("are shown one at a time, the newest first", () => {
    const state = after(...first, queued("b", "chairs", "another"), ack("b", 3, "cnv_2"), message(4, "ai", "gladly", null, "cnv_2"));
    expect(texts(state)).toEqual(["chairs", "gladly"]);
    expect(conversations(state.entries).map(([id]) => id)).toEqual(["cnv_2", "cnv_1"]);
    expect(texts(hear(state, { type: "shown", conversation: "cnv_1" }))).toEqual(["my parcel", "on its way"]);
  });
  it("a new one is empty before the first word, and all of its first words are in it", () => {
    const begun = after(...first, { type: "shown", conversation: "another" });
    expect(texts(begun)).toEqual([]);
    const said = [queued("b", "chairs", "another"), queued("c", "six of them"), ack("b", 3, "cnv_2")].reduce(hear, begun);
    expect(present(said)).toBe("cnv_2");
    expect(texts(said)).toEqual(["chairs", "six of them"]);
  });
  it("an answer elsewhere takes nobody away, and waits to be seen", () => {
    const state = after(...first, queued("b", "chairs", "another"), ack("b", 3, "cnv_2"), message(4, "teammate", "found it", "Maya", "cnv_1"));
    expect([present(state), state.fresh, texts(state)]).toEqual(["cnv_2", ["cnv_1"], ["chairs"]]);
    expect(hear(state, { type: "shown", conversation: "cnv_1" }).fresh).toEqual([]);
  });
  it("one that has ended is open again when something is said in it", () => {
    const state = after(...first, { type: "resolved", conversation: "cnv_1" });
    expect(state.ended).toEqual(["cnv_1"]);
    expect(hear(state, message(3, "teammate", "one more thing", "Maya")).ended).toEqual([]);
  });
  it("what is said to one that has ended goes to where the server puts it", () => {
    const state = after(...first, { type: "resolved", conversation: "cnv_1" }, queued("b", "again", "cnv_1"), ack("b", 3, "cnv_2"));
    expect([present(state), texts(state)]).toEqual(["cnv_2", ["again"]]);
  });
});

describe("a file on its way", () => {
  const leaving = (share: number): LineEvent => ({ type: "leaving", id: "f", name: "chair.png", conversation: null, share });
  const files = (...events: LineEvent[]) => after(...events).entries.map(({ id, share, refused, files: [file] }) => [id, share, refused, file?.name]);
  const stored: LineEvent = { ...(message(1, "customer", "") as Extract<LineEvent, { type: "message" }>), files: [{ name: "chair.png", shown_as: "image/png", size: 9, url: "/files/x" }] };

  it("tells how much of it has left, and is there once it is acknowledged", () => {
    expect(files(leaving(0), leaving(0.5))).toEqual([[null, 0.5, null, "chair.png"]]);
    expect(files(leaving(0.5), ack("f", 1))).toEqual([["msg_1", null, null, "chair.png"]]);
  });
  it("is there once, whichever way it comes back first", () => {
    expect(files(leaving(1), ack("f", 1), stored)).toEqual([["msg_1", null, null, "chair.png"]]);
    const state = after(leaving(1), stored, ack("f", 1));
    expect(state.entries.map(({ files: [file] }) => file?.url)).toEqual(["/files/x"]);
  });
  it("says why it was refused, and may go again", () => {
    expect(files(leaving(0.5), { type: "refused", id: "f", why: "trouble" })).toEqual([[null, null, "trouble", "chair.png"]]);
    expect(files(leaving(0.5), { type: "refused", id: "f", why: "trouble" }, leaving(0))).toEqual([[null, 0, null, "chair.png"]]);
  });
  it("that was refused is no word of its conversation", () => {
    const state = after(message(1, "customer", "hi"), message(2, "customer", "lamps", null, "cnv_2"), { ...leaving(0), conversation: "cnv_1" } as LineEvent, { type: "refused", id: "f", why: "413" });
    expect(conversations(state.entries).map(([id]) => id)).toEqual(["cnv_2", "cnv_1"]);
  });
  it("is gone when it was taken back", () => expect(files(leaving(0.5), { type: "refused", id: "f", why: "" })).toEqual([]));
});

describe("being joined with another door", () => {
  it("is shown, and undone by one word of the server", () => {
    const joined = after({ type: "connected", link: "lnk_1", as: "+33 … 22" });
    expect(joined.joined).toEqual({ link: "lnk_1", as: "+33 … 22" });
    expect(hear(joined, { type: "undone", link: "lnk_1" }).joined).toBeNull();
  });
});
