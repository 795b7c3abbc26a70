/** Takes pictures of the widget in its states, for looking at them. Needs `npm run dev` and a Chromium. */
import { chromium } from "playwright-core";

const base = process.env["WIDGET_URL"] ?? "http://127.0.0.1:5173";
const out = process.env["SHOTS"] ?? "shots";

const sizes = [
  { name: "1440", width: 1440, height: 900, phone: false },
  { name: "390", width: 390, height: 844, phone: true },
];

const write = async (page, text) => {
  await page.locator("textarea").fill(text);
  await page.keyboard.press("Enter");
};

const main = async () => {
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
  });
  for (const size of sizes) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: size, colorScheme, hasTouch: size.phone, deviceScaleFactor: 1 });
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && console.error("page:", message.text()));
      page.on("pageerror", (error) => console.error("page:", error.message));
      const shot = (name) => page.screenshot({ path: `${out}/${name}-${size.name}-${colorScheme}.png` });
      await page.goto(`${base}/shop?visitor=${size.name}${colorScheme}&colour=%231f5c4d`);
      await page.locator(".tease").waitFor();
      await shot("1-greeting");
      await page.locator(".launch").click();
      await page.locator(".home").waitFor();
      await page.waitForTimeout(400);
      await shot("2-home");
      await write(page, "six chairs for our studio, long days, lower back trouble");
      await page.locator(".cursor").waitFor();
      await shot("3-sentence");
      await page.locator(".chip").first().waitFor();
      await write(page, "need them before 4 dec, 2,400 at most");
      await page.locator(".reply").first().waitFor();
      await page.waitForTimeout(300);
      await shot("4-replies");
      await page.locator(".go").first().click();
      await page.locator(".qr").waitFor();
      await page.waitForTimeout(400);
      await shot("5-continue");
      await page.locator(".strip button").waitFor();
      await shot("6-connected");
      await page.locator(".talk").click();
      await page.locator(".said.teammate small").waitFor();
      await page.waitForTimeout(300);
      await shot("7-teammate");
      await context.setOffline(true);
      await page.close();
      await context.setOffline(false);
      const again = await context.newPage();
      await again.goto(`${base}/shop?visitor=${size.name}${colorScheme}&lang=fr&dir=${size.phone ? "rtl" : "ltr"}`);
      await again.locator(".count").waitFor({ state: "attached" });
      await again.locator(".launch").click();
      await again.locator(".said.teammate small").waitFor();
      await again.waitForTimeout(400);
      await again.screenshot({ path: `${out}/8-french-${size.name}-${colorScheme}.png` });
      await context.close();
    }
  }
  await browser.close();
};

await main();
