import { describe, expect, it } from "vitest";
import { filled, mentionsIn, wishAt } from "./suggest.ts";

describe("what is asked for at the caret", () => {
  const check = (text: string, expected: string | null) =>
    it(`"${text}"`, () => {
      const wish = wishAt(text, text.length);
      expect(wish && `${wish.sign}|${wish.query}|${wish.start}`).toBe(expected);
    });
  check("/war", "/|war|0");
  check("Hi Anna, /", "/||9");
  check("and/or", null);
  check("/war then", null);
  check("@an", "@|an|0");
  check("a@b.c", null);
  check("See #assembly fee", "#|assembly fee|4");
  check("one\n/tw", "/|tw|4");
});

it("gaps are filled with what is known, others stay to be seen", () => {
  expect(filled("Hi {name}, {order} is on its way. {me}", { name: "Anna", me: "Maya", order: null })).toBe(
    "Hi Anna, {order} is on its way. Maya",
  );
});

it("the longer name is the one that is named", () => {
  const team = [
    { id: "1", name: "Ana" },
    { id: "2", name: "Ana Maria" },
  ];
  expect(mentionsIn("@Ana Maria please look", team)).toEqual(["2"]);
  expect(mentionsIn("@ana and @ana maria", team)).toEqual(["2", "1"]);
  expect(mentionsIn("ana", team)).toEqual([]);
});
