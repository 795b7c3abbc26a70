import { describe, expect, it } from "vitest";
import { fitting, mostBytes, written } from "./attach.ts";

const file = (size: number): File => new File([new Uint8Array(size)], "a.bin");

describe("files of a reply", () => {
  it("are taken as long as they fit, and what does not fit is told", () => {
    expect(fitting([], [file(10), file(20)])).toMatchObject({ over: false });
    expect(fitting([{ size: mostBytes - 5 }], [file(10), file(4)]).taken.map(({ size }) => size)).toEqual([4]);
    expect(fitting([], [file(0)])).toEqual({ taken: [], over: true });
    expect(fitting(Array.from({ length: 10 }, () => ({ size: 1 })), [file(1)]).over).toBe(true);
  });

  it("are written in base64", async () => {
    const hello = new File(["hello"], "hello.txt");
    if (typeof FileReader === "undefined") return;
    expect(await written({ key: "1", name: "hello.txt", size: 5, preview: null, file: hello })).toEqual({ name: "hello.txt", base64: "aGVsbG8=" });
  });
});
