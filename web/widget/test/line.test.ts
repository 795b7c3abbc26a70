import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, type Line, line } from "../src/loader/line.ts";
import { type Memory, recall } from "../src/loader/memory.ts";
import type { ClientFrame, LineEvent, ServerFrame } from "../src/protocol.ts";

/** A socket whose other end is the test. */
class Wire {
  sent: ClientFrame[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close(): void {
    this.closed = true;
  }
  accept(): void {
    this.onopen?.();
  }
  say(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  cut(): void {
    this.onclose?.();
  }
}

const settings = { workspace: "Shop", locale: "en", colour: null, continue: [], quick_replies: [], open_now: true };
const welcome = (session = "s1", seq = 0): ServerFrame => ({ type: "welcome", session, seq, identified: false, name: null, greeting: null, settings });
const answer = (seq: number): ServerFrame => ({ type: "message", seq, id: `msg_${seq}`, author: "ai", name: null, text: "x", at: "", quick_replies: [], sources: [] });

const shelf = (): Storage => {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as Storage;
};

const set = (storage: () => Storage = shelf) => {
  const wires: Wire[] = [];
  const heard: LineEvent[] = [];
  const memory: Memory = recall("web", storage);
  let ids = 0;
  const mine: Line = line({
    url: "ws://shop/widget/web/socket",
    memory,
    tag: null,
    page: () => ({ url: "http://shop/", title: "Shop", locale: "en" }),
    hear: (event) => void heard.push(event),
    socket: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire as unknown as WebSocket;
    },
    random: () => 1,
    id: () => `uuid-${++ids}`,
  });
  const wire = (): Wire => {
    const last = wires[wires.length - 1];
    if (!last) throw new Error("no socket was opened");
    return last;
  };
  return { mine, wires, wire, heard, memory };
};

const of = <Type extends ClientFrame["type"]>(wire: Wire, type: Type) => wire.sent.filter((frame) => frame.type === type);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the line", () => {
  it("sends what was written before the welcome once it is welcome", () => {
    const { mine, wire } = set();
    mine.say("hello");
    wire().accept();
    expect(of(wire(), "message")).toEqual([]);
    wire().say(welcome());
    expect(of(wire(), "message")).toEqual([{ type: "message", id: "uuid-1", text: "hello", payload: null, conversation: null }]);
  });

  it("keeps a message until its id is acknowledged and sends it again with the same id", () => {
    const { mine, wire, wires, memory } = set();
    mine.open();
    wire().accept();
    wire().say(welcome());
    mine.say("hello");
    wire().cut();
    vi.advanceTimersByTime(500);
    expect(wires).toHaveLength(2);
    wire().accept();
    wire().say(welcome());
    expect(of(wire(), "message")).toMatchObject([{ id: "uuid-1" }]);
    wire().say({ type: "ack", id: "uuid-1", message: "msg_1", seq: 1 });
    expect(memory.value.queue).toEqual([]);
    wire().cut();
    vi.advanceTimersByTime(500);
    wire().accept();
    wire().say(welcome());
    expect(of(wire(), "message")).toEqual([]);
  });

  it("resumes after the last thing it heard, with the session it was given", () => {
    const { mine, wire } = set();
    mine.open();
    wire().accept();
    expect(of(wire(), "hello")).toMatchObject([{ session: null, last_seq: 0 }]);
    wire().say(welcome("s7"));
    wire().say(answer(4));
    wire().cut();
    vi.advanceTimersByTime(500);
    wire().accept();
    expect(of(wire(), "hello")).toMatchObject([{ session: "s7", last_seq: 4 }]);
  });

  it("carries unsent messages over a reload of the page", () => {
    const storage = shelf();
    set(() => storage).mine.say("before the reload");
    const after = set(() => storage);
    after.mine.open();
    after.wire().accept();
    after.wire().say(welcome());
    expect(of(after.wire(), "message")).toMatchObject([{ id: "uuid-1", text: "before the reload" }]);
  });

  it("works for the length of the page where storage is blocked", () => {
    const { mine, wire, memory } = set(() => {
      throw new Error("blocked");
    });
    mine.say("hello");
    wire().accept();
    wire().say(welcome("s2"));
    expect(memory.value.session).toBe("s2");
    expect(of(wire(), "message")).toHaveLength(1);
  });

  it("gives up a line that has fallen silent", () => {
    const { mine, wire, wires } = set();
    mine.open();
    wire().accept();
    wire().say(welcome());
    vi.advanceTimersByTime(25_000);
    expect(of(wire(), "ping")).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(wires[0]?.closed).toBe(true);
    vi.advanceTimersByTime(500);
    expect(wires).toHaveLength(2);
  });

  it("stays on a line that answers its pings", () => {
    const { mine, wire, wires } = set();
    mine.open();
    wire().accept();
    wire().say(welcome());
    for (let round = 0; round < 5; round++) {
      vi.advanceTimersByTime(25_000);
      wire().say({ type: "pong" });
    }
    expect(wires).toHaveLength(1);
  });

  it("tries at once when asked, instead of waiting out the pause", () => {
    const { mine, wire, wires } = set();
    mine.open();
    wire().cut();
    mine.open();
    expect(wires).toHaveLength(2);
    vi.advanceTimersByTime(9_000);
    expect(wires).toHaveLength(2);
  });

  it("keeps a bounded number of events for a visitor who never talks", () => {
    const { mine, wire } = set();
    for (let count = 0; count < 80; count++) mine.tell({ type: "track", event: `e${count}`, data: {} });
    mine.open();
    wire().accept();
    wire().say(welcome());
    const sent = of(wire(), "track");
    expect(sent).toHaveLength(50);
    expect(sent[0]).toMatchObject({ event: "e30" });
  });

  it("carries what was tracked and who asked for a person over a change of the page, and tells each once", () => {
    const storage = shelf();
    const before = set(() => storage);
    before.mine.tell({ type: "track", event: "cart.updated", data: {} });
    before.mine.tell({ type: "person", conversation: null });
    const after = set(() => storage);
    after.mine.open();
    after.wire().accept();
    after.wire().say(welcome());
    expect([...of(after.wire(), "track"), ...of(after.wire(), "person")]).toHaveLength(2);
    expect(after.memory.value.kept).toEqual([]);
  });

  it("passes over a frame it cannot read", () => {
    const { mine, wire, heard } = set();
    mine.open();
    wire().accept();
    wire().onmessage?.({ data: "{" });
    wire().say(welcome());
    expect(heard.map((event) => event.type)).toEqual(["online", "welcome"]);
  });
});

describe("the wait before the next try", () => {
  const check = (attempt: number, chance: number, expected: number) => expect(backoff(attempt, () => chance)).toBe(expected);
  it("doubles, has an end, and is half chance", () => {
    check(0, 1, 500);
    check(0, 0, 250);
    check(3, 1, 4_000);
    check(40, 1, 30_000);
    check(40, 0, 15_000);
  });
});
