//! The team: canned replies, mentions, messages that wait for their time.

use async_trait::async_trait;
use domain::ports::{Canned, SavedView, Step, StoreError, Stored, Team, WorkTeam};
use domain::settings::BusinessHours;
use domain::time::Timestamp;
use domain::{CannedId, ChannelKind, ConversationId, CustomerId, MessageId, SavedViewId, TeamId, TeammateId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::Storage;
use crate::db::args;
use crate::rows::place;
use crate::sql::{identity as identity_sql, team as sql};

/// What the timer of a message that waits for its time is called.
pub(crate) fn send_timer(message: &MessageId) -> String {
    format!("send:{message}")
}

/// Sealed part of a canned reply.
#[derive(Debug, Serialize, Deserialize)]
struct Wording {
    name: String,
    text: String,
    #[serde(default)]
    steps: Vec<Step>,
}

/// Sealed part of a saved view.
#[derive(Debug, Serialize, Deserialize)]
struct Narrowed {
    name: String,
    view: String,
    tag: Option<String>,
    channel: Option<ChannelKind>,
    #[serde(default)]
    team: Option<TeamId>,
}

/// Sealed part of a team.
#[derive(Debug, Serialize, Deserialize)]
struct Called {
    name: String,
    hours: Option<BusinessHours>,
}

#[async_trait]
impl Team for Storage {
    async fn canned(&self, workspace: &WorkspaceId) -> Stored<Vec<Canned>> {
        let rows = self.inner.reader().await?.all(sql::CANNED, args![workspace]).await?;
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.text(0)?;
            let wording: Wording = key.own().open_json(place(workspace, "canned", "body", &id), &row.blob(1)?)?;
            all.push(Canned { id: row.word(0)?, name: wording.name, text: wording.text, steps: wording.steps });
        }
        all.sort_by_cached_key(|canned| canned.name.to_lowercase());
        Ok(all)
    }

    async fn put_canned(&self, workspace: &WorkspaceId, canned: &Canned, at: Timestamp) -> Stored<()> {
        let id = canned.id.to_string();
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let wording = Wording { name: canned.name.clone(), text: canned.text.clone(), steps: canned.steps.clone() };
        let body = key.own().seal_json(place(workspace, "canned", "body", &id), &wording)?;
        self.inner.put(sql::PUT_CANNED, args![workspace, id, body, at]).await.map(|_| ())
    }

    async fn drop_canned(&self, workspace: &WorkspaceId, id: CannedId) -> Stored<bool> {
        Ok(self.inner.put(sql::DROP_CANNED, args![workspace, id]).await? > 0)
    }

    async fn saved_views(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>) -> Stored<Vec<SavedView>> {
        let rows = self.inner.reader().await?.all(sql::SAVED_VIEWS, args![workspace, teammate]).await?;
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.text(0)?;
            let kept: Narrowed = key.own().open_json(place(workspace, "saved_view", "body", &id), &row.blob(2)?)?;
            let Narrowed { name, view, tag, channel, team } = kept;
            all.push(SavedView { id: row.word(0)?, teammate: row.opt_word(1)?, name, view, tag, channel, team });
        }
        Ok(all)
    }

    async fn save_view(&self, workspace: &WorkspaceId, view: &SavedView, at: Timestamp) -> Stored<()> {
        let id = view.id.to_string();
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let SavedView { name, view: of, tag, channel, team, .. } = view.clone();
        let kept = Narrowed { name, view: of, tag, channel, team };
        let body = key.own().seal_json(place(workspace, "saved_view", "body", &id), &kept)?;
        self.inner.put(sql::SAVE_VIEW, args![workspace, id, view.teammate, body, at]).await.map(|_| ())
    }

    async fn drop_view(&self, workspace: &WorkspaceId, id: SavedViewId, teammate: Option<TeammateId>) -> Stored<bool> {
        Ok(self.inner.put(sql::DROP_VIEW, args![workspace, id, teammate]).await? > 0)
    }

    async fn waiting_for_their_time(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<(MessageId, Timestamp)>> {
        let mut conn = self.inner.reader().await?;
        let row = conn.one(identity_sql::ROOT, args![workspace, customer]).await?;
        let root = row.map_or_else(|| Ok(customer.to_string()), |row| row.text(0))?;
        let rows = conn.all(sql::LATER, args![workspace, root]).await?;
        rows.iter()
            .map(|row| {
                let name = row.text(0)?;
                let message = name.strip_prefix("send:").and_then(|id| id.parse().ok());
                let message = message.ok_or_else(|| StoreError::Corrupt(format!("a timer is called {name:?}")))?;
                Ok((message, row.time(1)?))
            })
            .collect()
    }

    async fn erased_at(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Timestamp>> {
        let mut conn = self.inner.reader().await?;
        let row = conn.one(identity_sql::ROOT, args![workspace, customer]).await?;
        let root = row.map_or_else(|| Ok(customer.to_string()), |row| row.text(0))?;
        conn.one(sql::ERASED_AT, args![workspace, root, crate::privacy::TIMER]).await?.map(|row| row.time(0)).transpose()
    }

    async fn teams(&self, workspace: &WorkspaceId) -> Stored<Vec<WorkTeam>> {
        let asked = vec![(sql::TEAMS, args![workspace]), (sql::TEAM_MEMBERS, args![workspace])];
        let mut answers = self.inner.reader().await?.many(asked).await?.into_iter();
        let (rows, members) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.text(0)?;
            let Called { name, hours } = key.own().open_json(place(workspace, "team", "body", &id), &row.blob(2)?)?;
            let mut theirs = Vec::new();
            for member in &members {
                if member.text(0)? == id {
                    theirs.push(member.word(1)?);
                }
            }
            all.push(WorkTeam { id: row.word(0)?, name, lead: row.opt_word(1)?, members: theirs, hours });
        }
        Ok(all)
    }

    async fn put_team(&self, workspace: &WorkspaceId, team: &WorkTeam, at: Timestamp) -> Stored<()> {
        let (workspace, team) = (workspace.clone(), team.clone());
        let id = team.id.to_string();
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let called = Called { name: team.name, hours: team.hours };
        let body = key.own().seal_json(place(&workspace, "team", "body", &id), &called)?;
        let (lead, members) = (team.lead, team.members);
        self.inner
            .write("team.put_team", move |tx| {
                Box::pin(async move {
                    tx.later(sql::PUT_TEAM, args![&workspace, &id, lead, body, at]);
                    tx.later(sql::EMPTY_TEAM, args![&workspace, &id]);
                    for member in members {
                        tx.later(sql::ADD_MEMBER, args![&workspace, &id, member]);
                    }
                    tx.rings.note("conversation.updated", &workspace, at);
                    Ok(())
                })
            })
            .await
    }

    async fn drop_team(&self, workspace: &WorkspaceId, id: TeamId, at: Timestamp) -> Stored<bool> {
        let workspace = workspace.clone();
        self.inner
            .write("team.drop_team", move |tx| {
                Box::pin(async move {
                    if tx.run(sql::DROP_TEAM, args![&workspace, id]).await? == 0 {
                        return Ok(false);
                    }
                    tx.later(sql::EMPTY_TEAM, args![&workspace, id]);
                    tx.later(sql::LEAVE_TEAM, args![&workspace, id]);
                    tx.rings.note("conversation.updated", &workspace, at);
                    Ok(true)
                })
            })
            .await
    }

    async fn end_sessions(&self, teammate: TeammateId) -> Stored<()> {
        self.inner.put(sql::END_SESSIONS, args![teammate]).await.map(|_| ())
    }

    async fn drop_teammate(&self, workspace: &WorkspaceId, teammate: TeammateId, at: Timestamp) -> Stored<bool> {
        let workspace = workspace.clone();
        self.inner
            .write("team.drop_teammate", move |tx| {
                Box::pin(async move {
                    tx.run(sql::END_SESSIONS, args![teammate]).await?;
                    if tx.run(sql::DROP_TEAMMATE, args![&workspace, teammate]).await? == 0 {
                        return Ok(false);
                    }
                    for statement in sql::LEFT_BEHIND {
                        tx.later(statement, args![&workspace, teammate]);
                    }
                    tx.rings.note("conversation.updated", &workspace, at);
                    Ok(true)
                })
            })
            .await
    }

    async fn see_mentions(&self, workspace: &WorkspaceId, teammate: TeammateId, conversation: ConversationId) -> Stored<()> {
        self.inner.put(sql::SEE_MENTIONS, args![workspace, teammate, conversation]).await.map(|_| ())
    }
}
