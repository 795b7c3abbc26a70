/**
 * The figures of the pages: `node web/tests/ux.mjs path/to/rapport`. Prints each with its goal and ends with 1 when one is missed.
 * Measured in Chromium against a real server; the ten thousand rows of the list are copies of real ones.
 */
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { chromiumPath, freshPage, openBrowser } from "./browser.mjs";
import { DemoServer, until } from "./demo-server.mjs";
import { signIn } from "./playing.mjs";
import { pretendMany } from "./weight.mjs";

const [binary] = process.argv.slice(2);
const executable = chromiumPath();
if (!binary || !executable) {
  console.error("usage: node web/tests/ux.mjs path/to/rapport, with a Chromium");
  process.exit(2);
}

const SCROLLS = 200;
const OPENINGS = 40;
const PEOPLE = 12;
const LAUNCHES = 15;
const READING = 400;

const sorted = (values) => [...values].sort((one, other) => one - other);
const quantile = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
const twoFrames = (page) => page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));

let missed = 0;
const tell = (name, value, unit, goal) => {
  const kept = value <= goal;
  if (!kept) missed += 1;
  console.log(`${kept ? "ok    " : "MISSED"}  ${name.padEnd(46)} ${value.toFixed(1).padStart(8)} ${unit}   goal ${goal} ${unit}`);
};

const server = new DemoServer(resolve(binary));
const browser = await openBrowser(executable);

const post = (path, body) =>
  fetch(`${server.url}/playground/api${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** People who have each said two things. */
const settle = async () => {
  for (let number = 0; number < PEOPLE; number += 1) {
    const { id } = await (await post("/personas", {})).json();
    const answered = async () => (await (await fetch(`${server.url}/playground/api/personas/${id}`)).json()).last_turn?.id;
    for (const text of [`Hi, this is Ada Quill. My desk is ${100 + number} cm wide, do you deliver to Lyon?`, "How long is the warranty?"]) {
      const before = await answered();
      await post(`/personas/${id}/say`, { channel: "whatsapp", text, button: null });
      await until("an answer", async () => (await answered()) !== before);
    }
  }
};

/** Script time of one frame of scrolling through ten thousand conversations. */
const scrolling = async () => {
  const { page, context } = await freshPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: "no-preference" });
  await signIn(page, server.url, server.login);
  await pretendMany(page, 10_000);
  await page.goto(`${server.url}/inbox/all`);
  await page.locator("li a", { hasText: "Person 9" }).first().waitFor();
  await page.locator("li a").first().hover();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const scriptTime = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ScriptDuration").value * 1_000;
  };
  const frames = [];
  let rows = 0;
  for (let step = 0; step < SCROLLS; step += 1) {
    const before = await scriptTime();
    await page.mouse.wheel(0, 240);
    await twoFrames(page);
    // Two frames were drawn for one turn of the wheel.
    frames.push(((await scriptTime()) - before) / 2);
    rows = Math.max(rows, await page.locator("[data-scroller] li").count());
  }
  tell("scrolling 10,000 conversations: script, p95", quantile(frames, 0.95), "ms", 4);
  tell("scrolling 10,000 conversations: rows in the page", rows, "  ", 60);
  await context.close();
};

/** From the key that opens a conversation until its words are drawn. */
const opening = async () => {
  const { page, context } = await freshPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: "no-preference" });
  await signIn(page, server.url, server.login);
  await page.goto(`${server.url}/inbox/all`);
  await page.getByRole("log").locator("[id^=m-]").first().waitFor();
  const times = [];
  for (let step = 0; step < OPENINGS; step += 1) {
    const key = step % (PEOPLE * 2 - 2) < PEOPLE - 1 ? "j" : "k";
    const time = await page.evaluate(
      (pressed) =>
        new Promise((shown) => {
          const before = document.querySelector("[role=log] [id^=m-]")?.id;
          const from = performance.now();
          const look = () => {
            const now = document.querySelector("[role=log] [id^=m-]")?.id;
            if (now && now !== before) requestAnimationFrame(() => shown(performance.now() - from));
            else requestAnimationFrame(look);
          };
          window.dispatchEvent(new KeyboardEvent("keydown", { key: pressed, bubbles: true }));
          look();
          setTimeout(() => shown(null), 3_000);
        }),
      key,
    );
    if (time !== null) times.push(time);
    // Nobody reads faster; meanwhile the next one is fetched.
    await page.waitForTimeout(READING);
  }
  tell("opening a conversation, p95", quantile(times, 0.95), "ms", 100);
  tell("opening a conversation, half of them", quantile(times, 0.5), "ms", 100);
  await context.close();
};

/** From the script tag until the launcher can be pressed, without the network's part before the first byte. */
const launching = async () => {
  const times = [];
  let shift = 0;
  for (let round = 0; round < LAUNCHES; round += 1) {
    const { page, context } = await freshPage(browser, { viewport: { width: 1280, height: 800 } });
    await page.goto(`${server.url}/sign-in`);
    await page.setContent("<!doctype html><title>Shop</title><h1>Shop</h1><p>Chairs.</p>").catch(() => undefined);
    times.push(
      await page.evaluate(
        (address) =>
          new Promise((ready, failed) => {
            const from = performance.now();
            const script = document.createElement("script");
            script.src = `${address}/widget.js`;
            script.dataset.connection = "web";
            script.onload = () => {
              const look = () => {
                const button = [...document.body.children].find(({ shadowRoot }) => shadowRoot)?.shadowRoot.querySelector(".launch");
                if (button?.onclick) ready(performance.now() - from);
                else requestAnimationFrame(look);
              };
              look();
            };
            script.onerror = () => failed(new Error("no widget"));
            document.head.append(script);
          }),
        server.url,
      ),
    );
    shift += await page.evaluate(
      () =>
        new Promise((told) => {
          const seen = [];
          new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => told(seen.reduce((sum, { value }) => sum + value, 0)), 150);
        }),
    );
    await context.close();
  }
  tell("launcher of the website chat can be pressed, p95", quantile(times, 0.95), "ms", 100);
  tell("layout shift by the launcher", shift, "  ", 0);
};

const weighing = async () => {
  const weigh = async (path) => gzipSync(Buffer.from(await (await fetch(`${server.url}${path}`)).arrayBuffer()), { level: 9 }).length / 1_000;
  const loader = await weigh("/widget.js");
  tell("website chat on page load, compressed", loader, "kB", 5);
  tell("website chat opened, compressed, in all", loader + (await weigh("/widget/panel.en.js")), "kB", 20);
};

try {
  await server.start();
  await settle();
  await weighing();
  await scrolling();
  await opening();
  await launching();
} finally {
  await browser.close();
  await server.stop();
}
process.exit(missed > 0 ? 1 : 0);
