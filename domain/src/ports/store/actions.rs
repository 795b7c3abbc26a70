//! What was done on customers' behalf; new rows come with the turn that decides them.

use async_trait::async_trait;

use super::Stored;
use crate::action::{Action, ActionStatus, Taken};
use crate::id::{ActionId, CustomerId, WorkspaceId};
use crate::time::Timestamp;

/// Actions.
#[async_trait]
pub trait Actions {
    /// One, and whose.
    async fn action(&self, workspace: &WorkspaceId, id: ActionId) -> Stored<Option<(CustomerId, Action)>>;

    /// Those that a teammate has to approve, oldest first.
    async fn waiting_actions(&self, workspace: &WorkspaceId, most: usize) -> Stored<Vec<(CustomerId, Action)>>;

    /// Places of a calendar that are taken from one moment to another, the earliest first.
    async fn taken(&self, workspace: &WorkspaceId, calendar: &str, from: Timestamp, to: Timestamp) -> Stored<Vec<Taken>>;

    /// The one whose document this opens.
    async fn action_opened(&self, opener: &str) -> Stored<Option<(WorkspaceId, Action)>>;

    /// A teammate's word on one that waits; what it `replaces` gives way. `None`: it does not wait any more.
    async fn settle_action(
        &self,
        workspace: &WorkspaceId,
        id: ActionId,
        status: ActionStatus,
        by: &str,
        replaces: Option<ActionId>,
        at: Timestamp,
    ) -> Stored<Option<Action>>;
}
