import type { ChannelConnection, KnowledgeOverview, Ledger, Rule, Suggestion } from "../src/api/types.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const wednesday = 2 * day + 3 * hour;

/** Everything of the made-up shop that belongs to nobody in particular. */
export interface Workplace {
  knowledge: KnowledgeOverview;
  rules: Rule[];
  ledger: Ledger;
  channels: ChannelConnection[];
  suggestions: Suggestion[];
}

export const describeWorkplace = (at: (ago: number) => string): Workplace => {
  const rule = (name: string, sentence: string, firings: number, ago: number | null): Rule => ({
    name,
    sentence,
    when: null,
    origin: "built_in",
    switchable: true,
    team: null,
    way: null,
    since: null,
    enabled: firings >= 0,
    firings: Math.max(0, firings),
    last_at: ago === null ? null : at(ago),
    version: 3,
  });

  const standing = { name: null, quality: null, to_do: [], ends_at: null, asked_at: null, trouble: null };

  return {
    knowledge: {
      sources: [
        {
          path: "catalogue.md",
          title: "Catalogue",
          passages: 42,
          audience: "public",
          outdated: false,
          synced_at: at(2 * hour),
          document: null,
        },
        {
          path: "delivery.md",
          title: "Delivery and returns",
          passages: 17,
          audience: "public",
          outdated: false,
          synced_at: at(2 * hour),
          document: null,
        },
        {
          path: "assembly.md",
          title: "Assembly",
          passages: 11,
          audience: "public",
          outdated: false,
          synced_at: at(2 * hour),
          document: null,
        },
        {
          path: "prices-2025.md",
          title: "Price list 2025",
          passages: 9,
          audience: "public",
          outdated: true,
          synced_at: at(40 * day),
          document: null,
        },
        {
          path: "discounts.md",
          title: "Discount limits",
          passages: 4,
          audience: "team",
          outdated: false,
          synced_at: at(3 * day),
          document: null,
        },
      ],
      gaps: [
        {
          question: "Do you make chairs for people over 150 kg?",
          also: ["Which chair carries 160 kg?"],
          times: 3,
          last_at: at(95 * minute),
          conversation: "cv_lyon",
        },
        {
          question: "Can the armrests be ordered separately?",
          also: [],
          times: 1,
          last_at: at(30 * hour),
          conversation: "cv_sam",
        },
      ],
      sites: [
        {
          id: "shop",
          sitemap: "https://ergo-chairs.example/sitemap.xml",
          read_at: at(2 * hour),
          pages: 48,
          skipped: [{ url: "https://ergo-chairs.example/cart", reason: "robots.txt does not allow it" }],
          failed: null,
        },
      ],
      conflicts: [
        {
          about: "ergomax: price",
          sources: [
            { source: "prices.csv", heading: "", text: "Chair: ErgoMax | Price: 899 EUR" },
            { source: "brochure.pdf", heading: "Chairs", text: "Model: ErgoMax | Price: 949 EUR" },
          ],
        },
      ],
      skipped: [{ path: "old/scan.pdf", reason: "it holds no text, only pictures of it", document: null }],
      folders: [{ id: "site", path: "/srv/rapport/knowledge" }],
    },
    rules: [
      rule(
        "competitor-named",
        "When a customer names another shop or its price, a person from Sales answers within 30 minutes.",
        7,
        15 * minute,
      ),
      rule(
        "person-asked-for",
        "When a customer asks for a person, in any words, a person answers within 30 minutes.",
        19,
        33 * minute,
      ),
      rule(
        "strong-negative-emotion",
        "When anger or despair is strong, or rises twice in a row, a person answers.",
        4,
        80 * minute,
      ),
      rule("refund-above-limit", "When a refund above 500 € is asked for, a person decides.", 2, 2 * hour),
      rule("low-confidence", "When nothing in the knowledge supports an answer, a person answers.", 11, 95 * minute),
      rule("asked-twice", "When the same question is asked a second time, a person looks at it.", -1, null),
    ],
    ledger: {
      counts: { open: 1, answered: 1189, handed_over: 43, ignored_by_rule: 12, quarantined: 2 },
      accepted: 1247,
      queued: 0,
      backup: { newest: null, every_s: null, late: false },
      items: [
        {
          id: "in_1",
          at: at(16 * minute),
          connection: "wa",
          channel: "whatsapp",
          state: "handed_over",
          reason: "competitor-named",
          turn: "tn_6",
        },
        {
          id: "in_2",
          at: at(33 * minute),
          connection: "tg",
          channel: "telegram",
          state: "handed_over",
          reason: "person-asked-for",
          turn: "tn_1",
        },
        {
          id: "in_3",
          at: at(95 * minute),
          connection: "web",
          channel: "widget",
          state: "handed_over",
          reason: "low-confidence",
          turn: "tn_1",
        },
        {
          id: "in_4",
          at: at(3 * hour),
          connection: "wa",
          channel: "whatsapp",
          state: "answered",
          reason: null,
          turn: "tn_1",
        },
        {
          id: "in_5",
          at: at(4 * hour),
          connection: "sms",
          channel: "sms",
          state: "ignored_by_rule",
          reason: "thanks only, nothing to answer",
          turn: null,
        },
        {
          id: "in_6",
          at: at(6 * hour),
          connection: "wa",
          channel: "whatsapp",
          state: "quarantined",
          reason: "signature does not match",
          turn: null,
        },
        {
          id: "in_7",
          at: at(wednesday),
          connection: "wa",
          channel: "whatsapp",
          state: "answered",
          reason: null,
          turn: "tn_4",
        },
      ],
      next: null,
    },
    channels: [
      {
        id: "web",
        channel: "widget",
        mode: "answer",
        configured_mode: "answer",
        label: "perchandpine.example",
        health: "ok",
        detail: "",
        last_in: at(80 * minute),
        last_out: at(79 * minute),
        last_fetch: null,
        hook: "",
        standing,
        waiting: 0,
      },
      {
        id: "wa",
        channel: "whatsapp",
        mode: "answer",
        configured_mode: "answer",
        label: "+43 1 555 0199",
        health: "ok",
        detail: "Quality high, 1,000 conversations a day",
        last_in: at(16 * minute),
        last_out: at(15 * minute),
        last_fetch: null,
        hook: "",
        standing,
        waiting: 0,
      },
      {
        id: "tg",
        channel: "telegram",
        mode: "answer",
        configured_mode: "answer",
        label: "@perchandpine_bot",
        health: "ok",
        detail: "",
        last_in: at(33 * minute),
        last_out: at(32 * minute),
        last_fetch: null,
        hook: "",
        standing,
        waiting: 0,
      },
      {
        id: "sms",
        channel: "sms",
        mode: "answer",
        configured_mode: "answer",
        label: "+43 1 555 0199",
        health: "warn",
        detail: "1 of the last 20 messages was not delivered",
        last_in: at(2 * hour),
        last_out: at(99 * minute),
        last_fetch: null,
        hook: "",
        standing,
        waiting: 0,
      },
    ],
    suggestions: [
      {
        id: "sg_1",
        at: at(hour),
        a: { id: "cu_anna", name: "Anna Berger" },
        b: { id: "cu_lyon", name: "a.berger.studio" },
        probability: 0.83,
        reasons: [
          { text: "Same name, rare in this workspace", weight: 2.1 },
          { text: "Same studio in the profile", weight: 1.4 },
          { text: "No shared phone or email", weight: -0.6 },
        ],
        status: "open",
      },
    ],
  };
};
