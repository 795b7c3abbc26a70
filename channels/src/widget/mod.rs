//! The website's chat. Its wire is the server's own WebSocket; this door knows its limits and its identity tokens.

mod keys;
mod token;

use std::sync::Arc;

use async_trait::async_trait;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookRequest, Received, Refusal, SendError, Sent};
use domain::settings::ConnectionSettings;

pub use token::{Claims, TokenRefusal, Tokens};

use crate::{Door, OpenError};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Widget, capabilities: &CAPABILITIES, open, decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 8_000, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Native, most: 9, title: 40, payload: 256, below: usize::MAX },
    cards: Support::Native,
    markup: Markup::Markdown,
    typing: Support::Native,
    receipts: Support::Native,
    streaming: Support::Native,
    files: Files { support: Support::Native, at_once: 10, caption: usize::MAX },
    ..Capabilities::plain_text()
};

struct Widget;

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    // A token setting that could never verify anything is refused here, not at the first visitor.
    Tokens::of(settings, http)?;
    Ok(Arc::new(Widget))
}

fn decode(_request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    Err(Refusal::NotHere)
}

#[async_trait]
impl Channel for Widget {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Widget
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, _request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        Err(Refusal::NotHere)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        decode(request)
    }

    /// The page shows or offers them by their links.
    fn takes(&self, _media_type: &str, _bytes: usize) -> bool {
        true
    }

    /// The store is the visitor's mailbox: what is stored has arrived there.
    async fn deliver(&self, _delivery: &Delivery) -> Result<Sent, SendError> {
        Ok(Sent { provider_message_id: None })
    }
}
