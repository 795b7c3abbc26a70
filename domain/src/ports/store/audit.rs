//! Who looked at what and who changed it: a chain in which no entry can be altered or taken out unseen.

use async_trait::async_trait;
use serde::Serialize;

use super::{Page, Stored};
use crate::id::WorkspaceId;
use crate::time::Timestamp;

/// What somebody did. Ids only: an entry outlives the erasure of whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audited {
    /// When, on the real clock.
    pub at: Timestamp,
    /// `operator`, `token:tok_…`, `teammate:tm_…`.
    pub actor: String,
    /// A route's method and path, or the name of a tool.
    pub act: String,
    /// Ids of whom and what it concerned.
    pub subjects: Vec<String>,
    /// The status it was answered with.
    pub outcome: u16,
}

/// It in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub seq: u64,
    /// What was done.
    #[serde(flatten)]
    pub audited: Audited,
    /// Hash of the entry before and of this one, in hex.
    pub hash: String,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this actor only.
    pub actor: Option<String>,
    /// That concerned this id only.
    pub subject: Option<String>,
    /// Done at this time or later.
    pub from: Option<Timestamp>,
    /// Done before this time.
    pub to: Option<Timestamp>,
}

/// What looking through a chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditCheck {
    /// Entries looked at.
    pub entries: u64,
    /// The first that is not what was written, or is missing.
    pub broken: Option<u64>,
    /// Signed checkpoints that hold.
    pub checkpoints: u64,
}

/// The audit log: a chain for each workspace.
#[async_trait]
pub trait Audit {
    /// Adds what was done to the end, in their order.
    async fn audit(&self, workspace: &WorkspaceId, done: Vec<Audited>) -> Stored<()>;

    /// The newest first.
    async fn audited(&self, workspace: &WorkspaceId, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Stored<Page<AuditEntry>>;

    /// Signs the end of the chain with the workspace's key; `None`: there is nothing, or it is signed already.
    async fn sign_audit(&self, workspace: &WorkspaceId, at: Timestamp) -> Stored<Option<AuditEntry>>;

    /// Looks through the whole chain and its checkpoints.
    async fn check_audit(&self, workspace: &WorkspaceId) -> Stored<AuditCheck>;
}
