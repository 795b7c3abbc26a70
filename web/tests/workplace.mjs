/** Promises of the inbox as a workplace: filing, taking back, canned replies, mentions, two teammates at one conversation. */
import assert from "node:assert/strict";
import { keyboardGivenBack } from "./browser.mjs";
import { assertMatches, newPersona } from "./playing.mjs";

/** What the one who plays needs: `promise`, `fresh`, `desk`, `url`, `noSeriousFindings`. */
export const workplace = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  const street = await fresh();
  let person;
  const field = page.getByRole("textbox", { name: "Your reply" });
  const hold = (seconds) => page.evaluate((text) => window.localStorage.setItem("rapport.hold", text), String(seconds));
  const thread = page.getByRole("log");
  const row = (name, where = page) => where.locator("li a", { hasText: name }).first();

  await promise("an inbox is filed by keyboard alone: take, tag, assign, snooze in one's own words", async () => {
    person = await newPersona(street.page, url);
    await person.whatsapp.ask("Hi, this is Ada Quill. Do you deliver to Lyon?");
    await page.goto(`${url}/inbox/ai`);
    await row("Ada Quill").click();
    await page.getByRole("heading", { name: "Ada Quill" }).first().waitFor();
    await page.keyboard.press("l");
    await page.getByRole("textbox", { name: "Add a tag" }).fill("Delivery");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Take delivery off" }).waitFor();
    await noSeriousFindings(page);
    await page.keyboard.press("Escape");
    await page.getByRole("textbox", { name: "Add a tag" }).waitFor({ state: "detached" });
    await keyboardGivenBack(page);
    await page.keyboard.press("g");
    await page.getByRole("button", { name: /\(you\)/ }).click();
    await page.goto(`${url}/inbox/mine`);
    await row(/Ada Quill[^]*delivery/).click();
    await page.getByRole("button", { name: "Take delivery off" }).waitFor();
    await page.keyboard.press("h");
    await page.getByRole("textbox", { name: "Snooze until" }).fill("in 3 days");
    await page.keyboard.press("Enter");
    await page.goto(`${url}/inbox/snoozed`);
    await row(/Ada Quill[^]*Until/).waitFor();
    await row(/Ada Quill[^]*Until/).click();
    await page.getByRole("button", { name: "Take over" }).first().click();
    await field.waitFor();
  });

  await promise("a reply can be taken back before it leaves, and stands in the field again", async () => {
    await hold(20);
    const before = await person.whatsapp.bubbles.count();
    await field.fill("This was a mistake");
    await page.keyboard.press("Control+Enter");
    await thread.getByText("This was a mistake").waitFor();
    await page.getByRole("button", { name: /^Undo/ }).click();
    await thread.getByText("This was a mistake").waitFor({ state: "detached" });
    assert.equal(await field.inputValue(), "This was a mistake");
    await hold(0);
    await field.fill("Ada, Nora here: yes, to Lyon too.");
    await page.keyboard.press("Control+Enter");
    assertMatches(await person.whatsapp.heard(before + 1), /to Lyon too/, "what was taken back never came");
  });

  await promise("a reply for later waits in the thread and leaves at its time", async () => {
    const before = await person.whatsapp.bubbles.count();
    await field.fill("Good morning Ada, your parcel left.");
    await page.getByRole("button", { name: "Schedule" }).click();
    await page.getByRole("textbox", { name: "Send at" }).fill("in 2 hours");
    await page.keyboard.press("Enter");
    await thread.getByText(/leaves \d\d:\d\d/).waitFor();
    await noSeriousFindings(page);
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ advance_s: 7_300 }) };
    await fetch(`${url}/playground/api/clock`, post);
    assertMatches(await person.whatsapp.heard(before + 1), /your parcel left/);
    await thread.getByText(/leaves \d\d:\d\d/).waitFor({ state: "detached" });
  });

  await promise("canned replies are kept in the settings, come by / with their gaps filled, and do what they say once sent", async () => {
    await page.goto(`${url}/settings`);
    await page.getByRole("button", { name: "Add reply" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("assembly");
    await page.getByRole("textbox", { name: /^Text/ }).fill("Assembly takes a day, {name}. {me}");
    await page.getByRole("textbox", { name: "Put on tags, with commas" }).fill("Assembly");
    await page.getByRole("button", { name: "Keep" }).click();
    await page.getByText("/assembly").waitFor();
    await page.getByText("tag assembly").waitFor();
    await noSeriousFindings(page);
    await page.goto(`${url}/inbox/mine`);
    await row("Ada Quill").click();
    await field.fill("/ass");
    await page.getByRole("option", { name: /assembly/ }).waitFor();
    await noSeriousFindings(page);
    await field.press("Enter");
    await page.waitForFunction(() => [...document.querySelectorAll("textarea")].some(({ value }) => value === "Assembly takes a day, Ada Quill. Nora Keller"));
    await page.getByText("Once sent: tag assembly").waitFor();
    await noSeriousFindings(page);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", { name: "Take assembly off" }).waitFor();
  });

  let mate;
  await promise("an invited teammate sets a password once and sits at the same desk", async () => {
    await page.goto(`${url}/settings`);
    await page.getByRole("button", { name: "Invite teammate" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Ben Ode");
    await page.getByRole("textbox", { name: "Email" }).fill("ben@ergo-chairs.example");
    await page.getByRole("button", { name: "Make the invitation" }).click();
    const link = new URL(await page.getByText(/\/join#[0-9a-f]{32}$/).innerText());
    mate = await fresh();
    await mate.page.goto(`${url}/join${link.hash}`);
    await mate.page.getByRole("textbox", { name: "Password" }).fill("ben's own password");
    await noSeriousFindings(mate.page);
    await mate.page.getByRole("button", { name: "Set the password and sign in" }).click();
    await mate.page.getByRole("navigation", { name: "Main" }).first().waitFor();
    const late = await fresh();
    await late.page.goto(`${url}/join${link.hash}`);
    await late.page.getByRole("textbox", { name: "Password" }).fill("somebody else's password");
    await late.page.getByRole("button", { name: "Set the password and sign in" }).click();
    await late.page.getByText("This link no longer works").waitFor();
    await late.context.close();
  });

  await promise("two teammates at one conversation see each other, and who is writing", async () => {
    await page.goto(`${url}/inbox/mine`);
    await row("Ada Quill").click();
    await field.waitFor();
    await mate.page.goto(`${url}/inbox/team`);
    await row("Ada Quill", mate.page).click();
    await mate.page.getByText("Nora Keller is viewing").waitFor();
    await page.getByText("Ben Ode is viewing").waitFor();
    await field.fill("I am at it");
    await mate.page.getByText("Nora Keller is typing a reply").waitFor();
    await noSeriousFindings(mate.page);
    await field.fill("");
    await mate.page.getByText("Nora Keller is viewing").waitFor();
  });

  await promise("who is named in a note finds the conversation among their mentions", async () => {
    await mate.page.keyboard.press("n");
    const note = mate.page.getByRole("textbox", { name: "Your note" });
    await note.fill("@Nora");
    await mate.page.getByRole("option", { name: /Nora Keller/ }).waitFor();
    // However late the page draws, what is typed right after a choice stands behind it.
    await mate.page.evaluate(() => {
      const draw = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (then) => setTimeout(() => draw(then), 100);
    });
    await note.press("Enter");
    await note.pressSequentially("please check the address");
    await mate.page.keyboard.press("Control+Enter");
    await mate.page.getByRole("log").getByText("@Nora Keller please check the address").waitFor();
    await page.goto(`${url}/inbox/mentions`);
    await row("Ada Quill").click();
    await thread.getByText("@Nora Keller please check the address").waitFor();
    await mate.context.close();
  });

  await promise("whoever switched alerts on is notified and hears it, once, and a click opens the conversation", async () => {
    await page.context().grantPermissions(["notifications"]);
    await page.addInitScript(() => {
      window.told = [];
      window.chimes = 0;
      window.Notification = class {
        static permission = "granted";
        static requestPermission = async () => "granted";
        constructor(title, { tag }) {
          window.told.push({ title, tag, open: () => this.onclick?.() });
        }
        close() {}
      };
      const Context = window.AudioContext;
      window.AudioContext = class extends Context {
        constructor() {
          super();
          window.chimes += 1;
        }
      };
    });
    await page.goto(`${url}/settings`);
    const alerts = page.getByRole("region", { name: "Your alerts" });
    for (const name of ["Browser notifications", "Sound"]) {
      const one = alerts.getByRole("switch", { name });
      assert.equal(await one.isChecked(), false, "off until it is switched on");
      await one.press("Space");
      await page.waitForFunction((name) => {
        const one = [...document.querySelectorAll('[role="switch"]')].find((each) => each.getAttribute("aria-label") === name);
        return one.checked && !one.disabled;
      }, name);
    }
    await page.getByRole("region", { name: "Alerts for the team" }).waitFor();
    await noSeriousFindings(page);
    await page.reload();
    assert.equal(await alerts.getByRole("switch", { name: "Sound" }).isChecked(), true);
    const other = await fresh();
    const guest = await newPersona(other.page, url);
    await guest.sms.ask("Hi, this is Lea Brandt. Can I talk to someone?");
    await page.waitForFunction(() => window.told.some(({ title }) => title === "Lea Brandt needs a person"));
    assert.deepEqual(await page.evaluate(() => [window.told.length, window.chimes]), [1, 1]);
    await page.evaluate(() => window.told[0].open());
    await thread.getByText(/this is Lea Brandt/).waitFor();
    for (const name of ["Browser notifications", "Sound"]) {
      await page.goto(`${url}/settings`);
      await alerts.getByRole("switch", { name }).press("Space");
      await alerts.getByRole("switch", { name, checked: false }).waitFor();
    }
    await other.context.close();
    await page.goto(`${url}/inbox/mentions`);
    await row("Ada Quill").click();
  });

  await promise("one matter becomes two and one again", async () => {
    await person.whatsapp.field.fill("Another thing: what does assembly cost?");
    await person.whatsapp.field.press("Enter");
    const second = thread.locator(".group", { hasText: "Another thing" });
    await second.hover();
    await second.getByRole("button", { name: "New matter from here" }).click();
    await page.getByText("A conversation of its own").waitFor();
    await page.keyboard.press("z");
    await page.goto(`${url}/inbox/all`);
    await row("Ada Quill").waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("li a")].filter((row) => /Ada Quill/.test(row.textContent)).length === 1);
  });

  await promise("many conversations are changed by one action", async () => {
    const other = await fresh();
    for (const name of ["Mia Brandt", "Tom Weber"]) {
      const guest = await newPersona(other.page, url);
      await guest.sms.ask(`Hi, this is ${name}. Do you deliver to Lyon?`);
    }
    await other.context.close();
    await page.goto(`${url}/inbox/ai`);
    for (const name of ["Mia Brandt", "Tom Weber"]) await page.getByRole("checkbox", { name: `Choose ${name}` }).click();
    const bar = page.getByRole("toolbar", { name: "Chosen conversations" });
    await bar.getByText("2 chosen").waitFor();
    await noSeriousFindings(page);
    await bar.getByRole("button", { name: "Resolve" }).click();
    await page.getByText("2 conversations changed").waitFor();
    await page.goto(`${url}/inbox/resolved`);
    for (const name of ["Mia Brandt", "Tom Weber"]) await row(name).waitFor();
  });

  await street.context.close();
};
