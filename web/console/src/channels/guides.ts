/** How each door is connected: what stands in rapport.toml, and how many steps there are at the vendor. */

export interface Guide {
  /** The id that the lines propose. */
  id: string;
  lines: string;
  /** Environment variables that the lines name, in the order in which the vendor shows their values. */
  secrets: readonly string[];
  /** Steps at the vendor before the lines are written, and those that need the running connection. */
  before: number;
  after: number;
  /** Where it is done. */
  place: string | null;
}

const meta = (channel: string, id: string, own: string, secrets: readonly string[]): string =>
  `[[connections]]
id = "${id}"
channel = "${channel}"
${own}
access_token = { env = "${secrets[0] ?? ""}" }
app_secret = { env = "${secrets[1] ?? ""}" }
verify_token = { env = "${secrets[2] ?? ""}" }`;

const twilio = (channel: string, id: string, from: string): string =>
  `[[connections]]
id = "${id}"
channel = "${channel}"
account_sid = "AC…"
auth_token = { env = "TWILIO_TOKEN" }
from = "${from}"`;

export const guides: Readonly<Record<string, Guide>> = {
  widget: {
    id: "web",
    lines: `[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["https://www.example.com"]`,
    secrets: [],
    before: 1,
    after: 2,
    place: null,
  },
  whatsapp: {
    id: "wa",
    lines: meta("whatsapp", "wa", 'phone_number_id = "106540352242922"', ["WA_TOKEN", "WA_APP_SECRET", "WA_VERIFY"]),
    secrets: ["WA_TOKEN", "WA_APP_SECRET", "WA_VERIFY"],
    before: 4,
    after: 3,
    place: "developers.facebook.com",
  },
  telegram: {
    id: "tg",
    lines: `[[connections]]
id = "tg"
channel = "telegram"
bot_token = { env = "TG_TOKEN" }
secret_token = { env = "TG_SECRET" }
bot_username = "my_shop_bot"`,
    secrets: ["TG_TOKEN", "TG_SECRET"],
    before: 2,
    after: 2,
    place: "t.me/BotFather",
  },
  discord: {
    id: "dc",
    lines: `[[connections]]
id = "dc"
channel = "discord"
application_id = "1457469483726668048"
public_key = "…"
bot_token = { env = "DISCORD_TOKEN" }`,
    secrets: ["DISCORD_TOKEN"],
    before: 3,
    after: 2,
    place: "discord.com/developers",
  },
  email: {
    id: "mail",
    lines: `[[connections]]
id = "mail"
channel = "email"
label = "Your business"
address = "support@example.com"
imap = { host = "imap.example.com", username = "support", password = { env = "MAIL_PASSWORD" } }
smtp = { host = "smtp.example.com", username = "support", password = { env = "MAIL_PASSWORD" } }`,
    secrets: ["MAIL_PASSWORD"],
    before: 2,
    after: 1,
    place: null,
  },
  sms: { id: "sms", lines: twilio("sms", "sms", "+15551234567"), secrets: ["TWILIO_TOKEN"], before: 2, after: 2, place: "console.twilio.com" },
  rcs: { id: "rcs", lines: twilio("rcs", "rcs", "MG…"), secrets: ["TWILIO_TOKEN"], before: 2, after: 2, place: "console.twilio.com" },
  messenger: {
    id: "msg",
    lines: meta("messenger", "msg", 'page_id = "1906385232743451"\nusername = "my.shop"', ["PAGE_TOKEN", "PAGE_APP_SECRET", "PAGE_VERIFY"]),
    secrets: ["PAGE_TOKEN", "PAGE_APP_SECRET", "PAGE_VERIFY"],
    before: 3,
    after: 3,
    place: "developers.facebook.com",
  },
  instagram: {
    id: "ig",
    lines: meta("instagram", "ig", 'page_id = "17841405309211844"\nusername = "my.shop"', ["IG_TOKEN", "IG_APP_SECRET", "IG_VERIFY"]),
    secrets: ["IG_TOKEN", "IG_APP_SECRET", "IG_VERIFY"],
    before: 3,
    after: 3,
    place: "developers.facebook.com",
  },
  voice: { id: "tel", lines: twilio("voice", "tel", "+33180000101"), secrets: ["TWILIO_TOKEN"], before: 2, after: 2, place: "console.twilio.com" },
  api: {
    id: "form",
    lines: `[[connections]]
id = "form"
channel = "api"
secret = { env = "FORM_SECRET" }
webhook_url = "https://www.example.com/rapport"`,
    secrets: ["FORM_SECRET"],
    before: 1,
    after: 1,
    place: null,
  },
};

/** In the order in which most businesses want them. */
export const guided = ["widget", "whatsapp", "email", "telegram", "sms", "voice", "instagram", "messenger", "discord", "rcs", "api"] as const;

/** The address that the vendor calls, before the connection is there. */
export const hookOf = (publicUrl: string, channel: string, id: string): string =>
  channel === "voice" ? `${publicUrl}/voice/${id}/call` : `${publicUrl}/hooks/${id}`;

/** Doors whose vendor calls an address of ours. */
export const isCalled = (channel: string): boolean => !["widget", "email", "api"].includes(channel);
