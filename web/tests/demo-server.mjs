/** Starts `rapport demo` on a free port with a data folder of its own, and takes both away again. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_WITHIN = 30_000;
const STOPPED_WITHIN = 5_000;
const LOOK_AGAIN = 50;

export const freePort = () =>
  new Promise((found, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });

/** Asks until the answer is true; says what was awaited when it never is. */
export const until = async (awaited, isTrue, within = READY_WITHIN) => {
  const end = Date.now() + within;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`waited ${within} ms in vain: ${awaited}`);
    await new Promise((again) => setTimeout(again, LOOK_AGAIN));
  }
};

export class DemoServer {
  #binary;
  #folder = "";
  #port = 0;
  #child = null;
  #printed = "";

  constructor(binary) {
    this.#binary = binary;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Mail and password of the first teammate, as the server printed them. */
  get login() {
    const [, email, password] = /Sign in\s+(\S+@\S+)\s+(\S+)/.exec(this.#printed) ?? [];
    if (!email) throw new Error(`the server printed no login:\n${this.#printed}`);
    return { email, password };
  }

  async start() {
    this.#folder ||= await mkdtemp(join(tmpdir(), "rapport-browser-"));
    this.#port ||= await freePort();
    const child = spawn(this.#binary, ["demo", "--listen", `127.0.0.1:${this.#port}`, "--data-dir", this.#folder]);
    this.#child = child;
    const hear = (text) => (this.#printed += text);
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", (error) => hear(String(error)));
    await until("the demo answers /readyz", async () => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(`the demo did not start:\n${this.#printed}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      return answer?.ok ?? false;
    });
  }

  async #end(signal) {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((left) => child.once("exit", left));
    child.kill(signal);
    const force = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN);
    await gone;
    clearTimeout(force);
  }

  /** As a power cut would: no goodbye, the data folder stays. */
  kill = () => this.#end("SIGKILL");

  stop = async () => {
    await this.#end("SIGTERM");
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  };

  /** The last lines the server wrote, for a failure's report. */
  get lastWords() {
    return this.#printed.trim().split("\n").slice(-12).join("\n");
  }
}
