/** Promises of the composer: files go along as the door allows. */
import assert from "node:assert/strict";
import { newPersona, twoDaysLater } from "./playing.mjs";

const pdf = (name) => ({ name, mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 offer") });
const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

export const composing = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  const street = await fresh();
  const thread = page.getByRole("log");
  const chooser = page.locator('main input[type="file"]');
  const along = page.getByRole("list", { name: "Goes along" });
  const send = () => page.getByRole("button", { name: /^Send/ }).last().click();
  const on = async (door) => {
    await page.getByRole("button", { name: /^Reply on .*, change$/ }).click();
    await page.getByRole("menuitemcheckbox", { name: door }).or(page.getByRole("menuitem", { name: door })).or(page.getByRole("menuitemradio", { name: door })).first().click();
  };
  const hold = (seconds) => page.evaluate((text) => window.localStorage.setItem("rapport.hold", text), String(seconds));
  let person;

  await promise("files leave with a reply as files where the door carries them, and as a link where it does not", async () => {
    person = await newPersona(street.page, url);
    await person.whatsapp.ask("Hi, this is Flora Nagel. Do you deliver to Lyon?");
    await person.sms.ask("And to Nice?");
    await page.goto(`${url}/inbox/ai`);
    await hold(0);
    await page.locator("li a", { hasText: "Flora Nagel" }).first().click();
    await page.getByRole("button", { name: "Take over" }).first().click();
    await page.getByRole("textbox", { name: "Your reply" }).waitFor();
    await chooser.setInputFiles([pdf("offer.pdf"), pdf("wrong.pdf"), { name: "chair.png", mimeType: "image/png", buffer: pixel }]);
    await along.getByText("wrong.pdf").waitFor();
    await noSeriousFindings(page);
    await page.getByRole("button", { name: "Leave out wrong.pdf" }).click();
    await on("WhatsApp");
    await page.getByRole("textbox", { name: "Your reply" }).fill("Here is your offer.");
    await send();
    await person.whatsapp.section.getByText("offer.pdf").waitFor();
    await person.whatsapp.section.getByText("chair.png").waitFor();
    await person.whatsapp.section.getByText("Here is your offer.").waitFor();
    await thread.getByRole("img", { name: "chair.png" }).waitFor();
    assert.equal(await along.count(), 0);
    await chooser.setInputFiles([pdf("terms.pdf")]);
    await on("SMS");
    await send();
    const link = person.sms.section.getByText(/terms\.pdf: http/);
    await link.waitFor();
    const address = /http\S+/.exec(await link.innerText())[0].replace(/^https?:\/\/[^/]+/, url);
    const answer = await fetch(address);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "%PDF-1.4 offer");
    await noSeriousFindings(page);
  });

  await promise("what the AI would answer stands in the empty field: Tab takes it, typing replaces it, Escape puts it away", async () => {
    await person.sms.field.fill("How long is the warranty on a chair?");
    await person.sms.field.press("Enter");
    await thread.getByText("How long is the warranty on a chair?").waitFor();
    const field = page.getByRole("textbox", { name: "Your reply" });
    const take = page.getByRole("button", { name: "Use the AI’s draft" });
    await take.waitFor();
    await noSeriousFindings(page);
    const ghost = await field.getAttribute("placeholder");
    assert.match(ghost, /years|warranty/i);
    await field.pressSequentially("No");
    await take.waitFor({ state: "detached" });
    assert.equal(await field.inputValue(), "No");
    await field.fill("");
    await take.waitFor();
    await field.press("Tab");
    assert.equal(await field.inputValue(), ghost);
    await field.fill("");
    await take.waitFor();
    await field.press("Escape");
    await take.waitFor({ state: "detached" });
    assert.equal(await person.sms.bubbles.filter({ hasText: ghost.slice(0, 30) }).count(), 0, "nothing was sent");
  });

  await promise("a reply that is taken back gives its files back too, and they wait in their field while another page is looked at", async () => {
    await hold(20);
    await chooser.setInputFiles([pdf("draft.pdf")]);
    await send();
    await thread.getByText("draft.pdf").first().waitFor();
    await page.getByRole("button", { name: /^Undo/ }).click();
    await along.getByText("draft.pdf").waitFor();
    await page.getByRole("link", { name: "People", exact: true }).first().click();
    await page.getByRole("searchbox").waitFor();
    await page.goBack();
    await along.getByText("draft.pdf").waitFor();
    await page.getByRole("button", { name: "Leave out draft.pdf" }).click();
    await along.waitFor({ state: "detached" });
    await hold(0);
  });

  await promise("whoever must be answered at once is called from the brief", async () => {
    const answer = (way) =>
      page.evaluate(async (chosen) => {
        const { csrf } = await (await fetch("/api/v1/session")).json();
        const headers = { "content-type": "application/json", "x-rapport-csrf": csrf };
        await fetch("/api/v1/rules/human-asked-for", { method: "PATCH", headers, body: JSON.stringify({ way: chosen }) });
      }, way);
    await answer("urgent");
    const other = await fresh();
    const hasty = await newPersona(other.page, url);
    await hasty.whatsapp.ask("Hi, this is Hasty Hanna. Can I talk to someone?");
    await answer(null);
    await page.goto(`${url}/inbox/escalated`);
    await page.locator("li a", { hasText: "Hasty Hanna" }).first().click();
    const call = page.getByRole("region", { name: /^Brief/ }).getByRole("link", { name: /^Call \+33 \d/ });
    await call.waitFor();
    assert.match(await call.getAttribute("href"), /^tel:\+33\d{9}$/);
    await noSeriousFindings(page);
    await other.context.close();
  });

  await promise("a teammate's file is in the website chat", async () => {
    await person.chat.ask("Hello, this is Flora Nagel on the website. Do you deliver to Brest?");
    await page.goto(`${url}/inbox/all`);
    await page.locator("li a", { hasText: "Brest" }).or(page.locator("li a", { hasText: "Flora Nagel" })).first().click();
    await page.getByRole("button", { name: "Take over" }).first().click();
    await chooser.setInputFiles([{ name: "chair.png", mimeType: "image/png", buffer: pixel }, pdf("plan.pdf")]);
    await send();
    const chat = street.page.frameLocator("iframe");
    await chat.getByRole("link", { name: "plan.pdf" }).waitFor();
    const picture = chat.getByRole("img", { name: "chair.png" });
    await picture.waitFor();
    assert.equal(await picture.evaluate((drawn) => drawn.decode().then(() => drawn.naturalWidth)), 1);
  });

  await promise("once WhatsApp's window has closed the composer offers the approved templates, and one leaves filled", async () => {
    const other = await fresh();
    const late = await newPersona(other.page, url);
    await late.whatsapp.ask("Hi, this is Greta Lind. Do you deliver to Nice?");
    await twoDaysLater(other.page, late.clock);
    await page.goto(`${url}/inbox/all`);
    await page.locator("li a", { hasText: "Greta Lind" }).first().click();
    await page.getByRole("button", { name: "Take over" }).first().click();
    const form = page.getByRole("form", { name: "Send a template" });
    await form.getByLabel("Template").selectOption({ label: "follow up · en" });
    await form.getByText("Hello Greta, you asked us about {{2}}.").waitFor();
    assert.equal(await form.getByRole("button", { name: "Send template" }).isDisabled(), true, "a gap is open");
    await noSeriousFindings(page);
    await form.getByLabel("Gap 2").fill("delivery to Nice");
    const before = await late.whatsapp.bubbles.count();
    await page.keyboard.press("Enter");
    assert.match(await late.whatsapp.heard(before + 1), /Hello Greta, you asked us about delivery to Nice\./);
    await thread.getByText("you asked us about delivery to Nice").first().waitFor();
    const refused = await page.evaluate(async () => (await fetch("/api/v1/channels/wa/templates")).json());
    assert.deepEqual([...new Set(refused.items.map(({ name }) => name))], ["follow_up", "order_ready"], "what is in review is not offered");
    await other.context.close();
  });

  await promise("the lists are narrowed to one tag, and stay so from view to view", async () => {
    await page.goto(`${url}/inbox/all`);
    await page.locator("li a", { hasText: "Greta Lind" }).first().click();
    await page.getByRole("heading", { name: "Greta Lind" }).first().waitFor();
    await page.keyboard.press("l");
    await page.getByRole("textbox", { name: "Add a tag" }).fill("nice");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Take nice off" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Narrow the list" }).click();
    await page.getByRole("button", { name: "nice", exact: true }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-scroller="conversations"] li').length === 1);
    await noSeriousFindings(page);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /Resolved/ }).first().click();
    await page.getByText("Nothing here is tagged nice.").waitFor();
    await page.getByRole("button", { name: "Show all, not only nice" }).click();
    await page.getByRole("button", { name: "Show all, not only nice" }).waitFor({ state: "detached" });
  });

  await promise("a view is saved under a name, counts by itself, and opens from rail and palette", async () => {
    await page.goto(`${url}/inbox/all`);
    await page.locator("li a", { hasText: "Greta Lind" }).first().waitFor();
    const menu = page.getByRole("button", { name: "Narrow the list" });
    await menu.press("Enter");
    await page.getByRole("button", { name: "nice", exact: true }).press("Enter");
    await page.getByRole("button", { name: "Save as a view" }).press("Enter");
    await page.getByRole("textbox", { name: "Name of the view" }).fill("Nice and near");
    await noSeriousFindings(page);
    await page.keyboard.press("Enter");
    const inRail = page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: /^Nice and near\s*1$/ });
    await inRail.waitFor();
    await page.getByRole("button", { name: "Show all, not only nice" }).click();
    await page.goto(`${url}/inbox/resolved`);
    await inRail.click();
    await page.waitForFunction(() => document.querySelectorAll('[data-scroller="conversations"] li').length === 1);
    await noSeriousFindings(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: "Nice and near" }).waitFor();
    await page.keyboard.press("Escape");
    await menu.click();
    await page.getByRole("button", { name: "Remove the view Nice and near" }).click();
    await inRail.waitFor({ state: "detached" });
  });

  await street.context.close();
};
