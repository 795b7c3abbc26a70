//! Acts of privacy: an erasure at once, or one that can still be taken back.

use std::time::Duration;

use domain::id::WorkspaceId;
use domain::ports::{Erasure, Stored};
use domain::{CustomerId, Timestamp};

use crate::Engine;

/// How long an erasure can be taken back.
const SECOND_THOUGHTS: Duration = Duration::from_mins(10);

impl Engine {
    /// Takes a person away for good. May be repeated. `None`: nobody has this id and nobody had it.
    pub async fn erase(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Erasure>> {
        let erasure = self.store.erase(workspace, customer, self.clock.now()).await?;
        if let Some(erasure) = &erasure {
            self.forget(&erasure.strands);
        }
        Ok(erasure)
    }

    /// Takes a person away ten minutes from now; when it will happen. Asking again puts nothing off.
    pub async fn erase_soon(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Timestamp>> {
        self.store.erase_later(workspace, customer, self.clock.now().after(SECOND_THOUGHTS)).await
    }

    /// Takes such an erasure back. `false`: there is none to take back.
    pub async fn keep(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<bool> {
        self.store.keep(workspace, customer).await
    }
}
