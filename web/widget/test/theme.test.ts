import { describe, expect, it } from "vitest";
import { contrast, parseColour, themeOf } from "../src/loader/theme.ts";
import { qrShapes } from "../src/more/qr.tsx";
import languages from "../src/strings/languages.json";
import words from "../src/strings/strings.json";

const colours = ["#1f5c4d", "#fff", "#000", "#ffcc00", "#ff0000", "#777777", "#808080", "#0a70a8", "#e9e6e0", "#5a4fc4", "#00ff00"];

describe("one colour makes a readable theme", () => {
  for (const colour of colours) {
    it(`from ${colour}`, () => {
      for (const dark of [false, true]) {
        const theme = themeOf(parseColour(colour), dark);
        expect(contrast(theme.fill, theme.onFill)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(theme.brand, dark ? [25, 24, 22] : [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
      }
    });
  }
  it("and something that is no colour falls back to ink", () => {
    expect(parseColour("url(x)")).toEqual([28, 26, 23]);
    expect(parseColour(null)).toEqual([28, 26, 23]);
    expect(parseColour("#abc")).toEqual([170, 187, 204]);
  });
});

describe("the QR picture is read as shapes, never as markup", () => {
  it("from a path", () => expect(qrShapes('<svg viewBox="0 0 29 29"><path d="M0 0h1v1z"/></svg>')).toEqual({ box: "0 0 29 29", path: "M0 0h1v1z" }));
  it("and anything else is nothing", () => {
    expect(qrShapes("<img src=x onerror=alert(1)>")).toBeNull();
    expect(qrShapes("")).toBeNull();
  });
});

describe("the words", () => {
  it("are there in every language, with the same places for values", () => {
    for (const [word, row] of Object.entries(words)) {
      expect(row, word).toHaveLength(languages.length);
      const places = row.map((text) => text.split("{}").length);
      expect(new Set(places).size, word).toBe(1);
    }
  });
});
