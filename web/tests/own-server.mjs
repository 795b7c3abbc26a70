/** Starts `rapport serve` on a configuration of the tests' own: WhatsApp and a form from outside, a website chat, no simulators. */
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, until } from "./demo-server.mjs";

const ADMIN = "admin-token-of-the-browser-tests";
const APP_SECRET = "app-secret-of-the-browser-tests";
const OWNER = { name: "Nora Keller", email: "nora@big.example", password: "a password of the tests" };
const STOPPED_WITHIN = 5_000;

const server = (port) => `
[server]
listen = "127.0.0.1:${port}"
public_url = "http://127.0.0.1:${port}"
data_dir = "."
admin_token = { env = "ADMIN" }
`;

const configuration = (port, origins) => `${server(port)}
[workspace]
id = "big"
name = "Big Desk"
timezone = "Europe/Paris"
join_window_ms = 0

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = "http://127.0.0.1:9/v23.0"
phone_number_id = "1"
phone_number = "+15550000001"
access_token = "t1"
app_secret = { env = "APP_SECRET" }
verify_token = "hello-there"
mode = "off"

[[connections]]
id = "web"
channel = "widget"
mode = "off"
allowed_origins = ${JSON.stringify(origins)}
`;

/** What a new owner writes by the README: a website chat that answers, and nobody set up yet. */
const fresh = (port) => `${server(port)}
[workspace]
name = "My Shop"
timezone = "Europe/Paris"
join_window_ms = 0

[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["https://shop.example.com"]
`;

export class OwnServer {
  #folder = "";
  #child = null;
  #said = "";
  url = "";
  login = OWNER;

  /** With the origins that may carry the website chat, more tables of configuration, and the variables they name. */
  async start(binary, origins = [], tables = "", variables = {}) {
    await this.#open(binary, (port) => configuration(port, [`http://127.0.0.1:${port}`, ...origins]) + tables, variables);
    await this.admin("POST", "/teammates", { ...OWNER, role: "owner" });
  }

  /** As it is the first time; the link that makes the first owner. */
  async startEmpty(binary) {
    await this.#open(binary, fresh, {});
    const link = () => /http\S+\/setup#\w+/.exec(this.#said)?.[0];
    await until("the server printed the link for the first owner", () => link() !== undefined);
    return link();
  }

  async #open(binary, written, variables) {
    this.#folder = await mkdtemp(join(tmpdir(), "rapport-own-"));
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    await writeFile(join(this.#folder, "rapport.toml"), written(port));
    const env = { ...process.env, ADMIN, APP_SECRET, ...variables };
    const child = spawn(binary, ["serve", "--config", join(this.#folder, "rapport.toml")], { env, cwd: this.#folder });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.#said += text));
    await until("the server answers /readyz", async () => {
      if (child.exitCode !== null) throw new Error(`the server did not start:\n${this.#said}`);
      return (await fetch(`${this.url}/readyz`).catch(() => null))?.ok ?? false;
    });
  }

  async admin(method, path, body) {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, "content-type": "application/json" },
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Messages of WhatsApp users in one webhook: number, name, text. */
  async hear(messages) {
    const now = Math.floor(Date.now() / 1000);
    const value = {
      messaging_product: "whatsapp",
      metadata: { display_phone_number: "15550000001", phone_number_id: "1" },
      contacts: messages.map(({ number, name }) => ({ profile: { name }, wa_id: number })),
      messages: messages.map(({ number, text }, index) => ({
        from: number,
        id: `wamid.${number}.${now}.${index}`,
        timestamp: String(now),
        type: "text",
        text: { body: text },
      })),
    };
    const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value }] }] });
    const signature = createHmac("sha256", APP_SECRET).update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
    const answer = await fetch(`${this.url}/hooks/wa`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`the webhook was refused: ${answer.status} ${await answer.text()}`);
  }

  /** So many people have written, each once. */
  async crowd(count, size = 250) {
    const batches = [];
    for (let first = 0; first < count; first += size) {
      batches.push(
        Array.from({ length: Math.min(size, count - first) }, (_, index) => {
          const number = first + index;
          return { number: `336${String(10_000_000 + number)}`, name: `Person ${number}`, text: `Hello, this is message ${number}. Do you deliver?` };
        }),
      );
    }
    const work = async () => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) await this.hear(batch);
    };
    await Promise.all([work(), work(), work(), work()]);
    await until(
      "everybody is in the inbox",
      async () => (await this.admin("GET", "/ledger?limit=1")).accepted >= count,
      120_000,
    );
  }

  async stop() {
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null) {
      const gone = new Promise((left) => child.once("exit", left));
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN);
      await gone;
      clearTimeout(force);
    }
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  get lastWords() {
    return this.#said.trim().split("\n").slice(-8).join("\n");
  }
}
