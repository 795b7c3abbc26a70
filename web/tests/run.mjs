/**
 * Browser journeys against the real server: `node web/tests/run.mjs path/to/rapport [desk|screens]`, all of them or a half:
 * the demo's desk, or every screen and the servers with settings of their own. The halves share nothing and may run at once.
 * Each is named by the promise it keeps. Ends with "N passed, M failed"; a browser that is missing is told, and is a
 * failure where RAPPORT_REQUIRE_BROWSER=1.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { accessibilityFindings, chromiumPath, freshPage, openBrowser } from "./browser.mjs";
import { assistant } from "./assistant.mjs";
import { DemoServer } from "./demo-server.mjs";
import { desking } from "./desking.mjs";
import { calling } from "./calling.mjs";
import { composing } from "./composing.mjs";
import { auditing, insights } from "./insights.mjs";
import { entering, firstDay, people, setUp, twins } from "./people.mjs";
import { livingAt } from "./living.mjs";
import { models } from "./models.mjs";
import { assertMatches, newPersona, SiteChat, twoDaysLater } from "./playing.mjs";
import { reading } from "./reading.mjs";
import { screens } from "./screens.mjs";
import { singleSignOn } from "./sso.mjs";
import { tasks } from "./tasks.mjs";
import { voice } from "./voice.mjs";
import { weight } from "./weight.mjs";
import { workplace } from "./workplace.mjs";

const binary = process.argv[2] && resolve(process.argv[2]);
const half = process.argv[3];
if (!binary || !existsSync(binary) || !["desk", "screens", undefined].includes(half)) {
  console.error("usage: node web/tests/run.mjs path/to/rapport [desk|screens]");
  process.exit(2);
}
const executable = chromiumPath();
if (!executable) {
  const required = process.env.RAPPORT_REQUIRE_BROWSER === "1";
  console.log(`${required ? "FAILED" : "skipped"}: no Chromium at ${process.env.CHROMIUM ?? "/usr/bin/chromium"} (CHROMIUM names another)`);
  console.log(required ? "0 passed, 1 failed" : "0 passed, 0 failed, all skipped");
  process.exit(required ? 1 : 0);
}

const server = new DemoServer(binary);
let browser;
let passed = 0;
/** The promises that were broken, each with its reason: told as they break, and again at the end. */
const broken = [];
/** Pages that live through several promises, closed at the end; each keeps what its scripts complained of. */
const open = [];

const fresh = async (options) => {
  const made = await freshPage(browser, options);
  open.push(made);
  return made;
};

const tellBroken = (what) => {
  broken.push(what);
  console.log(`FAILED  ${what}`);
};

const promise = async (name, keep) => {
  const from = performance.now();
  for (const { complaints } of open) complaints.length = 0;
  try {
    await keep();
    assert.deepEqual(open.flatMap(({ complaints }) => complaints), [], "a page complained");
    passed += 1;
    console.log(`ok      ${name} (${Math.round(performance.now() - from)} ms)`);
  } catch (error) {
    await keepPictures(broken.length + 1);
    const heard = open.flatMap(({ complaints }) => complaints).slice(0, 3);
    const reason = String(error?.message ?? error).split("\n").slice(0, 14).join("\n        ");
    tellBroken(`${name}\n        ${reason}${heard.map((text) => `\n        page: ${text.slice(0, 300)}`).join("")}`);
  }
};

/** What every page showed when a promise was broken, in the folder that RAPPORT_BROWSER_FAILURES names. */
const keepPictures = async (number) => {
  const folder = process.env.RAPPORT_BROWSER_FAILURES;
  if (!folder) return;
  for (const [index, { page }] of open.entries()) {
    await page.screenshot({ path: `${folder}/failure-${number}-page-${index}.png` }).catch(() => undefined);
  }
};

const noSeriousFindings = async (page) => assert.deepEqual(await accessibilityFindings(page), []);

const journeys = async () => {
  const { url } = server;
  const desk = await fresh();
  let customer = await fresh();
  let persona;

  await promise("the sign-in page can be used by everybody", async () => {
    await desk.page.goto(`${url}/`);
    await desk.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    await noSeriousFindings(desk.page);
  });

  await promise("the login the demo printed signs in, a wrong password does not", async () => {
    await desk.page.getByRole("textbox", { name: "Email" }).fill(server.login.email);
    await desk.page.getByRole("textbox", { name: "Password" }).fill("not-the-password");
    await desk.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await desk.page.getByRole("alert").waitFor();
    await desk.page.getByRole("textbox", { name: "Password" }).fill(server.login.password);
    await desk.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await desk.page.getByRole("heading", { name: "Escalated" }).first().waitFor();
  });

  await twins(fresh, url);

  await promise("a message on WhatsApp is answered, and the memory shows what was understood", async () => {
    persona = await newPersona(customer.page, url);
    await persona.whatsapp.ask("Hi, I'm looking for two chairs for my studio, my budget is 900 EUR");
    await persona.memory.getByText("900 EUR").waitFor();
    await persona.memory.getByText(/^chairs?\b/).waitFor();
  });

  await promise("the same person goes on by SMS and is one customer with two doors", async () => {
    await persona.sms.ask("Do you deliver to Lyon?");
    await persona.together.getByText(/2 doors/).waitFor();
  });

  await promise("two days later a shared contact brings the memory to Telegram, and nothing is asked twice", async () => {
    await twoDaysLater(customer.page, persona.clock);
    const before = await persona.telegram.bubbles.count();
    await persona.telegram.section.getByRole("button", { name: "Share my contact" }).click();
    assertMatches(await persona.telegram.heard(before + 2), /chairs?.*900/i, "the recap names need and budget");
    await persona.together.getByText(/3 doors/).waitFor();
    await persona.together.getByText("Nothing known asked again").waitFor();
  });

  await promise("a ready-made journey plays to its end, one click a line", async () => {
    const guided = await fresh();
    const guest = await newPersona(guided.page, url);
    const next = guided.page.getByRole("button", { name: /line$/ });
    const ended = guided.page.getByText("That was the whole journey", { exact: false });
    const { items } = await (await fetch(`${url}/playground/api/journeys`)).json();
    for (const [done] of items[0].lines.entries()) {
      await guided.page.getByRole("img", { name: `${done} of ${items[0].lines.length}` }).waitFor();
      await next.click();
    }
    await ended.waitFor();
    await guest.whatsapp.bubbles.last().getByText(/what I know about you/i).waitFor();
    await guest.together.getByText(/2 doors/).waitFor();
    const asked = guest.whatsapp.bubbles.filter({ hasText: "hi, back about that quote" });
    assert.equal(await asked.locator("xpath=../following-sibling::*[1]").locator("p[dir=auto]").evaluate((one) => one.className.includes("border-line")), true, "each line is answered before the next");
    await guided.context.close();
  });

  await promise("the playground can be used by everybody", () => noSeriousFindings(customer.page));

  await promise("the website chat in the shop answers", async () => {
    customer = await fresh();
    persona = await newPersona(customer.page, url);
    assertMatches(await persona.chat.ask("We need chairs for a small office, our budget is 4,000 EUR"), /\w{3}/);
    await persona.memory.getByText("4,000 EUR").waitFor();
    assertMatches(await persona.chat.ask("How long is the warranty on a chair?"), /years|warranty/i);
  });

  await promise("the shop's contact form is answered by mail, and whoever answers that mail is who filled it in", async () => {
    const lead = await fresh();
    const guest = await newPersona(lead.page, url);
    await lead.page.getByRole("button", { name: "Contact form" }).click();
    const form = lead.page.frameLocator("iframe[title='Contact form']");
    await form.getByRole("textbox", { name: "Budget" }).fill("9,000 EUR");
    await form.getByRole("textbox", { name: "Message" }).fill("Which of your chairs suits an office of twelve?");
    await form.getByRole("button", { name: "Send" }).click();
    await form.getByText(/We answer at .*@people\.example/).waitFor();
    await lead.page.getByRole("button", { name: "Email", exact: true }).click();
    assertMatches(await guest.email.heard(1), /\w{3}/);
    await guest.memory.getByText("9,000 EUR").waitFor();
    assertMatches(await guest.email.ask("Thank you. What was my budget again?"), /9,000/, "the mail goes on with the form");
    await lead.context.close();
  });

  await promise("going on from the website to WhatsApp puts the code on the phone and joins the two", async () => {
    await persona.chat.goOn("WhatsApp");
    await customer.page.waitForFunction(() =>
      [...document.querySelectorAll("input")].some(({ value }) => /RAP-[0-9A-Z]{4}-[0-9A-Z]{4}/.test(value)),
    );
    assertMatches(await persona.whatsapp.sendAndHear(), /4,000/, "the answer on WhatsApp remembers the website");
    await persona.chat.strip.getByText(/Connected as \+33/).waitFor();
    await persona.together.getByText(/2 doors/).waitFor();
  });

  await promise("going on from the website to Messenger brings the code unseen, and every phone of the switch answers", async () => {
    const other = await fresh();
    const guest = await newPersona(other.page, url);
    await guest.chat.ask("We need chairs for a small office, our budget is 5,000 EUR");
    await guest.chat.ask("How long is the warranty on a chair?");
    await guest.chat.goOn("Messenger");
    await guest.messenger.section.getByRole("button", { name: "Start", exact: true }).click();
    assertMatches(await guest.messenger.heard(2), /5,000/, "the answer on Messenger remembers the website");
    await guest.together.getByText(/2 doors/).waitFor();
    for (const phone of [guest.instagram, guest.rcs]) {
      await other.page.getByRole("button", { name: phone.name, exact: true }).click();
      assertMatches(await phone.ask("How long is the warranty on a chair?"), /years|warranty/i);
    }
    await other.context.close();
  });

  await promise("on Discord the website's code goes with the bot's command, and a mail is answered by mail", async () => {
    const other = await fresh();
    const guest = await newPersona(other.page, url);
    await guest.chat.ask("We need chairs for a small office, our budget is 6,000 EUR");
    await guest.chat.ask("How long is the warranty on a chair?");
    await guest.chat.goOn("Discord");
    await other.page.waitForFunction(() => [...document.querySelectorAll("input")].some(({ value }) => /^\/link RAP-/.test(value)));
    assertMatches(await guest.discord.sendAndHear(), /6,000/, "the answer on Discord remembers the website");
    await guest.together.getByText(/2 doors/).waitFor();
    assertMatches(await guest.discord.ask("Do you deliver to Lyon?"), /Lyon|deliver|working days/i);
    await other.page.getByRole("button", { name: "Email", exact: true }).click();
    assertMatches(await guest.email.ask("How long is the warranty on a chair?"), /years|warranty/i);
    await noSeriousFindings(other.page);
    await other.context.close();
  });

  await promise("a rival named on WhatsApp is at once under Escalated, with its brief", async () => {
    await persona.whatsapp.ask("SitRight offers it cheaper");
    await desk.page.getByRole("link", { name: /Competitor named/ }).waitFor();
  });

  await promise("a teammate takes over in two clicks and the reply arrives on the phone", async () => {
    await desk.page.getByRole("link", { name: /Competitor named/ }).click();
    const brief = desk.page.getByRole("region", { name: /^Brief/ });
    await brief.getByText(/SitRight/).first().waitFor();
    await brief.getByRole("button", { name: "Accept" }).click();
    await desk.page.evaluate(() => window.localStorage.setItem("rapport.hold", "0"));
    const field = desk.page.getByRole("textbox", { name: /reply/i });
    await field.fill("Nora here. I will match their price for twelve chairs.");
    const before = await persona.whatsapp.bubbles.count();
    await desk.page.getByRole("button", { name: /^Send/ }).click();
    assertMatches(await persona.whatsapp.heard(before + 1), /Nora here\. I will match/);
  });

  await promise("the inbox can be used by everybody", () => noSeriousFindings(desk.page));

  await promise("handed back, the AI answers again", async () => {
    await desk.page.getByRole("button", { name: "Return to AI" }).first().click();
    await desk.page.getByRole("button", { name: "Take over" }).first().waitFor();
    assertMatches(await persona.whatsapp.ask("Thanks! How long is the warranty?"), /years|warranty/i);
  });

  await promise("every answer of the AI says why it was given, and whether it would be today", async () => {
    await desk.page.getByRole("button", { name: "Why this?" }).last().click();
    const why = desk.page.getByRole("complementary", { name: /why/i });
    await why.getByRole("heading", { name: /rules/i }).first().waitFor();
    await why.getByRole("heading", { name: /sources/i }).first().waitFor();
    await why.getByRole("button", { name: "Answer again as of today" }).click();
    await why.getByText("The same today").waitFor();
    await noSeriousFindings(desk.page);
    await desk.page.keyboard.press("Escape");
  });

  await promise("on a door set to drafts nothing leaves before a teammate approves it", async () => {
    await desk.page.goto(`${url}/channels`);
    const dial = desk.page.getByRole("radiogroup", { name: /on SMS/ });
    await dial.getByRole("radio", { name: "Drafts" }).click();
    await dial.getByRole("radio", { name: "Drafts", checked: true }).waitFor();
    const drafted = await fresh();
    const person = await newPersona(drafted.page, url);
    await person.sms.field.fill("Do you deliver to Lyon?");
    await person.sms.field.press("Enter");
    await desk.page.goto(`${url}/inbox/approval`);
    const approve = desk.page.getByRole("button", { name: "Approve and send" });
    await approve.waitFor();
    assert.equal(await person.sms.bubbles.count(), 1, "the phone has heard nothing yet");
    await noSeriousFindings(desk.page);
    await desk.page.getByRole("button", { name: "Edit" }).click();
    await desk.page.getByRole("textbox", { name: "Your wording of the draft" }).fill("Yes, we deliver to Lyon. Nora");
    await desk.page.getByRole("button", { name: "Send my wording" }).click();
    assertMatches(await person.sms.heard(2), /deliver to Lyon\. Nora/);
    await person.sms.field.fill("What does assembly cost?");
    await person.sms.field.press("Enter");
    await approve.waitFor();
    await approve.click();
    assertMatches(await person.sms.heard(3), /35 EUR|assembl/i);
    await desk.page.getByText("No draft waits").first().waitFor();
    await desk.page.goto(`${url}/channels`);
    await dial.getByRole("radio", { name: "Answers" }).click();
    await dial.getByRole("radio", { name: "Answers", checked: true }).waitFor();
    await drafted.context.close();
  });

  await promise("what is snoozed leaves the views and comes back by itself", async () => {
    await desk.page.goto(`${url}/inbox/ai`);
    const header = desk.page.getByRole("button", { name: "Snooze" });
    await header.waitFor();
    await header.click();
    await desk.page.getByRole("button", { name: /In an hour/ }).click();
    await desk.page.goto(`${url}/inbox/snoozed`);
    await desk.page.getByRole("main").getByText("Snoozed").first().waitFor();
    await noSeriousFindings(desk.page);
    await fetch(`${url}/playground/api/clock`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ advance_s: 4_000 }) });
    await desk.page.getByText("Nothing is snoozed").first().waitFor();
  });

  await promise("an escalation nobody took for a day says so, with its brief", async () => {
    const alone = await fresh();
    const person = await newPersona(alone.page, url);
    await person.telegram.ask("Can I talk to someone?");
    await twoDaysLater(alone.page, person.clock);
    await desk.page.goto(`${url}/inbox/escalated`);
    await desk.page.getByRole("link", { name: /Human asked for.*nobody came/ }).first().click();
    await desk.page.getByRole("region", { name: /^Brief/ }).getByText("Nobody came, the AI answers again").waitFor();
    await alone.context.close();
  });

  await workplace({ promise, fresh, desk, url, noSeriousFindings });
  await tasks({ promise, fresh, desk, url, noSeriousFindings });
  await calling({ promise, fresh, desk, url, noSeriousFindings });

  await composing({ promise, fresh, desk, url, noSeriousFindings });

  await desking({ promise, fresh, desk, url, noSeriousFindings });
  await assistant({ promise, fresh, desk, url, noSeriousFindings });

  await people({ promise, desk, url, noSeriousFindings });
  await reading({ promise, fresh, desk, url, noSeriousFindings });
  await insights({ promise, fresh, desk, url, noSeriousFindings });
  await auditing({ promise, fresh, desk, url, noSeriousFindings });
  await setUp({ promise, desk, url, noSeriousFindings });
  await entering({ promise, fresh, desk, url, login: server.login, noSeriousFindings });

  await promise("teammates and tokens have a page, and a token is shown once", async () => {
    await desk.page.goto(`${url}/settings`);
    await desk.page.getByRole("button", { name: "Make token" }).click();
    await desk.page.getByRole("textbox", { name: "What is it for?" }).fill("Reporting");
    await desk.page.getByRole("button", { name: "Make token" }).click();
    await desk.page.getByText(/^rap_[0-9a-f]{64}$/).waitFor();
    await noSeriousFindings(desk.page);
    await desk.page.reload();
    await desk.page.getByText("Reporting").waitFor();
    assert.equal(await desk.page.getByText(/^rap_/).count(), 0);
  });

  await promise("a person's page shows all doors and can be used by everybody", async () => {
    await desk.page.getByRole("link", { name: "People" }).first().click();
    await desk.page.getByRole("main").locator("li a").first().click();
    await desk.page.getByRole("heading", { name: /Facts|Journey|known/i }).first().waitFor();
    await noSeriousFindings(desk.page);
  });

  await promise("on a phone the inbox and the playground can be used by everybody", async () => {
    const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const pocket = await fresh({ ...small, storageState: await desk.context.storageState() });
    await pocket.page.goto(`${url}/inbox/all`);
    await pocket.page.getByRole("link", { name: /WhatsApp|SitRight|AI:/ }).first().click();
    await pocket.page.getByRole("button", { name: "Why this?" }).first().waitFor();
    await noSeriousFindings(pocket.page);
    const street = await fresh(small);
    await newPersona(street.page, url);
    await noSeriousFindings(street.page);
  });

  await promise("a page opened for the second time is drawn like the first time", async () => {
    const again = await fresh();
    for (const heading of ["first", "second"]) {
      await again.page.goto("about:blank");
      await again.page.goto(`${url}/sign-in`);
      await again.page.getByRole("heading", { name: "Sign in" }).waitFor({ timeout: 5_000 }).catch(() => {
        throw new Error(`the sign-in page stayed empty the ${heading} time`);
      });
    }
  });

  await promise("the website chat loses nothing and repeats nothing when the server is killed", async () => {
    const visitor = await fresh({ viewport: { width: 420, height: 800 } });
    const made = await (await fetch(`${url}/playground/api/personas`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).json();
    await visitor.page.goto(`${url}/playground/shop?persona=${made.id}`);
    const chat = new SiteChat(visitor.page);
    await chat.ready();
    await chat.ask("Do you deliver to Lyon?");
    await server.kill();
    await chat.strip.getByText(/connection|reconnect|offline/i).waitFor();
    await chat.write("And what does assembly cost?");
    await server.start();
    assertMatches(await chat.ask("How long is the warranty?"), /\w{3}/);
    const own = await chat.place.locator(".said.customer .bubble").allInnerTexts();
    assert.deepEqual(own, ["Do you deliver to Lyon?", "And what does assembly cost?", "How long is the warranty?"]);
    await visitor.page.reload();
    await chat.place.locator(".said.customer").nth(2).waitFor();
    assert.equal(await chat.place.locator(".said.customer").count(), 3);
    await noSeriousFindings(visitor.page);
    visitor.complaints.length = 0;
    for (const one of open) one.complaints.length = 0;
  });
};

const views = async () => {
  const { colleagues, escalations } = livingAt(server.url);
  await colleagues();
  await escalations();
  await screens({ promise, fresh, url: server.url, login: server.login, noSeriousFindings });
  await firstDay({ promise, fresh, binary, noSeriousFindings });
  await singleSignOn({ promise, fresh, binary, noSeriousFindings });
  await models({ promise, fresh, binary, noSeriousFindings });
  await voice({ promise, fresh, binary, noSeriousFindings });
  await weight({ promise, fresh, binary, noSeriousFindings });
};

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void server.stop().finally(() => process.exit(130)));
}

try {
  await server.start();
  browser = await openBrowser(executable);
  if (half !== "screens") await journeys();
  if (half !== "desk") await views();
} catch (error) {
  tellBroken(`the journeys could be played\n        ${error?.message ?? error}`);
} finally {
  await browser?.close();
  if (broken.length > 0) console.log(`\nthe server's last words:\n${server.lastWords}\n`);
  await server.stop();
}
for (const what of broken) console.log(`FAILED  ${what}`);
console.log(`${passed} passed, ${broken.length} failed`);
process.exit(broken.length > 0 ? 1 : 0);
