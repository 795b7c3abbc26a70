//! Doors: kinds of channels and what each can carry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Website chat.
    Widget,
    /// WhatsApp Business Cloud API.
    Whatsapp,
    /// Telegram bot.
    Telegram,
    /// Discord bot.
    Discord,
    /// Email.
    Email,
    /// SMS.
    Sms,
    /// RCS.
    Rcs,
    /// Instagram direct messages.
    Instagram,
    /// Facebook Messenger.
    Messenger,
    /// Phone calls.
    Voice,
    /// Any other door by the documented API.
    Api,
}

impl ChannelKind {
    /// Every kind, in the order in which people are shown them.
    pub const ALL: [Self; 11] = [
        Self::Widget,
        Self::Whatsapp,
        Self::Telegram,
        Self::Discord,
        Self::Email,
        Self::Sms,
        Self::Rcs,
        Self::Instagram,
        Self::Messenger,
        Self::Voice,
        Self::Api,
    ];

    /// The word in configuration, API and store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Discord => "discord",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Rcs => "rcs",
            Self::Instagram => "instagram",
            Self::Messenger => "messenger",
            Self::Voice => "voice",
            Self::Api => "api",
        }
    }

    /// The name a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Widget => "Website chat",
            Self::Whatsapp => "WhatsApp",
            Self::Telegram => "Telegram",
            Self::Discord => "Discord",
            Self::Email => "Email",
            Self::Sms => "SMS",
            Self::Rcs => "RCS",
            Self::Instagram => "Instagram",
            Self::Messenger => "Messenger",
            Self::Voice => "Phone",
            Self::Api => "API",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The word is no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel {0:?}")]
pub struct UnknownChannel(pub String);

impl FromStr for ChannelKind {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownChannel(text.to_owned()))
    }
}

/// How a door carries something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// The vendor refuses it.
    Rejected,
    /// It goes through with data lost.
    Dropped,
    /// Carried in another form ("Reply 1 for …").
    Emulated,
    /// Carried as it is.
    Native,
}

/// What a text length is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Unicode characters.
    Characters,
    /// UTF-8 bytes.
    Bytes,
    /// UTF-16 code units.
    Utf16,
}

/// How much text fits into one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The longest text.
    pub longest: usize,
    /// What `longest` counts.
    pub counted_in: Unit,
}

/// Limits of buttons and quick replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buttons {
    /// How buttons are carried.
    pub support: Support,
    /// At most this many.
    pub most: usize,
    /// Longest title, in characters.
    pub title: usize,
    /// Longest payload, in bytes.
    pub payload: usize,
    /// Longest text that they stand below, in what the door's text counts; of a longer one they stand below the end.
    pub below: usize,
}

/// How files leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Native: as files, where the door takes their kind and size. Emulated: by a link that only this file is behind.
    pub support: Support,
    /// So many fit into one message.
    pub at_once: usize,
    /// Longest text beside a file, in what the door's text counts; a longer one leaves before it.
    pub caption: usize,
}

/// How text may be marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Markup {
    /// None: plain text.
    Plain,
    /// WhatsApp's `*bold*`.
    Whatsapp,
    /// Telegram's HTML subset.
    TelegramHtml,
    /// Our widget's small Markdown subset.
    Markdown,
    /// None, and the words are heard: numbers, prices and addresses as a person says them.
    Spoken,
}

/// What a door can carry; feeds rendering, the console and the table in the documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Text of one message.
    pub text: Text,
    /// Buttons or quick replies.
    pub buttons: Buttons,
    /// Cards with a picture and an address. Emulated: the address stands below the text.
    pub cards: Support,
    /// Markup of text.
    pub markup: Markup,
    /// Files.
    pub files: Files,
    /// Asking for the person's own contact by a button.
    pub contact_request: Support,
    /// Typing indicator.
    pub typing: Support,
    /// Delivered and read receipts.
    pub receipts: Support,
    /// Streaming by checked sentence.
    pub streaming: Support,
    /// Hours in which free text may be sent after the customer's last message; `None`: always.
    pub service_window_hours: Option<u32>,
    /// Hours in which a teammate's own reply may still be sent, where the vendor gives people longer than the AI.
    pub people_window_hours: Option<u32>,
    /// May the business write first?
    pub writes_first: bool,
}

impl Capabilities {
    /// A door that carries short plain text and nothing else.
    pub const fn plain_text() -> Self {
        Self {
            text: Text { longest: 1_600, counted_in: Unit::Characters },
            buttons: Buttons { support: Support::Emulated, most: 9, title: 40, payload: 256, below: usize::MAX },
            cards: Support::Emulated,
            markup: Markup::Plain,
            files: Files { support: Support::Emulated, at_once: 10, caption: usize::MAX },
            contact_request: Support::Rejected,
            typing: Support::Rejected,
            receipts: Support::Rejected,
            streaming: Support::Rejected,
            service_window_hours: None,
            people_window_hours: None,
            writes_first: true,
        }
    }
}
