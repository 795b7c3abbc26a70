/** Where the strands of all doors meet: one person, one timeline, nothing known asked again. */
import { channelHue } from "@rapport/shared/glyphs";
import clsx from "clsx";
import { Check, TriangleAlert } from "lucide-react";
import type { Customer } from "../api/types.ts";
import { DoorTile, useDoorName } from "./Door.tsx";
import { type Play, strands } from "./play.ts";
import type { Door } from "./types.ts";
import { useSpeech } from "./words.ts";

const initials = (name: string | null): string =>
  (name ?? "")
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? "")
    .join("") || "?";

/** The person's last conversation in the console, else the person. */
const inboxOf = ({ id, conversations }: Customer): string => {
  const last = conversations[0];
  return last ? `/inbox/all/${encodeURIComponent(last)}` : `/people/${encodeURIComponent(id)}`;
};

/** One strand from below each phone to the person; what is not joined ends open, and dashed. */
const Strands = ({ play, columns }: { play: Play; columns: readonly Door[] }) => {
  const { joined, apart } = strands(play);
  const width = 1000 / columns.length;
  return (
    <svg viewBox="0 0 1000 62" preserveAspectRatio="none" aria-hidden="true" className="block h-11 w-full overflow-visible" fill="none">
      {columns.map((door, index) => {
        const x = width * (index + 0.5);
        if (joined.includes(door)) {
          return (
            <path
              key={`${door}-joined`}
              d={Math.abs(x - 500) < 1 ? "M500 0V62" : `M${x} 0C${x} 44 500 12 500 62`}
              stroke={channelHue(door)}
              strokeWidth="2.5"
              vectorEffect="non-scaling-stroke"
              className="strand"
            />
          );
        }
        if (!apart.includes(door)) return null;
        return (
          <path
            key={`${door}-apart`}
            d={`M${x} 0V26`}
            stroke={channelHue(door)}
            strokeWidth="2.5"
            strokeDasharray="1 6"
            strokeLinecap="round"
            vectorEffect="non-scaling-stroke"
          />
        );
      })}
    </svg>
  );
};

export const OneCustomer = ({ play, columns, drawn }: { play: Play; columns: readonly Door[]; drawn: boolean }) => {
  const { say } = useSpeech();
  const doorName = useDoorName();
  const { state } = play;
  const { joined, apart, messages } = strands(play);
  // A record opens with the chat; a customer is who has spoken.
  const customer = messages > 0 || joined.length > 0 || apart.length > 0 ? (state?.customer ?? null) : null;
  const name = customer?.name ?? null;
  const asked = state?.asked_again ?? 0;
  const line = customer
    ? [name ?? say("nameless"), say("doors", { count: joined.length }), say("messages", { count: messages })].join(", ")
    : say("noCustomerNote");
  const loose = customer && apart.length > 0 ? say("apart", { doors: apart.map(doorName).join(", ") }) : null;
  return (
    <section aria-label={say("oneCustomer")} className="flex-none">
      {drawn && <Strands play={play} columns={columns} />}
      <div className="mx-auto flex w-full max-w-[660px] items-center gap-3 rounded-[12px] border border-line bg-s1 px-3.5 py-[9px] shadow-1">
        <span
          aria-hidden="true"
          className={clsx(
            "grid size-7 flex-none place-items-center rounded-full text-11 font-semibold",
            customer ? "bg-t1 text-s1" : "border border-dashed border-line-strong text-t3",
          )}
        >
          {initials(name)}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="flex items-center gap-1.5 text-13 leading-[18px] font-semibold">
            {customer ? say("oneCustomer") : say("noCustomer")}
            {joined.map((door) => (
              <DoorTile key={door} door={door} small />
            ))}
          </h2>
          <p className="text-12 text-t3 [overflow-wrap:anywhere]">
            {line}
            {loose && <span className="text-warn"> · {loose}</span>}
          </p>
        </div>
        {customer && (
          <span
            className={clsx(
              "inline-flex h-5 flex-none items-center gap-1 rounded-1 px-[7px] text-12 whitespace-nowrap",
              asked ? "bg-warn-soft text-warn" : "bg-ok-soft text-ok",
            )}
          >
            {asked ? <TriangleAlert size={12} aria-hidden="true" /> : <Check size={12} aria-hidden="true" />}
            <span className="max-[640px]:sr-only">{asked ? say("askedTwice", { count: asked }) : say("nothingTwice")}</span>
          </span>
        )}
        {customer && (
          <a href={inboxOf(customer)} className="flex-none text-12 font-medium text-accent hover:underline max-[640px]:hidden">
            {say("openInbox")}
          </a>
        )}
      </div>
    </section>
  );
};
