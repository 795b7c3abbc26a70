/** The panel's script: it mounts into the shadow root the loader made, and draws again after each thing heard. */
import { Component, createRef, Fragment, h, render } from "preact";
import type { RapportGlobal, Ready, StartPanel } from "../core.ts";
import type { LineEvent } from "../protocol.ts";
import { emptyVisit, hear } from "./conversation.ts";
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
  const mount = document.createElement("div");
  core.root.append(mount);
  followKeyboard(mount);

  let more: Ready | null = null;
  const wanted: (() => void)[] = [];
  let visit = core.heard.reduce(hear, emptyVisit);
  let visible = false;
  let resumes = false;
  let prefill: string | null = null;
  let handed: string | null = null;
  const announced: string[] = [];
  const streamed = new Set<string>();

  const style = (css: string): void => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    core.root.adoptedStyleSheets = [...core.root.adoptedStyleSheets, sheet];
  };

  /** Files leave by what is fetched when the first one is chosen. */
  const attach = (files: File[], conversation: string | null): void => {
    wanted.push(() => more?.post.take(files, conversation, visit.settings?.largest_file ?? Infinity));
    core.fetch("more");
    if (more) wanted.splice(0).forEach((take) => take());
  };

  const draw = (): void =>
    render(
      <Shell core={core} visit={visit} more={more} attach={attach} visible={visible} resumes={resumes} prefill={prefill} handed={handed} announced={announced} />,
      mount,
    );

  /** Sentences are read out as they end; a whole message only when it did not come in sentences. */
  const announce = (event: LineEvent): void => {
    if (event.type === "sentence") {
      streamed.add(event.message);
      announced.push(event.text);
    }
    if (event.type === "message" && event.author !== "customer" && event.seq > visit.replayed) {
      if (!streamed.has(event.id)) announced.push(event.text);
      if (core.memory.value.sound) more?.sound();
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

  style(styles);
  const rapport = window.rapport as RapportGlobal;
  rapport.preact = { Component, createRef, Fragment, h };
  rapport.more = (made) => {
    more = { ...made, post: made.post(core) };
    style(made.styles);
    wanted.splice(0).forEach((take) => take());
    draw();
  };
  if (core.memory.value.sound) core.fetch("more");
  return {
    hear: (event) => {
      visit = hear(visit, event);
      announce(event);
      handOver(event);
      if (event.type === "online" && event.on) more?.post.go();
      draw();
    },
    show: (text, goesOn) => {
      visible = true;
      resumes = goesOn;
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
