/** Beside each text file of a build its compressed form, which the server hands to browsers that take it: `node compress.mjs FOLDER`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const texts = /\.(js|css|html|svg|json|txt|webmanifest)$/;
/** Below this a file travels in one packet anyway. */
const SMALLEST = 1_000;

const [folder] = process.argv.slice(2);
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !texts.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const whole = readFileSync(path);
  if (whole.length >= SMALLEST) writeFileSync(`${path}.gz`, gzipSync(whole, { level: 9 }));
}
