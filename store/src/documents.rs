//! Documents that were given in the console: sealed in parts like files, with the workspace's key.

use async_trait::async_trait;
use domain::ports::{Document, Documents, Stored};
use domain::{DocumentId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::Storage;
use crate::attachments::{PART, part_name};
use crate::db::args;
use crate::rows::place;
use crate::sql::documents as sql;

/// Sealed part of a document.
#[derive(Debug, Serialize, Deserialize)]
struct Named {
    name: String,
}

#[async_trait]
impl Documents for Storage {
    async fn documents(&self, workspace: &WorkspaceId) -> Stored<Vec<Document>> {
        let rows = self.inner.reader().await?.all(sql::ALL, args![workspace]).await?;
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.text(0)?;
            let Named { name } = key.own().open_json(place(workspace, "document", "body", &id), &row.blob(4)?)?;
            let size = u64::try_from(row.int(1)?).unwrap_or(0);
            all.push(Document { id: row.word(0)?, name, size, by: row.opt_word(2)?, at: row.time(3)? });
        }
        Ok(all)
    }

    async fn document_content(&self, workspace: &WorkspaceId, id: DocumentId) -> Stored<Option<Vec<u8>>> {
        let id = id.to_string();
        let parts = self.inner.reader().await?.all(sql::PARTS, args![workspace, &id]).await?;
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let mut content = Vec::new();
        for part in &parts {
            let here = part_name(&id, part.int(0)?);
            content.extend_from_slice(&key.own().open(place(workspace, "document_part", "body", &here), &part.blob(1)?)?);
        }
        Ok((!parts.is_empty()).then_some(content))
    }

    async fn put_document(&self, workspace: &WorkspaceId, document: &Document, content: Vec<u8>) -> Stored<()> {
        let id = document.id.to_string();
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let body = key.own().seal_json(place(workspace, "document", "body", &id), &Named { name: document.name.clone() })?;
        let mut parts = Vec::new();
        for (number, part) in (0_i64..).zip(content.chunks(PART)) {
            let sealed = key.own().seal(place(workspace, "document_part", "body", &part_name(&id, number)), part)?;
            parts.push(args![workspace, &id, number, sealed]);
        }
        let (gone, written) = (args![workspace, &id], args![workspace, &id, content.len() as i64, document.by, document.at, body]);
        self.inner
            .write("documents.put_document", move |tx| {
                Box::pin(async move {
                    tx.run(sql::DROP_PARTS, gone).await?;
                    tx.run(sql::PUT, written).await?;
                    for part in parts {
                        tx.run(sql::NEW_PART, part).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn drop_document(&self, workspace: &WorkspaceId, id: DocumentId) -> Stored<bool> {
        let (workspace, id) = (workspace.clone(), id.to_string());
        self.inner
            .write("documents.drop_document", move |tx| {
                Box::pin(async move {
                    tx.run(sql::DROP_PARTS, args![&workspace, &id]).await?;
                    Ok(tx.run(sql::DROP, args![&workspace, &id]).await? > 0)
                })
            })
            .await
    }
}
