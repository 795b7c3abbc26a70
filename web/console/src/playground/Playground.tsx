/** The page itself: play one customer on every door and watch what is understood. */
import "./playground.css";
import clsx from "clsx";
import { Activity } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useMedia } from "../elements/media.ts";
import { DoorGlyph, hue, useDoorName } from "./Door.tsx";
import { JourneyBar } from "./JourneyBar.tsx";
import { Live } from "./Live.tsx";
import { OneCustomer } from "./OneCustomer.tsx";
import { Phones } from "./Phones.tsx";
import { doors } from "./play.ts";
import { TopBar } from "./TopBar.tsx";
import type { Door } from "./types.ts";
import { useJourney } from "./use-journey.ts";
import { usePlay } from "./use-play.ts";
import { useSpeech } from "./words.ts";

type Tab = Door | "live";

interface TabsProps {
  shown: Tab;
  show: (tab: Tab) => void;
  unseen: readonly Tab[];
}

/** On a phone one thing at a time; a dot says where something new waits. */
const Tabs = ({ shown, show, unseen }: TabsProps) => {
  const { say } = useSpeech();
  const name = useDoorName();
  const row = useRef<HTMLElement>(null);
  // The tab that is shown may lie beside the screen.
  useEffect(() => {
    row.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  return (
    <nav aria-label={say("phones")} ref={row} className="grid flex-none auto-cols-[minmax(60px,1fr)] grid-flow-col overflow-x-auto border-t border-line bg-s1 pb-[env(safe-area-inset-bottom)] [scrollbar-width:none]">
      {([...doors, "live"] as const).map((tab) => (
        <button
          key={tab}
          type="button"
          aria-current={shown === tab ? "page" : undefined}
          onClick={() => show(tab)}
          style={hue(tab)}
          className={clsx(
            "relative flex min-h-[52px] flex-col items-center justify-center gap-0.5 px-0.5 text-11",
            shown === tab ? "font-semibold text-t1" : "text-t3",
          )}
        >
          <span className={clsx(shown === tab && tab !== "live" && "text-[var(--c)]")}>
            {tab === "live" ? <Activity size={18} aria-hidden="true" /> : <DoorGlyph door={tab} size={18} />}
          </span>
          <span className="max-w-full truncate">{tab === "live" ? say("live") : name(tab)}</span>
          {unseen.includes(tab) && shown !== tab && <i className="absolute top-2 left-1/2 ml-2 size-2 rounded-full bg-accent" />}
        </button>
      ))}
    </nav>
  );
};

export const Playground = () => {
  const player = usePlay();
  const guide = useJourney(player);
  const { say } = useSpeech();
  const { play } = player;
  const narrow = useMedia("(max-width: 1023.9px)");
  const wide = useMedia("(min-width: 1520px)");
  const [last, setLast] = useState<Door>("telegram");
  const [tab, setTab] = useState<Tab>("widget");
  const [seenTurn, setSeenTurn] = useState<string | null>(null);
  const turn = play.state?.last_turn?.id ?? null;

  useEffect(() => {
    if (play.here !== "widget" && play.here !== "whatsapp") setLast(play.here);
    setTab(play.here);
  }, [play.here]);
  useEffect(() => {
    if (tab === "live") setSeenTurn(turn);
  }, [tab, turn]);

  const fixed: readonly Door[] = wide ? ["widget", "whatsapp", "telegram"] : ["widget", "whatsapp"];
  const choices = doors.filter((door) => !fixed.includes(door));
  const lastShown = choices.includes(last) ? last : "sms";
  const columns: readonly Door[] = [...fixed, lastShown];
  const visible: readonly Door[] = narrow ? (tab === "live" ? [] : [tab]) : columns;
  const showLast = (door: Door): void => {
    setLast(door);
    player.send({ type: "here", door });
  };
  return (
    <div className="relative flex h-dvh flex-col overflow-hidden">
      <TopBar
        now={play.state?.clock.now ?? null}
        advance={(seconds) => void player.advance(seconds)}
        guide={guide}
        startOver={player.startOver}
      />
      <JourneyBar guide={guide} ready={play.persona !== null} />
      {(!play.online || play.trouble) && (
        <p role="status" className="flex-none bg-warn-soft px-5 py-1.5 text-12 text-warn">
          {say(play.online ? "trouble" : "offline")}
        </p>
      )}
      <div className="grid min-h-0 flex-1 min-[1024px]:grid-cols-[minmax(0,1fr)_320px]">
        <main
          aria-label={say("phones")}
          className={clsx(
            "flex min-h-0 flex-col px-6 py-4 max-[1024px]:gap-2 max-[1024px]:px-3 max-[1024px]:py-2",
            narrow && tab === "live" && "hidden",
          )}
        >
          <div
            className={clsx(
              "grid min-h-0 flex-1 grid-rows-[minmax(0,1fr)] gap-[18px]",
              narrow ? "mx-auto w-full max-w-[460px] grid-cols-1" : wide ? "grid-cols-4" : "grid-cols-3",
            )}
          >
            <Phones player={player} visible={visible} last={narrow ? null : { shown: lastShown, choices, show: showLast }} />
          </div>
          <OneCustomer play={play} columns={columns} drawn={!narrow} />
        </main>
        <Live state={play.state} hidden={narrow && tab !== "live"} />
      </div>
      {narrow && (
        <Tabs
          shown={tab}
          show={(chosen) => (chosen === "live" ? setTab("live") : (player.send({ type: "here", door: chosen }), setTab(chosen)))}
          unseen={turn && turn !== seenTurn ? ["live"] : []}
        />
      )}
    </div>
  );
};
