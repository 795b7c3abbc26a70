import { describe, expect, it } from "vitest";
import type { Template } from "../api/types.ts";
import { firstValues, inOrder, isFilled, previewOf } from "./template.ts";

const template: Template = {
  name: "order",
  language: "en",
  category: "UTILITY",
  header: null,
  body: "Hello {{1}}, order {{ 2 }} is ready.",
  footer: "Ergo Chairs",
  buttons: [],
  variables: ["1", "2"],
};

describe("a template", () => {
  it("reads as the customer will read it, with open gaps as they are", () => {
    expect(previewOf(template, { "1": "Anna" })).toBe("Hello Anna, order {{ 2 }} is ready.\n\nErgo Chairs");
    expect(previewOf(template, { "1": "Anna", "2": "A-17" })).toContain("order A-17 is");
  });

  it("may leave when every gap holds one line", () => {
    expect(isFilled(template, firstValues(template, "Anna Berger"))).toBe(false);
    expect(isFilled(template, { "1": "Anna", "2": "A\nB" })).toBe(false);
    expect(isFilled(template, { "1": "Anna", "2": "A-17" })).toBe(true);
    expect(firstValues(template, "Anna Berger")).toEqual({ "1": "Anna" });
    expect(firstValues(template, null)).toEqual({});
  });

  it("is offered in the customer's language first", () => {
    const french = { ...template, language: "fr" };
    expect(inOrder([template, french], "fr").map(({ language }) => language)).toEqual(["fr", "en"]);
  });
});
