//! What a door makes of a vendor's event, and what the business tells us.

use serde::{Deserialize, Serialize};

use crate::id::BusinessEventId;
use crate::time::Timestamp;

/// One event decoded from a vendor's request, before identity and storage. Serialises as `rapport decode` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InboundEvent {
    /// Something a person said.
    Message(InboundMessage),
    /// A delivery state of something we sent.
    Status(StatusEvent),
    /// A button, quick reply or menu choice.
    Postback(InboundMessage),
    /// A person arrived by a link with a reference.
    Referral(InboundMessage),
    /// Stop word or block.
    OptOut(InboundMessage),
    /// Start word.
    OptIn(InboundMessage),
    /// A reaction; `emoji` is null when it is taken back.
    Reaction(TargetedEvent),
    /// A message was edited.
    Edited(TargetedEvent),
    /// A message was deleted by its author.
    Deleted(TargetedEvent),
    /// The vendor says an id has changed.
    IdentifierChanged(IdentifierChange),
    /// A message of ours, or of a person in the vendor's own inbox, comes back.
    Echo(InboundMessage),
    /// A template was approved, refused or paused.
    TemplateStatus(serde_json::Value),
    /// Who holds the thread has changed.
    ThreadControl(serde_json::Value),
    /// Makes no turn and changes nothing.
    Ignored(Ignored),
    /// The vendor reports an error of its own.
    Error(VendorError),
}

impl InboundEvent {
    /// Our side of the event, as far as the vendor said it.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Message(message)
            | Self::Postback(message)
            | Self::Referral(message)
            | Self::OptOut(message)
            | Self::OptIn(message)
            | Self::Echo(message) => message.connection.as_deref(),
            Self::Status(status) => status.connection.as_deref(),
            Self::Reaction(event) | Self::Edited(event) | Self::Deleted(event) => event.connection.as_deref(),
            Self::IdentifierChanged(change) => change.connection.as_deref(),
            Self::Ignored(ignored) => ignored.connection.as_deref(),
            Self::Error(error) => error.connection.as_deref(),
            Self::TemplateStatus(value) | Self::ThreadControl(value) => value.get("connection")?.as_str(),
        }
    }
}

/// A person's message as a door understood it; see `rapport decode`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InboundMessage {
    /// The id to answer to, as the vendor wrote it.
    pub sender: String,
    /// Number with the plus, when there is one.
    pub sender_e164: Option<String>,
    /// Display name of the profile.
    pub sender_name: Option<String>,
    /// Username, which is no identifier.
    pub sender_username: Option<String>,
    /// Business-scoped user id (WhatsApp), when the vendor gives one besides the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_scoped_id: Option<String>,
    /// Chat to answer in when it is not the sender (Telegram).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// The text, trimmed; a caption counts as text; a button's title for postbacks.
    pub text: Option<String>,
    /// What was attached.
    pub media: Vec<Media>,
    /// A shared place.
    pub location: Option<Location>,
    /// Cards of third persons.
    pub contact_cards: Vec<ContactCard>,
    /// Answers of a form, an order, a product inquiry.
    pub structured: Option<serde_json::Value>,
    /// Id of the message answered.
    pub reply_to: Option<String>,
    /// What a button carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// Referral of a link or an ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Telegram's parameter of a `/start` at offset 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_token: Option<String>,
    /// Was it forwarded?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forwarded: bool,
    /// Vendor's type when we do not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// Vendor's message id.
    pub provider_message_id: Option<String>,
    /// The redelivery key where it is not the message id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedupe: Option<String>,
    /// Vendor's time.
    pub timestamp: Option<Timestamp>,
    /// Our side, as the vendor wrote it.
    pub connection: Option<String>,
    /// The sender's own contact, proven by the vendor, E.164.
    pub verified_phone: Option<String>,
    /// Language the vendor says the person uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Is this message also a stop word?
    pub opt_out: bool,
    /// Keys of this door that no other has.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl InboundMessage {
    /// Was it said where others read along, such as a channel of a server?
    pub fn is_public(&self) -> bool {
        self.more.contains_key("guild") && !self.more.contains_key("command")
    }
}

/// An attachment, by reference.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// `image audio video document sticker`.
    pub kind: String,
    /// A voice note.
    pub voice: bool,
    /// The vendor's media id.
    pub provider_id: Option<String>,
    /// Without parameters.
    pub mime: Option<String>,
    /// File name.
    pub filename: Option<String>,
    /// Direct address when the vendor gives one.
    pub url: Option<String>,
    /// Its bytes, when they came with the message. Never printed.
    #[serde(skip)]
    pub content: Option<Content>,
}

/// Bytes of a file, which no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Content(pub std::sync::Arc<[u8]>);

impl std::fmt::Debug for Content {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} bytes", self.0.len())
    }
}

/// A place on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lon: f64,
}

/// A card of a third person.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactCard {
    /// Name on the card.
    pub name: String,
    /// E.164 numbers.
    pub phones: Vec<String>,
    /// Email addresses.
    pub emails: Vec<String>,
}

/// Where a person came from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// Our reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Kind of source.
    pub source: Option<String>,
    /// Ad id.
    pub ad_id: Option<String>,
    /// Product id.
    pub product_id: Option<String>,
}

/// A delivery state reported by the vendor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusEvent {
    /// Id that our send got back.
    pub provider_message_id: Option<String>,
    /// Several ids at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provider_message_ids: Vec<String>,
    /// Everything we sent to this person up to this time, where the vendor names no ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watermark: Option<Timestamp>,
    /// `rcs` or `sms`, where a message may arrive by either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_as: Option<String>,
    /// Our own opaque id, when the vendor echoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opaque: Option<String>,
    /// `sent delivered read failed delayed`.
    pub status: String,
    /// The vendor's code as text.
    pub error_code: Option<String>,
    /// May sending be tried again?
    pub retryable: Option<bool>,
    /// The customer's id.
    pub sender: Option<String>,
    /// Our side.
    pub connection: Option<String>,
    /// Vendor's time.
    pub timestamp: Option<Timestamp>,
}

/// A reaction to, an edit or a deletion of an earlier message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetedEvent {
    /// Who did it; empty when the vendor does not say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sender: String,
    /// The message concerned.
    pub target: Option<String>,
    /// The reaction, null when taken back.
    pub emoji: Option<String>,
    /// The account of the business's own in which it was said, where a door speaks for several; ids are numbered in each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// New text of an edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Vendor's id of this event.
    pub provider_message_id: Option<String>,
    /// Our side.
    pub connection: Option<String>,
    /// Vendor's time.
    pub timestamp: Option<Timestamp>,
}

/// An id that became another.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentifierChange {
    /// Who.
    pub sender: String,
    /// Former value.
    pub old: Option<String>,
    /// New value.
    pub new: Option<String>,
    /// Our side.
    pub connection: Option<String>,
    /// Vendor's id of this event.
    pub provider_message_id: Option<String>,
    /// Vendor's time.
    pub timestamp: Option<Timestamp>,
}

/// Something that changes nothing, with the reason.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ignored {
    /// Why.
    pub reason: String,
    /// Who, when known.
    pub sender: Option<String>,
    /// Our side.
    pub connection: Option<String>,
}

/// An error the vendor reports.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VendorError {
    /// The vendor's code as text.
    pub code: String,
    /// In the vendor's words.
    pub message: Option<String>,
    /// Our side.
    pub connection: Option<String>,
}

/// An order, cart, payment, shipment or booking told by the business (`POST /events`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BusinessEvent {
    /// Its id.
    pub id: BusinessEventId,
    /// `order.created`, `shipment.delivered`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What the business sent.
    pub data: serde_json::Value,
    /// When it happened.
    pub at: Timestamp,
}
