/**
 * The loader: one script tag on the shop's page. It draws the launcher, defines `window.rapport`, keeps the line open
 * for visitors who have a conversation, and fetches the panel when it is first wanted.
 */
import type { Core, Panel, RapportGlobal } from "../core.ts";
import type { LineEvent, Settings } from "../protocol.ts";
import { drawLauncher, type Launcher } from "./launcher.ts";
import languages from "../strings/languages.json";
import { line } from "./line.ts";
import styles from "./launcher.css?inline";
import { recall } from "./memory.ts";
import { paint } from "./theme.ts";

/** Pages that require trusted types refuse a plain string here. TypeScript does not know the interface yet. */
interface ScriptPolicies {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => typeof rules;
}

/** So long after the last page with an open panel the next one opens it again. */
const GOES_ON = 30 * 60_000;

/** One for all scripts: a page may forbid a second of the same name. */
let policy: { createScriptURL: (url: string) => string } | undefined;

const trusted = (url: string): string => {
  policy ??= (window as { trustedTypes?: ScriptPolicies }).trustedTypes?.createPolicy("rapport", { createScriptURL: (own) => own });
  return policy ? policy.createScriptURL(url) : url;
};

const begin = (script: HTMLScriptElement): void => {
  const attributes = script.dataset;
  const connection = attributes["connection"] ?? "web";
  const fill = attributes["layout"] === "fill";
  const tag = attributes["tag"] ?? attributes["visitor"] ?? null;
  const asked = attributes["locale"] ?? (document.documentElement.lang || navigator.language);
  const short = asked.slice(0, 2).toLowerCase();
  const locale = languages.includes(short) ? short : "en";
  const address = (path: string): string => new URL(path, script.src).href;
  // A made-up visitor of the playground has a memory of its own beside the real one.
  const memory = recall(attributes["visitor"] ? `${connection}:${tag}` : connection, () => {
    // Until the visitor agrees nothing is kept in the browser, and nothing read from it.
    if ("consent" in attributes) throw 0;
    return localStorage;
  });
  const listeners: Record<string, ((detail: unknown) => void)[]> = {};
  const heard: LineEvent[] = [];
  const pageTitle = (): string => document.title;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  let settings: Settings | null = null;
  let panel: Panel | null = null;
  let isOpen = false;
  let unread = 0;
  let prefill: string | null = null;
  // Whoever only tracks has not asked to be spoken to.
  let maySpeak = false;
  let tease = (): void => {};
  let resumes = false;
  const fetched: Record<string, boolean> = {};
  let flash: ReturnType<typeof setInterval> | undefined;

  const emit = (event: string, detail?: unknown): void => listeners[event]?.forEach((listener) => listener(detail));

  const repaint = (): void => {
    const wanted = attributes["theme"];
    const dark = wanted ? wanted === "dark" : darkness.matches;
    host.toggleAttribute("dark", dark);
    paint(host, attributes["colour"] ?? settings?.colour ?? null, dark);
  };

  /** While the page is in the background its title alternates with the count. */
  const flashTitle = (): void => {
    if (flash || !document.hidden) return;
    const before = pageTitle();
    flash = setInterval(() => {
      const now = pageTitle();
      document.title = document.hidden && now === before ? `(${unread}) ${settings?.workspace ?? before}` : before;
      if (!document.hidden) {
        clearInterval(flash);
        flash = undefined;
      }
    }, 1200);
  };

  const setUnread = (count: number): void => {
    if (count !== unread) emit("unread", count);
    unread = count;
    launcher?.count(count);
  };

  const hear = (event: LineEvent): void => {
    if (event.type === "welcome") {
      settings = event.settings;
      repaint();
      emit("ready", { identified: event.identified });
      tease = () => {
        if (maySpeak && !isOpen && event.greeting !== memory.value.dismissed) {
          launcher?.tease(event.name ?? event.settings.workspace, event.greeting, event.settings.quick_replies);
        }
      };
      tease();
    }
    if (event.type === "message" && !heard.some((known) => known.type === "message" && known.id === event.id)) {
      emit("message", { id: event.id, author: event.author, text: event.text, at: event.at });
      if (event.author !== "customer" && event.seq > memory.value.read) {
        if (!isOpen || document.hidden) setUnread(unread + 1);
        flashTitle();
      }
    }
    if (event.type === "ack") emit("sent", { id: event.message });
    if (!/pong|typing|leaving/.test(event.type)) heard.push(event);
    panel?.hear(event);
  };

  const place = `widget/${encodeURIComponent(connection)}/`;
  const link = line({
    url: address(`${place}socket`).replace(/^http/, "ws"),
    memory,
    tag,
    hear,
    page: () => ({ url: location.href, title: document.title, locale: asked }),
  });

  const core: Core = {
    root,
    address,
    line: link,
    memory,
    files: address(`${place}files`),
    fill,
    heard,
    hear,
    fetch: (name) => fetchScript(name),
    close: () => {
      if (!isOpen || fill) return;
      isOpen = false;
      memory.save({ opened: 0 });
      panel?.hide();
      launcher?.show(true);
      emit("close");
    },
    seen: (seq, conversation) => {
      if (seq <= memory.value.read || document.hidden) return;
      memory.save({ read: seq });
      link.tell({ type: "read", seq, conversation });
      setUnread(0);
    },
  };

  /** A classic script carrying the page's nonce: it needs no cross-origin headers and passes a strict content policy. */
  const fetchScript = (name: string): void => {
    if (fetched[name]) return;
    fetched[name] = true;
    const more = document.createElement("script");
    more.src = trusted(address(`widget/${name}.${locale}.js`));
    more.nonce = script.nonce;
    more.onerror = () => {
      fetched[name] = false;
      more.remove();
    };
    document.head.append(more);
  };
  const fetchPanel = (): void => fetchScript("panel");

  const speak = (): void => {
    maySpeak = true;
    link.open();
    tease();
  };

  const open = (): void => {
    speak();
    if (!isOpen) {
      isOpen = true;
      if (!fill) memory.save({ opened: Date.now() });
      emit("open");
    }
    if (panel) {
      launcher?.show(false);
      panel.show(prefill, resumes);
      prefill = null;
      resumes = false;
      setUnread(0);
    } else fetchPanel();
  };

  /** Goes on with what an earlier page had; on a phone the panel would cover the page that the visitor just went to. */
  const goOn = (): boolean => {
    const wasOpen = innerWidth > 600 && Date.now() - memory.value.opened < GOES_ON;
    const knows = !!(memory.value.session ?? tag);
    if (wasOpen && !isOpen) {
      resumes = true;
      open();
    } else if (knows) speak();
    return wasOpen || knows;
  };

  const launcher: Launcher | null = fill
    ? null
    : drawLauncher({
        root,
        locale,
        open,
        near: fetchPanel,
        reply: (chosen) => {
          link.say(chosen.title, chosen.payload);
          open();
        },
        dismiss: (greeting) => memory.save({ dismissed: greeting }),
      });

  const commands: Record<string, (...args: never[]) => unknown> = {
    open,
    close: core.close,
    identify: (jwt: string) => link.identify(jwt),
    say: (text: string) => text.trim() && link.say(text.trim().slice(0, 4000)),
    theme: (theme: string) => {
      attributes["theme"] = theme;
      repaint();
    },
    continue: (channel: string) => link.tell({ type: "continue", channel }),
    track: (event: string, data: unknown = {}) => {
      link.tell({ type: "track", event, data });
      // Before the visitor agrees nothing goes out by itself.
      if (!("consent" in attributes)) link.open();
    },
    prefill: (text: string) => {
      prefill = text;
      if (isOpen) open();
    },
    consent: () => {
      delete attributes["consent"];
      // Whoever has begun to talk goes on with that; else with what an earlier visit kept.
      if (!memory.value.session) memory.read();
      memory.save({});
      if (!goOn() && memory.value.kept.length) link.open();
    },
    on: (event: string, listener: (detail: unknown) => void) => {
      (listeners[event] ??= []).push(listener);
    },
  };
  const rapport: RapportGlobal = (command, ...args) => commands[command]?.(...(args as never[]));
  rapport.start = (start) => {
    panel = start(core);
    if (isOpen) open();
  };

  const early = window.rapport?.q ?? [];
  window.rapport = rapport;
  host.dir = getComputedStyle(document.documentElement).direction;
  host.toggleAttribute("fill", fill);
  darkness.onchange = repaint;
  repaint();
  document.body.append(host);
  addEventListener("online", () => heard.length && link.open());

  for (const message of memory.value.queue) hear({ ...message, type: "queued" });
  if (fill) open();
  // A page may wait some seconds before it speaks first.
  else if (!goOn() && "greet" in attributes) setTimeout(speak, 1000 * +(attributes["greet"] ?? 0));
  if (memory.value.sound) fetchPanel();
  for (const command of Array.from(early)) rapport(...(Array.from(command) as [string, ...unknown[]]));
};

const own = (document.currentScript ?? document.querySelector("script[data-connection]")) as HTMLScriptElement | null;
if (own && !window.rapport?.start) {
  if (document.body) begin(own);
  else addEventListener("DOMContentLoaded", () => begin(own));
}
