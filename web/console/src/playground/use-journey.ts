/** A ready-made journey, clicked through line by line over the same doors a visitor would take. */
import { useCallback, useEffect, useState } from "react";
import { journeys } from "./api.ts";
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

/** A person reads before the next line is sent; the code and the line stay two messages. */
const BETWEEN_MESSAGES = 1_200;

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
  useEffect(() => setDone(0), [persona]);

  const speak = useCallback(
    async (line: JourneyLine): Promise<void> => {
      const { play } = player;
      if (line.advance_s) await player.advance(line.advance_s);
      if (line.channel === "widget") return player.sayOnSite(line.text);
      player.send({ type: "here", door: line.channel });
      const isFirst = !play.bubbles.some((bubble) => bubble.channel === line.channel);
      // The first time on another door after the website: take the road a visitor takes, the link with its code.
      if (play.site.length > 0 && isFirst && line.channel !== "sms") {
        const way = await player.handOver(line.channel);
        if (way?.channel === "telegram") {
          player.send({ type: "started" });
          await player.say({ channel: "telegram", start_token: parameter(way.url, "start") ?? way.code });
        } else if (way) {
          player.send({ type: "draft", door: "whatsapp", text: "" });
          await player.say({ channel: "whatsapp", text: parameter(way.url, "text") ?? way.code });
        }
        if (way) await new Promise((wait) => setTimeout(wait, BETWEEN_MESSAGES));
      }
      await player.say({ channel: line.channel, text: line.text });
    },
    [player],
  );

  return {
    all,
    chosen,
    done,
    next,
    busy,
    choose: (journey) => {
      setId(journey);
      setDone(0);
    },
    sayNext: () => {
      if (!next || busy) return;
      setBusy(true);
      void speak(next)
        .then(() => setDone((count) => count + 1))
        .finally(() => setBusy(false));
    },
  };
};
