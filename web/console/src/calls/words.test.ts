import { expect, it } from "vitest";
import { clockWords, usualTurn, wholeTurn } from "./words.ts";

it("a call's length is read like a clock", () => {
  expect([0, 5, 65, 3725, -3].map(clockWords)).toEqual(["0:00", "0:05", "1:05", "1:02:05", "0:00"]);
});

it("a turn took what was measured of it", () => {
  const turn = { message: null, ears_ms: 450, thinking_ms: 30, voice_ms: null };
  expect(wholeTurn(turn)).toBe(480);
  expect(usualTurn([])).toBeNull();
  expect(usualTurn([{ ...turn, ears_ms: 1 }, turn, { ...turn, ears_ms: 9_000 }])).toBe(480);
});
