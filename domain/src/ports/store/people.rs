//! People: records, identifiers, acts of identity, links and suggestions.

use async_trait::async_trait;

use super::{Page, Stored};
use crate::channel::ChannelKind;
use crate::customer::Customer;
use crate::event::BusinessEvent;
use crate::fact::Promise;
use crate::id::{BusinessEventId, CustomerId, IdentifierId, LinkId, MergeId, StrandId, SuggestionId, WorkspaceId};
use crate::identifier::{IdentifierKind, SeenIdentifier, Trust};
use crate::time::Timestamp;
use crate::turn::{FactChange, IdentityChange, Lease, Task, Timer};

/// A link that waits for its code.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Keyed hash of the code (made by the caller from the code; the code itself is never stored).
    pub code_hash: String,
    /// The visitor's record that made it.
    pub customer: CustomerId,
    /// The visitor's identifier.
    pub identifier: IdentifierId,
    /// Which door it leads to.
    pub channel: ChannelKind,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Was the visitor's page open when it was redeemed? Set by the widget's presence.
    pub redeemed_by: Option<CustomerId>,
    /// Masked address shown on the page.
    pub shown_as: Option<String>,
    /// Who sent the code after the page was closed; the join waits.
    pub waits_for: Option<CustomerId>,
    /// The merge it made.
    pub merge: Option<MergeId>,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
}

/// Whom a list of customers is to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Directory<'a> {
    /// Words of names and identifiers; none: everybody.
    pub words: &'a str,
    /// Who has been on this door.
    pub channel: Option<ChannelKind>,
    /// Whose identity is proven at least so far.
    pub proof: Option<Trust>,
    /// Whose lead score is at least so high.
    pub least_score: i64,
    /// The highest score first; else the newest.
    pub by_score: bool,
}

/// People: records, identifiers, identity acts.
#[async_trait]
pub trait People: Sync {
    /// The whole record; an absorbed id answers with the survivor.
    async fn customer(&self, workspace: &WorkspaceId, id: CustomerId) -> Stored<Option<Customer>>;

    /// Who holds exactly this identifier at `min_trust` or stronger (claims: newest last).
    async fn customers_by_identifier(
        &self,
        workspace: &WorkspaceId,
        kind: IdentifierKind,
        scope: Option<&str>,
        value: &str,
    ) -> Stored<Vec<(CustomerId, Trust)>>;

    /// Customers whose name or identifier holds the words, newest first.
    async fn search_customers(&self, workspace: &WorkspaceId, words: &str, cursor: Option<&str>, limit: usize) -> Stored<Page<Customer>> {
        self.directory(workspace, &Directory { words, ..Directory::default() }, cursor, limit).await
    }

    /// Customers that fit, in the order asked for; those found by words are newest first.
    async fn directory(
        &self,
        workspace: &WorkspaceId,
        wanted: &Directory<'_>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Customer>>;

    /// Makes a customer with identifiers outside of a message (widget visitor, API, business event), or returns the
    /// holder of the first one.
    async fn ensure_customer(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        identifiers: Vec<(SeenIdentifier, IdentifierId, StrandId)>,
        at: Timestamp,
    ) -> Stored<CustomerId>;

    /// Applies identity changes outside a turn under a lease: a teammate's merge, a widget token, an undo.
    async fn change_identity(
        &self,
        workspace: &WorkspaceId,
        lease: Option<Lease>,
        changes: Vec<IdentityChange>,
        at: Timestamp,
    ) -> Stored<()>;

    /// The customer a merge left behind, and who survived.
    async fn merge_of(&self, workspace: &WorkspaceId, merge: MergeId) -> Stored<Option<(CustomerId, CustomerId)>>;

    /// Are these two blocked from being joined by code?
    async fn is_blocked(&self, workspace: &WorkspaceId, a: CustomerId, b: CustomerId) -> Stored<bool>;

    /// Adds facts pinned by a teammate or told by the API.
    async fn write_facts(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        changes: Vec<FactChange>,
        attributes: Option<serde_json::Map<String, serde_json::Value>>,
        at: Timestamp,
    ) -> Stored<()>;

    /// A promise made outside a turn (a teammate's), with the task that keeps it and its timer.
    async fn write_promise(&self, workspace: &WorkspaceId, promise: Promise, task: Task, timer: Option<Timer>) -> Stored<()>;

    /// Whose this event is, if it has been told before.
    async fn event_of(&self, workspace: &WorkspaceId, event: BusinessEventId) -> Stored<Option<CustomerId>>;

    /// A business event for a customer; one that is there already is left as it is.
    async fn business_event(&self, workspace: &WorkspaceId, customer: CustomerId, event: BusinessEvent) -> Stored<()>;

    /// Keeps a new link code.
    async fn create_link(&self, workspace: &WorkspaceId, link: Link) -> Stored<()>;

    /// The link behind a code's hash, if it is unused and not expired; counts a wrong try of `sender` (at most 5 an
    /// hour, then always `None`).
    async fn link_by_code(&self, workspace: &WorkspaceId, code_hash: &str, sender: CustomerId, now: Timestamp) -> Stored<Option<Link>>;

    /// Links of a visitor's page whose code was sent after the page was closed, and which have not joined anybody.
    async fn waiting_links(&self, workspace: &WorkspaceId, visitor: IdentifierId) -> Stored<Vec<Link>>;

    /// A link by id.
    async fn link(&self, workspace: &WorkspaceId, id: LinkId) -> Stored<Option<Link>>;

    /// Links of a visitor that were redeemed, newest last.
    async fn links_of(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<Link>>;

    /// Suggestions in the review queue.
    async fn suggestions(&self, workspace: &WorkspaceId) -> Stored<Vec<Suggestion>>;

    /// Settles a suggestion (`accepted` or `rejected`).
    async fn settle_suggestion(
        &self,
        workspace: &WorkspaceId,
        id: SuggestionId,
        accepted: bool,
        at: Timestamp,
    ) -> Stored<Option<Suggestion>>;
}

/// Perhaps one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Its id.
    pub id: SuggestionId,
    /// One.
    pub a: CustomerId,
    /// The other.
    pub b: CustomerId,
    /// 0..1.
    pub probability: f64,
    /// In words, with weights.
    pub reasons: Vec<(String, f64)>,
    /// `open accepted rejected`.
    pub status: String,
    /// When.
    pub at: Timestamp,
}
