//! The website's side of sending: the store is the mailbox, and the timeline's id is what the page reports as read.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ChannelKind;
use domain::channel::Capabilities;
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookRequest, Received, Refusal, SendError, Sent};

/// Wraps the door so that receipts of the page find their message.
pub struct Mailbox(pub Arc<dyn Channel>);

#[async_trait]
impl Channel for Mailbox {
    fn kind(&self) -> ChannelKind {
        self.0.kind()
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    fn receive(&self, request: &HookRequest<'_>, now_secs: i64) -> Result<Received, Refusal> {
        self.0.receive(request, now_secs)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        self.0.decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        Ok(Sent { provider_message_id: Some(delivery.message.to_string()) })
    }
}
