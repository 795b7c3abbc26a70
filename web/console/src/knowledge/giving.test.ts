import { expect, it } from "vitest";
import { changed, fileNameOf, type Giving, mostBytes, refusal } from "./giving.ts";

it("only what the server reads is sent", () => {
  const check = (name: string, size: number, expected: ReturnType<typeof refusal>) => expect(refusal({ name, size }), name).toBe(expected);
  check("Returns.PDF", 10, null);
  check("price list.csv", mostBytes, null);
  check("handbook.docx", 10, null);
  check("page.htm", 10, null);
  check("photo.png", 10, "kind");
  check("pdf", 10, "kind");
  check("old.doc", 10, "kind");
  check("empty.md", 0, "empty");
  check("film.pdf", mostBytes + 1, "size");
});

it("a change reaches the one document it is about", () => {
  const one = (key: number): Giving => ({ key, name: "a.md", sent: 0, state: "waiting", why: "", given: null, file: new File(["a"], "a.md") });
  const all = changed([one(1), one(2)], 2, { state: "failed", why: "no" });
  expect(all.map(({ key, state, why }) => ({ key, state, why }))).toEqual([
    { key: 1, state: "waiting", why: "" },
    { key: 2, state: "failed", why: "no" },
  ]);
});

it("an answer's document is named after its question", () => {
  expect(fileNameOf("Do you deliver to Besançon?")).toBe("do-you-deliver-to-besancon.md");
  expect(fileNameOf("???")).toBe("answer.md");
});
