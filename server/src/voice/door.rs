//! The phone's side of sending: what is decided goes to the line of its call.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::channel::Capabilities;
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookRequest, Received, Refusal, SendError, Sent};
use domain::{ChannelKind, ConnectionId, MessageId};

use super::switchboard::{Decided, Switchboard, Unsaid};

/// A line that takes nothing now may take it in a moment.
const BREATH: Duration = Duration::from_millis(200);

/// Wraps the door so that replies reach the caller.
pub struct Phone {
    /// The door.
    pub door: Arc<dyn Channel>,
    /// Its connection.
    pub connection: ConnectionId,
    /// Calls under way.
    pub switchboard: Arc<Switchboard>,
}

#[async_trait]
impl Channel for Phone {
    fn kind(&self) -> ChannelKind {
        self.door.kind()
    }

    fn capabilities(&self) -> &Capabilities {
        self.door.capabilities()
    }

    fn receive(&self, request: &HookRequest<'_>, now_secs: i64) -> Result<Received, Refusal> {
        self.door.receive(request, now_secs)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        self.door.decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let decided = Decided { message: delivery.message, text: delivery.rendered.text.clone(), is_whole: true };
        match self.switchboard.say(&self.connection, &delivery.address, decided) {
            Ok(()) => Ok(Sent { provider_message_id: None }),
            Err(Unsaid::Full) => Err(SendError::NotYet(BREATH)),
            // The vendor's side knows why nobody hears it.
            Err(Unsaid::NoCall) => self.door.deliver(delivery).await,
        }
    }

    async fn speaking(&self, address: &str, message: MessageId, text: &str) {
        let decided = Decided { message, text: text.to_owned(), is_whole: false };
        if self.switchboard.say(&self.connection, address, decided).is_err() {
            tracing::debug!(connection = %self.connection, "what is being said has no line, it waits for its end");
        }
    }
}
