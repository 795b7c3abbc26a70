/** A telephone that rings a number straight over SIP: it says recordings in real time, hears what is played to it, and hangs up. */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { until } from "./demo-server.mjs";

const FRAME = 160;
const FRAME_MS = 20;
const SILENCE = 0xff;

/** The bytes of a recording of ours, which are those of the line. */
const recording = (name) => {
  const file = readFileSync(new URL(`../../server/tests/fixtures/voice/${name}.wav`, import.meta.url));
  return file.subarray(file.indexOf("data") + 8);
};

const open = () =>
  new Promise((opened, failed) => {
    const socket = createSocket("udp4");
    socket.once("error", failed);
    socket.bind(0, "127.0.0.1", () => opened(socket));
  });

export class Telephone {
  #server;
  #number;
  #signalling;
  #sound;
  #to = null;
  #toTag = "";
  #answer = null;
  #over = false;
  #queue = [];
  #sent = 0;
  #clock = null;
  /** Packets in which somebody speaks. */
  heard = 0;

  /** Rings the number at this port, and waits until it is picked up. */
  static async rings(port, number) {
    const telephone = new Telephone();
    await telephone.#rings(port, number);
    return telephone;
  }

  async #rings(port, number) {
    this.#server = port;
    this.#number = number;
    this.#signalling = await open();
    this.#sound = await open();
    this.#signalling.on("message", (bytes) => this.#told(bytes.toString("utf8")));
    this.#sound.on("message", (bytes) => {
      if (bytes.subarray(12).some((byte) => byte !== SILENCE && byte !== 0x7f)) this.heard += 1;
    });
    const offer = [
      "v=0",
      "o=caller 1 1 IN IP4 127.0.0.1",
      "s=-",
      "c=IN IP4 127.0.0.1",
      "t=0 0",
      `m=audio ${this.#sound.address().port} RTP/AVP 0 101`,
      "a=rtpmap:101 telephone-event/8000",
      "a=sendrecv",
      "",
    ].join("\r\n");
    this.#asks("INVITE", 1, offer);
    await until("the call is picked up", () => this.#answer !== null);
    this.#asks("ACK", 1);
    this.#to = Number(/^m=audio (\d+)/m.exec(this.#answer)[1]);
    this.#clock = setInterval(() => this.#frame(), FRAME_MS);
  }

  #asks(method, sequence, body = "") {
    const at = `127.0.0.1:${this.#signalling.address().port}`;
    const lines = [
      `${method} sip:desk@127.0.0.1:${this.#server} SIP/2.0`,
      `Via: SIP/2.0/UDP ${at};branch=z9hG4bK-${method}-${sequence}`,
      `From: <sip:${this.#number};verstat=TN-Validation-Passed-A@127.0.0.1>;tag=browser`,
      `To: <sip:desk@127.0.0.1:${this.#server}>${this.#toTag}`,
      `Call-ID: ${at}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:caller@${at}>`,
      "Max-Forwards: 70",
      ...(body ? ["Content-Type: application/sdp"] : []),
      `Content-Length: ${body.length}`,
    ];
    this.#signalling.send(`${lines.join("\r\n")}\r\n\r\n${body}`, this.#server, "127.0.0.1");
  }

  #told(text) {
    if (/^SIP\/2\.0 200 /.test(text) && /^CSeq: 1 INVITE/im.test(text)) {
      this.#toTag = /^To:[^\r\n]*(;tag=[^;\r\n]+)/im.exec(text)?.[1] ?? "";
      this.#answer = text;
    }
    if (/^BYE /.test(text) || /^CSeq: 2 BYE/im.test(text)) this.#over = true;
  }

  /** A telephone sends fifty packets a second, whether somebody speaks or not. */
  #frame() {
    const packet = Buffer.alloc(12 + FRAME, SILENCE);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt16BE(this.#sent & 0xffff, 2);
    packet.writeUInt32BE(this.#sent * FRAME, 4);
    packet.writeUInt32BE(7, 8);
    this.#queue.shift()?.copy(packet, 12);
    this.#sent += 1;
    this.#sound.send(packet, this.#to, "127.0.0.1");
  }

  /** Says a recording, from now on. */
  says(name) {
    const bytes = recording(name);
    for (let at = 0; at < bytes.length; at += FRAME) this.#queue.push(bytes.subarray(at, at + FRAME));
  }

  /** Hears so many packets more in which somebody speaks. */
  hears(packets) {
    const enough = this.heard + packets;
    return until(`${packets} packets of sound`, () => this.heard >= enough);
  }

  async hangsUp() {
    clearInterval(this.#clock);
    if (!this.#over) {
      this.#asks("BYE", 2);
      await until("the other side knows that it is over", () => this.#over);
    }
    this.#signalling.close();
    this.#sound.close();
  }
}
