/**
 * The line to the server: one WebSocket that comes back by itself, resumes where it stopped and keeps what was not sent.
 * A message leaves the queue only when the server has acknowledged its id; the server drops a repeated id.
 */
import type { ClientFrame, LineEvent, OutgoingMessage, Page, ServerFrame } from "../protocol.ts";
import type { Memory } from "./memory.ts";

export interface LineOptions {
  url: string;
  memory: Memory;
  page: () => Page;
  tag: string | null;
  hear: (event: LineEvent) => void;
  /** Injected in tests. */
  socket?: (url: string) => WebSocket;
  random?: () => number;
  id?: () => string;
}

export interface Line {
  /** Opens the line; calling it again, or while waiting for the next try, tries at once. */
  open: () => void;
  /** Queues what the visitor said; it is sent now or as soon as the line is back. */
  say: (text: string, payload?: string | null, conversation?: string | null) => void;
  /** Sends a frame that nobody acknowledges; kept, up to a bound, until the line is open. */
  tell: (frame: ClientFrame) => void;
  identify: (jwt: string) => void;
}

const LONGEST_WAIT = 30_000;
const HEARTBEAT = 25_000;
const PATIENCE = 10_000;
/** Beyond this the oldest event is dropped: a page that tracks for hours without a session loses its beginning. */
const MOST_KEPT = 50;

/** Half of the wait is fixed, half random, so that a restart of the server is not answered by all pages at once. */
export const backoff = (attempt: number, random: () => number): number => {
  const wait = Math.min(LONGEST_WAIT, 500 * 2 ** attempt);
  return wait / 2 + (wait / 2) * random();
};

/** crypto.randomUUID exists only on secure origins; a shop on plain http needs ids as well. */
export const uuid = (): string =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & (15 >> (+digit / 4)))).toString(16),
  );

export const line = (options: LineOptions): Line => {
  const { memory, hear, random = Math.random, id = uuid } = options;
  const connect = options.socket ?? ((url: string) => new WebSocket(url));
  let socket: WebSocket | null = null;
  let welcomed = false;
  let attempt = 0;
  let seen = 0;
  let jwt: string | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let heartbeat: ReturnType<typeof setTimeout> | undefined;

  const send = (frame: ClientFrame): void => socket?.send(JSON.stringify(frame));

  const beat = (): void => {
    clearTimeout(heartbeat);
    heartbeat = setTimeout(() => {
      send({ type: "ping" });
      heartbeat = setTimeout(lost, PATIENCE);
    }, HEARTBEAT);
  };

  const lost = (): void => {
    const dead = socket;
    socket = null;
    welcomed = false;
    clearTimeout(heartbeat);
    clearTimeout(retry);
    if (dead) dead.onclose = dead.onmessage = null;
    dead?.close();
    hear({ type: "online", on: false });
    retry = setTimeout(open, backoff(attempt++, random));
  };

  const receive = (frame: ServerFrame): void => {
    if ("seq" in frame && frame.type !== "welcome") seen = Math.max(seen, frame.seq);
    if (frame.type === "welcome") {
      welcomed = true;
      attempt = 0;
      memory.save({ session: frame.session });
      hear({ type: "online", on: true });
      memory.value.queue.forEach(send);
      memory.value.kept.forEach(send);
      memory.save({ kept: [] });
    }
    if (frame.type === "ack") {
      memory.save({ queue: memory.value.queue.filter((message) => message.id !== frame.id) });
    }
    hear(frame);
  };

  const open = (): void => {
    clearTimeout(retry);
    if (socket) return;
    const mine = connect(options.url);
    socket = mine;
    mine.onopen = () => {
      send({
        type: "hello",
        session: memory.value.session,
        jwt,
        last_seq: seen,
        tag: options.tag,
        page: options.page(),
      });
      beat();
    };
    mine.onmessage = (event: MessageEvent<unknown>) => {
      beat();
      try {
        receive(JSON.parse(String(event.data)) as ServerFrame);
      } catch {
        // A frame we cannot read is one we do not know: a newer server may send more than we show.
      }
    };
    mine.onclose = lost;
    // A connection that hangs before it opens is given up like one that was lost.
    clearTimeout(heartbeat);
    heartbeat = setTimeout(lost, PATIENCE);
  };

  return {
    open,
    say: (text, payload = null, conversation = null) => {
      const message: OutgoingMessage = { type: "message", id: id(), text, payload, conversation };
      memory.save({ queue: [...memory.value.queue, message] });
      hear({ ...message, type: "queued" });
      if (welcomed) send(message);
      else open();
    },
    tell: (frame) => {
      if (welcomed) send(frame);
      else memory.save({ kept: [...memory.value.kept, frame].slice(-MOST_KEPT) });
    },
    identify: (token) => {
      jwt = token;
      if (welcomed) send({ type: "identify", jwt: token });
      else open();
    },
  };
};
