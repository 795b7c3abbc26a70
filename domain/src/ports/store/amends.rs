//! What happens to messages after they were accepted or sent: edits, deletions, and what people write elsewhere.

use async_trait::async_trait;

use super::Stored;
use crate::channel::ChannelKind;
use crate::id::{ConnectionId, ConversationId, CustomerId, MessageId, StrandId, WorkspaceId};
use crate::message::{DeliveryState, Direction};
use crate::time::Timestamp;

/// What became of a message, told by the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Later {
    /// Its author wrote something else instead.
    Edited {
        /// The new words, codes taken out.
        text: String,
    },
    /// Its author took it away.
    Deleted,
}

/// An edit or a deletion of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The door.
    pub connection: ConnectionId,
    /// Redelivery keys under which a message of the customer's may have been accepted.
    pub keys: Vec<String>,
    /// The vendor's id of the message concerned, which may be one of ours.
    pub target: String,
    /// What became of it.
    pub later: Later,
    /// Business time.
    pub at: Timestamp,
}

/// The message that was amended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// Which.
    pub message: MessageId,
    /// Whose.
    pub customer: CustomerId,
    /// Its strand.
    pub strand: StrandId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its door's kind.
    pub channel: ChannelKind,
    /// Who wrote it.
    pub direction: Direction,
    /// It still waits for its turn, which will read it as it is now.
    pub is_open: bool,
    /// Something was changed: not told before, and no other words than those already there.
    pub changed: bool,
}

/// What vendors tell about messages that are already there.
#[async_trait]
pub trait Amends {
    /// Applies an edit or a deletion in one durable transaction. What is no longer there is erased: the words
    /// themselves, the words in facts, evidence and traces; facts that nothing else the person said bears out are
    /// retracted, and what they had replaced holds again. Running turns become stale. `None`: no such message of ours.
    async fn amend(&self, amendment: Amendment) -> Stored<Option<Amended>>;

    /// The message that the vendor names `target`: one of the customer's by the redelivery keys under which it may have been
    /// accepted, or one of ours. `None`: it is not here. Changes nothing.
    async fn quoted(&self, workspace: &WorkspaceId, connection: &ConnectionId, keys: &[String], target: &str) -> Stored<Option<Quoted>>;

    /// Did we send this ourselves? Found by the vendor's id, by our own one, or, while no answer to the send has come,
    /// by its words; a send whose fate was unknown is then known to have arrived.
    async fn is_own_echo(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        customer: CustomerId,
        echo: &Echoed,
        at: Timestamp,
    ) -> Stored<bool>;

    /// A receipt for everything sent to a customer on a door up to a moment; states only move forward.
    async fn receipt_until(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        customer: CustomerId,
        state: DeliveryState,
        until: Timestamp,
    ) -> Stored<u64>;
}

/// A message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted {
    /// Which.
    pub message: MessageId,
    /// Whose conversation it stands in.
    pub customer: CustomerId,
    /// Its words, as they are now.
    pub text: String,
}

/// A message of our side that came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Echoed {
    /// The vendor's id.
    pub provider_message_id: Option<String>,
    /// Our own opaque id.
    pub opaque: Option<String>,
    /// Its words.
    pub text: String,
}
