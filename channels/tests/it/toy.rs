//! A door as somebody adds one: a bell at the counter, which sends who rang and shows what is answered.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use channels::{Door, OpenError};
use domain::channel::{Capabilities, ChannelKind, Text, Unit};
use domain::event::{InboundEvent, InboundMessage};
use domain::message::Delivery;
use domain::ports::{Channel, HookAnswer, HookRequest, Received, Refusal, SendError, Sent};
use domain::settings::ConnectionSettings;

/// The line in the list of doors. It takes the place of the API's: a build has one door of each kind.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Api, capabilities: &CAPABILITIES, open, decode };

static CAPABILITIES: Capabilities = Capabilities { text: Text { longest: 40, counted_in: Unit::Characters }, ..Capabilities::plain_text() };

struct Bell {
    word: String,
    shown: Mutex<Vec<String>>,
}

fn open(settings: &ConnectionSettings, _: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let connection = settings.id.to_string();
    let word = settings.text("word").ok_or(OpenError::Missing { connection, key: "word" })?;
    Ok(Arc::new(Bell { word: word.to_owned(), shown: Mutex::default() }))
}

/// `who: what`
fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    let body = std::str::from_utf8(request.body).map_err(|_| Refusal::Unreadable("no text".to_owned()))?;
    let (who, what) = body.split_once(": ").ok_or_else(|| Refusal::Unreadable("nobody rang".to_owned()))?;
    let message = InboundMessage { sender: who.to_owned(), text: Some(what.to_owned()), ..InboundMessage::default() };
    Ok(vec![InboundEvent::Message(message)])
}

#[async_trait]
impl Channel for Bell {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Api
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        if request.header("x-word") != Some(&self.word) {
            return Err(Refusal::Signature);
        }
        Ok(Received::Events { events: decode(request)?, answer: HookAnswer::ok() })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let mut shown = self.shown.lock().map_err(|_| SendError::NotSent("the display is off".to_owned()))?;
        shown.push(delivery.rendered.text.clone());
        Ok(Sent { provider_message_id: Some(shown.len().to_string()) })
    }
}
