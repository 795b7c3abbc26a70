//! What a business chose in the console, beside its configuration.

use async_trait::async_trait;

use super::Stored;
use crate::id::{TeammateId, WorkspaceId};
use crate::time::Timestamp;

/// One choice as it stands, or stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// About what: `rules`, `routes`, `sla` ….
    pub kind: String,
    /// Its number; grows by one with each change.
    pub version: i64,
    /// What was chosen.
    pub value: serde_json::Value,
    /// Who chose; nobody by name when a program did.
    pub by: Option<TeammateId>,
    /// When.
    pub at: Timestamp,
}

/// What a business chose in the console: every version stays, the newest counts.
#[async_trait]
pub trait Choices {
    /// The newest of each kind.
    async fn choices(&self, workspace: &WorkspaceId) -> Stored<Vec<Choice>>;

    /// Versions of one kind, the newest first.
    async fn versions(&self, workspace: &WorkspaceId, kind: &str, limit: usize) -> Stored<Vec<Choice>>;

    /// Writes the version that follows the newest. `false`, and nothing written, when that version is there already: somebody else
    /// chose meanwhile.
    async fn choose(&self, workspace: &WorkspaceId, choice: &Choice) -> Stored<bool>;
}
