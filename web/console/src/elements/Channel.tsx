import { channelHue, glyphShape, isChannel } from "@rapport/shared/glyphs";
import clsx from "clsx";
import type { CSSProperties } from "react";
import { useWords } from "../i18n/words.ts";

/** Style that hands a door's hue to whatever is drawn inside. */
export const hueOf = (channel: string): CSSProperties => ({ "--c": channelHue(channel) }) as CSSProperties;

/** The door's name as people say it; what a teammate or a list told came through none. */
export const useChannelLabel = (): ((channel: string | null) => string) => {
  const t = useWords();
  return (channel) => (channel === null || channel === "" ? t("channel.none") : isChannel(channel) ? t(`channel.${channel}`) : channel);
};

export const Glyph = ({ channel, size = 14 }: { channel: string; size?: number }) => (
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
    // The shapes are constants of this product, never text from outside.
    dangerouslySetInnerHTML={{ __html: glyphShape(channel) }}
  />
);

const sizes = {
  s: { box: "size-4 rounded-[5px]", glyph: 10 },
  m: { box: "size-6 rounded-[7px]", glyph: 14 },
  l: { box: "size-8 rounded-[9px]", glyph: 18 },
} as const;

interface TileProps {
  /** Nothing: it came through no door, and there is nothing to draw. */
  channel: string | null;
  size?: keyof typeof sizes;
  /** Leave the name out where it stands beside the tile as text. */
  labelled?: boolean;
  className?: string;
}

/** Glyph on the tint of its door. */
export const ChannelTile = ({ channel, size = "m", labelled = false, className }: TileProps) => {
  const label = useChannelLabel()(channel);
  if (!channel) return null;
  const named = labelled ? {} : { role: "img", "aria-label": label, title: label };
  return (
    <span
      {...named}
      style={hueOf(channel)}
      className={clsx(
        "inline-grid flex-none place-items-center text-[var(--c)] [background:color-mix(in_srgb,var(--c)_var(--ch-mix),var(--surface-1))]",
        sizes[size].box,
        className,
      )}
    >
      <Glyph channel={channel} size={sizes[size].glyph} />
    </span>
  );
};
