/** Promises of the tasks: what is owed to people stands by its day until it is done. */
import { keyboardGivenBack } from "./browser.mjs";
import { newPersona } from "./playing.mjs";

export const tasks = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  await promise("what a teammate promises is a task of theirs, put off and done by the keyboard, and doing it keeps the promise", async () => {
    const street = await fresh();
    const person = await newPersona(street.page, url);
    await person.telegram.ask("Hi, this is Ida Lund. How long is the warranty on a chair?");
    await street.context.close();
    await page.goto(`${url}/inbox/ai`);
    await page.locator("li a", { hasText: "Ida Lund" }).first().click();
    await page.getByRole("button", { name: "Take over" }).first().click();
    await page.getByRole("textbox", { name: "Your reply" }).fill("I will send you the quote by tomorrow.");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("log").getByText("I will send you the quote").waitFor();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Tasks/ }).click();
    const task = page.getByRole("main").locator("[data-task]", { hasText: "Ida Lund" });
    await task.filter({ hasText: /quote[^]*promised/i }).waitFor();
    await noSeriousFindings(page);
    const under = (heading) => page.getByRole("region", { name: heading }).locator("[data-task]", { hasText: "Ida Lund" });
    for (let moves = 0; moves < 30 && (await task.getAttribute("aria-current")) === null; moves += 1) await page.keyboard.press("j");
    await page.keyboard.press("h");
    await page.getByRole("textbox", { name: "Put off until" }).fill("in 5 days");
    await page.keyboard.press("Enter");
    await under("Later").getByText(/[45] days/).waitFor();
    await page.getByRole("textbox", { name: "Put off until" }).waitFor({ state: "detached" });
    await keyboardGivenBack(page);
    await page.keyboard.press("e");
    await task.waitFor({ state: "detached" });
    await page.keyboard.press("z");
    await under("Later").waitFor();
    await under("Later").getByRole("checkbox").click();
    await task.waitFor({ state: "detached" });
    await page.getByRole("radio", { name: /^Done/ }).click();
    await task.getByRole("link", { name: "Ida Lund" }).click();
    await page.getByRole("region", { name: "Promised" }).getByText("kept").waitFor();
    const theirs = page.getByRole("region", { name: "Tasks" });
    await theirs.getByRole("textbox", { name: "What is to be done?" }).fill("Ask how the chair sits");
    await theirs.getByRole("button", { name: "By when" }).click();
    await page.getByRole("button", { name: /^Monday morning/ }).click();
    await theirs.getByRole("button", { name: "Add task" }).click();
    await theirs.locator("[data-task]", { hasText: "Ask how the chair sits" }).waitFor();
    await noSeriousFindings(page);
  });
};
