/** What the loader hands to the panel, and what the panel hands back: the only words between the two scripts. */
import type { Line } from "./loader/line.ts";
import type { Memory } from "./loader/memory.ts";
import type { Parcel } from "./more/parcel.tsx";
import type { Post, post } from "./more/post.ts";
import type { Sheet } from "./more/sheet.tsx";
import type { LineEvent } from "./protocol.ts";

export interface Core {
  root: ShadowRoot;
  line: Line;
  memory: Memory;
  /** Where files are sent to. */
  files: string;
  /** True when the panel fills its frame and cannot be closed. */
  fill: boolean;
  /** Where something of the server's lies. */
  address: (path: string) => string;
  /** Everything heard since the page was loaded; the panel reads it once when it starts. */
  heard: LineEvent[];
  /** What the panel itself has to tell, as if it came by the line. */
  hear: (event: LineEvent) => void;
  /** Loads a script of ours, once. */
  fetch: (script: "panel" | "more") => void;
  close: () => void;
  /** The visitor has everything of this conversation up to here before their eyes. */
  seen: (seq: number, conversation: string | null) => void;
}

export interface Panel {
  hear: (event: LineEvent) => void;
  /** A panel that was open on the page before takes no focus from this one. */
  show: (prefill: string | null, resumes: boolean) => void;
  hide: () => void;
}

export type StartPanel = (core: Core) => Panel;

/** What is seldom wanted. */
export interface More {
  Sheet: typeof Sheet;
  Parcel: typeof Parcel;
  post: typeof post;
  sound: () => void;
  styles: string;
}

/** The same at work. */
export type Ready = Omit<More, "post"> & { post: Post };

export type Command = (command: string, ...args: unknown[]) => void;

export interface RapportGlobal extends Command {
  /** Commands given before the script had loaded. */
  q?: ArrayLike<unknown>[];
  /** Called by the panel's script once it is there. */
  start?: (panel: StartPanel) => void;
  /** Called by the script of what is seldom wanted, once it is there. */
  more?: (more: More) => void;
  /** What that script draws with. */
  preact?: unknown;
}

declare global {
  interface Window {
    rapport?: RapportGlobal;
  }
}
