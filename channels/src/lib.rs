//! The doors: each vendor's wire format, signature and way of failing, behind the one port `domain::ports::channel`.
//!
//! A door is one file or folder and one line in [`DOORS`]. It verifies over the raw bytes before it parses, gives
//! back `domain` events, and sends one message once with one of four outcomes. It knows nothing of turns or storage.

#![forbid(unsafe_code)]

mod alert;
mod api;
mod call;
mod discord;
mod email;
pub mod fetch;
mod gsm;
mod hub;
mod json;
mod keyword;
mod meta;
mod multipart;
mod pace;
mod rcs;
mod settings;
mod signing;
mod sms;
mod standard_webhooks;
mod telegram;
mod text;
mod twilio;
pub mod voice;
mod whatsapp;
pub mod widget;

use std::sync::Arc;

use domain::channel::{Capabilities, ChannelKind};
use domain::event::InboundEvent;
use domain::ports::{Channel, HookRequest, Refusal};
use domain::settings::ConnectionSettings;

pub use alert::AlertHook;
pub use standard_webhooks::{Keys as WebhookKeys, SignedHeaders};

/// Opens a configured door.
pub type Open = fn(&ConnectionSettings, &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError>;

/// What a kind of door is made of.
pub struct Door {
    /// Its kind.
    pub kind: ChannelKind,
    /// What it can carry.
    pub capabilities: &'static Capabilities,
    /// Opens a configured door.
    pub open: Open,
    /// What the vendor's request means, signature aside.
    pub decode: fn(&HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal>,
}

/// Every door.
pub static DOORS: &[Door] = &[
    whatsapp::DOOR,
    telegram::DOOR,
    discord::DOOR,
    email::DOOR,
    sms::DOOR,
    rcs::DOOR,
    meta::MESSENGER,
    meta::INSTAGRAM,
    voice::DOOR,
    api::DOOR,
    widget::DOOR,
];

/// Reasons of [`domain::event::Ignored`] that begin with this word stand for one item of a batch that could not be
/// read: it belongs into quarantine while the rest of the batch goes on.
pub const UNREADABLE_ITEM: &str = "unreadable";

/// Why a configured door cannot be opened. The text names the key and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no such door in this build.
    #[error("there is no {0} door in this build")]
    NoDoor(ChannelKind),
    /// A setting is missing.
    #[error("connection {connection}: {key} is missing")]
    Missing {
        /// The connection.
        connection: String,
        /// The key.
        key: &'static str,
    },
    /// A setting cannot be used.
    #[error("connection {connection}: {key} {why}")]
    Unusable {
        /// The connection.
        connection: String,
        /// The key.
        key: &'static str,
        /// What is wrong and what would be right.
        why: &'static str,
    },
}

fn door(kind: ChannelKind) -> Option<&'static Door> {
    DOORS.iter().find(|door| door.kind == kind)
}

/// Opens a configured door.
///
/// `http` should follow no redirects, because a redirected send is a second send, and should have a connect timeout
/// of its own: only then does a vendor that cannot be reached count as "not sent" instead of "unknown".
pub fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let door = door(settings.channel).ok_or(OpenError::NoDoor(settings.channel))?;
    (door.open)(settings, http)
}

/// What a door makes of a vendor's request, signature aside.
pub fn decode(kind: ChannelKind, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    let door = door(kind).ok_or(Refusal::NotHere)?;
    (door.decode)(request)
}

/// What a kind of door can carry; short plain text for kinds without a door.
pub fn capabilities(kind: ChannelKind) -> &'static Capabilities {
    static PLAIN: Capabilities = Capabilities::plain_text();
    door(kind).map_or(&PLAIN, |door| door.capabilities)
}
