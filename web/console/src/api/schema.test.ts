import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { generated, written } from "../../openapi.mjs";

it("the console's types are those of the server's description; `npm run types -w console` makes them anew", async () => {
  expect(await readFile(written, "utf8")).toBe(await generated());
}, 60_000);
