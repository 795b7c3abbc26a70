// Takes pictures of every screen against the stand-in API and checks each one with axe.
// Usage: npm run dev:fake in one terminal, then npm run shots [-- name …]
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const base = process.env.CONSOLE_URL ?? "http://127.0.0.1:5173";
const folder = process.env.SHOTS ?? "shots";
const wanted = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const wide = { width: 1440, height: 900 };
const middle = { width: 1024, height: 768 };
const phone = { width: 390, height: 844 };
const thread = "/inbox/escalated/cv_anna";

const screens = [
  { name: "inbox-1440-light", path: thread, size: wide },
  { name: "inbox-1440-dark", path: thread, size: wide, theme: "dark" },
  { name: "inbox-1024-light", path: thread, size: middle },
  { name: "inbox-390-light", path: thread, size: phone },
  { name: "inbox-390-dark", path: thread, size: phone, theme: "dark" },
  { name: "inbox-390-list", path: "/inbox/escalated", size: phone },
  {
    name: "brief-1440",
    path: thread,
    size: wide,
    act: (page) => page.getByRole("button", { name: "Evidence and full brief" }).click(),
  },
  { name: "taken-1440", path: thread, size: wide, act: (page) => page.keyboard.press("a"), changes: true },
  { name: "note-1440", path: "/inbox/mine/cv_paul", size: wide, act: (page) => page.keyboard.press("n") },
  { name: "turn-1440", path: `${thread}?turn=tn_4`, size: wide },
  { name: "turn-1440-dark", path: `${thread}?turn=tn_6`, size: wide, theme: "dark" },
  { name: "turn-390", path: `${thread}?turn=tn_4`, size: phone },
  { name: "side-1024", path: thread, size: middle, act: (page) => page.keyboard.press("]") },
  { name: "ai-1440", path: "/inbox/ai", size: wide },
  { name: "palette-1440", path: thread, size: wide, act: (page) => page.keyboard.press("Control+k") },
  { name: "keys-1440", path: thread, size: wide, act: (page) => page.keyboard.press("?") },
  {
    name: "fact-1440",
    path: thread,
    size: wide,
    act: (page) => page.getByRole("button", { name: /Source of Budget/ }).focus(),
  },
  { name: "people-1440", path: "/people", size: wide },
  { name: "people-390", path: "/people", size: phone },
  { name: "person-1440-light", path: "/people/cu_anna", size: wide },
  { name: "person-1440-dark", path: "/people/cu_anna", size: wide, theme: "dark" },
  { name: "person-390", path: "/people/cu_anna", size: phone },
  { name: "knowledge-1440", path: "/knowledge", size: wide },
  { name: "rules-1440", path: "/rules", size: wide },
  { name: "rules-390", path: "/rules", size: phone },
  { name: "ledger-1440", path: "/ledger", size: wide },
  { name: "ledger-390", path: "/ledger", size: phone },
  { name: "channels-1024", path: "/channels", size: middle },
  { name: "french-1440", path: thread, size: wide, language: "fr" },
  { name: "sign-in-1440", path: "/sign-in", size: wide, out: true },
  { name: "sign-in-390-dark", path: "/sign-in", size: phone, theme: "dark", out: true },
  { name: "setup-1440", path: "/setup#token", size: wide, out: true },
];

const profile = mkdtempSync(join(tmpdir(), "console-shots-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
  ],
});
let faults = 0;
try {
  for (const screen of screens.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  )) {
    const page = await context.newPage();
    page.on("pageerror", (error) => console.log(`  ${screen.name}: ${error.message}`));
    page.on("console", (entry) => entry.type() === "error" && console.log(`  ${screen.name}: ${entry.text()}`));
    await page.setViewportSize(screen.size);
    await page.addInitScript(
      ({ theme, language }) => {
        localStorage.clear();
        localStorage.setItem("rapport.theme", theme);
        localStorage.setItem("rapport.language", language);
      },
      { theme: screen.theme ?? "light", language: screen.language ?? "en" },
    );
    if (screen.out)
      await page.route("**/api/v1/session", (route) =>
        route.fulfill({ status: 401, json: { status: 401, title: "x", detail: "x", code: "x" } }),
      );
    await page.goto(base + screen.path);
    await page.locator("main, #content").first().waitFor();
    await page.waitForTimeout(900);
    if (screen.act) {
      await screen.act(page);
      await page.waitForTimeout(600);
    }
    await page.screenshot({ path: join(folder, `${screen.name}.png`) });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const violation of violations) {
      faults += 1;
      console.log(
        `  ${screen.name}: axe ${violation.id}: ${violation.nodes
          .slice(0, 2)
          .map(({ html }) => html.slice(0, 160))
          .join(" | ")}`,
      );
    }
    if (screen.changes) await page.keyboard.press("z").then(() => page.waitForTimeout(300));
    await page.close();
    console.log(screen.name);
  }
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exitCode = faults > 0 ? 1 : 0;
