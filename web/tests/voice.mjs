/** Promises of the sound of calls: whoever listens in hears both sides, and a recording and its words find each other. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OwnServer } from "./own-server.mjs";
import { Telephone } from "./telephone.mjs";

const freeUdpPort = () =>
  new Promise((found) => {
    const probe = createSocket("udp4");
    probe.bind(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });

/** Keeps how loud each side was in what a page plays: the caller on the left, we on the right. */
const keepLoudness = () => {
  window.loudness = [0, 0];
  const { copyToChannel } = AudioBuffer.prototype;
  AudioBuffer.prototype.copyToChannel = function (samples, side, ...rest) {
    window.loudness[side] = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), window.loudness[side]);
    return copyToChannel.call(this, samples, side, ...rest);
  };
};

/** How loud the two sides of a recording are in so many seconds from a place on. */
const loudnessAt = (page, url, from, seconds) =>
  page.evaluate(
    async ([address, start, length]) => {
      const bytes = await (await fetch(address)).arrayBuffer();
      const sound = await new OfflineAudioContext(2, 8_000, 8_000).decodeAudioData(bytes);
      return [0, 1].map((side) => {
        const samples = sound.getChannelData(side).slice(Math.floor(start * sound.sampleRate), Math.floor((start + length) * sound.sampleRate));
        return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      });
    },
    [url, from, seconds],
  );

const signIn = async (page, { url, login }) => {
  await page.goto(`${url}/sign-in`);
  await page.getByRole("textbox", { name: "Email" }).fill(login.email);
  await page.getByRole("textbox", { name: "Password" }).fill(login.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
};

export const voice = async ({ promise, fresh, binary, noSeriousFindings }) => {
  const folder = await mkdtemp(join(tmpdir(), "rapport-voice-"));
  const script = join(folder, "script.json");
  await writeFile(script, JSON.stringify({ says: [{ text: "Yes, please." }, { text: "Do you deliver to Lyon?" }] }));
  const port = await freeUdpPort();
  const server = new OwnServer();
  let telephone = null;
  try {
    await server.start(binary, [], `
[[speech]]
id = "script"
kind = "scripted"
script = ${JSON.stringify(script)}

[[connections]]
id = "tel"
channel = "voice"
provider = "sip"
listen = "127.0.0.1:${port}"
trunks = ["127.0.0.1"]
rtp_ports = "20000-39999"
hears = ["script"]
speaks = ["script"]
record = "ask"
`);
    const desk = await fresh();
    const { page } = desk;
    await page.addInitScript(keepLoudness);
    await signIn(page, server);

    await promise("whoever listens in to a call hears both sides of it, the caller on the left", async () => {
      await page.goto(`${server.url}/calls`);
      telephone = await Telephone.rings(port, "+15558675310");
      await page.getByRole("button", { name: "Listen in" }).click();
      await page.getByRole("button", { name: "Stop listening" }).waitFor();
      await page.waitForFunction(() => window.loudness[1] > 0.01);
      assert.ok((await page.evaluate(() => window.loudness[0])) < 0.01, "the caller has not said anything");
      await telephone.hears(20);
      telephone.says("yes1-a");
      await page.getByText("Recorded", { exact: true }).waitFor();
      telephone.says("price1-a");
      await page.getByRole("log").getByText("Do you deliver to Lyon?").waitFor();
      await page.waitForFunction(() => window.loudness[0] > 0.01);
      await noSeriousFindings(page);
      await page.getByRole("button", { name: "Stop listening" }).click();
      await page.getByRole("button", { name: "Listen in" }).waitFor();
      await page.evaluate(() => (window.loudness = [0, 0]));
      await telephone.hears(20);
      assert.deepEqual(await page.evaluate(() => window.loudness), [0, 0], "nothing is heard any more");
    });

    await promise("a recording is played from a line of the transcript, and the line that is heard is marked", async () => {
      const thread = await page.getByRole("link", { name: "Open thread" }).getAttribute("href");
      await telephone.hangsUp();
      await page.getByRole("heading", { name: "Nobody is on the phone" }).waitFor();
      await page.goto(`${server.url}${thread}`);
      const card = page.getByRole("region", { name: "Phone call" }).last();
      await card.getByRole("button", { name: "What was said" }).click();
      const player = card.getByLabel("Recording of the call");
      await player.evaluate((audio) => audio.readyState > 0 || new Promise((ready) => audio.addEventListener("loadedmetadata", ready, { once: true })));
      const line = card.getByRole("listitem").filter({ hasText: "Do you deliver to Lyon?" });
      await line.getByRole("button", { name: /^Play from/ }).click();
      await card.locator("li[aria-current]").getByText("Do you deliver to Lyon?").waitFor();
      const place = await player.evaluate((audio) => audio.currentTime);
      const [theirs] = await loudnessAt(page, await player.getAttribute("src"), place, 4);
      assert.ok(theirs > 0.01, `the caller is heard from second ${place} on`);
      await noSeriousFindings(page);
      await player.evaluate((audio) => audio.pause());
    });
    await desk.context.close();
  } finally {
    await telephone?.hangsUp().catch(() => undefined);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
