/** What a made-up customer and a teammate do in the pages, in the words of those pages. */
import assert from "node:assert/strict";

const exactly = (text) => new RegExp(`^${text}$`);

/** One phone of the playground. */
export class Phone {
  constructor(page, name) {
    this.name = name;
    this.section = page.getByRole("region", { name, exact: true });
    this.field = this.section.getByRole("textbox");
    this.bubbles = this.section.locator("p[dir=auto]");
  }

  /** Writes and returns the first answer that comes. */
  async ask(text) {
    const before = await this.bubbles.count();
    await this.field.fill(text);
    return this.sendAndHear(before);
  }

  /** Sends what stands in the field and returns the first answer. */
  async sendAndHear(before) {
    const known = before ?? (await this.bubbles.count());
    await this.field.press("Enter");
    return this.heard(known + 2);
  }

  /** The text of the bubble with that number, once it is there. */
  async heard(number) {
    const bubble = this.bubbles.nth(number - 1);
    await bubble.waitFor();
    return bubble.innerText();
  }
}

/** The website chat: in the playground's frame, or on the shop's page itself. */
export class SiteChat {
  constructor(place) {
    this.field = place.locator("textarea");
    this.strip = place.locator(".strip");
    this.place = place;
    // The greeting is drawn like an answer until somebody writes.
    this.said = place.locator(".said");
    this.answers = place.locator(".said.ai:not(:has(.dots))");
  }

  async ready() {
    await this.field.waitFor();
    await this.place.locator(".talk").waitFor();
  }

  async write(text) {
    await this.field.fill(text);
    await this.field.press("Enter");
    await this.place.locator(".said.customer", { hasText: text }).waitFor();
  }

  async ask(text) {
    await this.write(text);
    const after = this.place.locator(`.said.customer:has-text(${JSON.stringify(text)}) ~ .said.ai:not(:has(.dots))`);
    await after.first().waitFor();
    return after.first().innerText();
  }

  /** By what is offered beneath the answer, or among all the other doors. */
  async goOn(door) {
    await this.place.locator(".go").first().waitFor();
    const offered = this.place.locator(".go", { hasText: door });
    if (await offered.count()) return offered.click();
    await this.place.getByRole("button", { name: "Continue elsewhere" }).click();
    return this.place.locator(".sheet .door", { hasText: door }).click();
  }
}

/** A new person in the playground. */
export const newPersona = async (page, url) => {
  await page.goto(`${url}/playground`);
  await page.waitForFunction(() => window.location.hash.length > 1);
  const chat = new SiteChat(page.frameLocator("iframe"));
  await chat.ready();
  return {
    id: new URL(page.url()).hash.slice(1),
    chat,
    whatsapp: new Phone(page, "WhatsApp"),
    telegram: new Phone(page, "Telegram"),
    discord: new Phone(page, "Discord"),
    email: new Phone(page, "Email"),
    sms: new Phone(page, "SMS"),
    messenger: new Phone(page, "Messenger"),
    instagram: new Phone(page, "Instagram"),
    rcs: new Phone(page, "RCS"),
    memory: page.getByRole("region", { name: "Memory", exact: true }),
    together: page.getByRole("region", { name: "One customer", exact: true }),
    clock: page.getByRole("group", { name: "Clock" }),
  };
};

/** Moves the demo's clock and waits until the page shows the day it has become. */
export const twoDaysLater = async (page, clock) => {
  const time = clock.locator("time");
  const before = Date.parse(await time.getAttribute("datetime"));
  await clock.getByRole("button", { name: "+2 days" }).click();
  await page.waitForFunction(
    ([wanted]) => Date.parse(document.querySelector("time[datetime]")?.dateTime ?? "") >= wanted,
    [before + 2 * 86_400_000 - 60_000],
  );
};

export const signIn = async (page, url, { email, password }) => {
  await page.goto(`${url}/`);
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: exactly("Sign in") }).click();
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
};

export const assertMatches = (text, pattern, what) => assert.match(text.replaceAll(/\s+/g, " "), pattern, what);
