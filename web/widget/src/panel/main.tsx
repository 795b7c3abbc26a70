/** The panel's script: it mounts into the shadow root the loader made, and draws again after each thing heard. */
import { render, h } from "preact";
import type { StartPanel } from "../core.ts";
import type { LineEvent } from "../protocol.ts";
import { emptyConversation, hear } from "./conversation.ts";
import styles from "./panel.css?inline";
import { Shell } from "./shell.tsx";

/** Keeps the panel above the keyboard of a phone: it takes the height that can be seen. */
const followKeyboard = (mount: HTMLElement): void => {
  const view = window.visualViewport;
  const fit = (): void => {
    mount.style.setProperty("--high", `${view?.height ?? innerHeight}px`);
    mount.style.setProperty("--from", `${view?.offsetTop ?? 0}px`);
  };
  view?.addEventListener("resize", fit);
  view?.addEventListener("scroll", fit);
  fit();
};

const start: StartPanel = (core) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  core.root.adoptedStyleSheets = [...core.root.adoptedStyleSheets, sheet];
  const mount = document.createElement("div");
  core.root.append(mount);
  followKeyboard(mount);

  let state = core.heard.reduce(hear, emptyConversation);
  let visible = false;
  let prefill: string | null = null;
  let handed: string | null = null;
  let replayedTo = Infinity;
  const announced: string[] = [];
  const streamed = new Set<string>();

  const draw = (): void =>
    render(
      <Shell core={core} state={state} visible={visible} prefill={prefill} handed={handed} announced={announced} />,
      mount,
    );

  /** Sentences are read out as they end; a whole message only when it did not come in sentences. */
  const announce = (event: LineEvent): void => {
    if (event.type === "welcome") replayedTo = event.seq;
    if (event.type === "sentence") {
      streamed.add(event.message);
      announced.push(event.text);
    }
    if (event.type === "message" && event.author !== "customer" && event.seq > replayedTo && !streamed.has(event.id)) {
      announced.push(event.text);
    }
    if (event.type === "teammate") announced.push(event.name);
  };

  /** Inside the playground the code goes to the phone beside us, never to another site's window. */
  const handOver = (event: LineEvent): void => {
    if (event.type !== "link" || !core.fill || window.parent === window) return;
    const { channel, url, code } = event;
    window.parent.postMessage({ rapport: "continue", channel, url, code }, location.origin);
    handed = channel;
  };

  for (const event of core.heard) if (event.type === "welcome") replayedTo = event.seq;
  return {
    hear: (event) => {
      state = hear(state, event);
      announce(event);
      handOver(event);
      draw();
    },
    show: (text) => {
      visible = true;
      prefill = text ?? prefill;
      if (innerWidth <= 600) document.documentElement.style.overflow = "hidden";
      draw();
    },
    hide: () => {
      visible = false;
      prefill = null;
      document.documentElement.style.overflow = "";
      draw();
    },
  };
};

window.rapport?.start?.(start);
