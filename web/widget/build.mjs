/** Every script of the website chat into `dist`, one after the other: the loader, then in each language the panel and what is seldom wanted. */
import { readFileSync } from "node:fs";
import { build } from "vite";

const languages = JSON.parse(readFileSync(new URL("src/strings/languages.json", import.meta.url), "utf8"));
for (const mode of ["loader", ...languages.flatMap((language) => [`panel.${language}`, `more.${language}`])]) await build({ mode, logLevel: "warn" });
