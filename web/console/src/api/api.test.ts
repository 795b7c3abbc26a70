import { describe, expect, it } from "vitest";
import { foresee } from "./actions.ts";
import { withQuery } from "./client.ts";
import { staleKeys } from "./live.ts";
import type { Change, ConversationItem } from "./types.ts";

const me = { id: "tm_1", name: "Maya" };
const item: ConversationItem = {
  id: "cv_1",
  status: "waiting",
  customer: { id: "cu_1", name: "Anna", proof: "claimed", score: 60 },
  channel: "whatsapp",
  channels: ["whatsapp"],
  last_message: null,
  updated_at: "2026-11-20T12:00:00Z",
  created_at: "2026-11-20T12:00:00Z",
  assignee: null,
  team: null,
  unread: true,
  escalation: {
    id: "es_1",
    rule: "competitor-named",
    also: [],
    status: "open",
    at: "2026-11-20T12:00:00Z",
    due_at: "2026-11-20T12:30:00Z",
    way: null,
  },
  ai_silent: false,
  asked_again: 0,
    drafts: 0,
    sla: null,
    actions_waiting: 0,
    tags: [],
    snoozed_until: null,
};

describe("acting before the server answers", () => {
  it("taking over assigns to me and accepts the escalation, with its brief", () => {
    const escalations = [item.escalation];
    const taken = foresee({ ...item, escalations }, { step: "take" }, me);
    expect(taken).toMatchObject({
      status: "with_teammate",
      assignee: me,
      unread: false,
      escalation: { status: "accepted" },
    });
    expect(taken.escalations[0]?.status).toBe("accepted");
  });
  it("returning to the AI frees the conversation", () => {
    expect(foresee({ ...item, assignee: me }, { step: "return" }, me)).toMatchObject({
      status: "open",
      assignee: null,
      escalation: { status: "returned" },
    });
  });
  it("a note changes neither status nor escalation", () => {
    expect(foresee(item, { step: "note", text: "x" }, me)).toMatchObject({
      status: "waiting",
      escalation: { status: "open" },
    });
  });
});

describe("live changes", () => {
  const change = (kind: Change["kind"]): string[] =>
    staleKeys({ seq: 1, kind, conversation: "cv_1", customer: "cu_1", at: "2026-11-20T12:00:00Z" }).map((key) =>
      key.join("/"),
    );
  it("a message refreshes lists, thread and person", () => {
    expect(change("message.created")).toEqual(
      expect.arrayContaining(["conversations", "conversation/cv_1", "timeline/cu_1", "customer/cu_1"]),
    );
  });
  it("a merge refreshes every person", () => {
    expect(change("identity.updated")).toEqual(expect.arrayContaining(["customer", "timeline", "suggestions"]));
  });
});

describe("addresses", () => {
  it("leaves out what is not set and escapes the rest", () => {
    expect(withQuery("/c", { q: "a b", cursor: null, limit: 5 })).toBe("/c?q=a+b&limit=5");
    expect(withQuery("/c", { q: "" })).toBe("/c");
  });
});
