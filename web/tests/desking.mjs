/** Promises about teams, rules written in the console, and answer times. */
import { assertMatches, newPersona } from "./playing.mjs";

export const desking = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;

  await promise("a team is made, a rule hands over to it, and its conversations stand under it", async () => {
    await page.goto(`${url}/settings`);
    const teams = page.getByRole("region", { name: "Teams" });
    await teams.getByRole("button", { name: "Add a team" }).click();
    await teams.getByRole("textbox", { name: "Name", exact: true }).fill("Billing");
    await teams.getByRole("checkbox").first().check();
    await teams.getByRole("checkbox", { name: "Hours of its own" }).check();
    await teams.getByRole("textbox", { name: "Monday" }).fill("09:00-12:00, 14:00-18:00");
    await noSeriousFindings(page);
    await teams.getByRole("button", { name: "Save the team" }).click();
    await teams.getByText("Monday 09:00–12:00 14:00–18:00").waitFor();
    await page.goto(`${url}/rules`);
    await page.getByRole("combobox", { name: "Where “Human asked for” goes" }).selectOption({ label: "Goes to Billing" });
    await page.getByRole("combobox", { name: "How “Human asked for” is answered" }).selectOption({ label: "By email" });
    await page.reload();
    await page.getByRole("combobox", { name: "How “Human asked for” is answered" }).locator("option:checked", { hasText: "By email" }).waitFor({ state: "attached" });
    await noSeriousFindings(page);

    const street = await fresh();
    const person = await newPersona(street.page, url);
    assertMatches(await person.telegram.ask("Can I talk to someone?"), /\w{3}/);
    await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: /Billing/ }).click();
    await page.getByRole("link", { name: /Human asked for.*Billing/ }).first().click();
    const brief = page.getByRole("region", { name: /^Brief/ });
    await brief.getByText("Billing", { exact: true }).waitFor();
    await brief.getByText("By email", { exact: true }).waitFor();
    await brief.getByText("Answer by email, with the papers it needs.", { exact: false }).waitFor();
    await noSeriousFindings(page);
    await page.keyboard.press("g");
    await page.getByRole("button", { name: "Everybody" }).click();
    await page.getByText("is everybody’s again").waitFor();
    await brief.getByText("Billing", { exact: true }).waitFor({ state: "detached" });
    await page.keyboard.press("z");
    await brief.getByText("Billing", { exact: true }).waitFor();
    await street.context.close();
    await page.getByRole("button", { name: "Show all teams, not only Billing" }).click();
  });

  await promise("a condition that was tried becomes a rule, fires from the next message, and is switched off again", async () => {
    await page.goto(`${url}/rules`);
    const condition = page.getByRole("textbox", { name: "Condition" });
    await condition.fill('message.text.contains("stainless")');
    await condition.press("Enter");
    await page.getByRole("button", { name: "Make it a rule" }).click();
    await page.getByRole("textbox", { name: "Name of the rule" }).fill("Asks for steel!");
    await page.getByText("It will be called asks-for-steel.").waitFor();
    await page.getByRole("textbox", { name: "What it says to the team" }).fill("Somebody wants steel.");
    await noSeriousFindings(page);
    await page.getByRole("button", { name: "Switch on" }).click();
    const row = page.getByRole("main").locator("li", { hasText: "Asks for steel" });
    await row.getByText("written here").waitFor();

    const street = await fresh();
    const person = await newPersona(street.page, url);
    await person.whatsapp.ask("Do you have stainless legs?");
    await page.goto(`${url}/inbox/escalated`);
    await page.getByRole("link", { name: /Asks for steel/ }).first().click();
    await page.getByRole("region", { name: /^Brief/ }).getByText("Somebody wants steel.", { exact: false }).first().waitFor();
    await street.context.close();

    await page.goto(`${url}/rules`);
    await row.getByRole("button", { name: /What to do with/ }).click();
    await page.getByRole("menuitem", { name: "Switch off" }).click();
    await row.getByText("Off", { exact: true }).waitFor();
    await row.getByRole("button", { name: /What to do with/ }).click();
    await page.getByRole("menuitem", { name: "Delete the rule" }).click();
    await row.waitFor({ state: "detached" });
  });

  await promise("an answer time runs where it counts", async () => {
    await page.goto(`${url}/settings`);
    const targets = page.getByRole("region", { name: "Answer times" });
    await targets.getByRole("button", { name: "Add a target" }).click();
    await targets.getByRole("textbox", { name: "Name", exact: true }).fill("Bills");
    await targets.getByRole("spinbutton", { name: "A person writes within" }).fill("2");
    await targets.getByRole("combobox", { name: "For the team" }).selectOption({ label: "Billing" });
    await targets.getByRole("checkbox", { name: "Day and night" }).check();
    await noSeriousFindings(page);
    await targets.getByRole("button", { name: "Save the target" }).click();
    await targets.getByText("Billing’s conversations").waitFor();
    await targets.getByText("answered within 2 hours", { exact: false }).waitFor();
    await page.goto(`${url}/inbox/unassigned`);
    await page.getByTitle(/Bills/).first().waitFor();
    await page.goto(`${url}/settings`);
    await targets.getByRole("button", { name: "Delete the target Bills" }).click();
    await targets.getByText("No target yet", { exact: false }).waitFor();
    await page.getByRole("region", { name: "Teams" }).getByRole("button", { name: "Delete the team Billing" }).click();
    await page.getByRole("region", { name: "Teams" }).getByText("Everybody answers everything", { exact: false }).waitFor();
  });
};
