//! Messages on the timeline, in and out, and what is owed to a customer.

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::id::{ConnectionId, ConversationId, CustomerId, DeliveryId, MessageId, StrandId, TurnId};
use crate::identifier::words;
use crate::template::Filled;
use crate::time::Timestamp;
use std::fmt;
use std::str::FromStr;

words! {
    /// Which way a message went.
    Direction {
        /// From the customer.
        In = "in",
        /// To the customer.
        Out = "out",
        /// An event or note on the timeline.
        Event = "event",
    }
}

words! {
    /// Who wrote it.
    Author {
        /// The customer.
        Customer = "customer",
        /// The AI team.
        Ai = "ai",
        /// A teammate.
        Teammate = "teammate",
        /// The server itself.
        System = "system",
    }
}

words! {
    /// What became of an inbound message; the four final states plus `open` add up to all accepted ones.
    InboundState {
        /// Not yet decided.
        Open = "open",
        /// A reply was committed.
        Answered = "answered",
        /// A teammate has it.
        HandedOver = "handed_over",
        /// A rule says that it needs no answer.
        IgnoredByRule = "ignored_by_rule",
        /// It could not be handled; somebody must look.
        Quarantined = "quarantined",
    }
}

words! {
    /// How far a delivery got; only moves forward, `failed` is final unless a later `delivered` arrives.
    DeliveryState {
        /// Being said while its turn still runs; seen by the page that hears it, and by nobody else.
        Speaking = "speaking",
        /// In the outbox.
        Queued = "queued",
        /// The vendor took it.
        Sent = "sent",
        /// The person's device has it.
        Delivered = "delivered",
        /// The person has read it.
        Read = "read",
        /// The vendor gave up.
        Failed = "failed",
        /// It may have arrived; never blindly resent.
        Unknown = "unknown",
        /// Not sent, by a rule of ours or the vendor's.
        Refused = "refused",
    }
}

/// A button or quick reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the person reads.
    pub title: String,
    /// What comes back.
    pub payload: String,
}

/// Something worth a look beside an answer: what it is, how it looks, where it is. Where a door has no cards, the answer's
/// own words say what it is, and its address stands below them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What it is.
    pub title: String,
    /// A line about it.
    pub text: String,
    /// Address of its picture.
    pub picture: Option<String>,
    /// Where there is more of it.
    pub url: Option<String>,
}

/// A passage behind an answer, shown as a chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// File or page.
    pub source: String,
    /// Heading in it.
    pub heading: String,
}

/// An entry of the timeline as people read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The strand it hangs on.
    pub strand: StrandId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The turn that took or made it.
    pub turn: Option<TurnId>,
    /// Its door.
    pub channel: ChannelKind,
    /// The configured door.
    pub connection: ConnectionId,
    /// Which way.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// The teammate's name, when one wrote it.
    pub author_name: Option<String>,
    /// What was said.
    pub text: String,
    /// Buttons that went with it.
    pub buttons: Vec<Button>,
    /// Passages behind it.
    pub sources: Vec<Source>,
    /// What can be looked at.
    #[serde(default)]
    pub cards: Vec<Card>,
    /// A note for teammates or an event, by its type; `None` for what was said.
    pub event: Option<TimelineEvent>,
    /// Business time.
    pub at: Timestamp,
    /// For inbound messages.
    pub state: Option<InboundState>,
    /// For outbound ones.
    pub delivery: Option<DeliveryState>,
    /// Why a delivery is as it is.
    pub delivery_reason: Option<String>,
    /// Order within the customer; from a sequence, never from a clock.
    pub seq: i64,
    /// Language, when recognised.
    pub language: Option<String>,
    /// What became of it later.
    pub changed: Option<Changed>,
}

/// What became of a message after it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Changed {
    /// Other words stand there now.
    Edited {
        /// When.
        at: Timestamp,
    },
    /// Taken away: nothing stands there now.
    Deleted {
        /// When.
        at: Timestamp,
    },
    /// Words of ours on a call that the other side spoke into: only what they heard stands there.
    Interrupted {
        /// When.
        at: Timestamp,
    },
}

/// What a timeline event is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// `note escalation merge unmerge handed_back business resolved link taken snoozed action step_up`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Details for the console.
    pub data: serde_json::Value,
}

/// An inbound message waiting for its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// The stored message.
    pub message: Message,
    /// The door's own view of it: name, payload, verified phone, referral.
    pub inbound: crate::event::InboundMessage,
    /// Was it a postback, opt-out, opt-in, referral?
    pub kind: WaitingKind,
    /// Address to answer to on that door (sealed in the store).
    pub address: String,
    /// Hash of a link code that was taken out of the text at intake.
    pub link_code: Option<String>,
    /// A one-time code that was taken out of the text at intake, as a hash.
    pub code_answer: Option<crate::challenge::CodeAnswer>,
    /// Where the message really belongs had to be left open at intake.
    pub doubt: Option<Doubt>,
    /// How many times a turn has been started for it.
    pub attempts: u32,
}

words! {
    /// What kind of inbound event waits.
    WaitingKind {
        /// Something said.
        Message = "message",
        /// A button.
        Postback = "postback",
        /// A stop word.
        OptOut = "opt_out",
        /// A start word.
        OptIn = "opt_in",
        /// Arrived by a link.
        Referral = "referral",
    }
}

/// Why intake put a message on a provisional strand instead of the known one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Doubt {
    /// The identifier is marked shared: who speaks?
    SharedIdentifier {
        /// Customers who have a strand on it.
        candidates: Vec<CustomerId>,
    },
    /// Another platform id than before stands behind the known number.
    ChangedHands {
        /// The customer who had it.
        before: CustomerId,
        /// Days since that customer's last message.
        silent_days: i64,
    },
    /// The profile's name contradicts the known one.
    NamesContradict {
        /// The customer who has it.
        before: CustomerId,
        /// The known name.
        known: String,
        /// The name seen now.
        seen: String,
    },
}

/// A reply in the medium's own form, ready for a door to encode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// Text in the door's markup; within its limits.
    pub text: String,
    /// Buttons within its limits; empty where emulated.
    pub buttons: Vec<Button>,
    /// What can be looked at; empty where the door has no cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// Ask for the person's own contact.
    pub request_contact: bool,
    /// Files of the message go with it; then there need be no text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encloses: bool,
    /// Sent as this template of the vendor's, which its text only shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Filled>,
}

/// A file that leaves with a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Enclosure {
    /// Its name.
    pub name: String,
    /// Its media type: by its bytes, else by its name.
    pub mime: String,
    /// Its bytes.
    pub content: crate::event::Content,
    /// Where whoever has this address gets it; for doors that carry no files.
    pub link: Option<String>,
}

/// How far a door's service window is open at the moment of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServiceWindow {
    /// Free text may be sent.
    #[default]
    Open,
    /// Only what a person wrote may be sent, marked as such to the vendor.
    PeopleOnly,
}

/// What a door needs to answer within the thread that the customer wrote in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// The vendor's id of the customer's last message.
    pub message: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Ids of the messages before it, oldest first.
    pub references: Vec<String>,
    /// Others read along.
    pub is_public: bool,
}

impl Thread {
    /// The thread of a message; `None` on doors whose chats are threads of their own.
    pub fn of(channel: ChannelKind, inbound: &crate::event::InboundMessage) -> Option<Self> {
        let is_threaded = match channel {
            ChannelKind::Email | ChannelKind::Discord => true,
            ChannelKind::Widget
            | ChannelKind::Whatsapp
            | ChannelKind::Telegram
            | ChannelKind::Sms
            | ChannelKind::Rcs
            | ChannelKind::Instagram
            | ChannelKind::Messenger
            | ChannelKind::Voice
            | ChannelKind::Api => false,
        };
        let texts = |key: &str| inbound.more.get(key).and_then(serde_json::Value::as_array).into_iter().flatten();
        is_threaded.then(|| Self {
            message: inbound.provider_message_id.clone(),
            subject: inbound.more.get("subject").and_then(serde_json::Value::as_str).map(str::to_owned),
            references: texts("references").filter_map(serde_json::Value::as_str).map(str::to_owned).collect(),
            is_public: inbound.is_public(),
        })
    }
}

/// One reply owed to a customer: a row of the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its id, also the opaque id given to the vendor.
    pub id: DeliveryId,
    /// The message on the timeline it carries.
    pub message: MessageId,
    /// Whose.
    pub customer: CustomerId,
    /// On which configured door.
    pub connection: ConnectionId,
    /// Its kind.
    pub channel: ChannelKind,
    /// Address on that door, as the vendor wrote it.
    pub address: String,
    /// What to send.
    pub rendered: Rendered,
    /// Who wrote it.
    pub author: Author,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Business time of the customer's last message on this door, for the service window.
    pub last_inbound: Option<Timestamp>,
    /// Decided by the engine when it is sent.
    pub window: ServiceWindow,
    /// The thread to answer in, on doors that have threads.
    pub thread: Option<Thread>,
    /// Files that the door itself takes; read when it is sent.
    pub files: Vec<Enclosure>,
}
