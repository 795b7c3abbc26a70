/**
 * A server for looking at the widget without the real one: it serves the built scripts, a small shop page and a socket
 * that plays a scripted assistant. Only for development.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { type WebSocket, WebSocketServer } from "ws";
import type { ClientFrame, IncomingMessage, QuickReply, ServerFrame } from "../src/protocol.ts";
import { fakeQr } from "./fake-qr.ts";

interface Thread {
  token: string;
  tag: string | null;
  messages: IncomingMessage[];
  known: Map<string, { message: string; seq: number }>;
  lines: Set<WebSocket>;
  teammate: boolean;
}

/** Called for each message, so that a fake playground can mirror the thread. */
export type Overheard = (tag: string, message: IncomingMessage) => void;

const answers: { when: RegExp; say: string[]; sources?: string[]; replies?: string[] }[] = [
  {
    when: /back|long day|six|studio/i,
    say: [
      "For long days with lower-back trouble, the **Arc 2** fits best: its backrest follows you and the lumbar part moves 6 cm.",
      "By when do you need them?",
    ],
    sources: ["Chair guide", "Arc 2 data sheet"],
  },
  {
    when: /dec|budget|2,?400|most/i,
    say: [
      "Six Arc 2 are 2,334 €, so that works.",
      "Delivery takes 5 to 7 days, and from five chairs on we assemble them for you.",
    ],
    replies: ["Make me an offer", "Compare with Lumo"],
  },
];

const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws:; require-trusted-types-for 'script'";

export const shopPage = (search: URLSearchParams): string => {
  const attribute = (name: string): string =>
    search.has(name) ? ` data-${name}="${search.get(name)?.replace(/[^\w#-]/g, "")}"` : "";
  const persona = search.get("persona");
  const layout = persona ? ` data-layout="fill" data-visitor="${persona}"` : attribute("layout") + attribute("visitor");
  return `<!doctype html><html lang="${search.get("lang") ?? "en"}" dir="${search.get("dir") ?? "ltr"}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><title>Perch &amp; Pine</title>
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/shop.css"></head>
<body><nav><b>Perch &amp; Pine</b><span>Chairs</span><span>Desks</span><span>Try at home</span></nav>
<main><h1>Sit well.<br>Forget the chair.</h1><p>The Arc 2 follows your back all day. Try it at home for 30 days.</p></main>
<script src="/widget.js" data-connection="web"${layout}${attribute("colour")}${attribute("locale")}${attribute("theme")} async></script></body></html>`;
};

const shopStyle = `:root{color-scheme:light dark}body{margin:0;font:16px/24px system-ui,sans-serif;background:light-dark(#fff,#191816);color:light-dark(#1c1a17,#f2efea)}
nav{display:flex;gap:24px;padding:20px 36px;opacity:.9}main{margin:0 24px;border-radius:14px;padding:90px 56px 120px;background:light-dark(#e7f1ee,#1a2a26)}
h1{font-size:46px;line-height:50px;letter-spacing:-.03em;margin:0}@media(max-width:600px){nav span{display:none}main{margin:0 12px;padding:48px 24px}h1{font-size:34px;line-height:38px}}`;

export const fakeWidget = (overhear: Overheard = () => undefined, now = () => new Date().toISOString()): Plugin => {
  const threads = new Map<string, Thread>();
  let count = 0;
  const id = (prefix: string): string => `${prefix}_${(++count).toString().padStart(6, "0")}`;

  const publish = (thread: Thread, frame: ServerFrame): void => {
    for (const line of thread.lines) line.send(JSON.stringify(frame));
  };
  const add = (thread: Thread, part: Partial<IncomingMessage> & Pick<IncomingMessage, "author" | "text">): IncomingMessage => {
    const message: IncomingMessage = {
      type: "message",
      seq: thread.messages.length + 1,
      id: id("msg"),
      conversation: "cnv_1",
      name: null,
      at: now(),
      quick_replies: [],
      sources: [],
      ...part,
    };
    thread.messages.push(message);
    publish(thread, message);
    if (thread.tag) overhear(thread.tag, message);
    return message;
  };
  const after = (milliseconds: number, act: () => void): void => void setTimeout(act, milliseconds).unref();

  const answer = (thread: Thread, text: string): void => {
    const author = thread.teammate ? "teammate" : "ai";
    publish(thread, { type: "typing", author, on: true });
    const found = answers.find((one) => one.when.test(text));
    const say = thread.teammate
      ? ["Hi, Maya here. 2,217 € for the six with assembly. Shall I change the offer?"]
      : (found?.say ?? ["I am the AI assistant of Perch & Pine.", "What are you looking for?"]);
    const message = id("msg");
    if (author === "ai") {
      say.forEach((sentence, index) =>
        after(500 + index * 500, () => publish(thread, { type: "sentence", message, conversation: "cnv_1", index, text: sentence })),
      );
    }
    after(600 + say.length * 500, () => {
      publish(thread, { type: "typing", author, on: false });
      const replies: QuickReply[] = (thread.teammate ? [] : (found?.replies ?? [])).map((title) => ({ title, payload: title }));
      add(thread, {
        id: message,
        author,
        name: thread.teammate ? "Maya" : null,
        text: say.join(" "),
        quick_replies: replies,
        sources: (thread.teammate ? [] : (found?.sources ?? [])).map((title) => ({ title, url: null })),
      });
    });
  };

  const converse = (line: WebSocket): void => {
    let thread: Thread | null = null;
    const tell = (frame: ServerFrame): void => line.send(JSON.stringify(frame));
    line.on("close", () => thread?.lines.delete(line));
    line.on("message", (raw: Buffer) => {
      const frame = JSON.parse(raw.toString()) as ClientFrame;
      if (frame.type === "hello") {
        const token = frame.session && threads.has(frame.session) ? frame.session : id("ses");
        thread = threads.get(token) ?? { token, tag: frame.tag, messages: [], known: new Map(), lines: new Set(), teammate: false };
        threads.set(token, thread);
        thread.lines.add(line);
        const returning = thread.messages.length > 0;
        tell({
          type: "welcome",
          session: token,
          seq: thread.messages.length,
          identified: Boolean(frame.jwt),
          name: frame.jwt ? "Welcome back, Anna" : null,
          greeting: returning || frame.jwt ? "Shall we go on with the six Arc 2 for your studio? The assembly is free from five on." : "Hi, I am the AI assistant of Perch & Pine. Tell me how you sit and I find the chair.",
          settings: {
            workspace: "Perch & Pine",
            locale: "en",
            colour: "#1f5c4d",
            continue: ["whatsapp", "telegram"],
            quick_replies: returning || frame.jwt ? [{ title: "Yes, go on", payload: "go" }, { title: "Something else", payload: "else" }] : [{ title: "How do I choose the right size?", payload: "size" }, { title: "Returns within 30 days", payload: "returns" }, { title: "Assembly and delivery", payload: "assembly" }],
            open_now: true,
            person_within_s: 1800,
            largest_file: 20 * 1024 * 1024,
          },
        });
        for (const message of thread.messages) if (message.seq > frame.last_seq) tell(message);
        return;
      }
      if (!thread) return;
      const mine = thread;
      if (frame.type === "ping") tell({ type: "pong" });
      if (frame.type === "message") {
        let stored = mine.known.get(frame.id);
        if (!stored) {
          const message = add(mine, { author: "customer", text: frame.text });
          stored = { message: message.id, seq: message.seq };
          mine.known.set(frame.id, stored);
          after(700, () => answer(mine, frame.text));
        }
        tell({ type: "ack", id: frame.id, conversation: "cnv_1", ...stored });
      }
      if (frame.type === "person") {
        add(mine, { author: "ai", text: "I have asked Maya, with the whole story. She answers by 12:45." });
        after(1500, () => {
          mine.teammate = true;
          publish(mine, { type: "teammate", name: "Maya" });
          answer(mine, "");
        });
      }
      if (frame.type === "continue") {
        const code = "RAP-7K3M-92QX";
        const url = frame.channel === "telegram" ? "https://t.me/perchandpine?start=f3a9" : `https://wa.me/3320?text=${code}`;
        tell({ type: "link", channel: frame.channel, url, code, qr: fakeQr(url) });
        after(4000, () => tell({ type: "connected", link: "lnk_1", as: "+33 … 22" }));
      }
      if (frame.type === "not_me") tell({ type: "undone", link: frame.link });
    });
  };

  return {
    name: "fake-widget",
    configureServer(server) {
      const sockets = new WebSocketServer({ noServer: true });
      sockets.on("connection", converse);
      server.httpServer?.on("upgrade", (request, socket, head) => {
        if (!request.url?.startsWith("/widget/")) return;
        sockets.handleUpgrade(request, socket, head, (line) => sockets.emit("connection", line, request));
      });
      server.middlewares.use((request, response, next) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://shop");
        const script = pathname === "/widget.js" ? "widget.js" : /^\/widget\/(panel\.\w+\.js)$/.exec(pathname)?.[1];
        if (script) {
          response.setHeader("content-type", "text/javascript");
          response.end(readFileSync(fileURLToPath(new URL(`../dist/${script}`, import.meta.url))));
        } else if (pathname === "/shop" || pathname === "/playground/shop") {
          response.setHeader("content-type", "text/html");
          response.setHeader("content-security-policy", policy);
          response.end(shopPage(searchParams));
        } else if (pathname === "/shop.css") {
          response.setHeader("content-type", "text/css");
          response.end(shopStyle);
        } else next();
      });
    },
  };
};
