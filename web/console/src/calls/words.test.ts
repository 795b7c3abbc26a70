import { expect, it } from "vitest";
import type { CallLine } from "../api/types.ts";
import { clockWords, lineAt, placeOf, usualTurn, wholeTurn } from "./words.ts";

it("a call's length is read like a clock", () => {
  expect([0, 5, 65, 3725, -3].map(clockWords)).toEqual(["0:00", "0:05", "1:05", "1:02:05", "0:00"]);
});

it("a turn took what was measured of it", () => {
  const turn = { message: null, ears_ms: 450, thinking_ms: 30, voice_ms: null };
  expect(wholeTurn(turn)).toBe(480);
  expect(usualTurn([])).toBeNull();
  expect(usualTurn([{ ...turn, ears_ms: 1 }, turn, { ...turn, ears_ms: 9_000 }])).toBe(480);
});

it("a line and its place in the recording find each other", () => {
  const from = "2026-11-30T10:00:00Z";
  const line = (message: string, second: number, who: CallLine["who"]): CallLine => ({
    message,
    who,
    at: new Date(Date.parse(from) + second * 1_000).toISOString(),
    name: null,
    text: "",
    unheard: null,
    turn: null,
  });
  const lines = [line("before", -20, "assistant"), line("asked", 6, "caller"), line("answered", 8, "assistant")];
  expect(lines.map((one) => placeOf(one, from))).toEqual([null, 3, 8]);
  expect([0, 3, 7.9, 8, 60].map((second) => lineAt(lines, from, second))).toEqual([null, "asked", "asked", "answered", "answered"]);
});
