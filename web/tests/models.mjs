/** Promises of the page of models, with one that answers and one that is down. */
import { createServer } from "node:http";
import { freePort } from "./demo-server.mjs";
import { OwnServer } from "./own-server.mjs";

/** A server of OpenAI's format that always says the same. */
const startModel = (port, text) =>
  new Promise((ready) => {
    const answer = { choices: [{ message: { content: text }, finish_reason: "stop" }], usage: { prompt_tokens: 40, completion_tokens: 10 } };
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer)));
    });
    server.listen(port, "127.0.0.1", () => ready(server));
  });

export const models = async ({ promise, fresh, binary, noSeriousFindings }) => {
  const port = await freePort();
  const model = await startModel(port, "Hello from the model.");
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
  } finally {
    model.closeAllConnections();
    model.close();
    await server.stop();
  }
};
