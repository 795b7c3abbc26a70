/** Takes pictures of the playground while its first journey is clicked through. */
import { chromium } from "playwright-core";

const base = process.env.PLAYGROUND_URL ?? "http://127.0.0.1:5173";
const out = process.env.SHOTS ?? "shots";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
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
for (const [width, height] of [
  [1440, 900],
  [390, 844],
]) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await (await browser.newContext({ viewport: { width, height }, colorScheme })).newPage();
    page.on("console", (message) => message.type() === "error" && console.error("page:", message.text()));
    page.on("pageerror", (error) => console.error("page:", error.message));
    const shot = (name) => page.screenshot({ path: `${out}/playground-${name}-${width}-${colorScheme}.png` });
    await page.goto(`${base}/playground`);
    await page.frameLocator("iframe").locator("textarea").waitFor({ state: "attached" });
    await page.waitForTimeout(700);
    await shot("1-empty");
    const next = page.getByRole("button", { name: "Next line" });
    for (let line = 1; line <= 6 && (await next.count()); line++) {
      await next.click();
      await page.waitForTimeout(line <= 2 ? 2800 : 4200);
      await shot(`2-line${line}`);
    }
    if (width < 1000) {
      await page.getByRole("button", { name: "Live" }).click();
    }
    await page.locator("summary").click();
    await page.locator("aside").evaluate((aside) => aside.scrollTo(0, aside.scrollHeight));
    await page.waitForTimeout(300);
    await shot("3-why");
  }
}
await browser.close();
