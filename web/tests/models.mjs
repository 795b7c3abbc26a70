/** Promises of the page of models, with one that answers and one that is down. */
import { createServer } from "node:http";
import { freePort } from "./demo-server.mjs";
import { OwnServer } from "./own-server.mjs";

/** A server of OpenAI's format that always says the same. */
const startModel = (port, words) =>
  new Promise((ready) => {
    const answer = (text) => ({ choices: [{ message: { content: text }, finish_reason: "stop" }], usage: { prompt_tokens: 40, completion_tokens: 10 } });
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer(words.next))));
    });
    server.listen(port, "127.0.0.1", () => ready(server));
  });

/** Somebody writes on WhatsApp, a teammate answers, and a model says it in another language. */
const rewording = async ({ promise, fresh, server, says, noSeriousFindings }) => {
  await promise("what a teammate typed is said in another language, and taken back by one key", async () => {
    await server.hear([{ number: "33612345678", name: "Ada", text: "Do you have a chair for two metres?" }]);
    const desk = await fresh();
    const { page } = desk;
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole("textbox", { name: "Email" }).fill(server.login.email);
    await page.getByRole("textbox", { name: "Password" }).fill(server.login.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("navigation", { name: "Main" }).first().waitFor();
    await page.goto(`${server.url}/inbox/all`);
    await page.getByRole("button", { name: "Take over" }).first().click();
    const field = page.getByRole("textbox", { name: /reply/i });
    await field.fill("Yes, it costs 349 EUR.");
    says.next = "Oui, il coûte 349 EUR.";
    await page.getByRole("button", { name: "Another tone or language" }).click();
    await noSeriousFindings(page);
    await page.getByRole("menuitem", { name: "French" }).click();
    await page.waitForFunction(() => [...document.querySelectorAll("textarea")].some(({ value }) => value === "Oui, il coûte 349 EUR."));
    await page.getByRole("button", { name: "Undo" }).first().click();
    await page.waitForFunction(() => [...document.querySelectorAll("textarea")].some(({ value }) => value === "Yes, it costs 349 EUR."));
    says.next = "Oui, il coûte 249 EUR.";
    await page.getByRole("button", { name: "Another tone or language" }).click();
    await page.getByRole("menuitem", { name: "French" }).click();
    await page.getByText("could not be said another way", { exact: false }).waitFor();
    says.next = "Hello from the model.";
    await desk.context.close();
  });
};

export const models = async ({ promise, fresh, binary, noSeriousFindings }) => {
  const port = await freePort();
  const says = { next: "Hello from the model." };
  const model = await startModel(port, says);
  const server = new OwnServer();
  try {
    await server.start(binary, [], `
[[models]]
id = "main"
kind = "openai"
base_url = "http://127.0.0.1:${port}/v1"
model = "small"
input_price = "1 EUR"
output_price = "2 EUR"
daily_budget = "5 EUR"

[[models]]
id = "spare"
kind = "openai"
base_url = "http://127.0.0.1:9/v1"
model = "other"

[agents]
answerer = ["main", "spare"]
qualifier = ["main"]
`);
    await promise("models stand in their order with what they cost, and each is tried before a customer meets it", async () => {
      const desk = await fresh();
      const { page } = desk;
      await page.goto(`${server.url}/sign-in`);
      await page.getByRole("textbox", { name: "Email" }).fill(server.login.email);
      await page.getByRole("textbox", { name: "Password" }).fill(server.login.password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("navigation", { name: "Main" }).first().waitFor();
      await page.getByRole("link", { name: "Models" }).first().click();
      await page.getByText("€0.00 of €5.00 spent today").waitFor();
      await page.getByRole("button", { name: "Test main" }).click();
      await page.getByText("Hello from the model.").waitFor();
      await page.getByText(/50 tokens €0\.00006/).waitFor();
      await page.getByText("€0.00006 of €5.00 spent today").waitFor();
      await page.getByRole("button", { name: "Test spare" }).click();
      await page.getByText(/No answer: the model is unavailable/).waitFor();
      await noSeriousFindings(page);
      for (const width of [1024, 390]) {
        await page.setViewportSize({ width, height: 844 });
        await noSeriousFindings(page);
      }
      await desk.context.close();
    });
    await rewording({ promise, fresh, server, says, noSeriousFindings });
  } finally {
    model.closeAllConnections();
    model.close();
    await server.stop();
  }
};
