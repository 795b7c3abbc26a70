//! What was done on customers' behalf: rows of what is remembered, so that they follow their strand and go with it.

use async_trait::async_trait;
use base64::Engine as _;
use domain::action::{Action, ActionChange, ActionStatus, Deed, Taken};
use domain::ports::{Actions, StoreError, Stored};
use domain::time::Timestamp;
use domain::{ActionId, CustomerId, WorkspaceId};
use sha2::{Digest, Sha256};

use crate::commit::{Remembered, Scene};
use crate::db::{Row, Tx, args};
use crate::rows::place;
use crate::sql::actions as sql;
use crate::sql::turns as turns_sql;
use crate::{Inner, Storage};

/// What is stored in the clear of what opens a document.
fn hashed(opener: &str) -> String {
    let digest = Sha256::digest(format!("rapport document\n{opener}").as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..16])
}

fn row<'a>(action: &Action, hash: &'a str) -> Remembered<'a> {
    Remembered {
        kind: "action",
        id: action.id.to_string(),
        strand: Some(action.strand),
        topic: hash,
        status: action.status.as_str(),
        source: action.message,
        at: action.at,
        valid_to: None,
        ended_at: None,
    }
}

impl Inner {
    async fn read_action(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Action> {
        let here = row.text(0)?;
        let mut action: Action = self.unseal(&row.text(2)?, place(workspace, "memory", "body", &here), &row.blob(3)?).await?;
        action.status = row.word(1)?;
        Ok(action)
    }
}

impl Inner {
    /// Writes what a turn did on the customer's behalf.
    pub async fn write_actions(&self, tx: &mut Tx, workspace: &WorkspaceId, changes: &[ActionChange], scene: &Scene<'_>) -> Stored<()> {
        for change in changes {
            match change {
                ActionChange::Add(action) => {
                    if let Deed::Booking { calendar, starts_at, place, .. } = &action.deed {
                        let args = args![workspace, calendar, *starts_at, i64::from(*place), action.id, action.strand];
                        tx.one(sql::BOOK, args).await?.ok_or(StoreError::Stale("that time was taken meanwhile"))?;
                    }
                    let hash = hashed(&action.opener);
                    self.remember(tx, workspace, scene, row(action, &hash), action).await?;
                }
                ActionChange::Replace(id) => end(tx, workspace, *id, ActionStatus::Replaced),
                ActionChange::Cancel(id) => end(tx, workspace, *id, ActionStatus::Cancelled),
            }
        }
        Ok(())
    }
}

/// It is over, and its place is free.
fn end(tx: &mut Tx, workspace: &WorkspaceId, id: ActionId, status: ActionStatus) {
    tx.later(turns_sql::SET_STATUS, args![workspace, id, status.as_str(), "action"]);
    tx.later(sql::FREE, args![workspace, id]);
}

#[async_trait]
impl Actions for Storage {
    async fn action(&self, workspace: &WorkspaceId, id: ActionId) -> Stored<Option<(CustomerId, Action)>> {
        let Some(row) = self.inner.reader().await?.one(sql::BY_ID, args![workspace, id]).await? else { return Ok(None) };
        Ok(Some((row.word(4)?, self.inner.read_action(workspace, &row).await?)))
    }

    async fn waiting_actions(&self, workspace: &WorkspaceId, most: usize) -> Stored<Vec<(CustomerId, Action)>> {
        let rows = self.inner.reader().await?.all(sql::WAITING, args![workspace, most]).await?;
        let mut waiting = Vec::with_capacity(rows.len());
        for row in rows {
            waiting.push((row.word(4)?, self.inner.read_action(workspace, &row).await?));
        }
        Ok(waiting)
    }

    async fn taken(&self, workspace: &WorkspaceId, calendar: &str, from: Timestamp, to: Timestamp) -> Stored<Vec<Taken>> {
        let rows = self.inner.reader().await?.all(sql::TAKEN, args![workspace, calendar, from, to]).await?;
        rows.iter().map(|row| Ok(Taken { starts_at: row.time(0)?, place: u32::try_from(row.int(1)?).unwrap_or(u32::MAX) })).collect()
    }

    async fn action_opened(&self, opener: &str) -> Stored<Option<(WorkspaceId, Action)>> {
        let Some(row) = self.inner.reader().await?.one(sql::OPENED, args![hashed(opener)]).await? else { return Ok(None) };
        let workspace = WorkspaceId(row.text(4)?);
        let action = self.inner.read_action(&workspace, &row).await?;
        Ok(Some((workspace, action)))
    }

    async fn settle_action(
        &self,
        workspace: &WorkspaceId,
        id: ActionId,
        status: ActionStatus,
        by: &str,
        replaces: Option<ActionId>,
        at: Timestamp,
    ) -> Stored<Option<Action>> {
        let (inner, workspace, by) = (self.inner.clone(), workspace.clone(), by.to_owned());
        self.inner
            .write("actions.settle_action", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::BY_ID, args![&workspace, id]).await? else { return Ok(None) };
                    let mut action = inner.read_action(&workspace, &row).await?;
                    if action.status != ActionStatus::Waiting {
                        return Ok(None);
                    }
                    action.status = status;
                    action.by = Some(by);
                    action.changed_at = at;
                    let here = id.to_string();
                    let sealed = inner.seal(&row.text(2)?, place(&workspace, "memory", "body", &here), &action).await?;
                    tx.later(sql::SETTLE, args![&workspace, id, status.as_str(), sealed]);
                    if let Some(replaced) = replaces {
                        end(tx, &workspace, replaced, ActionStatus::Replaced);
                    }
                    let customer: CustomerId = row.word(4)?;
                    tx.rings.note("customer.updated", &workspace, at).customer(customer);
                    tx.rings.note("conversation.updated", &workspace, at).customer(customer).conversation(action.conversation);
                    Ok(Some(action))
                })
            })
            .await
    }
}
