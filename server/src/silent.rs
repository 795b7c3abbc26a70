//! Doors through which nothing leaves: for what plays whole turns without a vendor, such as evaluations and measurements.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::channel::Capabilities;
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookRequest, Received, Refusal, SendError, Sent};
use domain::settings::{ConnectionSettings, Mode};
use domain::{ChannelKind, ConnectionId, WorkspaceId};
use engine::OpenDoor;

/// A door of this kind, by whose name it goes.
pub fn door(kind: ChannelKind, workspace: &WorkspaceId) -> OpenDoor {
    OpenDoor { settings: settings(kind, workspace), channel: Arc::new(SilentDoor(kind)) }
}

/// Settings of a door that answers, with nothing else configured.
pub fn settings(kind: ChannelKind, workspace: &WorkspaceId) -> ConnectionSettings {
    ConnectionSettings {
        id: ConnectionId::from(kind.as_str()),
        workspace: workspace.clone(),
        channel: kind,
        mode: Mode::Answer,
        api_base: None,
        values: BTreeMap::new(),
        secrets: BTreeMap::new(),
        public_url: "http://127.0.0.1".to_owned(),
    }
}

struct SilentDoor(ChannelKind);

#[async_trait]
impl Channel for SilentDoor {
    fn kind(&self) -> ChannelKind {
        self.0
    }

    fn capabilities(&self) -> &Capabilities {
        channels::capabilities(self.0)
    }

    fn receive(&self, _request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        Err(Refusal::NotHere)
    }

    fn decode(&self, _request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        Err(Refusal::NotHere)
    }

    async fn deliver(&self, _delivery: &Delivery) -> Result<Sent, SendError> {
        Ok(Sent { provider_message_id: None })
    }
}
