/** The phones on the table: four where there is room, three with a switch, one with tabs on a phone. */
import interUrl from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import clsx from "clsx";
import { type ReactNode, useState } from "react";
import { DoorGlyph, hue, useDoorName } from "./Door.tsx";
import { Phone, PhoneFrame } from "./Phone.tsx";
import { lastMoment } from "./play.ts";
import type { Door, DrawnDoor } from "./types.ts";
import type { Player } from "./use-play.ts";
import { useSpeech, type Word } from "./words.ts";

export interface PhonesProps {
  player: Player;
  visible: readonly Door[];
  /** Which phone the last place shows, which it may show, and how to change it; absent where there is one place only. */
  last: { shown: Door; choices: readonly Door[]; show: (door: Door) => void } | null;
}

const drawn: readonly DrawnDoor[] = ["whatsapp", "telegram", "discord", "email", "sms", "rcs", "messenger", "instagram", "voice"];
const emptyNotes: Record<DrawnDoor, Word> = {
  whatsapp: "empty.whatsapp",
  telegram: "empty.telegram",
  discord: "empty.discord",
  email: "empty.email",
  sms: "empty.sms",
  rcs: "empty.sms",
  messenger: "empty.messenger",
  instagram: "empty.instagram",
  voice: "empty.voice",
};

const LastSwitch = ({ shown, choices, show }: NonNullable<PhonesProps["last"]>) => {
  const { say } = useSpeech();
  const name = useDoorName();
  return (
    <div role="group" aria-label={say("switchPhone")} className="inline-flex gap-0.5 rounded-[7px] bg-s2 p-0.5">
      {choices.map((door) => (
        <button
          key={door}
          type="button"
          aria-label={name(door)}
          title={name(door)}
          aria-pressed={shown === door}
          onClick={() => show(door)}
          style={hue(door)}
          className={clsx(
            "grid h-6 w-7 place-items-center rounded-[5px]",
            shown === door ? "bg-s1 text-[var(--c)] shadow-1 dark:bg-s3" : "text-t3 hover:text-t1",
          )}
        >
          <DoorGlyph door={door} />
        </button>
      ))}
    </div>
  );
};

/** The shop's page brings no font of its own; in the playground the frame borrows ours, so that all phones look alike. */
const lendFont = (frame: HTMLIFrameElement): void => {
  const inside = frame.contentWindow as (Window & { FontFace: typeof FontFace }) | null;
  if (!inside || !frame.contentDocument) return;
  const fonts = frame.contentDocument.fonts;
  new inside.FontFace("Inter Variable", `url(${interUrl})`, { weight: "100 900" }).load().then(
    (font) => void fonts.add(font),
    // The frame then keeps the system's font.
    () => undefined,
  );
};

type SitePage = "chat" | "contact";

/** The shop's two ways to write: its chat, and its contact form. */
const SiteTabs = ({ shown, show }: { shown: SitePage; show: (page: SitePage) => void }) => {
  const { say } = useSpeech();
  return (
    <div role="group" aria-label={say("site")} className="flex flex-none gap-1 border-b border-line bg-s0 px-2 py-1">
      {(["chat", "contact"] as const).map((page) => (
        <button
          key={page}
          type="button"
          aria-pressed={shown === page}
          onClick={() => show(page)}
          className={clsx(
            "min-h-7 rounded-2 px-2.5 text-12 font-medium max-[1024px]:min-h-11",
            shown === page ? "bg-s2 text-t1" : "text-t2 hover:bg-s2 hover:text-t1",
          )}
        >
          {say(`site.${page}`)}
        </button>
      ))}
    </div>
  );
};

export const Phones = ({ player, visible, last }: PhonesProps) => {
  const { play, send, frame } = player;
  const { say } = useSpeech();
  const name = useDoorName();
  const phone = play.made?.phone ?? play.state?.customer?.identifiers.find((one) => one.kind === "phone")?.value ?? "+33 6";
  const email = play.made?.email ?? play.state?.customer?.identifiers.find((one) => one.kind === "email")?.value ?? "…@people.example";
  const aside = (door: Door): ReactNode => (last?.shown === door ? <LastSwitch {...last} /> : null);
  const [shop, setShop] = useState(say("shop"));
  const [site, setSite] = useState<SitePage>("chat");
  return (
    <>
      <PhoneFrame
        door="widget"
        last={play.site.at(-1)?.at ?? null}
        here={play.here === "widget"}
        hidden={!visible.includes("widget")}
      >
        <SiteTabs shown={site} show={setSite} />
        {play.persona && site === "contact" && (
          <iframe
            key={`form of ${play.persona}`}
            title={say("site.contact")}
            onLoad={(event) => lendFont(event.currentTarget)}
            src={`/playground/shop?page=contact&persona=${encodeURIComponent(play.persona)}`}
            className="size-full min-h-0 flex-1 border-0 bg-s1"
          />
        )}
        {play.persona && (
          <iframe
            key={play.persona}
            ref={frame}
            title={name("widget")}
            onLoad={(event) => {
              lendFont(event.currentTarget);
              setShop(event.currentTarget.contentDocument?.title || say("shop"));
              player.attend();
            }}
            src={`/playground/shop?persona=${encodeURIComponent(play.persona)}`}
            className={clsx("size-full min-h-0 flex-1 border-0 bg-s1", site === "contact" && "hidden")}
          />
        )}
      </PhoneFrame>
      {drawn.map((door) => (
        <Phone
          key={door}
          door={door}
          hidden={!visible.includes(door)}
          here={play.here === door}
          aside={aside(door)}
          shop={shop}
          bubbles={play.bubbles}
          before={(bubble) => lastMoment(play, bubble)}
          typing={play.typing === door}
          draft={play.drafts[door]}
          emptyNote={say(emptyNotes[door], { phone, email })}
          startToken={play.start?.door === door ? play.start.token : null}
          canShareContact={door === "telegram" && !play.contactShared}
          write={(text) => send({ type: "draft", door, text })}
          focus={() => send({ type: "here", door })}
          send={(text) => {
            send({ type: "draft", door, text: "" });
            void player.say({ channel: door, text });
          }}
          press={(choice) => {
            const share = choice.payload === "share_contact";
            void player.say(share ? { channel: door, share_contact: true } : { channel: door, button: choice });
            if (share) send({ type: "shared" });
          }}
          shareContact={() => {
            send({ type: "shared" });
            void player.say({ channel: door, share_contact: true });
          }}
          start={(token) => {
            send({ type: "started" });
            void player.say({ channel: door, start_token: token });
          }}
        />
      ))}
    </>
  );
};
