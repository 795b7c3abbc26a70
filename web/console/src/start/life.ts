/** A few people with something on their minds, played over the demo's phones: the inbox of a good morning. */
import { happen, newPersona, personState, say } from "../playground/api.ts";
import type { DrawnDoor } from "../playground/types.ts";

interface Line {
  channel: DrawnDoor;
  text: string;
  event?: { type: string; data: Record<string, unknown> };
}

/** Each is one person's; the first words on every door are what that door's people would write. */
export const stories: readonly (readonly Line[])[] = [
  [
    { channel: "whatsapp", text: "Hi, this is Marta Silva. I am looking for twelve chairs for our office, budget 5,000 EUR" },
    { channel: "whatsapp", text: "SitRight offers me the same chair cheaper" },
  ],
  [
    { channel: "telegram", text: "Hello, Jonas Brandt here. Do you deliver to Lyon?" },
    { channel: "telegram", text: "Can I talk to someone?" },
  ],
  [
    {
      channel: "whatsapp",
      text: "Hello, this is Emre Kaya. The chair of order EC-30417 is too small for me",
      event: { type: "order.delivered", data: { order: "EC-30417", product: "Contour 2", total: "129.00 EUR" } },
    },
    { channel: "sms", text: "How many days do I have to return it?" },
  ],
  [
    { channel: "sms", text: "Bonjour, ici Claire Moreau. Combien coûte le montage ?" },
    { channel: "sms", text: "Merci, c’est parfait !" },
  ],
  [{ channel: "instagram", text: "Hi, I'm Aiko Mori. How long is the warranty on a chair?" }],
];

/** A burst ends and its answer comes well within this; where a person is called the answer says so. */
const PATIENCE = 8_000;
const LOOK_AGAIN = 150;

const answered = async (persona: string, before: string | undefined): Promise<void> => {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const state = await personState(persona);
    if (state.last_turn && state.last_turn.id !== before) return;
    await new Promise((again) => setTimeout(again, LOOK_AGAIN));
  }
};

const play = async (story: readonly Line[]): Promise<void> => {
  const { id } = await newPersona();
  for (const { channel, text, event } of story) {
    if (event) await happen(id, event.type, event.data);
    const before = (await personState(id)).last_turn?.id;
    await say(id, { channel, text });
    await answered(id, before);
  }
};

/** Plays them all side by side; how many people came. */
export const bringLife = async (): Promise<number> => {
  const ended = await Promise.allSettled(stories.map(play));
  return ended.filter(({ status }) => status === "fulfilled").length;
};
