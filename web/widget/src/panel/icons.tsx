/** The few icons of the panel, drawn on a 24 grid, and the doors it can hand over to, on a 16 grid. */
import { h } from "preact";
import { fill, words } from "../strings/strings.ts";

const paths = {
  close: "M18 6 6 18M6 6l12 12",
  back: "m15 18-6-6 6-6",
  next: "m9 18 6-6-6-6",
  send: "m5 12 7-7 7 7M12 19V5",
  person: "M12 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM20 21a8 8 0 0 0-16 0",
  page: "M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h9l5 5v13a2 2 0 0 1-2 2zM14 2v6h6M8 13h8M8 17h8",
  phone: "M7 2h10a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zM11 18h2",
  check: "M20 6 9 17l-5-5",
  clip: "m21 11-9 9a6 6 0 0 1-8-8l9-9a4 4 0 0 1 6 6l-9 9a2 2 0 0 1-3-3l8-8",
  bell: "M6 8a6 6 0 0 1 12 0c0 7 3 9 3 9H3s3-2 3-9M10 21h4",
  plus: "M12 5v14M5 12h14",
  star: "m12 3 2.7 5.7 6.300.8-4.6 4.3 1.2 6.2L12 17l-5.6 3 1.2-6.2L3 9.5l6.3-.8z",
} as const;

export const Icon = ({ name, size = 18 }: { name: keyof typeof paths; size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);

interface Door {
  name: string;
  glyph: string;
}

/** Those that are offered first; others are named, and drawn where all of them are shown. */
export const doors: Record<string, Door> = {
  whatsapp: {
    name: "WhatsApp",
    glyph:
      "M2.3 13.7l1-2.8a5.7 5.7 0 1 1 2.2 2zM6.2 6.1c-.1 2.1 1.6 3.9 3.8 3.8l.5-1.2-1.4-.7-.6.5a2.4 2.4 0 0 1-1-1l.5-.6-.7-1.4z",
  },
  telegram: { name: "Telegram", glyph: "M14 2.5L1.9 7.4l4 1.5 1.6 4.4 2-2.7 3 2.1zM5.9 8.9l4.8-3.4" },
  email: { name: "Email", glyph: "M2 4h12v8.5H2zM2 4.5l6 4.5 6-4.5" },
};

export const doorName = (channel: string): string => doors[channel]?.name ?? channel.replace(/^./, (first) => first.toUpperCase());

export const Glyph = ({ channel }: { channel: string }) => (
  <span class={`glyph ${channel}`}>
    <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
      <path d={doors[channel]?.glyph} />
    </svg>
  </span>
);

/** "Continue on …", as it is said of that door. */
export const onwards = (channel: string): string => (channel === "email" ? words.byEmail : fill(words.continue, doorName(channel)));

const MOST_OFFERED = 3;

/** As many doors as are offered beside everything else. */
export const offered = (channels: string[]): string[] => {
  const drawn = channels.filter((channel) => channel in doors);
  return drawn.length ? drawn.slice(0, MOST_OFFERED) : channels.slice(0, MOST_OFFERED);
};
