import type { Channel, Escalation, Conversation, Proof, TimelineItem } from "../src/api/types.ts";

const minute = 60_000;
const hour = 60 * minute;

/** A conversation told in a few lines. */
export interface Short {
    key: string;
    name: string | null;
    proof: Proof;
    score: number;
    channel: Channel;
    status: Conversation["status"];
    lines: [number, TimelineItem["author"], string, Partial<TimelineItem>?][];
    rule?: { name: string; due: number; status: Escalation["status"]; quote: string };
    mine?: boolean;
    unread?: boolean;
    address: string;
  }
/** The shorter stories beside the long one. */
export const shorts: Short[] = [
    {
      key: "jonas",
      name: "Jonas Weber",
      proof: "channel_asserted",
      score: 61,
      channel: "telegram",
      status: "waiting",
      unread: true,
      address: "@jonasw",
      lines: [
        [50 * minute, "customer", "Is the Lift 1 frame compatible with a 200 cm top?"],
        [
          49 * minute,
          "ai",
          "Yes, up to 200 × 90 cm and 80 kg.",
          { turn: "tn_1", sources: [{ source: "catalogue.md", heading: "Lift 1" }] },
        ],
        [33 * minute, "customer", "I would like to talk to a person please"],
        [32 * minute, "ai", "Of course. Maya answers here within half an hour."],
      ],
      rule: { name: "person-asked-for", due: -3, status: "open", quote: "I would like to talk to a person" },
    },
    {
      key: "mira",
      name: "Mira Dalal",
      proof: "verified",
      score: 20,
      channel: "widget",
      status: "waiting",
      unread: true,
      address: "mira@dalal.example",
      lines: [
        [80 * minute, "customer", "The gas lift sinks again, third time now. This is ridiculous."],
        [79 * minute, "ai", "That is not right. I have called a teammate, who sees your two earlier repairs."],
      ],
      rule: { name: "strong-negative-emotion", due: 41, status: "open", quote: "third time now. This is ridiculous" },
    },
    {
      key: "lyon",
      name: null,
      proof: "anonymous",
      score: 0,
      channel: "widget",
      status: "waiting",
      address: "Visitor 19ab",
      lines: [
        [95 * minute, "customer", "Do you make chairs for people over 150 kg?"],
        [94 * minute, "ai", "I do not know that for certain, so I ask a teammate."],
      ],
      rule: { name: "low-confidence", due: 65, status: "open", quote: "people over 150 kg" },
    },
    {
      key: "paul",
      name: "Paul Costa",
      proof: "channel_asserted",
      score: 35,
      channel: "sms",
      status: "with_teammate",
      mine: true,
      address: "+33 6 12 55 01 88",
      lines: [
        [2 * hour, "customer", "Refund of 778 for two Arc 2, please"],
        [100 * minute, "teammate", "I have started the refund. It is on your card in two days."],
        [
          99 * minute,
          "teammate",
          "The return label comes by email.",
          { delivery: "failed", delivery_reason: "the number does not take messages" },
        ],
      ],
      rule: { name: "refund-above-limit", due: 93, status: "accepted", quote: "Refund of 778" },
    },
    {
      key: "lea",
      name: "Lea Thorne",
      proof: "channel_asserted",
      score: 55,
      channel: "whatsapp",
      status: "open",
      address: "+44 7700 900 312",
      lines: [
        [3 * hour, "customer", "Is the sand fabric back?"],
        [3 * hour - minute, "ai", "It is back on Tuesday. Shall I tell you when it is?", { turn: "tn_1" }],
      ],
    },
    {
      key: "sam",
      name: "Sam Kessler",
      proof: "claimed",
      score: 40,
      channel: "sms",
      status: "open",
      address: "+43 1 555 88 20",
      lines: [
        [5 * hour, "ai", "The desk needs 68 cm of depth."],
        [4 * hour, "customer", "Ok thx, will measure the desk tonight"],
      ],
    },
    {
      key: "elif",
      name: "Elif Novak",
      proof: "verified",
      score: 12,
      channel: "telegram",
      status: "resolved",
      address: "@elifn",
      lines: [
        [26 * hour, "customer", "Can I have invoice 2026-1182 with the new VAT number?"],
        [25 * hour, "ai", "Here it is, with the new number.", { turn: "tn_1" }],
      ],
    },
    {
      key: "henri",
      name: "Henri Garnier",
      proof: "channel_asserted",
      score: 8,
      channel: "telegram",
      status: "resolved",
      address: "@henrig",
      lines: [
        [28 * hour, "customer", "Step 4, the backrest bolts do not fit"],
        [
          27 * hour,
          "ai",
          "Turn the plate over: the long slots go to the front.",
          { turn: "tn_1", sources: [{ source: "assembly.md", heading: "Step 4" }] },
        ],
        [27 * hour - 5 * minute, "customer", "solved, merci"],
      ],
    },
  ];
