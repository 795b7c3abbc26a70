import { channelHue, glyphShape } from "@rapport/shared/glyphs";
import clsx from "clsx";
import type { CSSProperties } from "react";
import { useSpeech, type Word } from "./words.ts";

/** Hands a door's hue to what is drawn inside. */
export const hue = (door: string): CSSProperties => ({ "--c": channelHue(door) }) as CSSProperties;

export const DoorGlyph = ({ door, size = 14 }: { door: string; size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth={1.45}
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    className="block flex-none"
    // Constants of this product, never text from outside.
    dangerouslySetInnerHTML={{ __html: glyphShape(door) }}
  />
);

const known: Record<string, Word> = {
  widget: "door.widget",
  whatsapp: "door.whatsapp",
  telegram: "door.telegram",
  discord: "door.discord",
  email: "door.email",
  sms: "door.sms",
  rcs: "door.rcs",
  messenger: "door.messenger",
  instagram: "door.instagram",
  voice: "door.voice",
};

/** The door's name as people say it. */
export const useDoorName = (): ((door: string) => string) => {
  const { say } = useSpeech();
  return (door) => (known[door] ? say(known[door]) : door);
};

/** Glyph on the tint of its door. */
export const DoorTile = ({ door, small = false }: { door: string; small?: boolean }) => {
  const name = useDoorName()(door);
  return (
    <span
      role="img"
      aria-label={name}
      title={name}
      style={hue(door)}
      className={clsx(
        "inline-grid flex-none place-items-center text-[var(--c)] [background:color-mix(in_srgb,var(--c)_var(--ch-mix),var(--surface-1))]",
        small ? "size-4 rounded-[5px]" : "size-6 rounded-[7px]",
      )}
    >
      <DoorGlyph door={door} size={small ? 10 : 14} />
    </span>
  );
};
