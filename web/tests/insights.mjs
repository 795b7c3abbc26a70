/** Promises of the figures: each opens what is behind it, pictures can be used without a pointer, and a phone shows them too. */
import assert from "node:assert/strict";
import { newPersona } from "./playing.mjs";

export const insights = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  const street = await fresh();

  await promise("every figure opens the conversations behind it", async () => {
    const person = await newPersona(street.page, url);
    await person.whatsapp.ask("Hi, this is Ida Lindqvist. I'm looking for two chairs, my budget is 900 EUR");
    await person.sms.ask("Do you deliver to Lyon?");
    await page.goto(`${url}/insights`);
    await page.getByRole("list", { name: "Figures that matter most" }).waitFor();
    await noSeriousFindings(page);
    await page.getByRole("button", { name: /^Conversations \d/ }).click();
    const behind = page.getByRole("dialog", { name: "Conversations" });
    await behind.getByRole("link", { name: /Ida Lindqvist/ }).waitFor();
    await noSeriousFindings(page);
    await behind.getByRole("link", { name: /Ida Lindqvist/ }).click();
    await page.getByRole("log").getByText(/two chairs/).first().waitFor();
  });

  await promise("from which door to which customers go is seen as a flow and as a table, by keyboard too", async () => {
    await page.goto(`${url}/insights`);
    const way = page.getByRole("button", { name: /went from WhatsApp to SMS/ });
    await way.waitFor();
    await way.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("link", { name: /Ida Lindqvist/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("radio", { name: "Matrix" }).click();
    await page.getByRole("table").getByRole("button", { name: /went from WhatsApp to SMS/ }).waitFor();
    await page.getByRole("radio", { name: "90 days" }).click();
    await page.getByRole("radio", { name: "90 days", checked: true }).waitFor();
    await noSeriousFindings(page);
  });

  await promise("on a phone, in the dark and in French the figures can be read by everybody", async () => {
    const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" };
    const pocket = await fresh({ ...small, storageState: await desk.context.storageState() });
    await pocket.page.addInitScript(() => window.localStorage.setItem("rapport.language", "fr"));
    await pocket.page.goto(`${url}/insights`);
    await pocket.page.getByRole("list", { name: "Les chiffres qui comptent" }).waitFor();
    await pocket.page.getByRole("heading", { name: "Carte des parcours" }).waitFor();
    const wide = await pocket.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, "nothing stands out of the page");
    await noSeriousFindings(pocket.page);
    await pocket.context.close();
  });
  await street.context.close();
};

/** Promises of the audit log: who looked at whom, narrowed down, and whether the chain is whole. */
export const auditing = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;

  await promise("whoever administers sees who looked at a person, and that nothing of it was altered", async () => {
    await page.goto(`${url}/people`);
    await page.getByRole("main").locator("li a").first().click();
    await page.getByRole("link", { name: "Who looked?" }).click();
    await page.getByText("The chain is whole").waitFor();
    const lines = page.getByRole("list", { name: "Audit" });
    await lines.getByText("Looked at a person").first().waitFor();
    await lines.getByText("Nora Keller").first().waitFor();
    await noSeriousFindings(page);
    await page.getByRole("button", { name: "Everybody's record" }).click();
    await page.getByRole("button", { name: "Everybody's record" }).waitFor({ state: "detached" });
    await page.getByRole("combobox", { name: "Who" }).selectOption({ label: "Nora Keller" });
    await lines.getByText("Nora Keller").first().waitFor();
    await page.getByLabel("To", { exact: true }).fill("2020-01-01");
    await page.getByText("No line fits.").waitFor();
    await page.getByLabel("To", { exact: true }).fill("");
    await lines.getByText("Nora Keller").first().waitFor();
    const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" };
    const pocket = await fresh({ ...small, storageState: await desk.context.storageState() });
    await pocket.page.goto(`${url}/audit`);
    await pocket.page.getByText("The chain is whole").waitFor();
    await noSeriousFindings(pocket.page);
    await pocket.context.close();
  });
};
