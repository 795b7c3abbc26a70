//! The store port: business transactions, not table operations. Transactions never leave the store.
//!
//! Every method is scoped to a workspace; a foreign id is "not found". Text, facts, identifiers, vendor ids and
//! addresses are sealed by the store; callers see plain values.

mod access;
mod actions;
mod alerts;
mod amends;
mod analytics;
mod attachments;
mod audit;
mod calls;
mod challenges;
mod choices;
mod desk;
mod documents;
mod imports;
mod intake;
mod outbox;
mod people;
mod privacy;
mod recall;
mod search;
mod tasks;
mod team;
mod turns;

pub use access::*;
pub use actions::*;
pub use alerts::*;
pub use amends::*;
pub use analytics::*;
pub use attachments::*;
pub use audit::*;
pub use calls::*;
pub use challenges::*;
pub use choices::*;
pub use desk::*;
pub use documents::*;
pub use imports::*;
pub use intake::*;
pub use outbox::*;
pub use people::*;
pub use privacy::*;
pub use recall::*;
pub use search::*;
pub use tasks::*;
pub use team::*;
pub use turns::*;

use crate::id::{ConversationId, CustomerId, MessageId, WorkspaceId};
use crate::time::Timestamp;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something changed since it was read: read again and decide again.
    #[error("stale: {0}")]
    Stale(&'static str),
    /// The lease was lost: drop the work.
    #[error("the lease was lost")]
    LeaseLost,
    /// The disk is full or the database refuses writes for now: 503 with Retry-After.
    #[error("the store cannot write now: {0}")]
    Full(String),
    /// The disk failed: what it says from now on counts for nothing. The server stops; a restart reads what is really there.
    #[error("the disk failed: {0}")]
    Broken(String),
    /// A stored row cannot be read back.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Shorthand.
pub type Stored<T> = Result<T, StoreError>;

/// Everything the engine and the server ask of storage.
pub trait Store:
    Intake
    + Turns
    + Recall
    + Search
    + Outbox
    + Amends
    + Analytics
    + Actions
    + Alerts
    + Attachments
    + Audit
    + Calls
    + Challenges
    + Choices
    + Documents
    + People
    + Imports
    + Desk
    + Tasks
    + Team
    + Access
    + Privacy
    + Send
    + Sync
{
}
impl<
    T: Intake
        + Turns
        + Recall
        + Search
        + Outbox
        + Amends
        + Analytics
        + Actions
        + Alerts
        + Attachments
        + Audit
        + Calls
        + Challenges
        + Choices
        + Documents
        + People
        + Imports
        + Desk
        + Tasks
        + Team
        + Access
        + Privacy
        + Send
        + Sync,
> Store for T
{
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// What a commit rings for, told to servers beside this one: that there is work, and which rows changed; nothing that was said.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ring {
    /// There may be a turn to claim.
    pub work: bool,
    /// There may be a delivery to claim.
    pub post: bool,
    /// A timer was set.
    pub ticks: bool,
    /// A file has to be fetched.
    pub files: bool,
    /// The team is to be told something.
    pub alerts: bool,
    /// What live pages show otherwise now.
    pub changes: Vec<Change>,
}

/// A change for live pages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Change {
    /// Its number; grows.
    pub seq: u64,
    /// `message.created message.updated conversation.updated escalation.updated customer.updated identity.updated alert.raised alert.told`.
    pub kind: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Which conversation.
    pub conversation: Option<ConversationId>,
    /// Which customer.
    pub customer: Option<CustomerId>,
    /// Which message.
    pub message: Option<MessageId>,
    /// When.
    pub at: Timestamp,
}
