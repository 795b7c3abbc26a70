import { expect, it } from "vitest";
import { sample, sides } from "./listen.ts";

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
