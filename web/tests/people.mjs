/** Promises about people's records: possible duplicates, facts corrected, a person exported and erased; and rules tried on the past. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./demo-server.mjs";
import { OwnServer } from "./own-server.mjs";
import { newPersona } from "./playing.mjs";

/** Two records of one person: a number proven on WhatsApp, and the same one merely claimed on Telegram. */
export const twins = async (fresh, url) => {
  const one = await fresh();
  const first = await newPersona(one.page, url);
  await first.whatsapp.ask("Hi, this is Clara Vogel. We need two chairs, my budget is 900 EUR");
  const state = await (await fetch(`${url}/playground/api/personas/${first.id}`)).json();
  const { value } = state.customer.identifiers.find(({ kind }) => kind === "phone");
  const second = await newPersona(one.page, url);
  await second.telegram.ask(`Hello, I am Clara Vogel, my phone number is ${value}`);
  await one.context.close();
};

/** The comparison of records runs a minute after the start. */
const COMPARED_WITHIN = 100_000;

export const people = async ({ promise, desk, url, noSeriousFindings }) => {
  const { page } = desk;

  await promise("possible duplicates stand side by side; one click joins them, one more parts them again", async () => {
    const suggested = () => page.evaluate(async () => (await (await fetch("/api/v1/suggestions")).json()).items.filter(({ status }) => status === "open").length);
    await until("the records were compared", async () => (await suggested()) > 0, COMPARED_WITHIN);
    await page.goto(`${url}/people`);
    await page.getByRole("link", { name: /Possible duplicates/ }).click();
    const pair = page.getByRole("main").locator("li", { hasText: "Maybe the same person" }).filter({ hasText: "Clara Vogel" }).first();
    await pair.getByText("same phone").waitFor();
    await pair.getByText("one of them only claims the address they share").waitFor();
    await noSeriousFindings(page);
    await pair.getByRole("button", { name: "The same person" }).click();
    await page.getByText("Merged into Clara Vogel").waitFor();
    await page.keyboard.press("z");
    await page.goto(`${url}/people`);
    await page.getByRole("searchbox").fill("Clara Vogel");
    await page.waitForFunction(() => [...document.querySelectorAll('main li a[href*="/people/"]')].filter((row) => /Clara Vogel/.test(row.textContent)).length === 2);
  });

  await promise("a fact is corrected, pinned and forgotten where it is read", async () => {
    await page.getByRole("main").locator("li", { hasText: "WhatsApp" }).or(page.getByRole("main").locator("li a")).first().waitFor();
    for (const row of await page.getByRole("main").locator("li a").all()) {
      await row.click();
      await page.getByRole("heading", { name: "Facts" }).waitFor();
      if (await page.getByText("900 EUR").count()) break;
      await page.goBack();
      await page.getByRole("searchbox").fill("Clara Vogel");
    }
    const change = page.getByRole("button", { name: "Change Budget" });
    await change.click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Budget" }).fill("1,200 EUR");
    await page.keyboard.press("Enter");
    await page.getByText("1,200 EUR").first().waitFor();
    await page.getByRole("img", { name: "Pinned" }).first().waitFor();
    await noSeriousFindings(page);
    await change.click();
    await page.getByRole("menuitem", { name: "Forget" }).click();
    await change.waitFor({ state: "detached" });
  });

  await promise("a person is exported as a file, and an erasure can be taken back for ten minutes", async () => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export everything" }).click()]);
    const document = JSON.parse(await readFile(await file.path(), "utf8"));
    assert.equal(document.format, "rapport-export");
    assert.match(JSON.stringify(document.timeline), /two chairs/);
    await page.getByRole("button", { name: "Erase person" }).click();
    await noSeriousFindings(page);
    await page.getByRole("button", { name: "Erase in ten minutes" }).click();
    await page.getByText(/Will be erased at \d\d:\d\d/).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Keep this person" }).click();
    await page.getByRole("button", { name: "Erase person" }).waitFor();
  });

  await promise("a rule is tried on what customers wrote before anybody relies on it", async () => {
    await page.goto(`${url}/rules`);
    const condition = page.getByRole("textbox", { name: "Condition" });
    await condition.fill("message.text ==");
    await condition.press("Enter");
    await page.getByRole("alert").waitFor();
    await condition.fill('message.text.contains("two chairs")');
    await condition.press("Enter");
    await page.getByText(/Would have fired in \d+ of \d+ conversations/).waitFor();
    await noSeriousFindings(page);
    await page.getByRole("link", { name: /two chairs/ }).first().click();
    await page.getByRole("log").getByText(/two chairs/).first().waitFor();
  });

  await promise("what was said is found by its words, from the people page and from the palette", async () => {
    await page.goto(`${url}/people`);
    await page.getByRole("searchbox").fill("two chairs 900");
    const said = page.getByRole("region", { name: "What was said" });
    await said.locator("mark", { hasText: "chairs" }).first().waitFor();
    await noSeriousFindings(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("two chairs 900");
    const hit = page.getByRole("option", { name: /two chairs.*900 EUR/ }).first();
    await hit.waitFor();
    await noSeriousFindings(page);
    await hit.click();
    await page.getByRole("log").getByText(/two chairs.*900 EUR/).first().waitFor();
  });
};

/** Promises of setting up: the checklist reads the workspace, and the website chat is seen before it is put anywhere. */
export const setUp = async ({ promise, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  await promise("the first steps say what is done, and the website chat is designed before it is put anywhere", async () => {
    await page.goto(`${url}/start`);
    await page.getByRole("progressbar", { name: /steps done/ }).waitFor();
    await page.getByRole("img", { name: "Done" }).first().waitFor();
    await page.getByRole("button", { name: "Let people write" }).click();
    await page.getByRole("region", { name: "Fill it with life" }).getByText("5 people wrote", { exact: false }).waitFor({ timeout: 40_000 });
    await noSeriousFindings(page);
    await page.getByRole("link", { name: "Design the chat" }).click();
    await page.getByLabel("Your colour").fill("#b3261e");
    await page.getByRole("checkbox", { name: /Greet new visitors/ }).check();
    await page.getByText('data-colour="#b3261e" data-greet async').waitFor();
    const chat = page.frameLocator("iframe");
    await chat.getByRole("button", { name: "Open chat" }).click();
    await chat.locator("textarea").waitFor();
    await noSeriousFindings(page);
    const [tried] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: "Try it on a page" }).click()]);
    // It was open in the design, so it is open on the next page.
    await tried.locator("textarea").waitFor();
    await tried.close();
  });
};

/** What a new owner does first, by what the screens say alone: from the link to own knowledge that answers in the own chat. */
export const firstDay = async ({ promise, fresh, binary, noSeriousFindings }) => {
  const server = new OwnServer();
  const { page, context } = await fresh({ viewport: { width: 1440, height: 900 } });
  const step = (title) => page.locator("li", { hasText: title });
  const isDone = (title) => step(title).getByRole("img", { name: "Done" }).waitFor();
  const back = () => page.getByRole("link", { name: "Getting started" }).first().click();

  await promise("a new owner's documents, chosen and dropped, answer, and one that nobody can read says why", async () => {
    await page.goto(await server.startEmpty(binary));
    await page.getByRole("textbox", { name: "Your name" }).fill("Nora Keller");
    await page.getByRole("textbox", { name: "Email" }).fill("nora@my-shop.example");
    await page.getByRole("textbox", { name: "Password" }).fill("a password of the tests");
    await page.keyboard.press("Enter");
    await page.getByRole("progressbar", { name: /steps done/ }).waitFor();
    await noSeriousFindings(page);
    await step("Give it something to answer from").getByRole("link", { name: "Add documents" }).click();
    const add = page.getByRole("region", { name: "Add your own" });
    const repairs = { name: "repairs.md", mimeType: "text/markdown", buffer: Buffer.from("# Repairs\n\nThe repair workshop in Graz mends gas springs for 42 EUR.\n") };
    const photo = { name: "workshop.png", mimeType: "image/png", buffer: Buffer.from("not words") };
    await add.getByLabel("Choose files").first().setInputFiles([repairs, photo]);
    await add.getByRole("listitem").filter({ hasText: "repairs.md" }).getByText("1 passage").waitFor();
    await add.getByRole("listitem").filter({ hasText: "workshop.png" }).getByText("This kind cannot be read", { exact: false }).waitFor();
    await page.locator("#content").evaluate((target) => {
      const carried = new DataTransfer();
      carried.items.add(new File(["Part,Price\nCastor set,19 EUR\n"], "parts.csv", { type: "text/csv" }));
      carried.items.add(new File(["%PDF-1.4 nothing"], "scan.pdf", { type: "application/pdf" }));
      for (const type of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
    });
    await add.getByRole("listitem").filter({ hasText: "parts.csv" }).getByText(/passage/).waitFor();
    await add.getByRole("listitem").filter({ hasText: "scan.pdf" }).getByText("scan.pdf cannot be read: it is damaged", { exact: false }).waitFor();
    await noSeriousFindings(page);
    const question = page.getByRole("main").getByRole("textbox").first();
    for (const [asked, answer] of [["What does the repair of a gas spring cost?", /42 EUR/], ["What does the castor set cost?", /19/]]) {
      await question.fill(asked);
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Ask as a customer would" }).getByText(answer).first().waitFor();
    }
    const sources = page.getByRole("region", { name: "Sources", exact: true });
    await sources.getByRole("button", { name: "Take away Parts" }).click();
    await sources.getByRole("button", { name: "Take away", exact: true }).click();
    await sources.getByText("Parts", { exact: true }).waitFor({ state: "detached" });
    await back();
    await isDone("Give it something to answer from");
  });

  await promise("a new owner sees the chat answer from these documents on a page of its own, and the conversation in the inbox", async () => {
    await page.getByRole("link", { name: "Design the chat" }).click();
    const [tried] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: "Try it on a page" }).click()]);
    await tried.getByRole("button", { name: "Open chat" }).click();
    await tried.locator("textarea").fill("What does the repair of a gas spring cost?");
    await tried.locator("textarea").press("Enter");
    await tried.getByText(/42 EUR/).first().waitFor();
    await tried.close();
    await back();
    await isDone("Put the chat on your page");
    await isDone("See a first conversation");
    await step("See a first conversation").getByRole("link", { name: "Open the inbox" }).click();
    await page.getByRole("log").getByText(/42 EUR/).first().waitFor();
    await noSeriousFindings(page);
  });
  await context.close();
  await server.stop();
};

/** Six digits as an authenticator app shows them, so many half minutes from now. */
const authenticator = (secret, ahead = 0) => {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const digest = createHmac("sha1", key).update(step).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
};

/** Promises of signing in: with a code of an app, and with a new password. */
export const entering = async ({ promise, fresh, desk, url, login, noSeriousFindings }) => {
  const { page } = desk;
  await promise("a second factor is set up by keyboard, asked for at sign-in, and taken off with the password", async () => {
    await page.goto(`${url}/settings`);
    const card = page.getByRole("region", { name: "Two-factor sign-in" });
    await card.getByRole("button", { name: "Set up" }).press("Enter");
    await card.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
    await noSeriousFindings(page);
    const secret = await card.locator("code").innerText();
    const field = card.getByRole("textbox", { name: "Six digits" });
    await field.fill("12");
    await field.press("Enter");
    await card.getByRole("alert").waitFor();
    await field.fill(authenticator(secret));
    await field.press("Enter");
    await card.getByText("Keep these recovery codes", { exact: false }).waitFor();
    const codes = (await card.locator("code").innerText()).split(" ");
    assert.equal(codes.length, 10);
    await noSeriousFindings(page);
    const other = await fresh();
    await other.page.goto(`${url}/sign-in`);
    await other.page.getByRole("textbox", { name: "Email" }).fill(login.email);
    await other.page.getByRole("textbox", { name: "Password" }).fill(login.password);
    await other.page.getByRole("button", { name: "Sign in", exact: true }).click();
    const code = other.page.getByRole("textbox", { name: "Code of your authenticator app" });
    await code.waitFor();
    await noSeriousFindings(other.page);
    await code.fill("000000");
    await code.press("Enter");
    await other.page.getByText("This code does not fit", { exact: false }).waitFor();
    await code.fill(codes[0]);
    await code.press("Enter");
    await other.page.getByRole("navigation", { name: "Main" }).first().waitFor();
    await other.context.close();
    await page.reload();
    await card.getByRole("button", { name: "Switch off" }).click();
    await card.getByRole("textbox", { name: "Password" }).fill(login.password);
    await card.getByRole("button", { name: "Switch off" }).click();
    await card.getByRole("button", { name: "Set up" }).waitFor();
  });

  await promise("whoever forgot the password asks for a link, and learns nothing about who works here", async () => {
    const lost = await fresh();
    await lost.page.goto(`${url}/sign-in`);
    await lost.page.getByRole("link", { name: "Forgot your password?" }).click();
    await lost.page.getByRole("textbox", { name: "Email" }).fill("nobody@example.com");
    await noSeriousFindings(lost.page);
    await lost.page.getByRole("button", { name: "Send the link" }).click();
    await lost.page.getByText("a link is on its way", { exact: false }).waitFor();
    await lost.context.close();
  });
};
