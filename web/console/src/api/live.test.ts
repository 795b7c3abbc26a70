import type { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followLive } from "./live.ts";

/** A line whose other end is the test. */
class Line extends EventTarget {
  static readonly CLOSED = 2;
  static all: Line[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Line.all.push(this);
  }
  close(): void {
    this.readyState = Line.CLOSED;
  }
  says(event: string, data = "{}"): void {
    this.dispatchEvent(Object.assign(new Event(event), { data }));
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const readAgain = vi.fn(() => Promise.resolve());
const states: string[] = [];
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  Line.all = [];
  states.length = 0;
  readAgain.mockClear();
  const here = new EventTarget();
  vi.stubGlobal("EventSource", Line);
  vi.stubGlobal("document", page);
  vi.stubGlobal(
    "window",
    Object.assign(here, { setTimeout, clearTimeout, setInterval, clearInterval }),
  );
  stop = followLive({ client: { invalidateQueries: readAgain } as unknown as QueryClient, onState: (state) => states.push(state), onChange: () => {} });
  Line.all[0]?.onopen?.();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a line that has fallen silent is given up, and what was missed is read again", () => {
  vi.advanceTimersByTime(60_000);
  expect(Line.all.length).toBeGreaterThan(1);
  expect(Line.all[0]?.readyState).toBe(Line.CLOSED);
  expect(states).toContain("lost");
  Line.all.at(-1)?.onopen?.();
  expect(readAgain).toHaveBeenCalledWith();
});

test("a line on which the server says that it stands is kept", () => {
  for (let round = 0; round < 12; round += 1) {
    vi.advanceTimersByTime(14_000);
    Line.all[0]?.says("beat");
  }
  expect(Line.all).toHaveLength(1);
  expect(states).toEqual(["live"]);
});

test("back on the net, and back before the eyes after a sleep, the line is opened anew at once", () => {
  window.dispatchEvent(new Event("online"));
  expect(Line.all).toHaveLength(2);
  Line.all[1]?.onopen?.();
  page.dispatchEvent(new Event("visibilitychange"));
  expect(Line.all, "nothing was missed").toHaveLength(2);
  // The machine sleeps: time passes and no timer runs.
  vi.setSystemTime(Date.now() + 3_600_000);
  page.dispatchEvent(new Event("visibilitychange"));
  expect(Line.all).toHaveLength(3);
});
