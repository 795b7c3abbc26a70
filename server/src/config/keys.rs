//! Every key of the configuration: the one table behind checks, nearest keys and the JSON schema.

use domain::ChannelKind;

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Flag,
    /// A list of strings.
    Texts,
    /// A duration: `"30m"`.
    Span,
    /// `{ env = … }`, `{ file = … }`, or a list of two while rotating.
    Secret,
    /// A secret that may also come from a command.
    MasterKey,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table with free keys.
    Free,
    /// A list of tables with these keys.
    Tables(&'static [Key]),
    /// A number, or a table of numbers per channel.
    PerChannel,
}

/// A key and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// Its value.
    pub form: Form,
    /// One sentence.
    pub about: &'static str,
}

const fn key(name: &'static str, form: Form, about: &'static str) -> Key {
    Key { name, form, about }
}

/// `[server]`.
pub const SERVER: &[Key] = &[
    key("listen", Form::Text, "Address and port to serve on."),
    key("public_url", Form::Text, "The address under which vendors and browsers reach this server."),
    key("data_dir", Form::Text, "Folder of the database, the key store and files."),
    key("admin_token", Form::Secret, "Bearer token of the operator; a list of two while rotating."),
    key("master_key", Form::MasterKey, "The key that wraps all others; by default a file in the data folder."),
    key("database_url", Form::Secret, "PostgreSQL, for several machines."),
    key("nats_url", Form::Secret, "NATS, which wakes the other servers on the same database."),
    key("tls", Form::Table(TLS), "Certificate of this server."),
    key("behind_proxy", Form::Flag, "A proxy in front of this server ends TLS."),
    key("trusted_proxies", Form::Texts, "Networks whose X-Forwarded-For is believed."),
    key("metrics_listen", Form::Text, "Address and port of /metrics alone."),
    key("virtual_clock", Form::Flag, "Lets a rehearsal move business time; loopback only."),
    key("oidc", Form::Table(OIDC), "An identity provider through which teammates sign in."),
    key("embedder", Form::Table(EMBEDDER), "What makes vectors, so that old messages are also found by what they mean."),
    key("backups", Form::Table(BACKUPS), "Copies that the server takes by itself; SQLite only."),
    key("sockets_per_address", Form::Integer, "Most widget connections from one address; 200 by default."),
];

/// `[server.oidc]`.
pub const OIDC: &[Key] = &[
    key("issuer", Form::Text, "The provider's address, as it calls itself."),
    key("client_id", Form::Text, "What this server is called there."),
    key("client_secret", Form::Secret, "What proves to the provider that it is this server."),
    key("label", Form::Text, "What the button on the sign-in page says after \"Sign in with\"."),
    key("allowed_domains", Form::Texts, "Domains of the addresses that are let in; all by default."),
    key(
        "default_role",
        Form::Word(super::oidc::GIVEN_ROLES),
        "What somebody of an allowed domain becomes whom nobody invited; by default they are not let in.",
    ),
];

/// `[server.embedder]`.
pub const EMBEDDER: &[Key] = &[
    key("dir", Form::Text, "Folder of a BERT-like sentence encoder, computed by this server."),
    key("base_url", Form::Text, "Instead of a folder: a server that speaks /embeddings; what is said is sent there."),
    key("model", Form::Text, "The model as that server calls it."),
    key("api_key", Form::Secret, "Key of that server."),
];

/// `[server.backups]`.
pub const BACKUPS: &[Key] = &[
    key("every", Form::Span, "How often; 24h by default."),
    key("keep", Form::Integer, "How many of the newest are kept; 7 by default."),
    key("folder", Form::Text, "Where to; `backups` in the data folder by default. Better on another disk."),
];

/// `tls` of `[server]`.
pub const TLS: &[Key] = &[
    key("cert", Form::Text, "Certificate chain in PEM."),
    key("key", Form::Text, "Private key in PEM."),
    key("acme", Form::Text, "Email address for automatic certificates."),
];

/// `[workspace]`.
pub const WORKSPACE: &[Key] = &[
    key("id", Form::Text, "Short name; by default made from the name."),
    key("name", Form::Text, "The business's name."),
    key("timezone", Form::Text, "IANA time zone."),
    key("locale", Form::Text, "Default language, two letters."),
    key("languages", Form::Texts, "Languages it answers in."),
    key("currency", Form::Text, "ISO 4217."),
    key("region", Form::Text, "Region of phone numbers without a country code, two letters."),
    key("primary_identifier", Form::Word(PRIMARY), "Which identifier wins."),
    key("competitors", Form::Texts, "Rivals by name."),
    key("refund_limit", Form::Integer, "Refunds above it go to a person, in whole units of the currency."),
    key("teammates", Form::Texts, "Names of people a customer may ask for."),
    key("persona", Form::Text, "How the assistant speaks, in your own words; for models."),
    key("business_hours", Form::Free, "Opening hours by day or range of days, and holidays."),
    key("disclosure", Form::Word(&["standard", "strict"]), "What may be said to whom."),
    key("join_window_ms", Form::PerChannel, "How long messages of one burst are waited for."),
    key("escalation_wait", Form::Span, "After it a customer nobody has taken is told once more."),
    key("escalation_release", Form::Span, "After it the AI may answer again."),
    key("actions", Form::Table(ACTIONS), "What the assistant may do by itself."),
    key(
        "unanswered_mail",
        Form::Table(UNANSWERED_MAIL),
        "A mail of ours that asks something goes on where the customer reads sooner; never by default.",
    ),
    key(
        "capacity",
        Form::Integer,
        "Escalated conversations go by themselves to teammates who are here and have fewer than so many; off by default.",
    ),
    key("alerts", Form::Table(ALERTS), "How the team is told what it should know, besides the console."),
];

/// `[workspace.alerts]`.
pub const ALERTS: &[Key] = &[
    key("email", Form::Text, "The email connection that writes to teammates; the first one by default."),
    key("webhooks", Form::Tables(ALERT_WEBHOOK), "Addresses that are told, such as a channel of Slack."),
];

/// `[[workspace.alerts.webhooks]]`.
pub const ALERT_WEBHOOK: &[Key] = &[
    key("id", Form::Text, "Its name."),
    key("url", Form::Secret, "Where: https, or http on this machine. Slack's holds a token, so it is kept like one."),
    key("secret", Form::Secret, "What the body is signed with, as Standard Webhooks say; Slack needs none."),
    key("on", Form::Texts, "Of what: escalated, assigned, mentioned, late, due, hot_lead; all by default."),
];

/// Words of `on`.
pub const ALERT_KINDS: &[&str] = &["escalated", "assigned", "mentioned", "late", "due", "hot_lead"];

/// `[workspace.actions]`.
pub const ACTIONS: &[Key] = &[
    key("returns", Form::Word(AUTONOMY), "Registering returns with their labels; `do` by default."),
    key("exchanges", Form::Word(AUTONOMY), "Swapping an order for something else; `do` by default."),
    key("return_window", Form::Span, "How long things may be sent back; by default what the sources say."),
    key("return_address", Form::Text, "Where things are sent back to, line by line; on the label."),
];

/// How far the assistant goes with an action.
pub const AUTONOMY: &[&str] = &["off", "ask", "do"];

/// Words of `primary_identifier`.
pub const PRIMARY: &[&str] = &["phone", "email", "external_id"];

/// Words of `mode`.
pub const MODES: &[&str] = &["off", "draft", "out_of_hours", "answer"];

/// Keys of every connection.
pub const CONNECTION: &[Key] = &[
    key("id", Form::Text, "Appears in URLs; unique in the server."),
    key("channel", Form::Word(CHANNELS), "Kind of door."),
    key("mode", Form::Word(MODES), "Trust dial."),
    key("api_base", Form::Text, "The vendor's base URL."),
    key("label", Form::Text, "Name in the console."),
    key("timeout", Form::Span, "Longest wait for the vendor to take a message; 15s by default, 60s at most."),
];

/// Kinds of doors.
pub const CHANNELS: &[&str] =
    &["widget", "whatsapp", "telegram", "discord", "email", "sms", "rcs", "instagram", "messenger", "voice", "api"];

const JWT: &[Key] = &[
    key("algorithm", Form::Word(&["HS256", "RS256", "ES256"]), "The one algorithm that is accepted."),
    key("secret", Form::Secret, "Shared secret of HS256."),
    key("public_key", Form::Text, "Public key in PEM of RS256 or ES256."),
    key("jwks_url", Form::Text, "Address of the key set of RS256 or ES256."),
    key("audience", Form::Text, "Required audience; rapport-widget by default."),
    key("issuer", Form::Text, "Required issuer."),
];

const MAILBOX: &[Key] = &[
    key("host", Form::Text, "Server."),
    key("port", Form::Integer, "Port."),
    key("username", Form::Text, "Account."),
    key("password", Form::Secret, "Its password."),
    key("tls", Form::Flag, "Encrypted from the start; false: STARTTLS, or nothing on this machine."),
    key("folder", Form::Text, "Folder that is read; INBOX by default."),
];

const META: &[Key] = &[
    key("page_id", Form::Text, "Page or account."),
    key("access_token", Form::Secret, "Token for sending."),
    key("app_secret", Form::Secret, "Secret that signs webhooks."),
    key("app_id", Form::Text, "App of the token, which then asks when the token ends; without it the token asks itself."),
    key("verify_token", Form::Secret, "Word of the set-up handshake."),
    key("username", Form::Text, "Name of the page or account, for m.me and ig.me links."),
    key(
        "messages_per_second",
        Form::Integer,
        "Most messages a second that leave by this door; by default what the vendor takes of everybody.",
    ),
];

const TWILIO: &[Key] = &[
    key("account_sid", Form::Text, "Account."),
    key("auth_token", Form::Secret, "Token that signs webhooks and sends."),
    key("from", Form::Text, "Our number."),
    key("messaging_service_sid", Form::Text, "Messaging service to send through."),
    key(
        "messages_per_second",
        Form::Integer,
        "Most messages a second that leave by this door; by default what the vendor takes of everybody.",
    ),
];

const VOICE: &[Key] = &[
    key("provider", Form::Word(&["twilio", "sip"]), "Who carries it; twilio by default, sip: straight over SIP."),
    key("account_sid", Form::Text, "Account at Twilio."),
    key("auth_token", Form::Secret, "Token that signs webhooks and makes calls, at Twilio."),
    key("from", Form::Text, "Our number."),
    key("listen", Form::Text, "Address and port on which calls come in over SIP, such as 0.0.0.0:5060."),
    key("listen_tcp", Form::Text, "Address and port on which calls come in over SIP over TCP."),
    key("listen_tls", Form::Text, "Address and port on which calls come in over SIP over TLS, such as 0.0.0.0:5061."),
    key("tls", Form::Table(SIP_TLS), "Certificate of this number over SIP over TLS."),
    key("trunks", Form::Texts, "Addresses or networks whose calls over SIP are taken, and whose word about callers counts."),
    key("username", Form::Text, "Name with which others may call over SIP."),
    key("password", Form::Secret, "Its password."),
    key("public_address", Form::Text, "IP address that is told to others over SIP, where it is another than that listened on."),
    key("rtp_ports", Form::Text, "Ports of sound over SIP; 10000-10999 by default."),
    key(
        "calls_to",
        Form::Text,
        "Name or address of the trunk to which calls of ours go over SIP, with its port; without it none are made.",
    ),
    key("calls_over", Form::Word(&["udp", "tcp", "tls"]), "What carries them there; udp by default."),
    key("calls_trust", Form::Text, "File of certificates (PEM) that vouch for the trunk over TLS; those of this machine by default."),
    key("calls_username", Form::Text, "Our name there, where it asks for one."),
    key("calls_password", Form::Secret, "Our password there."),
    key("transfer_to", Form::Text, "Number or sip: address of the person whom callers are put through to."),
    key("after_call", Form::Word(&["nothing", "mail"]), "What follows a call: nothing by default, or a mail with what was spoken about."),
    key(
        "voicemail",
        Form::Flag,
        "Whether callers leave a message while the assistant does not speak and nobody can be rung; false by default.",
    ),
    key("language", Form::Text, "Language spoken on this number, such as en-GB; by default that of the workspace."),
    key("voice", Form::Text, "Voice that Twilio speaks with."),
    key("tts_provider", Form::Text, "Whose voice it is: Google, Amazon or ElevenLabs."),
    key("hints", Form::Text, "Words that should be expected, separated by commas."),
    key("hears", Form::Texts, "Speech that listens in this server, in fallback order; by default Twilio does."),
    key("speaks", Form::Texts, "Speech that speaks in this server, in fallback order; by default Twilio does."),
    key(
        "record",
        Form::Word(&["off", "announce", "ask"]),
        "Whether calls are recorded: off by default, announced first, or asked about first. In the EEA, the United Kingdom and Switzerland callers are asked.",
    ),
];

/// `tls` of a number over SIP.
const SIP_TLS: &[Key] = &[key("cert", Form::Text, "Certificate chain in PEM."), key("key", Form::Text, "Private key in PEM.")];

const RCS: &[Key] = &[
    key("provider", Form::Word(&["twilio", "google"]), "Who carries it; twilio by default."),
    key("account_sid", Form::Text, "Account at Twilio."),
    key("auth_token", Form::Secret, "Token that signs webhooks and sends, at Twilio."),
    key("from", Form::Text, "Messaging service (MG…), which falls back to SMS by itself, or agent (rcs:…) at Twilio."),
    key("messaging_service_sid", Form::Text, "Messaging service to send through, at Twilio."),
    key("phone_number", Form::Text, "Our number, for links."),
    key("agent_id", Form::Text, "Our agent at Google."),
    key("client_token", Form::Secret, "Token that signs webhooks, at Google."),
    key("service_account", Form::Secret, "Key file of the service account that sends, at Google."),
    key("fallback", Form::Text, "Connection that sends instead to phones without RCS, at Google."),
    key("expires_after", Form::Span, "After it a message that has not arrived is taken back; 5m by default at Google."),
    key(
        "messages_per_second",
        Form::Integer,
        "Most messages a second that leave by this door; by default what the vendor takes of everybody.",
    ),
];

const WIDGET: &[Key] = &[
    key("allowed_origins", Form::Texts, "Websites that may embed the widget."),
    key("jwt", Form::Table(JWT), "Signed tokens of logged-in users."),
    key("colour", Form::Text, "Colour of the button, as #rrggbb."),
    key("greeting", Form::Text, "First words to whoever is not known yet."),
    key("greetings", Form::Free, "First words by page: the beginning of its path, and the words."),
    key("quick_replies", Form::Texts, "Buttons under the greeting."),
];

const WHATSAPP: &[Key] = &[
    key("phone_number_id", Form::Text, "Id of our number."),
    key("phone_number", Form::Text, "Our number itself, for wa.me links."),
    key("business_account_id", Form::Text, "WhatsApp business account."),
    key("access_token", Form::Secret, "Token for sending."),
    key("app_secret", Form::Secret, "Secret that signs webhooks."),
    key("app_id", Form::Text, "App of the token, which then asks when the token ends; without it the token asks itself."),
    key("verify_token", Form::Secret, "Word of the set-up handshake."),
    key(
        "messages_per_second",
        Form::Integer,
        "Most messages a second that leave by this door; by default what the vendor takes of everybody.",
    ),
];

const TELEGRAM: &[Key] = &[
    key("bot_token", Form::Secret, "Token of the bot."),
    key("secret_token", Form::Secret, "Word that webhooks carry."),
    key("bot_username", Form::Text, "Name of the bot, for t.me links."),
    key(
        "messages_per_second",
        Form::Integer,
        "Most messages a second that leave by this door; by default what the vendor takes of everybody.",
    ),
];

const DISCORD: &[Key] = &[
    key("bot_token", Form::Secret, "Token of the bot."),
    key("application_id", Form::Text, "Application."),
    key("public_key", Form::Text, "Key that signs interactions."),
    key("gateway_url", Form::Text, "Address of the gateway."),
    key("channels", Form::Texts, "Channels of servers in which it answers; by default all that it can see."),
    key(
        "messages_per_second",
        Form::Integer,
        "Most messages a second that leave by this door; by default what the vendor takes of everybody.",
    ),
];

const EMAIL: &[Key] = &[
    key("address", Form::Text, "Our address."),
    key("imap", Form::Table(MAILBOX), "Where mail is read."),
    key("smtp", Form::Table(MAILBOX), "Where mail is sent."),
    key("authserv_id", Form::Text, "Name of our receiving server in Authentication-Results."),
    key("dns", Form::Text, "Name server that tells the keys by which senders sign; by default the machine's own."),
    key("plus_addressing", Form::Flag, "The mail server takes name+anything@: answers are then recognised by their address too."),
];

const API: &[Key] = &[
    key("secret", Form::Secret, "Secret of Standard Webhooks signatures, both ways."),
    key("webhook_url", Form::Text, "Where replies are posted."),
    key(
        "answer_by",
        Form::Texts,
        "Connections (email, SMS, RCS) by which whoever filled in a form is answered, the most wanted first; without it replies are posted or wait.",
    ),
];

/// Keys that only this kind of door has.
pub const fn of_channel(channel: ChannelKind) -> &'static [Key] {
    match channel {
        ChannelKind::Widget => WIDGET,
        ChannelKind::Whatsapp => WHATSAPP,
        ChannelKind::Telegram => TELEGRAM,
        ChannelKind::Discord => DISCORD,
        ChannelKind::Email => EMAIL,
        ChannelKind::Sms => TWILIO,
        ChannelKind::Voice => VOICE,
        ChannelKind::Rcs => RCS,
        ChannelKind::Instagram | ChannelKind::Messenger => META,
        ChannelKind::Api => API,
    }
}

/// Keys without which RCS straight from Google cannot work.
pub const REQUIRED_BY_GOOGLE: &[&str] = &["agent_id", "client_token", "service_account"];

/// Keys without which a number straight over SIP cannot work.
pub const REQUIRED_BY_SIP: &[&str] = &["listen", "hears", "speaks"];

/// Keys without which a door cannot work.
pub const fn required(channel: ChannelKind) -> &'static [&'static str] {
    match channel {
        ChannelKind::Widget => &["allowed_origins"],
        ChannelKind::Whatsapp => &["phone_number_id", "access_token", "app_secret", "verify_token"],
        ChannelKind::Telegram => &["bot_token", "secret_token"],
        ChannelKind::Discord => &["bot_token", "application_id", "public_key"],
        ChannelKind::Email => &["address", "imap", "smtp"],
        ChannelKind::Sms | ChannelKind::Rcs | ChannelKind::Voice => &["account_sid", "auth_token", "from"],
        ChannelKind::Instagram | ChannelKind::Messenger => &["page_id", "access_token", "app_secret", "verify_token"],
        ChannelKind::Api => &["secret"],
    }
}

/// Least length of a secret that we invite the owner to choose.
pub const fn least_length(channel: ChannelKind, key: &str) -> usize {
    match channel {
        ChannelKind::Api if is_same(key, "secret") => 32,
        ChannelKind::Widget if is_same(key, "jwt.secret") => 32,
        _ => 0,
    }
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut place = 0;
    while place < a.len() {
        if a[place] != b[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// `[[models]]`.
pub const MODEL: &[Key] = &[
    key("id", Form::Text, "Name used in [agents]."),
    key("kind", Form::Word(&["openai", "anthropic"]), "Wire format."),
    key("base_url", Form::Text, "Base URL of the server."),
    key("model", Form::Text, "Model on that server."),
    key("api_key", Form::Secret, "Key for it."),
    key("input_price", Form::Text, "Price of a million tokens in: \"0.15 EUR\"."),
    key("output_price", Form::Text, "Price of a million tokens out: \"0.60 EUR\"."),
    key("daily_budget", Form::Text, "Most that may be spent a day: \"5 EUR\"."),
    key("timeout", Form::Span, "Longest wait for an answer."),
];

/// Kinds of speech.
pub const SPEECH_KINDS: &[&str] = &["openai", "deepgram", "elevenlabs", "espeak", "scripted"];

/// `[[speech]]`.
pub const SPEECH: &[Key] = &[
    key("id", Form::Text, "Name used in `hears` and `speaks` of a number."),
    key("kind", Form::Word(SPEECH_KINDS), "Wire format; espeak is the program on this machine, scripted is for rehearsals."),
    key("base_url", Form::Text, "Base URL of the server."),
    key("model", Form::Text, "Model on that server."),
    key("voice", Form::Text, "Voice on that server."),
    key("api_key", Form::Secret, "Key for it."),
    key("sample_rate", Form::Integer, "Samples of a second of what it speaks; 24000 by default."),
    key("timeout", Form::Span, "Longest wait for one answer; 10s by default."),
    key("script", Form::Text, "File of what is recognised, for rehearsals."),
];

/// `[agents]`.
pub const AGENTS: &[Key] = &[
    key("answerer", Form::Texts, "Models for answers, in fallback order."),
    key("qualifier", Form::Texts, "Models for analysis and qualification, in fallback order."),
];

/// `[[knowledge]]`.
pub const KNOWLEDGE: &[Key] = &[
    key("id", Form::Text, "Its name."),
    key("path", Form::Text, "Folder or file."),
    key("sitemap", Form::Text, "Address of a website's sitemap, instead of a path."),
    key("every", Form::Span, "How often the website is read again; 6h by default."),
    key("most_pages", Form::Integer, "Pages that are read at most; 500 by default."),
];

/// `[[rules]]`.
pub const RULE: &[Key] = &[
    key("name", Form::Text, "Its name; one of a built-in rule replaces it."),
    key("when", Form::Text, "Expression."),
    key("route", Form::Text, "Where it goes: urgent, same_channel, email, or the name of a team of the console's."),
    key("sentence", Form::Text, "What it says, for people."),
];

/// `[[sla]]`.
pub const SLA: &[Key] = &[
    key("name", Form::Text, "Its name."),
    key("channel", Form::Word(CHANNELS), "For conversations on this kind of door only."),
    key("priority", Form::Word(&["urgent", "normal"]), "urgent: a rule asks for a person; normal: none does. Both by default."),
    key("team", Form::Text, "For conversations that this team of the console's has only."),
    key("rule", Form::Text, "For conversations that this rule handed over only."),
    key("first_reply", Form::Span, "By when a person writes to whoever waits for one."),
    key("resolution", Form::Span, "By when the matter is ended, from when it went to a person."),
    key("hours", Form::Word(&["business", "always"]), "When the clock runs; business, that is in business_hours, by default."),
];

/// `[workspace.unanswered_mail]`.
pub const UNANSWERED_MAIL: &[Key] = &[
    key("after", Form::Span, "How long a mail waits for its answer; 24h by default."),
    key(
        "template",
        Form::Text,
        "Approved WhatsApp template that asks once the service window has closed; its gap, if it has one, takes the question.",
    ),
];

/// `[[calendars]]`.
pub const CALENDAR: &[Key] = &[
    key("id", Form::Text, "Short name; by default made from the name."),
    key("name", Form::Text, "What is booked, as customers call it."),
    key("duration", Form::Span, "How long one takes; 30m by default."),
    key("hours", Form::Free, "When, like business_hours, which are the default."),
    key("notice", Form::Span, "How long before it begins it can be booked at the latest; 2h by default."),
    key("horizon", Form::Span, "How far ahead it can be booked; 60d by default."),
    key("places", Form::Integer, "How many at the same time; 1 by default."),
    key("instructions", Form::Text, "What whoever books should know."),
    key("remind", Form::Span, "How long before it begins they are reminded; 24h by default, 0s for never."),
];

/// `[[tools]]`.
pub const TOOLS: &[Key] = &[
    key("id", Form::Text, "Short name, before the dot of each tool's name."),
    key("openapi", Form::Text, "File with an OpenAPI 3 description, JSON or YAML."),
    key("base_url", Form::Text, "Address that its paths hang below; nothing else is ever asked."),
    key("mcp", Form::Text, "Address of an MCP server over streamable HTTP, instead of a description."),
    key("token", Form::Secret, "Bearer token for it."),
    key("timeout", Form::Span, "Longest wait for an answer; 5s by default."),
    key("operations", Form::Tables(OPERATION), "Which operations may be used; no others are."),
];

/// `[[tools.operations]]`.
pub const OPERATION: &[Key] = &[
    key("id", Form::Text, "Its operationId, or the tool's name on the MCP server."),
    key("about", Form::Text, "What it does, as people read it; by default its summary."),
    key("reads", Form::Flag, "It only looks up; by default GET does, and nothing else. An MCP server's word for it does not count."),
    key(
        "level",
        Form::Word(&["anonymous", "asserted", "proven", "fresh"]),
        "How well a customer must be proven; by default asserted to look up, else proven.",
    ),
    key("approval", Form::Word(&["teammate", "customer"]), "Whose yes an effect waits for; teammate by default."),
    key("own", Form::Free, "Arguments that are the customer's own external_id, email or phone, whatever is proposed."),
];

/// Tables of the file.
pub const ROOT: &[Key] = &[
    key("server", Form::Table(SERVER), "The server."),
    key("workspace", Form::Table(WORKSPACE), "The business."),
    key("connections", Form::Tables(CONNECTION), "Doors."),
    key("models", Form::Tables(MODEL), "Language models."),
    key("agents", Form::Table(AGENTS), "Which model does what."),
    key("speech", Form::Tables(SPEECH), "Who listens and speaks on calls whose sound comes here."),
    key("knowledge", Form::Tables(KNOWLEDGE), "Sources."),
    key("rules", Form::Tables(RULE), "The business's own rules."),
    key("calendars", Form::Tables(CALENDAR), "What customers can book times of."),
    key("tools", Form::Tables(TOOLS), "Tools of the business's own systems."),
    key("sla", Form::Tables(SLA), "By when people of the team answer."),
];

/// Tables that `rapport apply` takes.
pub const APPLIED: &[Key] = &[
    key("workspace", Form::Table(WORKSPACE), "The business."),
    key("connections", Form::Tables(CONNECTION), "Doors."),
    key("models", Form::Tables(MODEL), "Language models."),
    key("agents", Form::Table(AGENTS), "Which model does what."),
    key("speech", Form::Tables(SPEECH), "Who listens and speaks on calls whose sound comes here."),
    key("knowledge", Form::Tables(KNOWLEDGE), "Sources."),
    key("rules", Form::Tables(RULE), "The business's own rules."),
    key("calendars", Form::Tables(CALENDAR), "What customers can book times of."),
    key("tools", Form::Tables(TOOLS), "Tools of the business's own systems."),
    key("sla", Form::Tables(SLA), "By when people of the team answer."),
];
