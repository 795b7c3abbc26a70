import { expect, it } from "vitest";
import { played, sample, sides } from "./listen.ts";

it("µ-law is sound: silence is nothing, the loudest is nearly one, and both signs are alike", () => {
  expect([0xff, 0x7f].map((byte) => Math.abs(sample(byte)))).toEqual([0, 0]);
  expect(sample(0x80)).toBeCloseTo(0.98, 2);
  expect(sample(0x00)).toBeCloseTo(-0.98, 2);
  for (let byte = 0; byte < 128; byte += 1) expect(sample(byte)).toBeCloseTo(-sample(byte + 128), 6);
});

it("a message has a sample of theirs and one of ours in turn", () => {
  const [theirs, ours] = sides(new Uint8Array([0x80, 0xff, 0x80, 0xff]));
  expect([...theirs].map((one) => one > 0.9)).toEqual([true, true]);
  expect([...ours]).toEqual([0, 0]);
  expect(sides(new Uint8Array([0x80])).map((side) => side.length)).toEqual([0, 0]);
});

it("whoever is behind does not hear pauses and hears every word", () => {
  const pause = new Uint8Array(320).fill(0xff);
  const word = new Uint8Array(320).fill(0xff);
  word[7] = 0x80;
  const message = Uint8Array.from([...word, ...pause, ...word]);
  expect(played(message, 0.1)).toEqual(message);
  expect(played(message, 2)).toEqual(Uint8Array.from([...word, ...word]));
  expect(played(pause, 2)).toHaveLength(0);
});
