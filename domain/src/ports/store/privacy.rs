//! Privacy: everything about a person taken out, and taken away for good.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Link, Stored, Suggestion};
use crate::conversation::Conversation;
use crate::customer::{Customer, ReachableDoor};
use crate::escalation::Escalation;
use crate::id::{ConversationId, CustomerId, MessageId, StrandId, TaskId, TurnId, WorkspaceId};
use crate::message::Message;
use crate::time::Timestamp;

/// Everything the store holds about one person. Lists are oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The record, with every business event.
    pub customer: Customer,
    /// Every id that leads to this record, its own among them.
    pub ids: Vec<CustomerId>,
    /// Names that profiles showed.
    pub names_seen: Vec<String>,
    /// Where the person can be written to.
    pub doors: Vec<ReachableDoor>,
    /// Conversations.
    pub conversations: Vec<Conversation>,
    /// Messages and events of all strands.
    pub messages: Vec<Message>,
    /// Messages that have not been said to anybody: they wait for a teammate's approval.
    pub drafts: Vec<MessageId>,
    /// How turns were decided.
    pub turns: Vec<DecidedTurn>,
    /// Escalations with their briefs.
    pub escalations: Vec<Escalation>,
    /// Tasks, done ones too.
    pub tasks: Vec<OwedTask>,
    /// Links to other doors.
    pub links: Vec<Link>,
    /// Possible duplicates.
    pub suggestions: Vec<Suggestion>,
    /// Questions of this person that the sources do not answer.
    pub open_questions: Vec<OpenQuestion>,
}

/// How a turn was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidedTurn {
    /// Its id.
    pub id: TurnId,
    /// Where.
    pub conversation: ConversationId,
    /// When.
    pub at: Timestamp,
    /// The whole decision.
    pub trace: serde_json::Value,
}

/// Something a teammate should do, or has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedTask {
    /// Its id.
    pub id: TaskId,
    /// What.
    pub what: String,
    /// Since when.
    pub at: Timestamp,
    /// By when.
    pub due_at: Option<Timestamp>,
    /// Is it done?
    pub done: bool,
}

/// A question that waits for an answer in the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// As it was put last.
    pub question: String,
    /// When last.
    pub last_at: Timestamp,
    /// In which message.
    pub message: MessageId,
}

/// How much the store holds about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Holdings {
    /// Addresses and ids.
    pub identifiers: i64,
    /// Strands.
    pub strands: i64,
    /// Conversations.
    pub conversations: i64,
    /// Messages and events.
    pub messages: i64,
    /// Facts, promises, offers, consents and business events.
    pub memories: i64,
    /// Explanations of turns.
    pub turns: i64,
    /// Escalations.
    pub escalations: i64,
    /// Tasks.
    pub tasks: i64,
    /// Links to other doors.
    pub links: i64,
}

/// An erasure on the list that every restored copy must honour. It holds ids only, and nothing stands behind them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The record that was asked for, or its survivor.
    pub customer: CustomerId,
    /// Every id that led to the record.
    pub customers: Vec<CustomerId>,
    /// Strands whose keys are gone.
    pub strands: Vec<StrandId>,
    /// When.
    pub at: Timestamp,
}

/// Export and erasure.
#[async_trait]
pub trait Privacy {
    /// Everything about a person; an absorbed id answers with the survivor's. `None`: nobody has this id.
    async fn dossier(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Dossier>>;

    /// How much there is about a person. `None`: nobody has this id.
    async fn holdings(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Holdings>>;

    /// Other customers who name one of this person's identifiers: what somebody only claims joins nothing, so that they
    /// may or may not be the same person.
    async fn alike(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<CustomerId>>;

    /// Takes a person away: rows, look-ups and keys, here and in every backup within reach; what remains is a tombstone
    /// of ids on the identity log and an entry of the erasure list. May be repeated: an erased id gives its first
    /// erasure again. `None`: nobody has this id and nobody had it.
    async fn erase(&self, workspace: &WorkspaceId, customer: CustomerId, at: Timestamp) -> Stored<Option<Erasure>>;

    /// The erasure that took this id away.
    async fn erasure_of(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Erasure>>;

    /// The erasure list.
    async fn erasures(&self) -> Stored<Vec<Erasure>>;

    /// Carries out an erasure of a list on a store that may be older than it. `true`: it was not on the list here.
    async fn erase_again(&self, erasure: &Erasure) -> Stored<bool>;

    /// Puts an erasure off until then; an earlier date stays. The date that counts; `None`: nobody has this id.
    async fn erase_later(&self, workspace: &WorkspaceId, customer: CustomerId, due_at: Timestamp) -> Stored<Option<Timestamp>>;

    /// Takes back an erasure that was put off. `false`: none was.
    async fn keep(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<bool>;
}
