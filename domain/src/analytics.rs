//! What is counted: a customer's story as figures are read from it, and the marks it leaves.
//!
//! A *mark* says that something happened once, on a day, in a conversation: a switch from one door to another, an answer, a
//! purchase. Every figure of a report is a sum of marks over days, and the marks behind it name their conversations.

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::conversation::StatusKind;
use crate::escalation::Escalation;
use crate::event::BusinessEvent;
use crate::id::{ConversationId, CustomerId, MessageId, TeammateId, TurnId};
use crate::identifier::Proof;
use crate::message::{Author, Direction, InboundState};
use crate::time::Timestamp;

/// Something that happened once. The words of `measure`, `a` and `b` are the engine's own; nothing personal stands in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// In which conversation.
    pub conversation: ConversationId,
    /// What.
    pub measure: &'static str,
    /// Of which kind: mostly the door.
    pub a: String,
    /// Of which kind besides.
    pub b: String,
    /// The business's own day, counted from 1970-01-01.
    pub day: i64,
    /// How much of it, in the measure's own unit.
    pub value: i64,
}

/// Marks added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// What.
    pub measure: String,
    /// The day, when days were asked for one by one.
    pub day: Option<i64>,
    /// Of which kind.
    pub a: String,
    /// Of which kind besides.
    pub b: String,
    /// How many marks.
    pub count: i64,
    /// Their values together.
    pub total: i64,
}

/// A mark with whose it is, as the list behind a figure shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Whose.
    pub customer: CustomerId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Of which kind.
    pub a: String,
    /// Of which kind besides.
    pub b: String,
    /// On which day.
    pub day: i64,
    /// How much of it.
    pub value: i64,
}

/// Everything of one customer that is counted, oldest first. No words of the customer's are in it, except where a turn's own
/// explanation quotes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Who: the surviving record.
    pub customer: CustomerId,
    /// How well the best of their addresses is proven.
    pub proof: Proof,
    /// Lead score.
    pub score: i64,
    /// Their very first message: when and on which door.
    pub met: Option<(Timestamp, ChannelKind)>,
    /// What follows was read from here on; nothing: from the beginning.
    pub since: Option<Timestamp>,
    /// Conversations.
    pub talks: Vec<Talk>,
    /// Messages.
    pub said: Vec<Said>,
    /// Turns.
    pub turns: Vec<Explained>,
    /// Escalations.
    pub escalations: Vec<Escalation>,
    /// Orders, payments, bookings and whatever else the business told of.
    pub events: Vec<BusinessEvent>,
}

/// A conversation as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// Which.
    pub id: ConversationId,
    /// Where it stands.
    pub status: StatusKind,
    /// Who has it.
    pub assignee: Option<TeammateId>,
    /// When it began.
    pub created_at: Timestamp,
    /// Last message or act.
    pub updated_at: Timestamp,
    /// Times something known was asked again.
    pub asked_again: u32,
    /// Times the customer had to repeat something known.
    pub repeated: u32,
}

/// A message as it is counted: what was said is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which.
    pub id: MessageId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// The turn that took or made it.
    pub turn: Option<TurnId>,
    /// On which door.
    pub channel: ChannelKind,
    /// Which way.
    pub direction: Direction,
    /// Who.
    pub author: Author,
    /// When.
    pub at: Timestamp,
    /// What became of it, for inbound ones.
    pub state: Option<InboundState>,
}

/// A turn with its own explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Which.
    pub id: TurnId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// When.
    pub at: Timestamp,
    /// As `GET /turns/{id}` shows it.
    pub trace: serde_json::Value,
}

/// What a recount of a customer comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recount {
    /// Marks of this day and later take the place of those that stand there; nothing: of all days.
    pub from_day: Option<i64>,
    /// The marks.
    pub marks: Vec<Mark>,
    /// When the passing of time alone changes the count: the customer is counted again then.
    pub again_at: Option<Timestamp>,
}
