//! The channel port: one door per file implements it.

use std::time::Duration;

use async_trait::async_trait;

use crate::channel::{Capabilities, ChannelKind};
use crate::event::{Content, InboundEvent, Media};
use crate::id::{ConversationId, MessageId};
use crate::message::Delivery;
use crate::template::Template;
use crate::time::Timestamp;

/// An HTTP request of a vendor, raw.
#[derive(Debug, Clone)]
pub struct HookRequest<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The public URL that the vendor called, query included, as the vendor signs it.
    pub url: &'a str,
    /// The query, raw, without the question mark.
    pub query: &'a str,
    /// Header names in lower case, in order.
    pub headers: &'a [(String, String)],
    /// The body, raw.
    pub body: &'a [u8],
}

impl HookRequest<'_> {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a door made of a verified request.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// Events to accept durably; then the answer is sent.
    Events {
        /// In the vendor's order.
        events: Vec<InboundEvent>,
        /// What the vendor wants to read.
        answer: HookAnswer,
    },
    /// Nothing to store: a set-up handshake.
    Handshake(HookAnswer),
}

/// What the vendor gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAnswer {
    /// HTTP status.
    pub status: u16,
    /// `text/xml`, `application/json`, `text/plain`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl HookAnswer {
    /// 200 with an empty body.
    pub fn ok() -> Self {
        Self { status: 200, content_type: "text/plain", body: String::new() }
    }
}

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Missing or wrong signature: 401, nothing stored.
    #[error("the signature is missing or wrong")]
    Signature,
    /// Over a size, depth or count limit: 413.
    #[error("the request is too large")]
    TooLarge,
    /// Correctly signed but unreadable. The vendor retries for days: 200 and quarantined.
    #[error("signed but unreadable: {0}")]
    Quarantine(String),
    /// Correctly signed but unreadable: 400.
    #[error("unreadable: {0}")]
    Unreadable(String),
    /// Not a request this door knows: 404 or 405.
    #[error("no such hook")]
    NotHere,
}

/// The vendor took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The vendor's id of it, for receipts.
    pub provider_message_id: Option<String>,
}

/// The ways sending fails; the difference decides about retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again after this long.
    #[error("the vendor asks to slow down")]
    RateLimited(Option<Duration>),
    /// Our own pace: the vendor was not asked, so that it need not refuse. Try again after this long.
    #[error("it waits for its turn, at the pace that the vendor takes")]
    NotYet(Duration),
    /// It did not leave: retry freely.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It may have arrived: never blindly resent.
    #[error("unknown whether it was sent: {0}")]
    Unknown(String),
    /// Never retried; the conversation is told.
    #[error("refused: {code}: {why}")]
    Refused {
        /// The vendor's code, or ours.
        code: String,
        /// In words for a teammate.
        why: String,
        /// The person has opted out or blocked us: suppress the address.
        opted_out: bool,
    },
}

/// The server cannot take or keep anything right now; offer the same again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be taken right now")]
pub struct NotNow;

/// Where a door that fetches by itself puts what it found, and keeps its place across restarts.
#[async_trait]
pub trait Inlet: Send + Sync {
    /// Accepts events: durable when it returns `Ok`, and only then may the vendor be told.
    async fn accept(&self, events: Vec<InboundEvent>) -> Result<(), NotNow>;

    /// Keeps for a person what could not be read.
    async fn put_aside(&self, raw: &[u8], why: &str) -> Result<(), NotNow>;

    /// What the door kept last.
    async fn kept(&self) -> Result<Option<String>, NotNow>;

    /// Keeps the door's place: at most a few hundred bytes, without anything of a person.
    async fn keep(&self, place: &str) -> Result<(), NotNow>;

    /// The vendor has just been heard: everything up to now has been fetched.
    fn heard(&self);

    /// Real time, seconds since 1970.
    fn real_seconds(&self) -> i64;
}

/// Why a door stopped listening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HungUp {
    /// The connection is gone or the vendor is unwell: listen again after a pause.
    Lost(String),
    /// The vendor refuses us: nothing helps but other settings. In words for the owner, with the remedy.
    Refused(String),
}

/// How a vendor sees a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Under which name we are known there.
    pub name: Option<String>,
    /// The vendor's own word for how well we are received.
    pub quality: Option<String>,
    /// What is still to be done, in words for the owner.
    pub to_do: Vec<String>,
    /// When what we are let in with ends, where the vendor says so and it does.
    pub ends_at: Option<Timestamp>,
}

/// A letter to somebody of the business itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Names it, the same on every try.
    pub id: String,
    /// The address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The conversation in which an answer to it goes on; nothing: an answer reaches nobody.
    pub answers: Option<ConversationId>,
}

/// Writing to people of the business: no customer and no conversation is behind it.
#[async_trait]
pub trait Letters: Send + Sync {
    /// Sends one letter once. Never retries inside. Has a deadline.
    async fn send(&self, letter: &Letter) -> Result<(), SendError>;
}

/// A file as the vendor gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its bytes.
    pub content: Content,
    /// What the vendor says that it is, without parameters.
    pub mime: Option<String>,
    /// Its name, when only the vendor's answer tells.
    pub filename: Option<String>,
}

/// Why a file is not here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Another try may work.
    #[error("not fetched: {0}")]
    NotNow(String),
    /// It is gone, too large, or lies where nothing is fetched from. In words for a teammate.
    #[error("never fetched: {0}")]
    Never(String),
}

/// One configured door.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its kind.
    fn kind(&self) -> ChannelKind;

    /// What it can carry.
    fn capabilities(&self) -> &Capabilities;

    /// Verifies over the raw bytes in constant time, then parses. Pure: no I/O, no clock besides `now_secs` (real
    /// time, seconds since 1970, for signed timestamps).
    fn receive(&self, request: &HookRequest<'_>, now_secs: i64) -> Result<Received, Refusal>;

    /// What the door makes of a verified body; `rapport decode` and `receive` share it.
    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal>;

    /// Sends one message once. Never retries inside. Has a deadline.
    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError>;

    /// The messages that the vendor approved for this connection. `None`: the door knows none. Has a deadline, may be repeated.
    async fn templates(&self) -> Result<Option<Vec<Template>>, SendError> {
        Ok(None)
    }

    /// Does the door itself carry such a file? Asked where files are native; the others leave as links.
    fn takes(&self, _media_type: &str, _bytes: usize) -> bool {
        false
    }

    /// Through which letters to people of the business leave; `None`: this door writes none.
    fn letters(&self) -> Option<&dyn Letters> {
        None
    }

    /// So much of a reply has been decided and is durable, and more may follow: doors on which people listen say it.
    async fn speaking(&self, _address: &str, _message: MessageId, _text: &str) {}

    /// Fetches a file that a message named, as far as it is no larger than `largest` bytes: from the vendor with what
    /// proves who we are, from anywhere else without it and never from inside. Has a deadline, may be repeated.
    async fn fetch(&self, _media: &Media, _largest: usize) -> Result<Fetched, FetchError> {
        Err(FetchError::Never("files cannot be fetched from this door".to_owned()))
    }

    /// Asks the vendor whether it still lets us in, and how it sees us; nothing is sent to anybody. `None`: it cannot be
    /// asked, or did not answer in a way that proves anything. An error is a refusal. May be repeated.
    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        Ok(None)
    }

    /// Is a refusal with this code about the connection, so that only its owner can mend it?
    fn is_the_owners(&self, _code: &str) -> bool {
        false
    }

    /// Shows that we are reading and writing, where the door can. Best effort.
    async fn typing(&self, _address: &str, _message: Option<&str>) {}

    /// A deep link that carries a code back to this door, for "continue on …"; `None` where there is none.
    fn continue_link(&self, _code: &str) -> Option<String> {
        None
    }

    /// Does this door fetch by itself, besides or instead of being called?
    fn listens(&self) -> bool {
        false
    }

    /// Fetches until the connection is lost; dropped when the server stops. Called again after a pause.
    async fn listen(&self, _inlet: &dyn Inlet) -> HungUp {
        std::future::pending().await
    }
}
