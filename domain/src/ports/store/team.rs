//! The team: what teammates share besides conversations.

use async_trait::async_trait;

use super::Stored;
use crate::id::{CannedId, ConversationId, CustomerId, MessageId, TeammateId, WorkspaceId};
use crate::time::Timestamp;

/// A text that the team says often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// Its id.
    pub id: CannedId,
    /// What teammates call it; one of a kind in its workspace.
    pub name: String,
    /// What it says, with its gaps.
    pub text: String,
}

/// What teammates share besides conversations.
#[async_trait]
pub trait Team {
    /// All canned replies by name.
    async fn canned(&self, workspace: &WorkspaceId) -> Stored<Vec<Canned>>;

    /// Adds one or replaces the one of this id.
    async fn put_canned(&self, workspace: &WorkspaceId, canned: &Canned, at: Timestamp) -> Stored<()>;

    /// Takes one away.
    async fn drop_canned(&self, workspace: &WorkspaceId, id: CannedId) -> Stored<bool>;

    /// The teammates' messages to a customer that wait for their time, with that time.
    async fn waiting_for_their_time(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<(MessageId, Timestamp)>>;

    /// When a customer will be erased, while that can be taken back.
    async fn erased_at(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Timestamp>>;

    /// Ends every session of a teammate.
    async fn end_sessions(&self, teammate: TeammateId) -> Stored<()>;

    /// Takes a teammate away: sessions and mentions go, conversations they had are nobody's.
    async fn drop_teammate(&self, workspace: &WorkspaceId, teammate: TeammateId, at: Timestamp) -> Stored<bool>;

    /// The teammate has seen where they were named in a conversation.
    async fn see_mentions(&self, workspace: &WorkspaceId, teammate: TeammateId, conversation: ConversationId) -> Stored<()>;
}
