/**
 * Every screen at three widths, each width in one of the two themes: nothing sticks out, and axe finds nothing serious.
 * With RAPPORT_SCREENS=folder each width is seen in both, and each screen is kept as a picture, for people to look at.
 */
import assert from "node:assert/strict";
import { signIn, SiteChat } from "./playing.mjs";

const widths = [
  { name: "1440", theme: "dark", viewport: { width: 1440, height: 900 } },
  { name: "1024", theme: "light", viewport: { width: 1024, height: 768 } },
  { name: "390", theme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
];
const outside = ["/sign-in", "/forgot"];
const inside = [
  "/inbox/all",
  "/inbox/escalated",
  "/people",
  "/people/review",
  "/tasks",
  "/calls",
  "/knowledge",
  "/rules",
  "/ledger",
  "/channels",
  "/channels/whatsapp",
  "/assistant",
  "/models",
  "/start",
  "/website",
  "/insights",
  "/audit",
  "/settings",
];

/** Controls and texts that stick out of the page, outside of anything that can be scrolled. */
const sticksOut = (page) =>
  page.evaluate(() => {
    const wide = innerWidth + 1;
    const scrolls = (element) => {
      for (let one = element.parentElement; one; one = one.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX)) return true;
      }
      return false;
    };
    const found = [...document.querySelectorAll("button, a, input, select, textarea, h1, h2, p, td, th")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .filter((element) => element.getBoundingClientRect().right > wide && !scrolls(element))
      .map((element) => element.outerHTML.slice(0, 120));
    return document.documentElement.scrollWidth > wide ? ["the page can be scrolled sideways", ...found] : found;
  });

/** Drawn: what was asked for is here, letters too. */
const isStill = async (page) => {
  await page.locator("main, [role=main], form").first().waitFor();
  await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
  await page.evaluate(() => document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))));
};

const aShop = (url) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Shop</title>` +
  `<main><h1>Shop</h1><p>Chairs.</p></main><script src="${url}/widget.js" data-connection="web" data-greet data-colour="#1f5c4d"></script></html>`;

export const screens = async ({ promise, fresh, url, login, noSeriousFindings }) => {
  const folder = process.env.RAPPORT_SCREENS;
  const { items } = await ask(url, login, "/conversations?limit=30");
  const talk = items.find(({ escalation }) => escalation) ?? items[0];
  const person = items.find(({ customer }) => customer.name)?.customer ?? talk.customer;
  const pages = [...inside, `/inbox/all/${talk.id}`, `/people/${person.id}`];

  for (const { name, theme, ...size } of widths) {
    for (const colorScheme of folder ? ["light", "dark"] : [theme]) {
      await promise(`every screen fits at ${name} px in the ${colorScheme}`, async () => {
        const look = await fresh({ ...size, colorScheme });
        const { page } = look;
        const wrong = [];
        const see = async (what) => {
          if (folder) await page.screenshot({ path: `${folder}/${what.replaceAll(/\W+/g, "-").slice(0, 40)}-${name}-${colorScheme}.png`, animations: "disabled", caret: "hide" });
          wrong.push(...(await sticksOut(page)).map((found) => `${what}: ${found}`));
          try {
            await noSeriousFindings(page);
          } catch (error) {
            wrong.push(`${what}: ${error.actual}`);
          }
        };
        for (const path of outside) {
          await page.goto(`${url}${path}`);
          await isStill(page);
          await see(path);
        }
        await signIn(page, url, login);
        for (const path of pages) {
          await page.goto(`${url}${path}`);
          await isStill(page);
          await see(path.startsWith("/inbox/all/") ? "conversation" : path.startsWith("/people/cus") ? "person" : path.slice(1));
        }
        await page.goto(`${url}/sign-in`);
        await page.setContent(aShop(url));
        await page.locator(".tease").waitFor();
        await see("widget-greeting");
        await page.locator(".launch").click();
        await page.locator(".home").waitFor();
        await see("widget-home");
        const chat = new SiteChat(page);
        await chat.ask("Can I return a chair after trying it?");
        await see("widget-thread");
        await page.getByRole("button", { name: "Continue elsewhere" }).click();
        await page.locator(".sheet").waitFor();
        await page.locator(".sheet .door").first().click();
        await page.locator(".qr").waitFor();
        await see("widget-elsewhere");
        await look.context.close();
        assert.deepEqual(wrong, []);
      });
    }
  }
};

/** What the console asks for, asked beside it. */
const ask = async (url, { email, password }, path) => {
  const headers = { "content-type": "application/json" };
  const session = await fetch(`${url}/api/v1/session`, { method: "POST", headers, body: JSON.stringify({ email, password }) });
  const cookie = session.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  return (await fetch(`${url}/api/v1${path}`, { headers: { cookie } })).json();
};
