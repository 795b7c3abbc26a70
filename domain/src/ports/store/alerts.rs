//! Alerts: what the team is told, at least once, by each way that is switched on.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Stored;
use crate::id::{ConversationId, TeammateId, WorkspaceId};
use crate::identifier::words;
use crate::time::Timestamp;

words! {
    /// Why the team is told.
    AlertKind {
        /// A rule fired and nobody has taken it yet.
        Escalated = "escalated",
        /// Somebody was given a conversation by another.
        Assigned = "assigned",
        /// Somebody was named in a note.
        Mentioned = "mentioned",
        /// A target for the team's answer was missed.
        Late = "late",
        /// Somebody is about to buy: the lead score has become hot.
        HotLead = "hot_lead",
        /// The day of a task or of a promise has come, and it is not done.
        Due = "due",
        /// Somebody asked for a link that sets a new password: a letter to them alone.
        Entry = "entry",
        /// What a teammate answered by mail did not leave: a letter to them alone.
        Unsent = "unsent",
        /// The customer wrote again to a teammate who had answered by mail: a letter to them alone.
        Wrote = "wrote",
    }
}

/// An event that the team is told of. It is written in the transaction of its cause, so that neither is there without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Its name: the same on every try and by every way.
    pub id: String,
    /// By which way this row tells it; nothing: it has not been spread over the ways yet.
    pub target: String,
    /// Why.
    pub kind: AlertKind,
    /// Where; a letter to somebody alone may be about none.
    pub conversation: Option<ConversationId>,
    /// Whom it concerns; `None`: whoever is free.
    pub teammate: Option<TeammateId>,
    /// When it happened.
    pub at: Timestamp,
    /// How often this way was tried, this try included.
    pub attempt: u32,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertOutcome {
    /// It was taken.
    Told,
    /// Another try at this time, of the real clock.
    Again {
        /// When.
        at: Timestamp,
        /// Why, without anything of a person.
        why: String,
    },
    /// Never again.
    GivenUp {
        /// Why, without anything of a person.
        why: String,
    },
}

/// How a way did last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayStanding {
    /// The way.
    pub target: String,
    /// `waiting`, `told` or `given_up`.
    pub state: String,
    /// When what it told happened.
    pub at: Timestamp,
    /// Why it did not work, if it did not.
    pub why: Option<String>,
}

/// Alerts. Times of tries are those of the real clock, which nobody moves in a rehearsal.
#[async_trait]
pub trait Alerts {
    /// Takes what is due and holds it that long: a holder that dies has it tried again, so an alert may come twice and never not at all.
    async fn due_alerts(&self, now: Timestamp, hold: Duration, limit: usize) -> Stored<Vec<Alert>>;

    /// A letter to a teammate alone, about a conversation or none, under a name that is told once.
    async fn write_to(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        kind: AlertKind,
        teammate: TeammateId,
        conversation: Option<ConversationId>,
        at: Timestamp,
    ) -> Stored<()>;

    /// An event about a conversation, for one teammate or for whoever is free, under a name that is told once. `true`: it had
    /// not been told.
    async fn raise(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        kind: AlertKind,
        conversation: ConversationId,
        teammate: Option<TeammateId>,
        at: Timestamp,
    ) -> Stored<bool>;

    /// When the next one is due.
    async fn next_alert(&self) -> Stored<Option<Timestamp>>;

    /// Spreads an event over these ways, each once however often this is called.
    async fn spread_alert(&self, alert: &Alert, targets: &[String]) -> Stored<()>;

    /// What became of a try.
    async fn settle_alert(&self, alert: &Alert, outcome: AlertOutcome) -> Stored<()>;

    /// Events that concern a teammate or whoever is free, newest first.
    async fn alerts_of(&self, workspace: &WorkspaceId, teammate: TeammateId, limit: usize) -> Stored<Vec<Alert>>;

    /// How a way did last.
    async fn standing_of(&self, workspace: &WorkspaceId, target: &str) -> Stored<Option<WayStanding>>;

    /// Forgets events from before this moment.
    async fn forget_alerts(&self, before: Timestamp) -> Stored<()>;
}
