/** Promises under strain: script in every text, ten thousand conversations, a strict policy on somebody else's page. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { freePort } from "./demo-server.mjs";
import { OwnServer } from "./own-server.mjs";
import { SiteChat, signIn } from "./playing.mjs";
import { visiting } from "./visiting.mjs";
import { foreignElements, probe, vectors } from "./vectors.mjs";

const MOST_ROWS = 60;

/** A mailbox nobody answers at: it is there to be written to. */
const MAILBOX = `
[[connections]]
id = "mail"
channel = "email"
mode = "off"
address = "help@big.example"
imap = { host = "127.0.0.1", port = 9, username = "help", password = "password-of-the-mailbox" }
smtp = { host = "127.0.0.1", port = 9, username = "help", password = "password-of-the-mailbox" }
`;

/** Serves the console a list of so many conversations, each like a real one; everything else goes to the server. */
export const pretendMany = async (page, count) => {
  let like;
  await page.route(/\/api\/v1\/conversations\?/, async (route) => {
    const url = new URL(route.request().url());
    if (url.searchParams.get("view") !== "all") return route.continue();
    if (!like) {
      const { items } = await (await route.fetch()).json();
      like = items;
    }
    const first = Number(url.searchParams.get("cursor") ?? 0);
    const size = Number(url.searchParams.get("limit") ?? 50);
    const items = Array.from({ length: Math.min(size, count - first) }, (_, index) => {
      const number = first + index;
      const one = like[number % like.length];
      return { ...one, id: number < like.length ? one.id : `cnv_${String(number).padStart(26, "0")}`, customer: { ...one.customer, name: `Person ${number}` } };
    });
    const counts = { ai: count, approval: 0, escalated: 0, mentions: 0, mine: 0, resolved: 0, snoozed: 0, team: 0, unassigned: 0 };
    const next = first + size < count ? String(first + size) : null;
    return route.fulfill({ json: { items, next, counts } });
  });
};

/** A page of somebody else's, with a policy that allows our server and nothing more. */
const openShop = (server, port) => {
  const policy = [
    "default-src 'none'",
    `script-src ${server} 'nonce-own'`,
    `connect-src ${server} ${server.replace("http", "ws")}`,
    `img-src ${server}`,
    "require-trusted-types-for 'script'",
    "trusted-types rapport",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const listen = `for (const name of ["ready", "open", "close", "message", "sent", "unread"]) rapport("on", name, (detail) => heard.push([name, detail]));`;
  const page = (direction, asking) =>
    `<!doctype html><html lang="en" dir="${direction}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>` +
    `<main><h1>Shop</h1><p>Chairs.</p></main>` +
    `<script nonce="own">window.rapport ??= (...all) => (rapport.q ??= []).push(all); window.heard = []; ${listen}</script>` +
    `<script src="${server}/widget.js" data-connection="web" ${asking ? "data-consent" : ""} async></script></html>`;
  const shop = createServer((request, response) => {
    const [path, query] = request.url.split("?");
    if (path !== "/") return response.writeHead(204).end();
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("content-security-policy", policy);
    return response.end(page(query === "rtl" ? "rtl" : "ltr", query === "consent"));
  });
  return new Promise((open) => shop.listen(port, "127.0.0.1", () => open(shop)));
};

const ranIn = (page) => page.evaluate(() => window.heardToRun);

/** No text of anybody becomes more than text. CSP is taken away, so that it is not what helps. */
const scripts = async ({ promise, fresh, server, shop }) => {
  const inert = { bypassCSP: true };
  const desk = await fresh(inert);
  const visitor = await fresh(inert);
  await desk.context.addInitScript(probe);
  await visitor.context.addInitScript(probe);
  const { page } = desk;

  await promise("script in names and messages runs in no list, thread, side panel or person's page", async () => {
    await signIn(page, server.url, server.login);
    await server.hear(vectors.map((text, index) => ({ number: `3361000${1000 + index}`, name: text, text: `Hello ${index}` })));
    await server.hear(vectors.map((text) => ({ number: "33619999999", name: "Vera Vector", text })));
    await page.goto(`${server.url}/inbox/all`);
    const row = page.locator("li a", { hasText: "Vera Vector" }).first();
    await row.waitFor();
    await row.click();
    await page.getByRole("log").getByText("ran(1)").first().waitFor();
    await page.getByRole("log").getByText("ran(32)").first().waitFor();
    assert.deepEqual(await foreignElements(page, "main, aside, nav"), []);
    for (const view of ["unassigned", "all"]) {
      await page.goto(`${server.url}/inbox/${view}`);
      await page.locator("li a").first().waitFor();
      assert.deepEqual(await foreignElements(page, "main, aside, nav, section"), []);
    }
    await page.goto(`${server.url}/people`);
    await page.getByRole("main").locator("li").nth(5).waitFor();
    assert.deepEqual(await foreignElements(page, "main"), []);
    assert.deepEqual(await ranIn(page), []);
  });

  await promise("script in notes, tags and canned replies runs nowhere", async () => {
    const { items } = await server.admin("GET", "/conversations?limit=1");
    const conversation = `/conversations/${items[0].id}`;
    for (const text of vectors) await server.admin("POST", `${conversation}/note`, { text });
    for (const [index, text] of vectors.slice(0, 20).entries()) {
      await server.admin("POST", "/canned", { name: `${index} ${text}`.slice(0, 60), text });
    }
    await server.admin("POST", `${conversation}/tag`, { add: vectors.slice(0, 12).map((text) => text.slice(0, 40)) });
    await page.goto(`${server.url}/inbox/all/${items[0].id}`);
    await page.getByRole("log").getByText("ran(31)").first().waitFor();
    await page.keyboard.press("a");
    await page.getByRole("textbox", { name: "Your reply" }).fill("/");
    await page.getByRole("option").first().waitFor();
    assert.deepEqual(await foreignElements(page, "main, aside, nav"), []);
    await page.getByRole("textbox", { name: "Your reply" }).fill("");
    await page.goto(`${server.url}/settings`);
    await page.getByText("/0 ").first().waitFor();
    assert.deepEqual(await foreignElements(page, "main section ul"), []);
    assert.deepEqual(await ranIn(page), []);
  });

  await promise("script in what a teammate and a visitor write runs in no website chat", async () => {
    await visitor.page.goto(shop);
    await visitor.page.evaluate(() => window.rapport("open"));
    const chat = new SiteChat(visitor.page);
    await chat.ready();
    for (const text of vectors.slice(0, 8)) await chat.write(text.replaceAll("\u202e", ""));
    const find = async () => (await server.admin("GET", "/conversations?limit=20")).items.find(({ channel }) => channel === "widget");
    const talk = await find();
    for (const text of vectors) await server.admin("POST", `/conversations/${talk.id}/reply`, { text });
    await visitor.page.locator(".said.teammate", { hasText: "ran(32)" }).waitFor();
    const names = vectors.slice(0, 8).map((text, index) => `${index} ${text}.pdf`);
    const chooser = visitor.page.locator("input[type=file]");
    await chooser.setInputFiles(names.map((name) => ({ name, mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 of a test") })));
    await visitor.page.locator(".said.customer a.chip").nth(names.length - 1).waitFor();
    await page.goto(`${server.url}/inbox/all/${talk.id}`);
    await page.getByRole("log").getByText(/^7 .*pdf$/).first().waitFor();
    assert.deepEqual(await foreignElements(page, "main, aside, nav"), []);
    assert.deepEqual(await ranIn(page), []);
    assert.deepEqual(await foreignElements(visitor.page, "shadow"), []);
    assert.deepEqual(await ranIn(visitor.page), []);
  });

  await promise("a message from a foreign frame changes nothing about the visitor", async () => {
    await visitor.page.evaluate(
      () =>
        new Promise((done) => {
          const forged = [
            { type: "setUser", email: "bruno@b.example" },
            { type: "identify", jwt: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJicnVubyJ9." },
            { rapport: "continue", channel: "whatsapp", url: "https://evil.example", code: "RAP-0000-0000" },
            { rapport: "say", text: "forged words" },
            "open",
          ];
          const frame = document.createElement("iframe");
          frame.sandbox = "allow-scripts";
          const posts = forged.map((one) => `parent.postMessage(${JSON.stringify(one)}, "*");`).join("");
          frame.srcdoc = `<script>${posts}parent.postMessage("all posted", "*")</scr` + "ipt>";
          addEventListener("message", ({ data }) => data === "all posted" && done());
          document.body.append(frame);
        }),
    );
    const chat = new SiteChat(visitor.page);
    await chat.write("Still me");
    await visitor.page.locator(".said.customer", { hasText: "Still me" }).waitFor();
    assert.equal(await visitor.page.locator(".said", { hasText: "forged words" }).count(), 0);
    assert.deepEqual((await server.admin("GET", "/customers?identifier=email:bruno@b.example")).items, []);
    assert.deepEqual(await ranIn(visitor.page), []);
  });

  await desk.context.close();
  await visitor.context.close();
};

const manyRows = async ({ promise, fresh, server }) => {
  await promise("ten thousand conversations are scrolled with few rows in the page", async () => {
    const desk = await fresh();
    const { page } = desk;
    await signIn(page, server.url, server.login);
    await pretendMany(page, 10_000);
    await page.goto(`${server.url}/inbox/all`);
    await page.locator("li a", { hasText: "Person 9" }).first().waitFor();
    await page.locator("li a").first().hover();
    let most = 0;
    let seen = 0;
    while (seen < 1_000) {
      await page.mouse.wheel(0, 4_000);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      const rows = await page.locator("[data-scroller] li").allInnerTexts();
      most = Math.max(most, rows.length);
      seen = Math.max(seen, ...rows.map((text) => Number(/Person (\d+)/.exec(text)?.[1] ?? 0)));
    }
    assert.ok(most <= MOST_ROWS, `${most} rows stood in the page`);
    await desk.context.close();
  });
};

const strangersPage = async ({ promise, fresh, server, shop, noSeriousFindings }) => {
  const visitor = await fresh();
  const { page, context } = visitor;
  const asked = new Set();
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  const chat = new SiteChat(page);
  const names = () => page.evaluate(() => window.heard.map(([name]) => name));

  await promise("on a page with the strictest policy the chat opens, asks nobody else and leaves no cookie", async () => {
    await page.goto(shop);
    const launcher = page.getByRole("button", { name: "Open chat" });
    await launcher.waitFor();
    const moved = await page.evaluate(
      () => new Promise((told) => new PerformanceObserver((list) => told(list.getEntries().length)).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(() => told(0), 300)),
    );
    assert.equal(moved, 0, "nothing on the page has moved");
    await launcher.focus();
    await page.keyboard.press("Enter");
    await chat.ready();
    await chat.write("Hello from the shop");
    assert.deepEqual([...asked].sort(), [server.url, shop].sort());
    assert.deepEqual(await context.cookies(), []);
    await noSeriousFindings(page);
  });

  await promise("before the visitor agrees nothing is kept in the browser, and the chat works all the same", async () => {
    const careful = await fresh();
    const there = new SiteChat(careful.page);
    const kept = () => careful.page.evaluate(() => Object.keys(localStorage));
    const began = async () => {
      await careful.page.getByRole("button", { name: "Open chat" }).click();
      await there.ready();
    };
    await careful.page.goto(`${shop}/?consent`);
    await began();
    await there.write("Do you keep anything of this?");
    assert.deepEqual(await kept(), []);
    await careful.page.reload();
    await began();
    assert.equal(await there.place.locator(".said.customer").count(), 0, "forgotten with the page");
    const taken = careful.page.evaluate(() => new Promise((done) => window.rapport("on", "sent", () => done(true))));
    await there.write("You may keep this.");
    assert.ok(await taken);
    await careful.page.evaluate(() => window.rapport("consent"));
    assert.deepEqual(await kept(), ["rapport:web"]);
    await careful.page.reload();
    await careful.page.evaluate(() => window.rapport("consent"));
    await there.ready();
    await there.place.locator(".said", { hasText: "You may keep this." }).waitFor();
    assert.deepEqual(await careful.context.cookies(), []);
    await careful.context.close();
  });

  await promise("what a page tracks of a visitor who has not written is told, and before they agree it waits", async () => {
    const silent = await fresh();
    const lines = [];
    silent.page.on("websocket", (line) => lines.push(line.url()));
    await silent.page.goto(`${shop}/?consent`);
    await silent.page.getByRole("button", { name: "Open chat" }).waitFor();
    await silent.page.evaluate(() => window.rapport("track", "cart.updated", { total: 5 }));
    assert.deepEqual(lines, [], "nothing goes out by itself");
    const told = silent.page.waitForEvent("websocket").then((line) => line.waitForEvent("framesent", ({ payload }) => String(payload).includes("cart.updated")));
    await silent.page.evaluate(() => window.rapport("consent"));
    await told;
    await silent.context.close();
  });

  await promise("the keyboard stays in the open chat, Escape closes it and gives the launcher back", async () => {
    const inside = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.outerHTML.slice(0, 60) ?? "outside");
    const stops = new Set();
    for (let press = 0; press < 14; press += 1) {
      await page.keyboard.press("Tab");
      stops.add(await inside());
    }
    assert.ok(!stops.has("outside"), "Tab left the chat");
    assert.ok(stops.size > 2);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Open chat" }).waitFor();
    assert.match(await inside(), /class="launch"/);
  });

  await promise("an answer to a closed chat is counted on the launcher, and events tell the page", async () => {
    const { items } = await server.admin("GET", "/conversations?limit=20");
    const talk = items.find(({ channel, last_message: last }) => channel === "widget" && /from the shop/.test(last?.text ?? ""));
    await server.admin("POST", `/conversations/${talk.id}/reply`, { text: "Nora here, hello." });
    await page.getByRole("button", { name: "Open chat (1)" }).waitFor();
    await noSeriousFindings(page);
    await page.evaluate(() => {
      window.rapport("prefill", "About the chair");
      window.rapport("open");
    });
    await chat.ready();
    await page.locator(".said.teammate", { hasText: "Nora here" }).waitFor();
    assert.equal(await chat.field.inputValue(), "About the chair");
    for (const name of ["ready", "open", "close", "sent", "message", "unread"]) assert.ok((await names()).includes(name), name);
  });

  await promise("the chat is usable in the dark, from right to left and on a phone", async () => {
    const dark = await fresh({ colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await dark.page.goto(`${shop}/?rtl`);
    const launcher = dark.page.getByRole("button", { name: "Open chat" });
    await launcher.waitFor();
    assert.ok((await launcher.boundingBox()).x < 190, "the launcher stands where lines end");
    await launcher.click();
    const there = new SiteChat(dark.page);
    await there.ready();
    await noSeriousFindings(dark.page);
    await there.write("שלום, יש לכם כיסאות?");
    const panel = await dark.page.getByRole("dialog").boundingBox();
    assert.deepEqual([panel.x, panel.width], [0, 390], "the whole phone");
    await noSeriousFindings(dark.page);
    await dark.context.close();
  });
  await context.close();
};

/** All of them, on a server of their own. */
export const weight = async ({ promise, fresh, binary, noSeriousFindings }) => {
  const port = await freePort();
  const shop = `http://127.0.0.1:${port}`;
  const server = new OwnServer();
  await server.start(binary, [shop], MAILBOX);
  const page = await openShop(server.url, port);
  const given = { promise, fresh, server, shop, noSeriousFindings };
  try {
    await strangersPage(given);
    await visiting(given);
    await scripts(given);
    await manyRows(given);
  } finally {
    page.close();
    await server.stop();
  }
};
