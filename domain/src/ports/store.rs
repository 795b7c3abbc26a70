//! The store port: business transactions, not table operations. Transactions never leave the store.
//!
//! Every method is scoped to a workspace; a foreign id is "not found". Text, facts, identifiers, vendor ids and
//! addresses are sealed by the store; callers see plain values.

use std::time::Duration;

use async_trait::async_trait;

use crate::channel::ChannelKind;
use crate::conversation::{Conversation, StatusKind};
use crate::customer::{Context, Customer};
use crate::escalation::{Escalation, EscalationStatus};
use crate::event::{BusinessEvent, InboundMessage};
use crate::id::{
    ConnectionId, ConversationId, CustomerId, DeliveryId, EscalationId, IdentifierId, LinkId, MergeId, MessageId, StrandId, SuggestionId,
    TeammateId, TokenId, TurnId, WorkspaceId,
};
use crate::identifier::{Identifier, SeenIdentifier};
use crate::message::{Delivery, DeliveryState, Doubt, InboundState, Message, Rendered, WaitingKind};
use crate::time::{MonotonicTime, Timestamp};
use crate::turn::{Claim, IdentityChange, Lease, Task, Timer, TurnRecord};

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
pub trait Store: Intake + Turns + Outbox + People + Desk + Access + Send + Sync {}
impl<T: Intake + Turns + Outbox + People + Desk + Access + Send + Sync> Store for T {}

/// What is known about the identifiers of an incoming message, read before deciding where it belongs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SenderEvidence {
    /// Known rows for the identifiers asked about, in the order asked; `None`: never seen.
    pub held: Vec<Option<HeldIdentifier>>,
}

/// A known identifier with its holder.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldIdentifier {
    /// The row (of the customer to whom it is channel-asserted or verified, or a visitor; other claims are never returned here).
    pub identifier: Identifier,
    /// Who holds it.
    pub customer: CustomerId,
    /// Name in force of the holder, and its profile names seen.
    pub names: Vec<String>,
    /// Other customers who have a strand on it (when shared).
    pub others: Vec<CustomerId>,
    /// Platform ids (kind, scope, value) of the same holder that stand behind this number.
    pub platform_ids: Vec<(crate::identifier::IdentifierKind, String, String)>,
    /// Business time of the last message through it.
    pub last_message: Option<Timestamp>,
    /// When shared: who spoke in its newest conversation that is not resolved.
    pub speaker: Option<StrandId>,
}

/// Where an incoming message belongs, decided by the engine from [`SenderEvidence`].
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// On this strand of this customer; identifiers not yet known are attached to the same customer.
    Known {
        /// Whose.
        customer: CustomerId,
        /// Which strand.
        strand: StrandId,
    },
    /// Never seen: a new customer with these identifiers, one strand each; the message goes on the first one's.
    New {
        /// Id to give.
        customer: CustomerId,
        /// One per identifier.
        ids: Vec<(IdentifierId, StrandId)>,
    },
    /// On a fresh strand of the same identifier, owned by a provisional new customer, until the doubt is settled.
    Provisional {
        /// Id to give.
        customer: CustomerId,
        /// The known identifier it came through.
        identifier: IdentifierId,
        /// The fresh strand.
        strand: StrandId,
        /// Why.
        doubt: Doubt,
        /// The identifier's further messages go to this strand until settled.
        point: bool,
    },
}

/// An inbound message to accept.
#[derive(Debug, Clone, PartialEq)]
pub struct Accept {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The door it came through.
    pub connection: ConnectionId,
    /// Its kind.
    pub channel: ChannelKind,
    /// Redelivery key; unique per connection, kept as a keyed hash for at least 30 days.
    pub dedupe: String,
    /// Id to give.
    pub message: MessageId,
    /// Id to give when a conversation must be opened.
    pub conversation: ConversationId,
    /// Normalised identifiers of the sender, the one its door answers to first.
    pub sender: Vec<SeenIdentifier>,
    /// Where it belongs.
    pub placement: Placement,
    /// Text for the timeline (codes taken out).
    pub text: String,
    /// What kind of event.
    pub kind: WaitingKind,
    /// The door's view of it.
    pub inbound: InboundMessage,
    /// Address to answer to.
    pub address: String,
    /// Hash of a link code taken out of the text.
    pub link_code: Option<String>,
    /// Business time it was said.
    pub at: Timestamp,
    /// Business time it was received.
    pub received_at: Timestamp,
    /// No turn before then, and every further message of the burst moves it.
    pub ready_at: MonotonicTime,
    /// A burst never waits past this since its first message.
    pub longest_wait: Duration,
    /// `false`: it makes no turn (automatic mail); it is recorded as ignored by rule.
    pub turn: bool,
}

/// What became of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id: the earlier one when it is a duplicate.
    pub message: MessageId,
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub conversation: ConversationId,
    /// It had been accepted before; nothing was written.
    pub duplicate: bool,
}

/// A raw request kept because it could not be read or attributed; sealed with a day key that dies after seven days.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantine {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The door.
    pub connection: ConnectionId,
    /// The raw body.
    pub body: Vec<u8>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Intake: durable before the acknowledgement.
#[async_trait]
pub trait Intake {
    /// Who holds these identifiers now.
    async fn evidence(&self, workspace: &WorkspaceId, sender: &[SeenIdentifier]) -> Stored<SenderEvidence>;

    /// Accepts a message: dedupe key, identifiers with their strand keys, message, conversation and queue place in one
    /// durable transaction (group commit). `Stale` when the evidence behind the placement has changed: ask again.
    async fn accept(&self, accept: Accept) -> Stored<Accepted>;

    /// Keeps what could not be read, counted in the ledger.
    async fn quarantine(&self, item: Quarantine) -> Stored<()>;

    /// Moves the burst's end of whatever waits for this address: the person is typing.
    async fn prolong(&self, workspace: &WorkspaceId, customer: CustomerId, ready_at: MonotonicTime) -> Stored<()>;
}

/// What a committed turn looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Timeline ids of the replies, in order.
    pub replies: Vec<MessageId>,
}

/// Turns: one at a time per customer.
#[async_trait]
pub trait Turns {
    /// Claims the next customer whose burst has ended, with all its waiting messages of the door of its oldest one.
    async fn claim(&self, now: MonotonicTime, lease_for: Duration) -> Stored<Option<Claim>>;

    /// When the next burst ends, to sleep until then.
    async fn next_ready(&self) -> Stored<Option<MonotonicTime>>;

    /// Everything the turn starts from, in milliseconds, whatever the length of the history.
    async fn context(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        conversation: ConversationId,
        exclude: &[MessageId],
    ) -> Stored<Context>;

    /// Commits a turn as one transaction. `LeaseLost` when the fence is old; `Stale` when the customer's version moved,
    /// a teammate took over, or new messages of the same door arrived meanwhile: nothing is written.
    async fn commit(&self, record: TurnRecord) -> Stored<Committed>;

    /// Gives a claim back: the attempt is counted; after `quarantine_after` attempts the messages are quarantined with the reason.
    async fn release(&self, claim: &Claim, reason: &str, retry_at: MonotonicTime, quarantine_after: u32) -> Stored<()>;

    /// Older messages of this customer whose words match (already stemmed by the caller's tokenizer), newest 200 candidates.
    async fn recall_candidates(&self, workspace: &WorkspaceId, customer: CustomerId, limit: usize) -> Stored<Vec<Message>>;

    /// Timers due in business time, at most `limit`, claimed for a minute.
    async fn due_timers(&self, now: Timestamp, limit: usize) -> Stored<Vec<(WorkspaceId, Timer)>>;

    /// Due time of the next timer.
    async fn next_timer(&self) -> Stored<Option<Timestamp>>;

    /// The timer has done its work.
    async fn finish_timer(&self, workspace: &WorkspaceId, timer: &Timer) -> Stored<()>;

    /// Takes the lease of a customer for a server-side act (timer, teammate, API); `None` while a turn runs.
    async fn lease(&self, workspace: &WorkspaceId, customer: CustomerId, now: MonotonicTime, lease_for: Duration) -> Stored<Option<Lease>>;

    /// Gives a lease back without a commit.
    async fn unlease(&self, workspace: &WorkspaceId, lease: Lease) -> Stored<()>;
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The vendor took it.
    Sent {
        /// The vendor's id.
        provider_message_id: Option<String>,
    },
    /// Try again then.
    Again {
        /// When.
        at: MonotonicTime,
        /// Why, for the console.
        why: String,
    },
    /// It may have arrived.
    Unknown {
        /// Why.
        why: String,
    },
    /// Never again.
    Refused {
        /// The vendor's code or ours.
        code: String,
        /// In words.
        why: String,
        /// Stop sending to this address.
        suppress: bool,
    },
}

/// The outbox: what we owe to customers.
#[async_trait]
pub trait Outbox {
    /// Claims the next delivery that may leave: per customer in order, nothing overtakes an unsettled one.
    async fn claim_delivery(&self, now: MonotonicTime, lease_for: Duration) -> Stored<Option<(WorkspaceId, Delivery)>>;

    /// When the next delivery may leave.
    async fn next_delivery(&self) -> Stored<Option<MonotonicTime>>;

    /// What became of it.
    async fn settle(&self, workspace: &WorkspaceId, delivery: DeliveryId, settled: Settled, at: Timestamp) -> Stored<()>;

    /// A vendor's receipt, found by the vendor's id or our own opaque one; states only move forward. A receipt that
    /// comes before the send returned is kept and applied by `settle`. `false`: nobody knows this id.
    #[expect(clippy::too_many_arguments, reason = "a receipt as the vendor words it")]
    async fn receipt(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        provider_message_id: Option<&str>,
        opaque: Option<&str>,
        state: DeliveryState,
        code: Option<&str>,
        at: Timestamp,
    ) -> Stored<bool>;

    /// Is sending to this address stopped?
    async fn is_suppressed(&self, workspace: &WorkspaceId, connection: &ConnectionId, address: &str) -> Stored<bool>;

    /// Puts a failed, refused or unknown delivery back into the outbox by a teammate's decision.
    async fn resend(&self, workspace: &WorkspaceId, message: MessageId) -> Stored<bool>;
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

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
    /// The merge it made.
    pub merge: Option<MergeId>,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
}

/// People: records, identifiers, identity acts.
#[async_trait]
pub trait People {
    /// The whole record; an absorbed id answers with the survivor.
    async fn customer(&self, workspace: &WorkspaceId, id: CustomerId) -> Stored<Option<Customer>>;

    /// Who holds exactly this identifier at `min_trust` or stronger (claims: newest last).
    async fn customers_by_identifier(
        &self,
        workspace: &WorkspaceId,
        kind: crate::identifier::IdentifierKind,
        scope: Option<&str>,
        value: &str,
    ) -> Stored<Vec<(CustomerId, crate::identifier::Trust)>>;

    /// Customers whose name or identifier holds the words, newest first.
    async fn search_customers(&self, workspace: &WorkspaceId, words: &str, cursor: Option<&str>, limit: usize) -> Stored<Page<Customer>>;

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
        changes: Vec<crate::turn::FactChange>,
        attributes: Option<serde_json::Map<String, serde_json::Value>>,
        at: Timestamp,
    ) -> Stored<()>;

    /// A promise made outside a turn (a teammate's), with its timer.
    async fn write_promise(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        promise: crate::fact::Promise,
        timer: Option<Timer>,
    ) -> Stored<()>;

    /// A business event for a customer.
    async fn business_event(&self, workspace: &WorkspaceId, customer: CustomerId, event: BusinessEvent) -> Stored<()>;

    /// Keeps a new link code.
    async fn create_link(&self, workspace: &WorkspaceId, link: Link) -> Stored<()>;

    /// The link behind a code's hash, if it is unused and not expired; counts a wrong try of `sender` (at most 5 an
    /// hour, then always `None`).
    async fn link_by_code(&self, workspace: &WorkspaceId, code_hash: &str, sender: CustomerId, now: Timestamp) -> Stored<Option<Link>>;

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

/// Which conversations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConversationFilter {
    /// With this status.
    pub status: Option<StatusKind>,
    /// Assigned to.
    pub assignee: Option<TeammateId>,
    /// With an escalation that is not ended (`true`) or without (`false`).
    pub escalated: Option<bool>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
}

/// A conversation as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRow {
    /// The conversation.
    pub conversation: Conversation,
    /// Name in force.
    pub customer_name: Option<String>,
    /// How well proven.
    pub proof: crate::identifier::Proof,
    /// Lead score.
    pub score: i32,
    /// The newest message said.
    pub last_message: Option<Message>,
    /// The escalation that is not ended.
    pub escalation: Option<Escalation>,
}

/// Counts for the inbox's views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewCounts {
    /// The AI handles them.
    pub ai: i64,
    /// Escalations not ended.
    pub escalated: i64,
    /// Assigned to the asking teammate.
    pub mine: i64,
    /// Resolved.
    pub resolved: i64,
}

/// What a teammate does to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskAct {
    /// Takes it: the AI is silent, a running turn is stale, an open escalation is accepted.
    Take {
        /// Who.
        by: TeammateId,
    },
    /// Gives it back to the AI; ends the escalation.
    Return,
    /// Ends it; ends the escalation.
    Resolve,
    /// Puts it off.
    Snooze {
        /// Until when.
        until: Timestamp,
    },
    /// Assigns it to a teammate or to nobody.
    Assign {
        /// To whom.
        to: Option<TeammateId>,
    },
    /// Marks it read.
    Read,
    /// Writes to the customer: message and outbox row in one transaction; takes the conversation when nobody has it.
    Reply {
        /// Who.
        by: TeammateId,
        /// The timeline entry.
        message: Box<Message>,
        /// In the door's form.
        rendered: Rendered,
        /// Address on the door.
        address: String,
        /// The outbox row.
        delivery: DeliveryId,
    },
    /// A note or event for teammates.
    Note {
        /// The timeline entry.
        message: Box<Message>,
    },
    /// The AI's own word outside a turn (timers): message and outbox row; changes nothing else.
    Say {
        /// The timeline entry.
        message: Box<Message>,
        /// In the door's form.
        rendered: Rendered,
        /// Address on the door.
        address: String,
        /// The outbox row.
        delivery: DeliveryId,
    },
    /// The escalation's status changes (release after long waiting), and the AI is silent or not.
    Escalation {
        /// Which.
        id: EscalationId,
        /// To what.
        status: EscalationStatus,
        /// Is the AI silent from now on?
        ai_silent: bool,
    },
}

/// An item of the ingest ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerItem {
    /// The message's id, or that of the quarantined request.
    pub id: String,
    /// When accepted.
    pub at: Timestamp,
    /// Door.
    pub connection: ConnectionId,
    /// Its kind, when known.
    pub channel: Option<ChannelKind>,
    /// State.
    pub state: InboundState,
    /// Why, for quarantined ones.
    pub reason: Option<String>,
    /// Its turn.
    pub turn: Option<TurnId>,
}

/// Counts of the ingest ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerCounts {
    /// Not yet decided.
    pub open: i64,
    /// Answered.
    pub answered: i64,
    /// A teammate has it.
    pub handed_over: i64,
    /// Needs no answer.
    pub ignored_by_rule: i64,
    /// Somebody must look.
    pub quarantined: i64,
    /// All of them.
    pub accepted: i64,
    /// Replies that have not left yet.
    pub queued: i64,
}

/// A question the sources do not answer, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct GapCount {
    /// As put last.
    pub question: String,
    /// How many times.
    pub times: i64,
    /// When last.
    pub last_at: Timestamp,
    /// Where last.
    pub conversation: ConversationId,
}

/// How often a rule fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: String,
    /// How many times.
    pub firings: i64,
    /// When last.
    pub last_at: Option<Timestamp>,
}

/// A change for live pages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Its number; grows.
    pub seq: u64,
    /// `message.created message.updated conversation.updated escalation.updated customer.updated identity.updated`.
    pub kind: String,
    /// The workspace.
    #[serde(skip)]
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

/// The desk: what teammates see and do.
#[async_trait]
pub trait Desk {
    /// A page of conversations, the latest first; escalated ones by due time.
    async fn conversations(
        &self,
        workspace: &WorkspaceId,
        filter: &ConversationFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<ConversationRow>>;

    /// Counts for the views.
    async fn view_counts(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>) -> Stored<ViewCounts>;

    /// One conversation.
    async fn conversation(&self, workspace: &WorkspaceId, id: ConversationId) -> Stored<Option<ConversationRow>>;

    /// A page of a customer's timeline: `limit` entries before the cursor (newest when absent), oldest first.
    async fn timeline(&self, workspace: &WorkspaceId, customer: CustomerId, before: Option<&str>, limit: usize) -> Stored<Page<Message>>;

    /// Entries of one strand after a sequence number, for a visitor's own resume: oldest first. Notes and events are left out.
    async fn strand_messages(&self, workspace: &WorkspaceId, strand: StrandId, after_seq: i64, limit: usize) -> Stored<Vec<Message>>;

    /// A message by id.
    async fn message(&self, workspace: &WorkspaceId, id: MessageId) -> Stored<Option<Message>>;

    /// Outbound entries of a conversation, for the API channel's `GET /messages`.
    async fn conversation_messages(&self, workspace: &WorkspaceId, conversation: ConversationId, limit: usize) -> Stored<Vec<Message>>;

    /// How a turn was decided.
    async fn turn(&self, workspace: &WorkspaceId, id: TurnId) -> Stored<Option<serde_json::Value>>;

    /// Escalations, those not ended first, by due time.
    async fn escalations(&self, workspace: &WorkspaceId, open_only: bool, limit: usize) -> Stored<Vec<Escalation>>;

    /// Escalations of one conversation.
    async fn escalations_of(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<Vec<Escalation>>;

    /// What a teammate does; one transaction; the customer's version moves, so that a running turn becomes stale.
    async fn act(&self, workspace: &WorkspaceId, conversation: ConversationId, act: DeskAct, at: Timestamp) -> Stored<bool>;

    /// Doors on which the customer can be written to.
    async fn doors(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<crate::customer::ReachableDoor>>;

    /// The ingest ledger: "was anything lost?".
    async fn ledger(
        &self,
        workspace: &WorkspaceId,
        state: Option<InboundState>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<(LedgerCounts, Page<LedgerItem>)>;

    /// Puts a quarantined message back into its customer's queue.
    async fn replay(&self, workspace: &WorkspaceId, message: MessageId, ready_at: MonotonicTime) -> Stored<bool>;

    /// Unanswered questions, most asked first.
    async fn gaps(&self, workspace: &WorkspaceId, limit: usize) -> Stored<Vec<GapCount>>;

    /// Firings per rule.
    async fn rule_counts(&self, workspace: &WorkspaceId) -> Stored<Vec<RuleCount>>;

    /// Open tasks.
    async fn tasks(&self, workspace: &WorkspaceId, limit: usize) -> Stored<Vec<Task>>;

    /// Last inbound and outbound message per connection.
    async fn door_health(&self, workspace: &WorkspaceId) -> Stored<Vec<(ConnectionId, Option<Timestamp>, Option<Timestamp>)>>;

    /// Turns of a customer, newest first: for "last turn" views.
    async fn turns_of(&self, workspace: &WorkspaceId, customer: CustomerId, limit: usize) -> Stored<Vec<TurnId>>;

    /// Sum of [`Conversation::asked_again`] of a customer.
    async fn asked_again(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<u32>;
}

/// A teammate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teammate {
    /// Its id.
    pub id: TeammateId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Name.
    pub name: String,
    /// Email, the sign-in name.
    pub email: String,
    /// `owner admin teammate analyst`.
    pub role: String,
    /// argon2id.
    pub password_hash: String,
}

/// An API token's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// Name.
    pub name: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// `read write admin privacy metrics mcp`.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Access: teammates, sessions, tokens, visitors. Secrets arrive hashed.
#[async_trait]
pub trait Access {
    /// Makes the workspace's rows and key when they are not there.
    async fn ensure_workspace(&self, workspace: &WorkspaceId, name: &str, at: Timestamp) -> Stored<()>;

    /// All teammates of a workspace.
    async fn teammates(&self, workspace: &WorkspaceId) -> Stored<Vec<Teammate>>;

    /// Adds or updates a teammate.
    async fn put_teammate(&self, teammate: &Teammate, at: Timestamp) -> Stored<()>;

    /// By email, over all workspaces.
    async fn teammate_by_email(&self, email: &str) -> Stored<Option<Teammate>>;

    /// Opens a session for a teammate.
    async fn open_session(&self, token_hash: &str, teammate: TeammateId, csrf: &str, at: Timestamp, expires_at: Timestamp) -> Stored<()>;

    /// The teammate of a session that is not over, with its CSRF token.
    async fn session(&self, token_hash: &str, now: Timestamp) -> Stored<Option<(Teammate, String)>>;

    /// Ends a session.
    async fn end_session(&self, token_hash: &str) -> Stored<()>;

    /// Keeps a token.
    async fn put_token(&self, token: &ApiToken, token_hash: &str, at: Timestamp) -> Stored<()>;

    /// The token with this hash, if it has not ended.
    async fn token(&self, token_hash: &str, now: Timestamp) -> Stored<Option<ApiToken>>;

    /// All tokens of a workspace.
    async fn tokens(&self, workspace: &WorkspaceId) -> Stored<Vec<ApiToken>>;

    /// Ends a token.
    async fn delete_token(&self, workspace: &WorkspaceId, id: TokenId) -> Stored<bool>;

    /// A visitor's session: made once, found by its token's hash.
    async fn open_visitor(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        token_hash: &str,
        identifier: IdentifierId,
        at: Timestamp,
    ) -> Stored<()>;

    /// The visitor identifier behind a session token, with its current strand and customer.
    async fn visitor(&self, workspace: &WorkspaceId, connection: &ConnectionId, token_hash: &str) -> Stored<Option<VisitorSession>>;

    /// A small value kept under a name for the whole server (set-up token hash, demo login, schema notes).
    async fn note(&self, name: &str) -> Stored<Option<String>>;

    /// Keeps or removes such a value.
    async fn put_note(&self, name: &str, value: Option<&str>) -> Stored<()>;

    /// Uses a one-time mark (jti, setup token): `true` the first time only.
    async fn use_once(&self, scope: &str, mark_hash: &str, at: Timestamp) -> Stored<bool>;
}

/// A visitor's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorSession {
    /// The visitor identifier.
    pub identifier: IdentifierId,
    /// Its value.
    pub value: String,
    /// The strand its messages go to.
    pub strand: StrandId,
    /// Whose it is now.
    pub customer: CustomerId,
}
