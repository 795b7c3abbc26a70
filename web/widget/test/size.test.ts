import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { describe, expect, it, vi } from "vitest";

const kilobyte = 1000;

/** Bytes of one script as a server would send it, from the sources as they are now. */
const weigh = async (mode: "loader" | "panel"): Promise<number> => {
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
    const panel = await weigh("panel");
    console.info(`widget.js ${loader} bytes, panel.js ${panel} bytes, together ${loader + panel} bytes (gzip)`);
    expect(loader).toBeLessThanOrEqual(5 * kilobyte);
    expect(loader + panel).toBeLessThanOrEqual(20 * kilobyte);
  });
});
