/** Promises of the phone in the console: who is on it now, what is said, what a person can do, and the card of a call that is over. */
import assert from "node:assert/strict";
import { assertMatches } from "./playing.mjs";

/** What the one who plays needs: `promise`, `fresh`, `desk`, `url`, `noSeriousFindings`. */
export const calling = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  const post = async (path, body) => {
    const answer = await fetch(`${url}/playground/api${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  };
  const { id } = await post("/personas", {});
  const says = (text) => post(`/personas/${id}/say`, { channel: "voice", text, button: null });
  const log = page.getByRole("log", { name: /^What is said with/ });

  await promise("whoever is on the phone is on the calls page at once, with what is said as it is said", async () => {
    await page.goto(`${url}/calls`);
    await page.getByRole("heading", { name: "Nobody is on the phone" }).waitFor();
    await noSeriousFindings(page);
    await says("Hello, do you deliver to Lyon?");
    await log.getByText("Hello, do you deliver to Lyon?").waitFor();
    await page.getByRole("list", { name: "Calls under way" }).getByRole("timer").waitFor();
    await page.getByRole("link", { name: /^Calls\s*1$/ }).waitFor();
    await says("How long is the warranty?");
    await log.getByText("How long is the warranty?").waitFor();
    await noSeriousFindings(page);
  });

  await promise("what a teammate whispers is in the assistant's next answer", async () => {
    await page.keyboard.press("c");
    await page.getByRole("textbox", { name: "Whisper to the assistant" }).fill("Your parcel left this morning.");
    await page.keyboard.press("Control+Enter");
    await page.getByText("The assistant will weigh it in its next answer").waitFor();
    await says("And where is my parcel?");
    await log.getByText(/A colleague tells me: Your parcel left this morning/).waitFor();
  });

  await promise("a teammate takes a call with one key, speaks in writing, and gives it back", async () => {
    await page.getByRole("heading", { name: "Calls", exact: true }).click();
    await page.keyboard.press("a");
    await page.getByRole("textbox", { name: "Say to the caller" }).waitFor();
    await page.getByText("Nora Keller speaks").first().waitFor();
    await says("Can I have it in blue?");
    await log.getByText("Can I have it in blue?").waitFor();
    await page.getByRole("textbox", { name: "Say to the caller" }).fill("Yes, in blue too.");
    await page.keyboard.press("Control+Enter");
    await log.getByText("Yes, in blue too.").waitFor();
    await noSeriousFindings(page);
    await page.getByRole("heading", { name: "Calls", exact: true }).click();
    await page.keyboard.press("r");
    await page.getByRole("textbox", { name: "Whisper to the assistant" }).waitFor();
    await page.getByText("AI speaks").waitFor();
  });

  await promise("the calls page has room on a phone and in the dark", async () => {
    const small = await fresh({ viewport: { width: 390, height: 844 }, colorScheme: "dark", storageState: await desk.context.storageState() });
    await small.page.goto(`${url}/calls`);
    const said = small.page.getByRole("log", { name: /^What is said with/ });
    await said.waitFor();
    assert.ok((await said.boundingBox()).width > 300, "what is said has the width of the phone");
    assert.equal(await small.page.evaluate(() => document.documentElement.scrollWidth), 390, "nothing stands over the edge");
    await noSeriousFindings(small.page);
    await small.context.close();
  });

  await promise("hanging up is asked about once, and the call's card says what was said and where the time went", async () => {
    await page.getByRole("link", { name: "Open thread" }).waitFor();
    const thread = await page.getByRole("link", { name: "Open thread" }).getAttribute("href");
    await page.getByRole("button", { name: "Hang up" }).click();
    await page.getByRole("button", { name: "Really hang up?" }).click();
    await page.getByRole("heading", { name: "Nobody is on the phone" }).waitFor();
    await page.goto(`${url}${thread}`);
    const card = page.getByRole("region", { name: "Phone call" }).last();
    await card.getByText("Ended", { exact: true }).waitFor();
    assertMatches(await card.innerText(), /\d:\d\d/);
    await card.getByRole("button", { name: "What was said" }).click();
    await card.getByText("Yes, in blue too.").waitFor();
    await card.getByRole("heading", { name: "From last word to first sound, by turn" }).waitFor();
    await card.getByText(/^usually \d+ ms$/).waitFor();
    await noSeriousFindings(page);
  });
};
