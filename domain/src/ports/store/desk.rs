//! The desk: what teammates see and do.

use async_trait::async_trait;

use super::{NewAttachment, Page, Stored};
use crate::channel::ChannelKind;
use crate::conversation::{Conversation, StatusKind};
use crate::customer::ReachableDoor;
use crate::escalation::{Escalation, EscalationStatus};
use crate::id::{
    ConnectionId, ConversationId, CustomerId, DeliveryId, EscalationId, MessageId, StrandId, TeamId, TeammateId, TurnId, WorkspaceId,
};
use crate::identifier::Proof;
use crate::message::{InboundState, Message, Rendered};
use crate::time::{MonotonicTime, Timestamp};

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
    /// With drafts or actions that wait for a teammate (`true`) or without (`false`).
    pub drafted: Option<bool>,
    /// With this tag.
    pub tag: Option<String>,
    /// Whose last door is of this kind.
    pub channel: Option<ChannelKind>,
    /// In these hands.
    pub hands: Option<Hands>,
    /// In which this teammate was named.
    pub mentioned: Option<TeammateId>,
    /// That this team has.
    pub team: Option<TeamId>,
}

/// Who answers in a conversation that is not over and not put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hands {
    /// The AI.
    Ai,
    /// A person must, and nobody does yet.
    Nobody,
    /// A teammate by name.
    Teammate,
}

/// A conversation as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRow {
    /// The conversation.
    pub conversation: Conversation,
    /// Name in force.
    pub customer_name: Option<String>,
    /// How well proven.
    pub proof: Proof,
    /// Lead score.
    pub score: i32,
    /// The newest message said.
    pub last_message: Option<Message>,
    /// The escalation that is not ended.
    pub escalation: Option<Escalation>,
    /// Drafts that wait for a teammate.
    pub drafts: i64,
    /// The team's own labels, in alphabetical order.
    pub tags: Vec<String>,
    /// Actions that wait for a teammate.
    pub actions_waiting: i64,
    /// Since when the customer waits for a person's words, where a person has the conversation.
    pub waits_since: Option<Timestamp>,
    /// Which team has it; `None`: everybody.
    pub team: Option<TeamId>,
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
    /// With drafts or actions that wait for a teammate.
    pub approval: i64,
    /// Put off.
    pub snoozed: i64,
    /// A person must answer and nobody does yet.
    pub unassigned: i64,
    /// Any teammate by name answers.
    pub team: i64,
    /// Places where the asking teammate was named and has not looked since.
    pub mentions: i64,
}

/// What a teammate does to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskAct {
    /// Takes it: the AI is silent, a running turn is stale, an open escalation is accepted.
    Take {
        /// Who; nobody by name when a program does it.
        by: Option<TeammateId>,
    },
    /// Gives it back to the AI; ends the escalation.
    Return,
    /// Ends it; ends the escalation. The AI's drafts go, a teammate's messages still leave at their time.
    Resolve,
    /// Puts it off; it comes back by itself.
    Snooze {
        /// Until when.
        until: Timestamp,
    },
    /// It was put off until now: back it comes, unread. Changes nothing when it is not snoozed.
    Wake,
    /// Assigns it to a teammate or to nobody.
    Assign {
        /// To whom.
        to: Option<TeammateId>,
        /// Who does it; whoever gives a conversation to themselves is not told of it.
        by: Option<TeammateId>,
    },
    /// Gives it to a team, whose people take it or are handed it, or to everybody. Whoever has it keeps it only where they are of
    /// that team.
    AssignTeam {
        /// To which.
        to: Option<TeamId>,
    },
    /// Assigns it to a teammate as long as a person must answer and nobody has it. Changes nothing otherwise: two may offer it at once.
    Offer {
        /// To whom.
        to: TeammateId,
    },
    /// Marks it read.
    Read,
    /// Writes to the customer: message and outbox row in one transaction; takes the conversation when nobody has it. What has a
    /// time of its own waits for it as a draft of the teammate's.
    Reply {
        /// Who; nobody by name when a program does it.
        by: Option<TeammateId>,
        /// The timeline entry.
        message: Box<Message>,
        /// In the door's form.
        rendered: Rendered,
        /// Address on the door.
        address: String,
        /// The outbox row.
        delivery: DeliveryId,
        /// When it may leave; nothing: now.
        send_at: Option<Timestamp>,
        /// Files that go with it.
        files: Vec<NewAttachment>,
        /// What was written, where it may come twice: by the same name it changes nothing again.
        once: Option<String>,
    },
    /// A person of the business wrote in the vendor's own inbox: on the timeline once, and the conversation is theirs.
    Overheard {
        /// The timeline entry.
        message: Box<Message>,
        /// The vendor's id of it.
        echo: String,
    },
    /// Something that a vendor told of, on the timeline once. Changes nothing else.
    Noticed {
        /// The timeline entry.
        message: Box<Message>,
        /// Names it, the same however often it is told.
        once: String,
    },
    /// Drafts that nobody will send: message and outbox row go, the turn remembers what was proposed.
    DiscardDrafts {
        /// Their messages.
        drafts: Vec<MessageId>,
    },
    /// A teammate's own wording instead of drafts, with the files that hung on these. The AI goes on talking: nobody takes the
    /// conversation.
    AmendDrafts {
        /// The drafts that go.
        drafts: Vec<MessageId>,
        /// The timeline entry.
        message: Box<Message>,
        /// In the door's form.
        rendered: Rendered,
        /// Address on the door.
        address: String,
        /// The outbox row.
        delivery: DeliveryId,
    },
    /// Two stretches of one customer's talk are one matter: the other's entries, turns, drafts and escalations come here, and it
    /// is no conversation of its own any more. Changes nothing when it is another customer's or is part of a conversation already.
    Merge {
        /// The conversation that goes.
        absorb: ConversationId,
    },
    /// What was said from this message on is another matter: it becomes a conversation of its own, with the turns and escalations
    /// that belong to it. Changes nothing when the message is not of this conversation or nothing stands before it.
    Split {
        /// The first message of the other matter.
        from: MessageId,
        /// The new conversation.
        into: ConversationId,
    },
    /// The team's own labels: some are put on, then some taken off.
    Tag {
        /// Put on.
        add: Vec<String>,
        /// Taken off.
        remove: Vec<String>,
    },
    /// A note or event for teammates.
    Note {
        /// The timeline entry.
        message: Box<Message>,
        /// Who is named in it.
        mentions: Vec<TeammateId>,
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

    /// How many there are, up to a thousand.
    async fn count_conversations(&self, workspace: &WorkspaceId, filter: &ConversationFilter) -> Stored<i64>;

    /// Counts for the views.
    async fn view_counts(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>) -> Stored<ViewCounts>;

    /// One conversation.
    async fn conversation(&self, workspace: &WorkspaceId, id: ConversationId) -> Stored<Option<ConversationRow>>;

    /// A page of a customer's timeline: `limit` entries before the cursor (newest when absent), oldest first.
    async fn timeline(&self, workspace: &WorkspaceId, customer: CustomerId, before: Option<&str>, limit: usize) -> Stored<Page<Message>>;

    /// How many messages there are of a customer, both ways, over all doors; events and notes are none.
    async fn message_count(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<i64>;

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
    async fn doors(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<ReachableDoor>>;

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

    /// Last inbound and outbound message per connection.
    async fn door_health(&self, workspace: &WorkspaceId) -> Stored<Vec<(ConnectionId, Option<Timestamp>, Option<Timestamp>)>>;

    /// Replies that have not left yet, per connection that has any.
    async fn waiting_by_door(&self, workspace: &WorkspaceId) -> Stored<Vec<(ConnectionId, usize)>>;

    /// Turns of a customer, newest first: for "last turn" views.
    async fn turns_of(&self, workspace: &WorkspaceId, customer: CustomerId, limit: usize) -> Stored<Vec<TurnId>>;

    /// Drafts of a customer that wait for a teammate, oldest first.
    async fn drafts(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<Message>>;

    /// Sum of [`Conversation::asked_again`] of a customer.
    async fn asked_again(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<u32>;
}
