/** The sound of a call under way: both sides as µ-law over a WebSocket, played as they come. What a caller says comes once it was
 * understood, so that no card's number is heard; what that costs is made up for in the pauses. */

const rate = 8_000;
/** Sound that comes late is waited for so long, in seconds. */
const lag = 0.15;
/** A listener so far behind, in seconds, does not hear pauses. */
const behind = 0.5;
/** Samples of 20 milliseconds. */
const frame = 160;
/** Softer than this is a pause. */
const quiet = 0.01;

/** A sample of µ-law between -1 and 1. <https://www.itu.int/rec/T-REC-G.711> */
export const sample = (byte: number): number => {
  const bits = ~byte & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return ((bits & 0x80 ? -1 : 1) * (magnitude - 0x84)) / 32_768;
};

/** Theirs and ours, out of a message that has them in turn. */
export const sides = (bytes: Uint8Array): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] => {
  const length = Math.floor(bytes.length / 2);
  const pair: [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] = [new Float32Array(length), new Float32Array(length)];
  for (let at = 0; at < length; at += 1) {
    pair[0][at] = sample(bytes[2 * at] ?? 0xff);
    pair[1][at] = sample(bytes[2 * at + 1] ?? 0xff);
  }
  return pair;
};

/** The frames of a message that are played by who is so far behind, in seconds: all, or all but the pauses of both sides. */
export const played = (bytes: Uint8Array, late: number): Uint8Array => {
  if (late < behind) return bytes;
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; at += 2 * frame) {
    const piece = bytes.subarray(at, at + 2 * frame);
    if (piece.some((byte) => Math.abs(sample(byte)) > quiet)) kept.push(...piece);
  }
  return Uint8Array.from(kept);
};

/** Plays a call until it is over or nobody wants to hear it any more; the answer stops it. */
export const play = (path: string, onEnd: () => void): (() => void) => {
  const context = new AudioContext();
  const address = new URL(path, window.location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  let next = 0;
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    socket.close();
    void context.close();
    onEnd();
  };
  socket.onmessage = ({ data }) => {
    if (stopped || !(data instanceof ArrayBuffer)) return;
    const [theirs, ours] = sides(played(new Uint8Array(data), next - context.currentTime));
    if (theirs.length === 0) return;
    const buffer = context.createBuffer(2, theirs.length, rate);
    buffer.copyToChannel(theirs, 0);
    buffer.copyToChannel(ours, 1);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    if (next < context.currentTime) next = context.currentTime + lag;
    source.start(next);
    next += buffer.duration;
  };
  socket.onclose = stop;
  return stop;
};
