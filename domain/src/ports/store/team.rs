//! The team: what teammates share besides conversations.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Stored;
use crate::channel::ChannelKind;
use crate::id::{CannedId, ConversationId, CustomerId, MessageId, SavedViewId, TeamId, TeammateId, WorkspaceId};
use crate::settings::{BusinessHours, TeamSettings};
use crate::time::Timestamp;

/// A text that the team says often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// Its id.
    pub id: CannedId,
    /// What teammates call it; one of a kind in its workspace.
    pub name: String,
    /// What it says, with its gaps; a macro may only do something.
    pub text: String,
    /// What is done besides, once it is sent.
    pub steps: Vec<Step>,
}

/// What a canned reply does to the conversation, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Puts a label on.
    Tag {
        /// Which.
        tag: String,
    },
    /// Gives it to a teammate.
    Assign {
        /// To whom; nobody named: to whoever uses it.
        teammate: Option<TeammateId>,
    },
    /// Puts it off for so long.
    Snooze {
        /// Minutes.
        minutes: u32,
    },
    /// Gives it back to the AI.
    Return,
    /// Ends it.
    Resolve,
}

/// A view of the inbox under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Whose alone; `None`: the whole team's.
    pub teammate: Option<TeammateId>,
    /// What they call it.
    pub name: String,
    /// Of which view it is a part: `mine`, `ai`, `all` ….
    pub view: String,
    /// With this tag only.
    pub tag: Option<String>,
    /// By this kind of door only.
    pub channel: Option<ChannelKind>,
    /// Of this team only.
    pub team: Option<TeamId>,
}

/// Some of the teammates under a name, to whom conversations go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTeam {
    /// Its id.
    pub id: TeamId,
    /// What people call it; one of a kind in its workspace.
    pub name: String,
    /// Who leads it, if anybody does.
    pub lead: Option<TeammateId>,
    /// Who is in it.
    pub members: Vec<TeammateId>,
    /// When its people are there; `None`: as the business is.
    pub hours: Option<BusinessHours>,
}

impl From<&WorkTeam> for TeamSettings {
    fn from(team: &WorkTeam) -> Self {
        Self { id: team.id, name: team.name.clone(), hours: team.hours.clone(), is_manned: !team.members.is_empty() }
    }
}

/// What teammates share besides conversations.
#[async_trait]
pub trait Team {
    /// All canned replies by name.
    async fn canned(&self, workspace: &WorkspaceId) -> Stored<Vec<Canned>>;

    /// Adds one or replaces the one of this id.
    async fn put_canned(&self, workspace: &WorkspaceId, canned: &Canned, at: Timestamp) -> Stored<()>;

    /// Takes one away.
    async fn drop_canned(&self, workspace: &WorkspaceId, id: CannedId) -> Stored<bool>;

    /// Saved views of the team and of this teammate, the oldest first.
    async fn saved_views(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>) -> Stored<Vec<SavedView>>;

    /// Saves one.
    async fn save_view(&self, workspace: &WorkspaceId, view: &SavedView, at: Timestamp) -> Stored<()>;

    /// Takes one away that is the team's or this teammate's.
    async fn drop_view(&self, workspace: &WorkspaceId, id: SavedViewId, teammate: Option<TeammateId>) -> Stored<bool>;

    /// The teammates' messages to a customer that wait for their time, with that time.
    async fn waiting_for_their_time(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<(MessageId, Timestamp)>>;

    /// When a customer will be erased, while that can be taken back.
    async fn erased_at(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Timestamp>>;

    /// All teams, the oldest first, with those of their members who still work here.
    async fn teams(&self, workspace: &WorkspaceId) -> Stored<Vec<WorkTeam>>;

    /// Adds one or replaces the one of this id.
    async fn put_team(&self, workspace: &WorkspaceId, team: &WorkTeam, at: Timestamp) -> Stored<()>;

    /// Takes one away; the conversations it had are everybody's.
    async fn drop_team(&self, workspace: &WorkspaceId, id: TeamId, at: Timestamp) -> Stored<bool>;

    /// Ends every session of a teammate.
    async fn end_sessions(&self, teammate: TeammateId) -> Stored<()>;

    /// Takes a teammate away: sessions and mentions go, conversations they had are nobody's.
    async fn drop_teammate(&self, workspace: &WorkspaceId, teammate: TeammateId, at: Timestamp) -> Stored<bool>;

    /// The teammate has seen where they were named in a conversation.
    async fn see_mentions(&self, workspace: &WorkspaceId, teammate: TeammateId, conversation: ConversationId) -> Stored<()>;
}
