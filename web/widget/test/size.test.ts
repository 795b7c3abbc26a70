import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { describe, expect, it, vi } from "vitest";
import languages from "../src/strings/languages.json";

const kilobyte = 1000;

/** Bytes of one script as a server would send it, from the sources as they are now. */
const weigh = async (mode: string): Promise<number> => {
  const configFile = fileURLToPath(new URL("../vite.config.ts", import.meta.url));
  vi.stubEnv("NODE_ENV", "production");
  const built = await build({ configFile, mode, logLevel: "silent", build: { write: false } });
  const outputs = Array.isArray(built) ? built : [built];
  return outputs
    .flatMap((one) => ("output" in one ? one.output : []))
    .reduce((sum, file) => sum + gzipSync("code" in file ? file.code : file.source, { level: 9 }).length, 0);
};

describe("the widget stays small", () => {
  it("5 KB on page load and 20 KB opened, compressed", { timeout: 60_000 }, async () => {
    const loader = await weigh("loader");
    expect(loader).toBeLessThanOrEqual(5 * kilobyte);
    for (const language of languages) {
      const panel = await weigh(`panel.${language}`);
      const more = await weigh(`more.${language}`);
      console.info(`${language}: widget.js ${loader}, panel ${panel}, together ${loader + panel} bytes (gzip); ${more} more when a file is sent or another door is taken`);
      expect(loader + panel).toBeLessThanOrEqual(20 * kilobyte);
    }
  });
});
