//! What was done on customers' behalf: rows of what is remembered, so that they follow their strand and go with it.

use async_trait::async_trait;
use base64::Engine as _;
use domain::action::{Action, ActionStatus};
use domain::ports::{Actions, Stored};
use domain::time::Timestamp;
use domain::{ActionId, CustomerId, WorkspaceId};
use sha2::{Digest, Sha256};

use crate::commit::Remembered;
use crate::db::{Row, args};
use crate::rows::place;
use crate::sql::actions as sql;
use crate::sql::turns as turns_sql;
use crate::{Inner, Storage};

/// What is stored in the clear of what opens a document.
pub(crate) fn hashed(opener: &str) -> String {
    let digest = Sha256::digest(format!("rapport document\n{opener}").as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..16])
}

pub(crate) fn row<'a>(action: &Action, hash: &'a str) -> Remembered<'a> {
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
                        tx.later(turns_sql::SET_STATUS, args![&workspace, replaced, ActionStatus::Replaced.as_str(), "action"]);
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
