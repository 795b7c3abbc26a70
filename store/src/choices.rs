//! What a business chose in the console.

use async_trait::async_trait;
use domain::WorkspaceId;
use domain::ports::{Choice, Choices, Stored};

use crate::db::{Row, args};
use crate::rows::place;
use crate::sql::team as sql;
use crate::{Inner, Storage};

/// A kind and a version name a row.
fn name(kind: &str, version: i64) -> String {
    format!("{kind}:{version}")
}

impl Inner {
    async fn chosen(&self, workspace: &WorkspaceId, rows: &[Row]) -> Stored<Vec<Choice>> {
        let key = self.keys.workspace(workspace.as_str()).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let (kind, version) = (row.text(0)?, row.int(1)?);
            let value = key.own().open_json(place(workspace, "choice", "body", &name(&kind, version)), &row.blob(2)?)?;
            all.push(Choice { kind, version, value, by: row.opt_word(3)?, at: row.time(4)? });
        }
        Ok(all)
    }
}

#[async_trait]
impl Choices for Storage {
    async fn choices(&self, workspace: &WorkspaceId) -> Stored<Vec<Choice>> {
        let rows = self.inner.reader().await?.all(sql::CHOICES, args![workspace]).await?;
        self.inner.chosen(workspace, &rows).await
    }

    async fn versions(&self, workspace: &WorkspaceId, kind: &str, limit: usize) -> Stored<Vec<Choice>> {
        let rows = self.inner.reader().await?.all(sql::VERSIONS, args![workspace, kind, limit]).await?;
        self.inner.chosen(workspace, &rows).await
    }

    async fn choose(&self, workspace: &WorkspaceId, choice: &Choice) -> Stored<bool> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let here = name(&choice.kind, choice.version);
        let body = key.own().seal_json(place(workspace, "choice", "body", &here), &choice.value)?;
        let written = args![workspace, &choice.kind, choice.version, body, choice.by, choice.at];
        Ok(self.inner.put(sql::CHOOSE, written).await? > 0)
    }
}
