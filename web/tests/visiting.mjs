/** Promises of the website chat on a shop's page: files, several conversations, the way by email, sound, weight as it travels. */
import assert from "node:assert/strict";
import { until } from "./demo-server.mjs";
import { SiteChat, signIn } from "./playing.mjs";

/** A picture of one dot. */
const DOT = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const KILOBYTE = 1_000;

/** Bytes of scripts of ours that came over the line so far, as they were sent. */
const weighScripts = async ({ page, context }, server) => {
  const line = await context.newCDPSession(page);
  await line.send("Network.enable");
  const scripts = new Map();
  line.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.url.startsWith(server) && /javascript/.test(response.mimeType)) scripts.set(requestId, { url: response.url, bytes: 0 });
  });
  line.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const script = scripts.get(requestId);
    if (script) script.bytes += encodedDataLength;
  });
  return () => [...scripts.values()];
};

export const visiting = async ({ promise, fresh, server, shop, noSeriousFindings }) => {
  const visitor = await fresh({ viewport: { width: 1200, height: 800 } });
  const desk = await fresh();
  const { page, context } = visitor;
  const chat = new SiteChat(page);
  const said = (text) => page.locator(".said", { hasText: text });
  const talks = async () => (await server.admin("GET", "/conversations?limit=50")).items.filter(({ channel }) => channel === "widget");
  const find = async (text) => (await talks()).find(({ last_message: last }) => last?.text?.includes(text));
  const chooser = () => page.locator("input[type=file]");
  const home = () => page.getByRole("button", { name: "Back" }).click();

  await promise("what the chat weighs on the line is what is promised", async () => {
    const weighed = await weighScripts(visitor, server.url);
    const sum = () => weighed().reduce((all, { bytes }) => all + bytes, 0);
    await page.goto(shop);
    await page.getByRole("button", { name: "Open chat" }).waitFor();
    await page.waitForLoadState("networkidle");
    const loaded = sum();
    await page.getByRole("button", { name: "Open chat" }).click();
    await chat.ready();
    await until("the panel has come over the line", async () => weighed().some(({ url, bytes }) => url.includes("panel.") && bytes > KILOBYTE));
    const opened = sum();
    const names = weighed().map(({ url }) => url.replace(/.*\//, ""));
    assert.deepEqual(names, ["widget.js", "panel.en.js"]);
    assert.ok(loaded > 2 * KILOBYTE && loaded <= 5 * KILOBYTE, `${loaded} bytes on page load`);
    assert.ok(opened <= 20 * KILOBYTE, `${opened} bytes opened`);
  });

  await promise("the chat says when people answer, and by which other doors one can go on", async () => {
    await page.getByText(/People answer in 30 min/).first().waitFor();
    await page.getByRole("button", { name: "Email" }).click();
    const sheet = page.getByRole("dialog", { name: "Continue by email" });
    const link = sheet.getByRole("link", { name: "Open Email" });
    assert.match(await link.getAttribute("href"), /^mailto:help@big\.example\?subject=RAP/);
    await noSeriousFindings(page);
    await page.keyboard.press("Escape");
  });

  await promise("a picture is sent from the chat, and stands in the visitor's and the teammate's thread", async () => {
    await chat.write("My chair arrived broken, see the picture");
    await chooser().setInputFiles({ name: "chair.png", mimeType: "image/png", buffer: DOT });
    const picture = page.locator(".said.customer img");
    await picture.waitFor();
    assert.equal(await picture.getAttribute("alt"), "chair.png");
    await page.waitForFunction((inside) => inside.complete && inside.naturalWidth === 1, await picture.elementHandle());
    await noSeriousFindings(page);
    await signIn(desk.page, server.url, server.login);
    const talk = (await talks()).find(({ last_message: last }) => last && last.text === "") ?? (await find("broken"));
    await desk.page.goto(`${server.url}/inbox/all/${talk.id}`);
    await desk.page.getByRole("log").getByRole("img", { name: "chair.png" }).waitFor();
  });

  await promise("files are pasted and dropped too, and one that is not taken says why", async () => {
    const give = (kind, name, type, size = 20) =>
      page.evaluate(
        ([event, fileName, fileType, bytes]) => {
          const root = [...document.body.children].find(({ shadowRoot }) => shadowRoot).shadowRoot;
          const data = new DataTransfer();
          data.items.add(new File(["%PDF-1.4".padEnd(bytes)], fileName, { type: fileType }));
          const made = event === "paste" ? new ClipboardEvent(event, { clipboardData: data, bubbles: true }) : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
          root.querySelector("textarea").dispatchEvent(made);
        },
        [kind, name, type, size],
      );
    await give("paste", "pasted.pdf", "application/pdf");
    await page.getByRole("link", { name: "pasted.pdf" }).waitFor();
    await give("drop", "dropped.pdf", "application/pdf");
    await page.getByRole("link", { name: "dropped.pdf" }).waitFor();
    await chooser().setInputFiles({ name: "page.html", mimeType: "text/html", buffer: Buffer.from("<script>alert(1)</script>") });
    await page.getByText("Files of this kind are not taken here.").waitFor();
    await page.locator(".said", { hasText: "page.html" }).getByRole("button", { name: "Cancel" }).click();
    await page.getByText("page.html").waitFor({ state: "detached" });
    await give("paste", "film.png", "image/png", 21 * 1024 * 1024);
    await page.getByText("Larger than 20 MB, not sent.").waitFor();
    await page.locator(".said", { hasText: "film.png" }).getByRole("button", { name: "Cancel" }).click();
  });

  await promise("a file that was chosen without a line leaves when it is back", async () => {
    await context.route("**/widget/web/files", (route) => route.abort("internetdisconnected"));
    await chooser().setInputFiles({ name: "later.png", mimeType: "image/png", buffer: DOT });
    const waiting = page.locator(".said", { hasText: "later.png" });
    await waiting.getByRole("button", { name: "Try again" }).waitFor();
    await context.unroute("**/widget/web/files");
    await waiting.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("img", { name: "later.png" }).waitFor();
  });

  await promise("another matter is another conversation, and the first is found again", async () => {
    await home();
    await page.getByRole("button", { name: "New conversation" }).click();
    assert.equal(await page.locator(".said.customer").count(), 0);
    await chat.write("Do you sell lamps?");
    await chat.write("For a desk.");
    await until("both words are in one conversation", async () => (await find("For a desk."))?.id !== undefined);
    assert.equal((await talks()).filter(({ last_message: last }) => /lamps|desk/.test(last?.text ?? "")).length, 1);
    await home();
    await page.getByText("Other conversations").waitFor();
    await noSeriousFindings(page);
    await page.getByRole("button", { name: /My chair arrived broken/ }).click();
    await said("My chair arrived broken").waitFor();
    assert.equal(await said("lamps").count(), 0);
  });

  await promise("an answer elsewhere leaves the visitor where they are, and is pointed at", async () => {
    const lamps = await find("For a desk.");
    await server.admin("POST", `/conversations/${lamps.id}/reply`, { text: "Yes, three kinds of lamps." });
    await page.locator(".top .new").waitFor();
    await said("My chair arrived broken").waitFor();
    assert.equal(await said("three kinds").count(), 0);
    await home();
    await page.getByRole("button", { name: /lamps/ }).click();
    await said("three kinds of lamps").waitFor();
    await page.locator(".top .new").waitFor({ state: "detached" });
  });

  await promise("a conversation that has ended says so, is rated, and a new one begins with a word", async () => {
    const lamps = await find("three kinds");
    await server.admin("POST", `/conversations/${lamps.id}/resolve`, {});
    await page.getByText("This conversation has ended.").waitFor();
    await page.getByRole("button", { name: "4 of 5" }).click();
    await page.getByText("Thank you, noted.").waitFor();
    const { items } = await server.admin("GET", `/customers/${lamps.customer.id}/timeline`);
    await until("the rating stands where it was given", async () =>
      (await server.admin("GET", `/customers/${lamps.customer.id}/timeline`)).items.some(({ event, conversation }) => event?.type === "rated" && conversation === lamps.id),
    );
    assert.ok(items.length > 0);
    await noSeriousFindings(page);
    await page.getByRole("button", { name: "New conversation" }).click();
    await chat.write("One more thing: desks?");
    await until("it is one of its own", async () => ((await find("desks?"))?.id ?? lamps.id) !== lamps.id);
  });

  await promise("on the next page the visitor is where they were, with the panel open and half of a sentence in it", async () => {
    await chat.field.fill("And what does the");
    await page.reload();
    await chat.ready();
    assert.equal(await chat.field.inputValue(), "And what does the");
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true, "the page keeps the keyboard");
    await chat.field.fill("");
    await page.getByRole("button", { name: "Close" }).click();
    await page.reload();
    await page.getByRole("button", { name: /Open chat/ }).click();
    await chat.ready();
    assert.equal(await chat.field.inputValue(), "");
    await said("One more thing: desks?").waitFor();
    assert.equal(await said("lamps").count(), 0);
  });

  await promise("answers make no sound unless the visitor wants one", async () => {
    await home();
    const bell = page.getByRole("button", { name: "Sound for answers" });
    assert.equal(await bell.getAttribute("aria-pressed"), "false");
    await page.evaluate(() => {
      window.sounded = 0;
      const Real = window.AudioContext;
      window.AudioContext = class extends Real {
        constructor() {
          super();
          window.sounded += 1;
        }
      };
    });
    const talk = await find("desks?");
    const answer = async (text) => {
      await server.admin("POST", `/conversations/${talk.id}/reply`, { text });
      await page.locator(".begin", { hasText: text }).waitFor();
      return page.evaluate(() => window.sounded);
    };
    assert.equal(await answer("Desks too."), 0);
    await bell.click();
    assert.equal(await bell.getAttribute("aria-pressed"), "true");
    await until("what makes the sound is here", async () => page.evaluate(() => document.head.querySelectorAll('script[src*="more."]').length === 1));
    assert.equal(await answer("Of oak."), 1);
    await bell.click();
    assert.equal(await answer("Or of steel."), 1);
    visitor.complaints.length = 0;
  });
  await context.close();
  await desk.context.close();
};
