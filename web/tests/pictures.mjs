/**
 * The pictures of the README, from the real demo with a story played in it:
 * `node web/tests/pictures.mjs path/to/rapport [folder]`. Needs Chromium; ImageMagick makes the files smaller.
 */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath, freshPage, openBrowser } from "./browser.mjs";
import { DemoServer } from "./demo-server.mjs";
import { livingAt } from "./living.mjs";
import { newPersona, Phone, SiteChat, signIn, twoDaysLater } from "./playing.mjs";

const [binary, folder = fileURLToPath(new URL("../../docs/pictures", import.meta.url))] = process.argv.slice(2);
const executable = chromiumPath();
if (!binary || !executable) {
  console.error("usage: node web/tests/pictures.mjs path/to/rapport [folder], with a Chromium");
  process.exit(2);
}

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const MOST_BYTES = 300_000;
const server = new DemoServer(resolve(binary));
const browser = await openBrowser(executable);

const take = async (page, name) => {
  const path = `${folder}/${name}.png`;
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  spawnSync("convert", [path, "-strip", "-dither", "None", "-colors", "220", `PNG8:${path}`]);
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${name} has ${size} bytes, more than ${MOST_BYTES}`);
  console.log(`${name}.png  ${Math.round(size / 1024)} kB`);
};

/** No journey is being clicked through in these pictures. */
const writeFreely = async (page) => {
  await page.getByRole("button", { name: /^Journey/ }).click();
  await page.getByRole("menuitem", { name: "Write freely" }).click();
};

const playground = async () => {
  const { page, context } = await freshPage(browser, { viewport: desktop });
  const persona = await newPersona(page, server.url);
  await persona.chat.ask("Hi, I'm Marta Silva. We need chairs for our studio, twelve people");
  await persona.chat.ask("By the end of March, our budget is between 4,000 and 6,000 EUR");
  await persona.chat.goOn("WhatsApp");
  await page.waitForFunction(() => [...document.querySelectorAll("input")].some(({ value }) => value.includes("RAP-")));
  await persona.whatsapp.sendAndHear();
  await persona.chat.strip.getByText(/Connected as/).waitFor();
  await twoDaysLater(page, persona.clock);
  await livingAt(server.url).escalations();
  await persona.whatsapp.ask("I decide on my own. Do you charge for assembly?");
  const before = await persona.telegram.bubbles.count();
  await persona.telegram.section.getByRole("button", { name: "Share my contact" }).click();
  await persona.telegram.heard(before + 2);
  await persona.telegram.ask("What do you know about me?");
  await writeFreely(page);
  await take(page, "playground-desktop");
  await persona.whatsapp.ask("SitRight offers me the same chair cheaper");
  await page.getByRole("region", { name: "Escalated" }).waitFor();
  const narrow = await freshPage(browser, { viewport: phone, hasTouch: true, isMobile: true, storageState: await context.storageState() });
  await narrow.page.goto(`${server.url}/playground#${persona.id}`);
  await narrow.page.getByRole("navigation", { name: "Phones" }).getByRole("button", { name: "WhatsApp" }).click();
  await new Phone(narrow.page, "WhatsApp").heard(6);
  await writeFreely(narrow.page);
  await narrow.page.getByText(/3 doors/).waitFor();
  await take(narrow.page, "playground-phone");
  await narrow.context.close();
  await context.close();
};

/** A shop's page of our own making with the real widget on it, served where the real one is. */
const widget = async () => {
  const { page, context } = await freshPage(browser, { viewport: desktop });
  const [html, assets] = await Promise.all([
    readFile(new URL("shop-window.html", import.meta.url), "utf8"),
    readdir(new URL("../console/dist/assets", import.meta.url)),
  ]);
  const font = assets.find((name) => /^inter-latin-wght.*woff2$/.test(name));
  const face = `<style>@font-face{font-family:"Inter Variable";src:url(/assets/${font});font-weight:100 900}</style></head>`;
  const body = html.replace("</head>", face);
  // Written into a page of the server's: an answer invented by the browser's driver would count as another network.
  await page.goto(`${server.url}/sign-in`);
  await page.setContent(body);
  await page.locator(".launch").click();
  const chat = new SiteChat(page);
  await chat.field.waitFor();
  await chat.ask("Can I return a chair after trying it?");
  await chat.ask("What does assembly cost?");
  await page.locator(".go").first().waitFor();
  await take(page, "widget");
  await context.close();
};

/** The inbox with the escalation open; `look` says how wide and how dark. */
const inbox = async (look, draw) => {
  const { page, context } = await freshPage(browser, look);
  await signIn(page, server.url, server.login);
  await page.getByRole("link", { name: /Marta Silva/ }).first().click();
  await page.getByRole("region", { name: /^Brief/ }).getByText(/SitRight/).first().waitFor();
  await page.getByText("SitRight offers me the same chair cheaper").last().waitFor();
  await draw(page);
  await context.close();
};

const why = async (page) => {
  await page.locator("div[id^=m-]", { hasText: "Assembly at your place" }).getByRole("button", { name: "Why this?" }).click();
  await page.getByRole("complementary", { name: /why/i }).getByRole("heading", { name: /rules/i }).first().waitFor();
};

/** The figures of everything that was played before. */
const insights = async () => {
  const { page, context } = await freshPage(browser, { viewport: desktop });
  await signIn(page, server.url, server.login);
  await page.goto(`${server.url}/insights`);
  await page.getByRole("heading", { name: "Journey map" }).waitFor();
  await page.getByRole("button", { name: /went from/ }).first().waitFor();
  await take(page, "insights");
  await context.close();
};

try {
  await mkdir(folder, { recursive: true });
  await server.start();
  const { colleagues, later } = livingAt(server.url);
  await widget();
  await colleagues();
  await later(25);
  await playground();
  await inbox({ viewport: desktop }, (page) => take(page, "inbox-desktop"));
  await inbox({ viewport: desktop, colorScheme: "dark" }, (page) => take(page, "inbox-dark"));
  await inbox({ viewport: phone, hasTouch: true, isMobile: true }, (page) => take(page, "inbox-phone"));
  await inbox({ viewport: desktop }, async (page) => {
    await why(page);
    await take(page, "why");
  });
  await insights();
} finally {
  await browser.close();
  await server.stop();
}
