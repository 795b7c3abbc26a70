/** A ready-made journey, clicked through line by line over the same doors a visitor would take. */
import { useCallback, useEffect, useRef, useState } from "react";
import { happen, journeys } from "./api.ts";
import { parameter } from "./play.ts";
import type { Journey, JourneyLine } from "./types.ts";
import type { Player } from "./use-play.ts";

export interface Guide {
  all: Journey[];
  chosen: Journey | null;
  done: number;
  next: JourneyLine | null;
  busy: boolean;
  choose: (id: string | null) => void;
  sayNext: () => void;
}

/** A burst ends and its answer comes well within this; where the AI is silent nothing comes. */
const ANSWER_PATIENCE = 6_000;
const LOOK_AGAIN = 100;

const doneKey = (persona: string): string => `rapport.journey.${persona}`;

interface Place {
  journey: string | null;
  done: number;
}

/** How far a person's journey has come, so that a reload goes on where it was. */
const placeOf = (persona: string): Place | null => {
  try {
    return JSON.parse(window.sessionStorage.getItem(doneKey(persona)) ?? "null") as Place | null;
  } catch {
    return null;
  }
};

export const useJourney = (player: Player): Guide => {
  const [all, setAll] = useState<Journey[]>([]);
  const [id, setId] = useState<string | null>(null);
  const [done, setDone] = useState(0);
  const [busy, setBusy] = useState(false);
  const { persona } = player.play;
  const chosen = all.find((journey) => journey.id === id) ?? null;
  const next = chosen?.lines[done] ?? null;

  useEffect(() => {
    journeys().then(
      (items) => {
        setAll(items);
        setId((current) => current ?? items[0]?.id ?? null);
      },
      () => setAll([]),
    );
  }, []);
  useEffect(() => {
    const place = persona ? placeOf(persona) : null;
    setDone(place?.done ?? 0);
    if (place) setId(place.journey);
  }, [persona]);
  const settle = (journey: string | null, count: number): void => {
    setDone(count);
    if (persona) window.sessionStorage.setItem(doneKey(persona), JSON.stringify({ journey, done: count } satisfies Place));
  };

  const latest = useRef(player.play);
  latest.current = player.play;
  /** What is said next is said to somebody who has heard the answer. */
  const heard = useCallback(async (act: () => Promise<void>): Promise<void> => {
    const before = latest.current.state?.last_turn?.id;
    await act();
    const end = Date.now() + ANSWER_PATIENCE;
    while (latest.current.state?.last_turn?.id === before && Date.now() < end) {
      await new Promise((again) => setTimeout(again, LOOK_AGAIN));
    }
  }, []);

  const speak = useCallback(
    async (line: JourneyLine): Promise<void> => {
      const { play } = player;
      if (line.advance_s) await player.advance(line.advance_s);
      if (line.event && play.persona) await happen(play.persona, line.event.type, line.event.data);
      if (line.channel === "widget") return heard(() => player.sayOnSite(line.text));
      const { channel, text } = line;
      player.send({ type: "here", door: channel });
      const isFirst = !play.bubbles.some((bubble) => bubble.channel === line.channel);
      // The first time on another door after the website: take the road a visitor takes, the link with its code.
      if (play.site.length > 0 && isFirst && (channel === "whatsapp" || channel === "telegram")) {
        const way = await player.handOver(line.channel);
        if (way?.channel === "telegram") {
          player.send({ type: "started" });
          await heard(() => player.say({ channel: "telegram", start_token: parameter(way.url, "start") ?? way.code }));
        } else if (way) {
          player.send({ type: "draft", door: "whatsapp", text: "" });
          await heard(() => player.say({ channel: "whatsapp", text: parameter(way.url, "text") ?? way.code }));
        }
      }
      await heard(() => player.say({ channel, text }));
    },
    [player, heard],
  );

  return {
    all,
    chosen,
    done,
    next,
    busy,
    choose: (journey) => {
      setId(journey);
      settle(journey, 0);
    },
    sayNext: () => {
      if (!next || busy) return;
      setBusy(true);
      void speak(next)
        .then(() => settle(id, done + 1))
        .finally(() => setBusy(false));
    },
  };
};
