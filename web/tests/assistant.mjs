/** Promises about how the assistant speaks, what it asks, and how channels are set up. */
import { assertMatches, newPersona } from "./playing.mjs";

export const assistant = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;

  await promise("a name and a tone are read on every door before they are kept, and the next message obeys", async () => {
    await page.goto(`${url}/assistant`);
    const name = page.getByRole("textbox", { name: "Its name" });
    await name.fill("Mia");
    await page.getByRole("button", { name: /^Email/ }).click();
    await page.getByRole("textbox", { name: "Last words of each reply" }).fill("Kind regards, Ergo Chairs");
    const preview = page.getByRole("list", { name: "How it reads" });
    await preview.locator("li", { hasText: "Email" }).getByText("Kind regards, Ergo Chairs", { exact: false }).waitFor();
    await preview.locator("li", { hasText: "SMS" }).getByText("I am Mia, the AI assistant of Ergo Chairs.", { exact: false }).waitFor();
    await noSeriousFindings(page);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved; the next message obeys").waitFor();
    const street = await fresh();
    const person = await newPersona(street.page, url);
    assertMatches(await person.whatsapp.ask("Do you deliver to Lyon?"), /I am Mia, the AI assistant of Ergo Chairs/);
    await street.context.close();
    await name.fill("");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Not saved yet").waitFor({ state: "detached" });
  });

  await promise("the business's own question is asked in its own words, and never twice", async () => {
    await page.goto(`${url}/assistant`);
    const card = page.getByRole("region", { name: "Qualifying questions" });
    await card.getByRole("combobox", { name: "Add a question about…" }).selectOption({ label: "Company" });
    await card.getByRole("textbox", { name: "Company, in the language en" }).fill("Which company are the chairs for?");
    for (let place = 0; place < 4; place += 1) await card.getByRole("button", { name: /Ask “Company” before/ }).click();
    await noSeriousFindings(page);
    await card.getByRole("button", { name: "Save the questions" }).click();
    await card.getByRole("button", { name: "Back to the built-in ones" }).waitFor();
    const street = await fresh();
    const person = await newPersona(street.page, url);
    assertMatches(await person.whatsapp.ask("Hello, I am looking for two chairs"), /Which company are the chairs for\?/);
    await person.whatsapp.ask("Acme Robotics");
    await person.memory.getByText("Acme Robotics").first().waitFor();
    await street.context.close();
    await card.getByRole("button", { name: "Back to the built-in ones" }).click();
    await card.getByRole("button", { name: "Back to the built-in ones" }).waitFor({ state: "detached" });
  });

  await promise("a channel's page says what to do, what to copy, and what works already", async () => {
    await page.goto(`${url}/channels`);
    await page.getByRole("link", { name: /^Set-up of WhatsApp/ }).first().click();
    const checks = page.getByRole("region", { name: "Checks" });
    await checks.getByText("It stands in the configuration").waitFor();
    await page.getByRole("button", { name: "Copy: Address that the vendor calls" }).waitFor();
    await page.getByRole("button", { name: "Copy: Verify token" }).waitFor();
    await page.getByText('channel = "whatsapp"', { exact: false }).waitFor();
    await noSeriousFindings(page);
    await page.getByRole("link", { name: "Back to the channels" }).click();
    await page.getByRole("heading", { name: "Channels", level: 1 }).waitFor();
    await noSeriousFindings(page);
  });
};
