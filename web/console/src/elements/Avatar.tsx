import clsx from "clsx";
import { ChannelTile } from "./Channel.tsx";

/** Up to two letters of a name; a question mark for somebody nameless. */
export const initials = (name: string | null): string => {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const first = words[0]?.[0];
  if (!first) return "?";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
};

const sizes = {
  s: "size-5 text-[9px]",
  m: "size-[26px] text-[10px]",
  l: "size-9 text-12",
  xl: "size-[52px] text-[17px]",
} as const;

interface AvatarProps {
  name: string | null;
  size?: keyof typeof sizes;
  channel?: string;
  teammate?: boolean;
  raised?: boolean;
}

export const Avatar = ({ name, size = "l", channel, teammate = false, raised = false }: AvatarProps) => (
  <span className="relative inline-block h-max flex-none" aria-hidden={channel ? undefined : true}>
    <span
      aria-hidden="true"
      className={clsx(
        "inline-grid place-items-center rounded-full font-semibold",
        sizes[size],
        teammate ? "bg-accent-soft text-accent" : raised ? "bg-s1 text-t2" : "bg-s3 text-t2",
      )}
    >
      {initials(name)}
    </span>
    {channel && (
      <span
        className={clsx(
          "absolute -right-[6px] -bottom-[6px] grid rounded-[7px] border-2",
          raised ? "border-accent-soft" : "border-s1",
          "bg-s1",
        )}
      >
        <ChannelTile channel={channel} size="s" />
      </span>
    )}
  </span>
);
