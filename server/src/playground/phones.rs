//! What the playground asks of the simulated vendors.

use async_trait::async_trait;
use domain::message::Button;
use domain::{ChannelKind, Timestamp};
use tokio::sync::broadcast;

/// Addresses of a persona, as its vendors know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// Its profile's name.
    pub name: String,
    /// E.164, for WhatsApp and SMS.
    pub phone_e164: String,
    /// Its Telegram user id.
    pub telegram_id: i64,
    /// Its Discord user id.
    pub discord_id: String,
    /// Its email address.
    pub email: String,
}

/// Something a persona does on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// On which phone.
    pub channel: ChannelKind,
    /// Typed text.
    pub text: Option<String>,
    /// A tapped button.
    pub button: Option<Button>,
    /// Shares its own contact (Telegram).
    pub share_contact: bool,
    /// Opens the chat by a deep link with this parameter (Telegram).
    pub start_token: Option<String>,
    /// Business time, for the vendor's timestamp.
    pub at: Timestamp,
}

/// Something that becomes visible on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// On which phone.
    pub channel: ChannelKind,
    /// Whose: E.164, the user id on that door, or the address of mail.
    pub address: String,
    /// What.
    pub what: What,
}

/// See [`Shown`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message of ours.
    Bubble {
        /// The vendor's id.
        id: String,
        /// As the phone shows it.
        text: String,
        /// Buttons under it.
        buttons: Vec<Button>,
        /// Names of the files with it.
        files: Vec<String>,
    },
    /// How far an earlier message got: `sent`, `delivered`, `read`.
    Status {
        /// The vendor's id.
        id: String,
        /// The state.
        status: String,
    },
    /// We are typing.
    Typing,
}

/// What a persona fills into the shop's contact form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledIn {
    /// Names the message.
    pub id: String,
    /// Who they say they are.
    pub name: String,
    /// Their address, where they give it.
    pub email: Option<String>,
    /// Their number, where they give it.
    pub phone: Option<String>,
    /// `email` or `phone`.
    pub answer_by: String,
    /// What they write.
    pub text: String,
    /// Labels of further fields, and what stands in them.
    pub fields: Vec<(String, String)>,
}

/// The simulated vendors. Each posts its own signed webhooks to our real `/hooks/…` and takes our real sends.
#[async_trait]
pub trait Phones: Send + Sync {
    /// Carries what a persona does to this server, as the vendor would; returns when the webhook was answered.
    async fn say(&self, from: &Addresses, said: &Said) -> anyhow::Result<()>;

    /// Sends what was filled into the contact form, as the shop's own program would.
    async fn fill_in(&self, form: &FilledIn) -> anyhow::Result<()>;

    /// Everything that becomes visible on any phone from now on.
    fn shown(&self) -> broadcast::Receiver<Shown>;
}
