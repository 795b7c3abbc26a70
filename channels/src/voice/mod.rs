//! The phone by Twilio: call webhooks answered in TwiML, then either ConversationRelay, which turns speech into text
//! frames and back, so that no audio comes here, or media streams, which bring the sound. Telnyx speaks the same frames.
//!
//! <https://www.twilio.com/docs/voice/conversationrelay>

mod forms;
pub mod frames;
pub mod g711;
mod line;
pub mod media;
pub mod sip;
mod twiml;

use std::sync::Arc;

use async_trait::async_trait;
use domain::channel::{Buttons, Capabilities, ChannelKind, Markup, Support, Text, Unit};
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookRequest, Received, Refusal, SendError, Sent};
use domain::settings::ConnectionSettings;

pub use forms::{Answered, Dialled, Ringing, SessionEnd, Status};
pub use line::{Line, Outgoing};
pub use twiml::{Greeting, Transfer};

use crate::{Door, OpenError, call};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Voice, capabilities: &CAPABILITIES, open, decode: forms::decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 1_200, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Emulated, most: 3, title: 40, payload: 256, below: usize::MAX },
    // An address is nothing that is said.
    cards: Support::Dropped,
    markup: Markup::Spoken,
    streaming: Support::Native,
    writes_first: false,
    ..Capabilities::plain_text()
};

struct Voice;

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    // What could never be verified is refused here, not at the first call.
    Line::of(settings, http)?;
    Ok(Arc::new(Voice))
}

#[async_trait]
impl Channel for Voice {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Voice
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    /// Calls have addresses of their own, because each kind of request wants another answer.
    fn receive(&self, _request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        Err(Refusal::NotHere)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        forms::decode(request)
    }

    /// Words reach a call over its own line; without one there is nobody to hear them.
    async fn deliver(&self, _delivery: &Delivery) -> Result<Sent, SendError> {
        Err(call::refused("call_over", "the call is over"))
    }
}
