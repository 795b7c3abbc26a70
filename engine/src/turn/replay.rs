//! A past turn once more, with the sources, rules and models of today: what would be said now to what was said then.

use std::time::Duration;

use domain::conversation::{Memo, StatusKind};
use domain::customer::Context;
use domain::message::{Author, Direction};
use domain::ports::Stored;
use domain::turn::{Claim, Lease};
use domain::{CustomerId, MessageId, Timestamp, TurnId, WorkspaceId};
use serde_json::Value;

use super::draft::{self, CameTo, Purpose};
use crate::Engine;

/// So much of the talk before it is read again.
const LOOKED_BACK: usize = 40;

impl Engine {
    /// What the turn would come to today; nothing is written or sent, and models that are asked cost what they cost. What was
    /// learned, promised, offered or asked since is left out. `None`: no such turn, its messages are gone, or it had none.
    pub async fn replay(&self, workspace: &WorkspaceId, turn: TurnId) -> Stored<Option<CameTo>> {
        let Some(record) = self.store.turn(workspace, turn).await? else { return Ok(None) };
        let Some(customer) = record["customer"].as_str().and_then(|id| id.parse::<CustomerId>().ok()) else { return Ok(None) };
        let Some(at) = serde_json::from_value::<Timestamp>(record["at"].clone()).ok() else { return Ok(None) };
        let mut messages = Vec::new();
        for said in record["trigger"].as_array().into_iter().flatten() {
            let Some(id) = said["id"].as_str().and_then(|id| id.parse::<MessageId>().ok()) else { continue };
            let message = self.store.message(workspace, id).await?;
            messages.extend(message.filter(|message| message.direction == Direction::In).map(draft::again));
        }
        let Some((first, since)) = messages.first().map(|waiting| (waiting.message.seq, waiting.message.at)) else { return Ok(None) };
        let lease = Lease { customer, fence: 0, until: self.monotonic.now() };
        let claim = Claim { workspace: workspace.clone(), lease, messages };
        let mut whole = self.context_of(&claim).await?;
        let earlier = self.store.timeline(workspace, customer, Some(&first.to_string()), LOOKED_BACK).await?;
        whole.history = earlier.items.into_iter().filter(|message| message.event.is_none() && !message.text.is_empty()).collect();
        self.try_out(&claim, back_then(whole, since, &record), at, Purpose::Comparison).await
    }
}

/// The context as it was before the first message of the turn, as far as it can be told.
fn back_then(mut whole: Context, at: Timestamp, record: &Value) -> Context {
    // Whoever wrote had these addresses already.
    let identifiers = std::mem::take(&mut whole.customer.identifiers);
    whole.customer = whole.customer.as_known_at(at.before(Duration::from_micros(1)));
    whole.customer.identifiers = identifiers;
    whole.customer.asked.retain(|asked| asked.at < at);
    whole.escalation = whole.escalation.filter(|escalation| escalation.at < at);
    whole.fired.retain(|fired| fired.at < at);
    whole.conversation.status = StatusKind::Open;
    let own = whole.conversation.id;
    let spoken = whole.history.iter().filter(|message| message.conversation == own && message.author == Author::Ai);
    whole.conversation.disclosed_on = spoken.map(|message| message.channel).collect();
    whole.conversation.ai_silent = record["decision"] == "silent";
    whole.conversation.memo = serde_json::from_value(record["memo"].clone()).unwrap_or_else(|_| Memo::default());
    whole
}
