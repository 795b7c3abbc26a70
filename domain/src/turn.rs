//! A turn: the inbound messages reasoned about at once, and everything that came out, committed as one transaction.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::action::ActionChange;
use crate::challenge::NewChallenge;
use crate::conversation::{Memo, StatusKind};
use crate::customer::Lead;
use crate::escalation::{Escalation, EscalationStatus, Evidence};
use crate::fact::{AskOutcome, Consent, Fact, FactStatus, Offer, OfferOutcome, Predicate, Promise, PromiseStatus};
use crate::id::{
    ActionId, ConnectionId, ConversationId, CustomerId, DeliveryId, EscalationId, FactId, IdentifierId, LinkId, MergeId, MessageId,
    OfferId, PromiseId, StrandId, SuggestionId, TaskId, TeammateId, TurnId, WorkspaceId,
};
use crate::identifier::SeenIdentifier;
use crate::message::{InboundState, Message, Rendered, Waiting};
use crate::time::{MonotonicTime, Timestamp};

/// The right to run one turn for a customer; every write checks its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Whose turn.
    pub customer: CustomerId,
    /// Fencing number: grows with every lease of this customer.
    pub fence: i64,
    /// Ends by itself then.
    pub until: MonotonicTime,
}

/// Work claimed for one turn: all waiting messages of one customer on one door whose burst has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The lease.
    pub lease: Lease,
    /// The messages, in order.
    pub messages: Vec<Waiting>,
}

/// What a turn writes: one transaction, refused as a whole when the lease is lost or the turn is stale.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnRecord {
    /// The turn.
    pub id: TurnId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The lease it runs under.
    pub lease: Lease,
    /// [`crate::customer::Customer::version`] it started from; another value at commit makes it stale.
    pub customer_version: i64,
    /// The conversation after the turn (its owner by the identity changes below).
    pub conversation: ConversationChange,
    /// The state of each message of the claim.
    pub states: Vec<(MessageId, InboundState)>,
    /// Changes of who is who, in order, applied before everything else.
    pub identity: Vec<IdentityChange>,
    /// New and changed facts.
    pub facts: Vec<FactChange>,
    /// New promises.
    pub promises: Vec<Promise>,
    /// Promises that end.
    pub promise_states: Vec<(PromiseId, PromiseStatus)>,
    /// New offers.
    pub offers: Vec<Offer>,
    /// Offers that end.
    pub offer_outcomes: Vec<(OfferId, OfferOutcome, Option<String>)>,
    /// New consent entries.
    pub consents: Vec<Consent>,
    /// What is done on the customer's behalf, or waits for a teammate.
    pub actions: Vec<ActionChange>,
    /// A one-time code that is asked for.
    pub challenge: Option<Box<NewChallenge>>,
    /// Slots asked or settled.
    pub asked: Vec<(Predicate, AskOutcome)>,
    /// The lead after the turn.
    pub lead: Option<Lead>,
    /// A new escalation, or more evidence for the open one.
    pub escalation: Option<EscalationChange>,
    /// Timeline events and notes written by the turn.
    pub events: Vec<Message>,
    /// Replies, in order; each becomes a message and an outbox row, except the one that was opened as a [`Speech`],
    /// which is settled.
    pub replies: Vec<Reply>,
    /// Timers to set.
    pub timers: Vec<Timer>,
    /// Questions that the sources do not answer.
    pub gaps: Vec<Gap>,
    /// Tasks for teammates.
    pub tasks: Vec<Task>,
    /// Doors on which sending stops or starts again.
    pub suppress: Vec<(ConnectionId, String, bool)>,
    /// How it was decided, for `GET /turns/{id}`; sealed.
    pub trace: serde_json::Value,
    /// Business time of the turn.
    pub at: Timestamp,
}

/// What is being said while its turn still runs: the first checked sentence opens it, each further one replaces it,
/// the turn's commit settles it.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The lease of the turn.
    pub lease: Lease,
    /// As in [`TurnRecord::customer_version`].
    pub customer_version: i64,
    /// The messages that the turn answers.
    pub answers: Vec<MessageId>,
    /// Everything said so far, as the one reply of the turn.
    pub reply: Reply,
    /// Business time.
    pub at: Timestamp,
}

/// What a turn changes on its conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationChange {
    /// Which.
    pub id: ConversationId,
    /// Status after the turn.
    pub status: StatusKind,
    /// Is the AI silent from now on?
    pub ai_silent: bool,
    /// Doors on which disclosure has been made.
    pub disclosed_on: Vec<crate::channel::ChannelKind>,
    /// Add to the counter of things asked again.
    pub asked_again: u32,
    /// Add to the counter of things the customer had to repeat.
    pub repeated: u32,
    /// Who speaks, on a shared identifier.
    pub speaker: Option<StrandId>,
    /// What to keep until the next turn.
    pub memo: Memo,
}

/// A change of who is who: an event on the identity log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum IdentityChange {
    /// A new identifier with its strand for this customer; nothing happens when this customer has it already,
    /// except that its trust rises when the new one is stronger. When *another* customer holds it at
    /// channel-asserted or stronger, the row is kept as this customer's claim only.
    Attach {
        /// To whom.
        customer: CustomerId,
        /// What.
        identifier: SeenIdentifier,
        /// Id of the row, when it is new.
        id: IdentifierId,
        /// Id of its strand, when it is new.
        strand: StrandId,
    },
    /// Two records become one; the absorbed id redirects for ever.
    Merge {
        /// Id of the event.
        id: MergeId,
        /// Remains.
        kept: CustomerId,
        /// Redirects.
        absorbed: CustomerId,
        /// Why, without personal data.
        reasons: Vec<String>,
        /// `code`, `teammate`, `api`.
        by: String,
    },
    /// The inverse of a merge, and a block so that the same rule does not join them again.
    Unmerge {
        /// The merge to take back.
        merge: MergeId,
        /// `code`, `teammate`, `api`, `customer`.
        by: String,
    },
    /// Several people use it from now on.
    MarkShared {
        /// Which.
        identifier: IdentifierId,
    },
    /// One strand moves to another customer.
    MoveStrand {
        /// Which.
        strand: StrandId,
        /// To whom.
        to: CustomerId,
    },
    /// A fresh strand for another person on the same identifier, owned by `customer` (made when it is new); the
    /// messages of `moves` go there, re-sealed, and the identifier's new messages too.
    OpenStrand {
        /// On which identifier.
        identifier: IdentifierId,
        /// Id of the strand.
        strand: StrandId,
        /// Whose; a new record is made when the id is unknown.
        customer: CustomerId,
        /// Messages that belong to it.
        moves: Vec<MessageId>,
        /// The conversation goes with it; where nobody has one of this id, the messages begin it.
        conversation: Option<ConversationId>,
    },
    /// New messages of the identifier go to this strand.
    Point {
        /// Which identifier.
        identifier: IdentifierId,
        /// Which strand.
        strand: StrandId,
    },
    /// Perhaps the same person: into the review queue.
    Suggest {
        /// Id of the suggestion.
        id: SuggestionId,
        /// One.
        a: CustomerId,
        /// The other.
        b: CustomerId,
        /// 0..1.
        probability: f64,
        /// In words without personal data, with weights.
        reasons: Vec<(String, f64)>,
    },
    /// Never joined by code again.
    Block {
        /// One.
        a: CustomerId,
        /// The other.
        b: CustomerId,
    },
    /// A link code was sent after its page was closed: it joins with one fact, or at the visitor's next visit.
    LinkWaits {
        /// The link.
        link: LinkId,
        /// Who sent it.
        by: CustomerId,
        /// Masked address shown on the page: "+33 … 22".
        shown_as: String,
    },
    /// A link code was redeemed by this turn's sender.
    RedeemLink {
        /// The link.
        link: LinkId,
        /// By whom.
        by: CustomerId,
        /// Masked address shown on the page: "+33 … 22".
        shown_as: String,
        /// The merge it made, when it joined at once.
        merge: Option<MergeId>,
    },
}

/// A change of facts.
#[expect(clippy::large_enum_variant, reason = "new facts are what there mostly is")]
#[derive(Debug, Clone, PartialEq)]
pub enum FactChange {
    /// A new row.
    Add(Fact),
    /// An older row ends: superseded, disputed or retracted.
    End {
        /// Which.
        fact: FactId,
        /// How.
        status: FactStatus,
        /// In the world until then.
        valid_to: Option<Timestamp>,
        /// When we knew.
        at: Timestamp,
    },
}

/// A change of the escalation.
#[expect(clippy::large_enum_variant, reason = "one of them a turn")]
#[derive(Debug, Clone, PartialEq)]
pub enum EscalationChange {
    /// A rule fired and none is open.
    Open(Box<Escalation>),
    /// A further rule or more evidence for the open one; the brief is brought up to date.
    Add {
        /// Which.
        id: EscalationId,
        /// Further rules.
        also: Vec<String>,
        /// Evidence.
        evidence: Vec<Evidence>,
        /// The brief now.
        brief: crate::escalation::Brief,
    },
    /// Its status changes.
    Status {
        /// Which.
        id: EscalationId,
        /// To what.
        status: EscalationStatus,
    },
}

/// A reply decided by a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The outbox row.
    pub delivery: DeliveryId,
    /// The timeline entry (direction out, state queued).
    pub message: Message,
    /// In the door's form.
    pub rendered: Rendered,
    /// Address on the door.
    pub address: String,
    /// A draft waits for a teammate instead of being sent.
    pub draft: bool,
    /// Its row was opened as a [`Speech`] before.
    pub spoken: bool,
}

impl Reply {
    /// The same words in the place of what was said of them before.
    #[must_use]
    pub fn going_on(self, before: &Self) -> Self {
        let message = Message { id: before.message.id, at: before.message.at, ..self.message };
        Self { delivery: before.delivery, message, spoken: true, ..self }
    }
}

/// A timer in business time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// One of this key per customer: setting it again moves it.
    pub key: String,
    /// When.
    pub due_at: Timestamp,
    /// Whose.
    pub customer: CustomerId,
    /// What is to be done.
    pub what: TimerKind,
}

/// What a timer does when due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TimerKind {
    /// Nobody took the escalation: tell the customer once more, honestly.
    EscalationWait {
        /// Which.
        escalation: EscalationId,
    },
    /// Nobody took it for long: the AI may answer again.
    EscalationRelease {
        /// Which.
        escalation: EscalationId,
    },
    /// A snoozed conversation comes back.
    SnoozeEnd {
        /// Which.
        conversation: ConversationId,
    },
    /// The time to take an erasure back is over.
    Erase,
    /// A teammate's message goes out now.
    SendLater {
        /// The message as it waits.
        message: MessageId,
    },
    /// What somebody booked comes near.
    Remind {
        /// The booking.
        action: ActionId,
    },
    /// A mail of ours that asked something may still be unanswered.
    UnansweredMail {
        /// Where it was asked.
        conversation: ConversationId,
    },
    /// A promise of ours is due.
    PromiseDue {
        /// Which.
        promise: PromiseId,
    },
}

/// A question that the sources do not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Normalised, to count the same question once.
    pub key: String,
    /// As it was put.
    pub question: String,
    /// Where.
    pub conversation: ConversationId,
    /// In which message.
    pub message: MessageId,
}

/// Something a teammate should do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Whose.
    pub customer: CustomerId,
    /// What.
    pub what: String,
    /// By when.
    pub due_at: Option<Timestamp>,
    /// Where it came up.
    pub conversation: Option<ConversationId>,
    /// The promise that is kept by doing it.
    pub promise: Option<PromiseId>,
    /// Whose it is; nobody's own: that of whoever has the conversation.
    pub assignee: Option<TeammateId>,
}

/// How long the parts of a turn took.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Durations {
    /// Loading what is known.
    pub recall: Duration,
    /// Reading the message.
    pub analyst: Duration,
    /// Finding the answer.
    pub answerer: Duration,
    /// Choosing the next question.
    pub qualifier: Duration,
    /// Checking rules.
    pub rules: Duration,
    /// Writing it for the door.
    pub render: Duration,
}
