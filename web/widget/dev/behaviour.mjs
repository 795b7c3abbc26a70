/** Checks in a browser what only a browser can show. Needs `npm run dev` and a Chromium; ends with 1 when one fails. */
import { chromium } from "playwright-core";

const base = process.env.WIDGET_URL ?? "http://127.0.0.1:5173";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
});
let failed = 0;
const check = (promise, holds) => {
  console.log(`${holds ? "ok  " : "FAIL"} ${promise}`);
  if (!holds) failed = 1;
};

const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
const requests = [];
const page = await context.newPage();
page.on("request", (request) => requests.push(request.url()));
page.on("pageerror", (error) => check(`no error on the page: ${error.message}`, false));
await page.addInitScript(() => {
  globalThis.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.shift += entry.value))).observe({ type: "layout-shift", buffered: true });
  globalThis.rapport = (...all) => (globalThis.rapport.q ??= []).push(all);
  globalThis.events = [];
  globalThis.rapport("on", "message", (message) => globalThis.events.push(message.author));
});
const sockets = [];
await page.routeWebSocket(/\/widget\//, (socket) => {
  const server = socket.connectToServer();
  sockets.push({ socket, server });
});
await page.goto(`${base}/shop?colour=%23ffcc00`);
const launch = page.locator(".launch");
await launch.waitFor();
check("a new visitor's page opens no line and loads no panel", sockets.length === 0 && !requests.some((url) => url.includes("panel.js")));
check("nothing on the page moves", (await page.evaluate(() => globalThis.shift)) === 0);
check("no cookies", (await context.cookies()).length === 0);

await launch.focus();
await page.keyboard.press("Enter");
const field = page.locator("textarea");
await field.waitFor();
const focused = () => page.evaluate(() => document.querySelector("body > div:last-of-type")?.shadowRoot?.activeElement?.className ?? null);
check("the field has the focus when it opens", (await page.evaluate(() => [...document.querySelectorAll("div")].map((host) => host.shadowRoot?.activeElement?.tagName).find(Boolean))) === "TEXTAREA");
const seen = new Set();
for (let step = 0; step < 30; step++) {
  await page.keyboard.press("Tab");
  seen.add(await page.evaluate(() => document.activeElement?.shadowRoot !== null && document.activeElement !== document.body));
}
check("Tab stays inside the panel", seen.size === 1 && seen.has(true));
await page.keyboard.press("Escape");
check("Esc closes it and gives the focus back", (await page.locator(".panel").isHidden()) && (await focused()) === "launch");

await page.evaluate(() => globalThis.rapport("prefill", "lower back trouble"));
await launch.click();
check("prefill waits in the field", (await field.inputValue()) === "lower back trouble");
await page.keyboard.press("Enter");
await page.locator(".chip").first().waitFor();
check("an answer is shown once", (await page.locator(".said.ai").count()) === 1);

for (const { socket, server } of sockets.splice(0)) {
  await socket.close();
  await server.close();
}
await page.locator(".strip.warn").waitFor();
await context.setOffline(true);
await field.fill("need them before 4 dec");
await page.keyboard.press("Enter");
await page.getByText("Waiting for the connection").waitFor();
check("what is written without a connection says that it waits", true);
await context.setOffline(false);
await page.locator(".reply").first().waitFor({ timeout: 20000 });
check("and is sent exactly once afterwards", (await page.locator(".said.customer").count()) === 2 && (await page.locator(".said.ai").count()) === 2);

await field.fill("hello again");
await page.keyboard.press("Enter");
await page.keyboard.press("Escape");
await page.locator(".count:not([hidden])").waitFor();
check("an answer to a closed panel is counted", (await page.locator(".count").textContent()) === "1");
check("the page heard of it", (await page.evaluate(() => globalThis.events)).includes("ai"));
await page.reload();
await page.locator(".count:not([hidden])").waitFor();
check("the count outlives a reload", (await page.locator(".count").textContent()) === "1");
await launch.click();
await page.locator(".said.ai").nth(2).waitFor();
check("and the whole conversation is there again", (await page.locator(".said").count()) === 6);
check("only the shop's own server was asked", requests.every((url) => url.startsWith(base)));
await browser.close();
process.exit(failed);
