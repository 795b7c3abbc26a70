/** The browser the journeys use: one Chromium, a fresh context for each page, everything the pages complain of kept. */
import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

/** Words of the browser's own that tell of no fault: the first look for a session finds none. */
const expected = /Failed to load resource/;

export const chromiumPath = () => {
  const wanted = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return existsSync(wanted) ? wanted : null;
};

/** Only a promise that is broken waits this long; a machine that others use as well is slow, not wrong. */
const PATIENCE = 40_000;

export const openBrowser = (executablePath) =>
  chromium.launch({
    executablePath,
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

/** A page with no past. `complaints` collects errors of its scripts. */
export const freshPage = async (browser, options = {}) => {
  const context = await browser.newContext({
    viewport: { width: 1800, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Paris",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.test(message.text())) complaints.push(message.text());
  });
  return { page, context, complaints };
};

/** Once a field or menu has closed, the page gives the keyboard back in a timer; a key pressed before would close what it opens. */
export const keyboardGivenBack = (page) => page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done))));

/** Serious and critical findings of axe on the page and in its frames, each as one line. */
export const accessibilityFindings = async (page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, impact, nodes }) => {
      const places = nodes.slice(0, 3).map(({ target }) => target.flat(2).join(" "));
      return `${id} (${impact}, ${nodes.length} places): ${places.join(", ")}`;
    });
};
