import { expect, test } from "vitest";
import type { EscalationMark } from "../api/types.ts";
import { bestDoor, doorKey, doorOn } from "./door.ts";

const mark = (status: EscalationMark["status"], way: EscalationMark["way"]): EscalationMark => ({
  id: "e",
  rule: "vip",
  also: [],
  status,
  at: "",
  due_at: "",
  way,
});
const door = (channel: string, open = true) => ({ channel, connection: channel, label: channel, open });

test("what needs papers is answered by email, where there is one", () => {
  const written = { channel: "sms", doors: [door("sms"), door("email")] };
  expect(bestDoor({ ...written, escalation: mark("open", "email") })).toBe("email");
  expect(bestDoor({ ...written, escalation: mark("resolved", "email") })).toBe("sms");
  expect(bestDoor({ ...written, escalation: mark("open", "urgent") })).toBe("sms");
  expect(bestDoor({ ...written, escalation: null })).toBe("sms");
  expect(bestDoor({ channel: "sms", doors: [door("sms")], escalation: mark("open", "email") })).toBe("sms");
  expect(bestDoor({ channel: "sms", doors: [door("email", false)], escalation: mark("open", "email") })).toBe("sms");
});

test("of two addresses on one channel the one that was written to answers, and another is another door", () => {
  const doors = ["shop", "office"].map((connection) => ({ ...door("whatsapp"), connection }));
  expect(doorOn({ connection: "office", doors }, "whatsapp")?.connection).toBe("office");
  expect(doorOn({ connection: "gone", doors }, "whatsapp")?.connection).toBe("shop");
  expect(doorOn({ connection: "office", doors }, "sms")).toBeUndefined();
  expect(new Set(doors.map(doorKey)).size).toBe(2);
});
