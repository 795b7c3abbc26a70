/** What the loader hands to the panel, and what the panel hands back: the only words between the two scripts. */
import type { Line } from "./loader/line.ts";
import type { LineEvent } from "./protocol.ts";

export interface Core {
  root: ShadowRoot;
  line: Line;
  /** True when the panel fills its frame and cannot be closed. */
  fill: boolean;
  /** Where something of the server's lies. */
  address: (path: string) => string;
  locale: string;
  /** Everything heard since the page was loaded; the panel reads it once when it starts. */
  heard: LineEvent[];
  /** The greeting as the first bubble, unless a conversation exists. */
  close: () => void;
  /** The visitor has everything up to here before their eyes. */
  seen: (seq: number) => void;
}

export interface Panel {
  hear: (event: LineEvent) => void;
  show: (prefill: string | null) => void;
  hide: () => void;
}

export type StartPanel = (core: Core) => Panel;

export type Command = (command: string, ...args: unknown[]) => void;

export interface RapportGlobal extends Command {
  /** Commands given before the script had loaded. */
  q?: ArrayLike<unknown>[];
  /** Called by the panel's script once it is there. */
  start?: (panel: StartPanel) => void;
}

declare global {
  interface Window {
    rapport?: RapportGlobal;
  }
}
