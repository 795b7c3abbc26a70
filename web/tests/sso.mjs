/** Promises of single sign-on, against npm's `oidc-provider` on this machine. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { freePort, until } from "./demo-server.mjs";
import { OwnServer } from "./own-server.mjs";

const SECRET = "a client secret of the tests";

/** Whoever signs in at the provider, by the name that is typed there. */
const accounts = new Map([
  ["nora", { email: "Nora@big.example", email_verified: true, name: "Nora Keller" }],
  ["nora-again", { email: "nora@big.example", email_verified: true, name: "Another Nora" }],
  ["iris", { email: "iris@big.example", email_verified: false, name: "Iris Invited" }],
  ["zoe", { email: "zoe@big.example", email_verified: true, name: "Zoe New" }],
  ["outsider", { email: "outsider@elsewhere.example", email_verified: true, name: "Outsider" }],
]);

const startProvider = async (port, redirect) => {
  const { default: Provider } = await import("oidc-provider");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  // Its advice for servers of the internet is nothing to read in a test.
  const { warn, info } = console;
  console.warn = console.info = () => undefined;
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: "rapport", client_secret: SECRET, redirect_uris: [redirect] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, sub) => accounts.has(sub) && { accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) },
    pkce: { required: () => true },
    cookies: { keys: ["cookies of the tests"] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "tests", alg: "RS256", use: "sig" }] },
  });
  const listening = provider.listen(port, "127.0.0.1");
  await until("the provider listens", () => listening.listening);
  return {
    stop: () => {
      Object.assign(console, { warn, info });
      listening.closeAllConnections();
      return new Promise((closed) => listening.close(closed));
    },
  };
};

/** Through the provider's own pages, as somebody with an account there. */
const enterAs = async ({ page }, url, name) => {
  await page.goto(`${url}/sign-in`);
  await page.getByRole("link", { name: "Sign in with Big ID" }).click();
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
};

export const singleSignOn = async ({ promise, fresh, binary, noSeriousFindings }) => {
  const providerPort = await freePort();
  const server = new OwnServer();
  let provider;
  try {
    await server.start(binary, [], `
[server.oidc]
issuer = "http://127.0.0.1:${providerPort}"
client_id = "rapport"
client_secret = { env = "OIDC_SECRET" }
label = "Big ID"
allowed_domains = ["big.example"]
default_role = "teammate"
`, { OIDC_SECRET: SECRET });
    const { url } = server;
    await server.admin("POST", "/teammates", { name: "Iris Invited", email: "iris@big.example", role: "admin" });
    const byEmail = async (email) => (await server.admin("GET", "/teammates")).items.find((one) => one.email === email);
    const alert = ({ page }) => page.getByRole("alert");

    await promise("a provider that cannot be reached is told in words, and the password still opens", async () => {
      const early = await fresh();
      await early.page.goto(`${url}/sign-in`);
      await early.page.getByRole("link", { name: "Sign in with Big ID" }).click();
      await alert(early).getByText("cannot be used now", { exact: false }).waitFor();
      await noSeriousFindings(early.page);
      await early.page.getByRole("textbox", { name: "Email" }).fill(server.login.email);
      await early.page.getByRole("textbox", { name: "Password" }).fill(server.login.password);
      await early.page.getByRole("button", { name: "Sign in", exact: true }).click();
      await early.page.getByRole("navigation", { name: "Main" }).first().waitFor();
      await early.context.close();
    });

    provider = await startProvider(providerPort, `${url}/api/v1/sso/callback`);
    const desk = await fresh();

    await promise("a teammate signs in through the business's provider, and signs out everywhere", async () => {
      await enterAs(desk, url, "nora");
      await desk.page.getByRole("navigation", { name: "Main" }).first().waitFor();
      const nora = await byEmail("nora@big.example");
      assert.deepEqual([nora.role, nora.sso], ["owner", true], "known by her address the first time");
      accounts.set("nora", { email: "nora.married@big.example", email_verified: true, name: "Nora Berg" });
      const other = await fresh();
      await enterAs(other, url, "nora");
      await other.page.getByRole("navigation", { name: "Main" }).first().waitFor();
      assert.equal((await server.admin("GET", "/teammates")).items.length, 2, "later by the provider's own id of her");
      await desk.page.goto(`${url}/settings`);
      await desk.page.getByText("Single sign-on").first().waitFor();
      await noSeriousFindings(desk.page);
      await desk.page.getByRole("button", { name: "Sign out everywhere" }).click();
      await desk.page.getByRole("link", { name: "Sign in with Big ID" }).waitFor();
      await other.page.goto(`${url}/settings`);
      await other.page.getByRole("link", { name: "Sign in with Big ID" }).waitFor();
      await other.context.close();
      await desk.context.close();
    });

    await promise("a colleague whom nobody invited becomes what the configuration says, never an owner", async () => {
      const colleague = await fresh();
      await enterAs(colleague, url, "zoe");
      await colleague.page.getByRole("navigation", { name: "Main" }).first().waitFor();
      const zoe = await byEmail("zoe@big.example");
      assert.deepEqual([zoe.role, zoe.name, zoe.sso, zoe.invited], ["teammate", "Zoe New", true, false]);
      await colleague.context.close();
    });

    for (const [name, words] of [
      ["iris", "does not confirm your email address"],
      ["nora-again", "signs in with another account"],
      ["outsider", "belongs to none of the domains"],
    ]) {
      await promise(`whoever may not come in through the provider is told why: ${words}`, async () => {
        const stranger = await fresh();
        await enterAs(stranger, url, name);
        await alert(stranger).getByText(words, { exact: false }).waitFor();
        assert.equal((await stranger.context.cookies()).some(({ name: cookie }) => cookie === "rapport_session"), false);
        await noSeriousFindings(stranger.page);
        await stranger.context.close();
      });
    }

    await promise("an answer that this browser never asked for opens nothing", async () => {
      const lured = await fresh();
      for (const query of ["code=x&state=y", "code=x", "error=access_denied", ""]) {
        await lured.page.goto(`${url}/api/v1/sso/callback?${query}`);
        await alert(lured).getByText("begun in another window", { exact: false }).waitFor();
      }
      await lured.context.close();
    });
  } finally {
    await provider?.stop();
    await server.stop();
  }
};
