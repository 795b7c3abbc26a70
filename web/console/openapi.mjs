/**
 * The types of the API's paths and schemas, made from the description that the server gives: `npm run types -w console`.
 * A test compares, so that console and server cannot drift apart.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const description = new URL("../../server/openapi.json", import.meta.url);
export const written = fileURLToPath(new URL("src/api/schema.ts", import.meta.url));

const head = "/** Made from server/openapi.json by `npm run types -w console`; never written by hand. */\n\n";

/** Problems look the same everywhere, so answers that are none are left out; and what is never there needs no line. */
const isTold = (status) => /^[23]/.test(status);
const isNever = (line) => /^\s*\w+\?: never;$/.test(line);

export const generated = async () => {
  const document = JSON.parse(await readFile(description, "utf8"));
  for (const path of Object.values(document.paths)) {
    for (const { responses } of Object.values(path)) {
      for (const status of Object.keys(responses)) if (!isTold(status)) delete responses[status];
    }
  }
  const text = astToString(await openapiTS(document, { emptyObjectsUnknown: true }));
  const lines = text
    .split("\n")
    .filter((line) => !isNever(line))
    .join("\n")
    .replaceAll(/\n *parameters: \{\n *\};/g, "")
    .split("\n");
  return head + lines.map((line) => line.replace(/^( {4})+/, (indent) => indent.replaceAll("    ", "  "))).join("\n");
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(written, await generated());
