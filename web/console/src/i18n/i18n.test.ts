import { expect, it } from "vitest";
import en from "./en.json";
import fr from "./fr.json";

const leaves = (tree: object, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[`${path}${key}`, value]] : leaves(value as object, `${path}${key}.`),
  );

const holes = (text: string): string[] => (text.match(/\{\{[^}]+\}\}/g) ?? []).sort();

it("French says everything English says", () => {
  expect(
    leaves(fr)
      .map(([key]) => key)
      .sort(),
  ).toEqual(
    leaves(en)
      .map(([key]) => key)
      .sort(),
  );
});

it("both fill the same places in a sentence", () => {
  const french = new Map(leaves(fr));
  const different = leaves(en).filter(([key, text]) => holes(text).join() !== holes(french.get(key) ?? "").join());
  expect(different.filter(([key]) => !key.endsWith("_one"))).toEqual([]);
});
