/** The page's life with one made-up person: made once, kept in the address, listened to, spoken for. */
import { type RefObject, useCallback, useEffect, useReducer, useRef } from "react";
import { advanceClock, listen, newPersona, personState, say } from "./api.ts";
import { emptyPlay, type Play, type PlayEvent, readHandOver, reduce } from "./play.ts";
import type { DrawnDoor, HandOver, Saying } from "./types.ts";

export interface Player {
  play: Play;
  send: (event: PlayEvent) => void;
  startOver: () => void;
  say: (saying: Saying) => Promise<void>;
  advance: (seconds: number) => Promise<void>;
  /** The frame with the website chat, for journeys that speak there. */
  frame: RefObject<HTMLIFrameElement | null>;
  /** Listens to the website chat once its page is there. */
  attend: () => void;
  sayOnSite: (text: string) => Promise<void>;
  /** Asks the website chat for a way on to that door; null when it gives none. */
  handOver: (door: DrawnDoor) => Promise<HandOver | null>;
}

type SiteChat = (command: string, ...args: unknown[]) => void;

interface SiteTold {
  id: string;
  author?: string;
  at?: string;
}

const HAND_OVER_PATIENCE = 2_500;
const SITE_PATIENCE = 20;
const LONGEST_TYPING = 12_000;

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

export const usePlay = (): Player => {
  const [play, send] = useReducer(reduce, emptyPlay);
  const frame = useRef<HTMLIFrameElement>(null);
  const awaited = useRef<((message: HandOver) => void) | null>(null);
  const { persona } = play;

  const startOver = useCallback((): void => {
    newPersona().then(
      (made) => {
        window.history.replaceState(null, "", `#${made.id}`);
        send({ type: "persona", id: made.id, made });
      },
      () => send({ type: "online", on: false }),
    );
  }, []);

  const siteChat = useCallback(async (): Promise<SiteChat | null> => {
    for (let round = 0; round < SITE_PATIENCE; round++) {
      const chat = (frame.current?.contentWindow as { rapport?: SiteChat } | null | undefined)?.rapport;
      if (chat) return chat;
      await pause(150);
    }
    return null;
  }, []);

  useEffect(() => {
    const known = window.location.hash.slice(1);
    if (!known) return startOver();
    personState(known).then(
      (state) => {
        send({ type: "persona", id: known, made: state.persona ?? null });
        send({ type: "state", state });
      },
      // The demo was started anew and has forgotten this person.
      () => startOver(),
    );
  }, [startOver]);

  useEffect(() => {
    if (!persona) return;
    return listen(persona, {
      bubble: (bubble) => send({ type: "bubble", bubble }),
      state: (state) => send({ type: "state", state }),
      typing: (channel) => send({ type: "typing", channel }),
      online: (on) => send({ type: "online", on }),
    });
  }, [persona]);

  useEffect(() => {
    const hear = (event: MessageEvent<unknown>): void => {
      if (event.origin !== window.location.origin || event.source !== frame.current?.contentWindow) return;
      const message = readHandOver(event.data);
      if (!message) return;
      send({ type: "handOver", message });
      awaited.current?.(message);
    };
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, []);

  // The frame follows the theme chosen for the console, not only the system's.
  useEffect(() => {
    const watch = new MutationObserver(() => {
      void siteChat().then((chat) => chat?.("theme", document.documentElement.dataset["theme"]));
    });
    watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => watch.disconnect();
  }, [siteChat]);

  // Dots that nothing follows, because the AI stays silent, go away by themselves.
  useEffect(() => {
    if (!play.typing) return;
    const timer = setTimeout(() => send({ type: "typing", channel: "" }), LONGEST_TYPING);
    return () => clearTimeout(timer);
  }, [play.typing]);

  const attempt = useCallback(async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
      send({ type: "trouble", on: false });
    } catch {
      send({ type: "trouble", on: true });
    }
  }, []);

  const attend = useCallback((): void => {
    void siteChat().then((chat) => {
      chat?.("theme", document.documentElement.dataset["theme"]);
      chat?.("on", "message", ({ id, author, at }: SiteTold) => {
        send({ type: "site", id, direction: author === "customer" ? "in" : "out", at: at ?? null });
      });
      chat?.("on", "sent", ({ id }: SiteTold) => {
        send({ type: "site", id, direction: "in", at: null });
        send({ type: "here", door: "widget" });
      });
    });
  }, [siteChat]);

  return {
    play,
    send,
    startOver,
    frame,
    attend,
    say: (saying) =>
      attempt(async () => {
        if (persona) await say(persona, saying);
      }),
    advance: (seconds) =>
      attempt(async () => {
        await advanceClock(seconds);
        if (persona) send({ type: "state", state: await personState(persona) });
      }),
    sayOnSite: (text) =>
      attempt(async () => {
        send({ type: "here", door: "widget" });
        const chat = await siteChat();
        if (!chat) throw new Error("the website chat is not there");
        chat("say", text);
      }),
    handOver: async (door) => {
      const chat = await siteChat();
      if (!chat) return null;
      return new Promise((done) => {
        const end = (message: HandOver | null): void => {
          awaited.current = null;
          done(message);
        };
        awaited.current = end;
        setTimeout(() => end(null), HAND_OVER_PATIENCE);
        chat("continue", door);
      });
    },
  };
};
