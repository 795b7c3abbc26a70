import { expect, it } from "vitest";
import { preview, snippet } from "./snippet.ts";

const looks = { connection: "web", colour: "#2b50c8", locale: "fr", theme: "dark", greet: true, consent: true };

it("the line says what was chosen", () => {
  expect(snippet("https://chat.example.com", looks)).toBe(
    '<script src="https://chat.example.com/widget.js" data-connection="web" data-colour="#2b50c8" data-locale="fr" data-theme="dark" data-greet data-consent async></script>',
  );
  expect(snippet("https://chat.example.com", { connection: "web", colour: "", locale: "", theme: "", greet: false, consent: false })).toBe(
    '<script src="https://chat.example.com/widget.js" data-connection="web" async></script>',
  );
});

it("nothing that is written into a field leaves its attribute", () => {
  const hostile = '"><img src=x onerror=1>';
  const page = preview("https://chat.example.com", { connection: hostile, colour: hostile, locale: hostile, theme: hostile, greet: false, consent: false });
  expect(page).not.toContain("<img");
  expect(page).not.toContain("onerror");
});
