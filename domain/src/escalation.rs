//! Escalations: a named rule fired; the brief is what the teammate gets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, CustomerId, EscalationId, MessageId, TeamId, TurnId};
use crate::identifier::words;
use crate::settings::Way;
use crate::time::Timestamp;

words! {
    /// How an escalation stands.
    EscalationStatus {
        /// Waits for a teammate.
        Open = "open",
        /// A teammate took it.
        Accepted = "accepted",
        /// Given back to the AI.
        Returned = "returned",
        /// Ended with the conversation.
        Resolved = "resolved",
        /// Not taken in time: the AI may answer again, it stays on top of the queue.
        Released = "released",
    }
}

/// Evidence of a firing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The rule.
    pub rule: String,
    /// The message.
    pub message: MessageId,
    /// The words.
    pub quote: String,
}

/// An escalation: at most one open per conversation; further rules are added to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// Its id.
    pub id: EscalationId,
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub conversation: ConversationId,
    /// The first rule that fired.
    pub rule: String,
    /// Further rules.
    pub also: Vec<String>,
    /// How it stands.
    pub status: EscalationStatus,
    /// What proves it.
    pub evidence: Vec<Evidence>,
    /// For the teammate.
    pub brief: Brief,
    /// When it fired.
    pub at: Timestamp,
    /// Promised time of a person's answer.
    pub due_at: Timestamp,
    /// The turn in which it fired.
    pub turn: Option<TurnId>,
    /// Whose people answer; `None`: anybody.
    pub team: Option<TeamId>,
    /// How it is best answered; `None`: whoever answers decides.
    pub way: Option<Way>,
}

/// The package the teammate gets. No field is empty: what is unknown is said in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Brief {
    /// Who.
    pub name: String,
    /// How to reach them.
    pub contacts: Vec<String>,
    /// The story in at most 120 words.
    pub summary: String,
    /// What they need.
    pub need: String,
    /// What was learned.
    pub learned: Vec<String>,
    /// What the AI tried.
    pub tried: Vec<String>,
    /// Emotional state.
    pub emotion: String,
    /// Why it was escalated.
    pub why: String,
    /// Suggested next step.
    pub next_step: String,
    /// What we promised.
    pub promised: Vec<String>,
}
