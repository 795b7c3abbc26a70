/** Promises of the desk: what an analyst is offered, a line that comes back, orders, the directory, and the palette's moments. */
import assert from "node:assert/strict";
import { keyboardGivenBack } from "./browser.mjs";
import { newPersona, signIn } from "./playing.mjs";

const ANALYST = { email: "analyst@perch.example", password: "a password of the tests" };

/** Asks the API as whoever is signed in on a page. */
const asked = (page, method, path, body) =>
  page.evaluate(
    async ([how, where, what]) => {
      const { csrf } = await (await fetch("/api/v1/session")).json();
      const headers = { "content-type": "application/json", "x-rapport-csrf": csrf };
      const answer = await fetch(`/api/v1${where}`, { method: how, headers, ...(what ? { body: JSON.stringify(what) } : {}) });
      return answer.json();
    },
    [method, path, body],
  );

export const reading = async ({ promise, fresh, desk, url, noSeriousFindings }) => {
  const { page } = desk;
  const street = await fresh();
  let person;
  let talk;

  await promise("orders stand beside the thread and on the person's page, with number, products, amount and state", async () => {
    person = await newPersona(street.page, url);
    await person.whatsapp.ask("Hi, this is Vera Stone. How long is the warranty on a chair?");
    const list = await asked(page, "GET", "/customers?q=Vera%20Stone&order=score");
    const customer = list.items[0];
    talk = customer.conversations[0];
    const { value } = customer.identifiers.find(({ kind }) => kind === "phone");
    const tell = (type, data) => asked(page, "POST", "/events", { type, customer: { phone: value }, data });
    await tell("order.created", { order: "EC-70007", items: [{ name: "Contour 2", quantity: 2 }], total: "978.00 EUR" });
    await tell("order.shipped", { order: "EC-70007", carrier: "DHL", tracking: "TR-9" });
    await page.goto(`${url}/inbox/all/${talk}`);
    const beside = page.getByRole("complementary").getByRole("region", { name: "Orders" });
    await beside.getByText("2 × Contour 2").waitFor();
    await page.goto(`${url}/people`);
    await page.getByRole("combobox", { name: "Door" }).selectOption({ label: "WhatsApp" });
    await page.getByRole("combobox", { name: "Order", exact: true }).selectOption({ label: "Highest score first" });
    await page.getByRole("searchbox").fill("Vera Stone");
    await page.getByRole("main").locator('li a[href*="/people/"]', { hasText: "Vera Stone" }).click();
    const orders = page.getByRole("region", { name: "Orders" });
    await orders.getByText("EC-70007").waitFor();
    for (const words of ["€978.00", "Shipped", "2 × Contour 2", "DHL TR-9"]) await orders.getByText(words, { exact: false }).waitFor();
    await page.getByText(/First seen/).waitFor();
    await noSeriousFindings(page);
  });

  await promise("a moment typed into the palette is the moment that something is put off to", async () => {
    await page.goto(`${url}/inbox/all/${talk}`);
    await page.getByRole("log").getByText("Vera Stone", { exact: false }).first().waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("snooze tomorrow 9");
    await page.getByRole("option", { name: /^Snooze: .*\b09:00/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Snoozed", { exact: true }).first().waitFor();
    await keyboardGivenBack(page);
    await page.keyboard.press("z");
  });

  await promise("a console whose line was cut says so, comes back by itself, and shows what was said meanwhile", async () => {
    await page.goto(`${url}/inbox/all/${talk}`);
    await page.getByRole("log").getByText("Vera Stone", { exact: false }).first().waitFor();
    await desk.context.setOffline(true);
    await page.getByText("This device is offline", { exact: false }).waitFor();
    await person.whatsapp.ask("And how long for a desk frame?");
    assert.equal(await page.getByRole("log").getByText("And how long for a desk frame?").count(), 0, "nothing comes through a line that is cut");
    await desk.context.setOffline(false);
    await page.getByRole("log").getByText("And how long for a desk frame?").first().waitFor();
    // Requests that failed while there was no net are told by the browser itself.
    desk.complaints.length = 0;
  });

  await promise("an analyst reads matters and figures without names, and is offered nothing that they may not do", async () => {
    await asked(page, "POST", "/teammates", { name: "Ana Lyst", role: "analyst", ...ANALYST });
    const reader = await fresh();
    await signIn(reader.page, url, ANALYST);
    await reader.page.goto(`${url}/inbox/all/${talk}`);
    await reader.page.getByText("You read here", { exact: false }).waitFor();
    await reader.page.getByRole("log").getByText("How long is the warranty", { exact: false }).first().waitFor();
    const body = await reader.page.locator("body").innerText();
    assert.ok(!/Vera|Stone/.test(body), "no name of the customer is on the page");
    for (const name of ["Take over", "Resolve", "Snooze", "Assign", "Tags", "Merge…", "Accept", "Return to AI", "Add task"]) {
      assert.equal(await reader.page.getByRole("button", { name, exact: true }).count(), 0, `${name} is not offered`);
    }
    assert.equal(await reader.page.getByRole("checkbox").count(), 0, "nothing can be chosen for a bulk action");
    await noSeriousFindings(reader.page);
    await reader.page.keyboard.press("Control+k");
    await reader.page.getByRole("combobox").fill("take over");
    await reader.page.getByText("Nothing found", { exact: false }).waitFor();
    await reader.page.keyboard.press("Escape");
    await reader.page.goto(`${url}/tasks`);
    await reader.page.getByRole("main").waitFor();
    await reader.context.close();
  });
  await street.context.close();
};
