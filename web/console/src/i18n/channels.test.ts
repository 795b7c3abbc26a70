import { channelNames } from "@rapport/shared/glyphs";
import { expect, it } from "vitest";
import type { Channel } from "../api/types.ts";
import en from "./en.json";
import fr from "./fr.json";

/** Both ways: a channel of the server's that has no glyph, or the other way round, does not compile. */
const known: readonly Channel[] = channelNames;
const drawn = (channel: Channel): (typeof channelNames)[number] => channel;

it("every channel of the server has a name in every language", () => {
  for (const channel of known.map(drawn)) {
    for (const words of [en, fr]) expect(words.channel[channel].trim(), channel).not.toBe("");
  }
});
