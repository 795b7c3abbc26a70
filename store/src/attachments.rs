//! Files that came with messages: sealed in parts, so that no statement carries more than a quarter of a megabyte.

use async_trait::async_trait;
use domain::attachment::{About, Attachment, AttachmentState};
use domain::event::Content;
use domain::ports::{Attachments, NewAttachment, Stored, ToFetch};
use domain::time::Timestamp;
use domain::{AttachmentId, ConnectionId, ConversationId, CustomerId, MessageId, WorkspaceId};

use crate::db::{Row, Tx, args};
use crate::rows::place;
use crate::seal::Field;
use crate::sql::attachments as sql;
use crate::{Inner, Storage};

/// Bytes of one part.
pub(crate) const PART: usize = 256 * 1024;

pub(crate) fn part_name(id: &str, part: i64) -> String {
    format!("{id}|{part}")
}

impl Inner {
    /// Writes what came with a message; bytes that are there are kept at once.
    pub async fn add_attachments(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        at: (&str, &str, &ConnectionId),
        new: &[NewAttachment],
    ) -> Stored<()> {
        let (message, strand, connection) = at;
        for (number, one) in new.iter().enumerate() {
            let id = one.id.to_string();
            let body = self.seal(strand, place(workspace, "attachment", "body", &id), &one.about).await?;
            let state = match &one.content {
                Some(_) => AttachmentState::Kept,
                None if one.about.why.is_some() => AttachmentState::Lost,
                None => AttachmentState::Waiting,
            };
            let size = one.content.as_ref().map(|content| content.0.len() as i64);
            let number = number as i64;
            let link = one.about.link.as_deref().map(|link| self.keys.server.hash(Field::Link, &[link]));
            let kept = args![workspace, &id, message, strand, number, connection, state.as_str(), 0_i64, size, body, link, one.link_until];
            tx.later(sql::NEW, kept);
            if let Some(content) = &one.content {
                self.write_parts(tx, workspace, strand, &id, &content.0).await?;
            }
            tx.rings.files |= state == AttachmentState::Waiting;
        }
        Ok(())
    }

    async fn write_parts(&self, tx: &mut Tx, workspace: &WorkspaceId, strand: &str, id: &str, content: &[u8]) -> Stored<()> {
        let key = self.keys.key(workspace.as_str(), strand).await?;
        for (number, part) in content.chunks(PART).enumerate() {
            let number = number as i64;
            let sealed = key.seal(place(workspace, "attachment_part", "body", &part_name(id, number)), part)?;
            tx.run(sql::NEW_PART, args![workspace, id, number, sealed]).await?;
        }
        Ok(())
    }

    async fn read_attachment(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Attachment> {
        let id = row.text(0)?;
        let size = row.opt_int(4)?.and_then(|size| u64::try_from(size).ok());
        Ok(Attachment {
            id: row.word(0)?,
            message: row.word(1)?,
            connection: ConnectionId(row.text(2)?),
            state: row.word(3)?,
            size,
            about: self.unseal(&row.text(5)?, place(workspace, "attachment", "body", &id), &row.blob(6)?).await?,
        })
    }

    /// Files go with their message to another strand, under that strand's key.
    pub async fn reseal_attachments(&self, tx: &mut Tx, workspace: &WorkspaceId, message: &str, from: &str, to: &str) -> Stored<()> {
        for row in tx.all(sql::OF_MESSAGE, args![workspace, message]).await? {
            let id = row.text(0)?;
            let body = self.reseal(from, to, place(workspace, "attachment", "body", &id), &row.blob(1)?).await?;
            tx.later(sql::RESEAL, args![workspace, &id, to, body]);
            for part in tx.all(sql::PARTS, args![workspace, &id]).await? {
                let number = part.int(0)?;
                let here = part_name(&id, number);
                let sealed = self.reseal(from, to, place(workspace, "attachment_part", "body", &here), &part.blob(1)?).await?;
                tx.later(sql::RESEAL_PART, args![workspace, &id, number, sealed]);
            }
        }
        Ok(())
    }
}

/// Takes away what came with a message.
pub(crate) fn drop_attachments(tx: &mut Tx, workspace: &WorkspaceId, message: &str) {
    tx.later(sql::DROP_PARTS_OF_MESSAGE, args![workspace, message]);
    tx.later(sql::DROP_OF_MESSAGE, args![workspace, message]);
}

#[async_trait]
impl Attachments for Storage {
    async fn attachments_due(&self, now: Timestamp, most: usize) -> Stored<Vec<ToFetch>> {
        let rows = self.inner.reader().await?.all(sql::DUE, args![now, most as i64]).await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            let workspace = WorkspaceId(row.text(7)?);
            let attachment = self.inner.read_attachment(&workspace, &row).await?;
            due.push(ToFetch { workspace, attachment, attempts: u32::try_from(row.int(8)?).unwrap_or(u32::MAX) });
        }
        Ok(due)
    }

    async fn next_attachment(&self) -> Stored<Option<Timestamp>> {
        let row = self.inner.reader().await?.one(sql::NEXT, args![]).await?;
        row.map_or(Ok(None), |row| row.opt_time(0))
    }

    async fn keep_attachment(
        &self,
        workspace: &WorkspaceId,
        id: AttachmentId,
        about: About,
        content: Content,
        at: Timestamp,
    ) -> Stored<bool> {
        let (inner, workspace, id) = (self.inner.clone(), workspace.clone(), id.to_string());
        self.inner
            .write("attachments.keep_attachment", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::STRAND, args![&workspace, &id]).await? else { return Ok(false) };
                    let strand = row.text(0)?;
                    let body = inner.seal(&strand, place(&workspace, "attachment", "body", &id), &about).await?;
                    tx.later(sql::KEPT, args![&workspace, &id, content.0.len() as i64, body]);
                    inner.write_parts(tx, &workspace, &strand, &id, &content.0).await?;
                    inner.ring_attachment(tx, &workspace, &id, at).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn miss_attachment(
        &self,
        workspace: &WorkspaceId,
        id: AttachmentId,
        about: About,
        again: Option<Timestamp>,
        at: Timestamp,
    ) -> Stored<()> {
        let (inner, workspace, id) = (self.inner.clone(), workspace.clone(), id.to_string());
        self.inner
            .write("attachments.miss_attachment", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::STRAND, args![&workspace, &id]).await? else { return Ok(()) };
                    let body = inner.seal(&row.text(0)?, place(&workspace, "attachment", "body", &id), &about).await?;
                    let state = if again.is_some() { AttachmentState::Waiting } else { AttachmentState::Lost };
                    let due_at = again.map_or(0, Timestamp::as_micros);
                    tx.later(sql::MISSED, args![&workspace, &id, state.as_str(), due_at, body]);
                    inner.ring_attachment(tx, &workspace, &id, at).await
                })
            })
            .await
    }

    async fn attachment(&self, workspace: &WorkspaceId, id: AttachmentId) -> Stored<Option<(Attachment, CustomerId, ConversationId)>> {
        let Some(row) = self.inner.reader().await?.one(sql::BY_ID, args![workspace, id]).await? else { return Ok(None) };
        Ok(Some((self.inner.read_attachment(workspace, &row).await?, row.word(7)?, row.word(8)?)))
    }

    async fn attachment_content(&self, workspace: &WorkspaceId, id: AttachmentId) -> Stored<Option<Vec<u8>>> {
        let id = id.to_string();
        let mut conn = self.inner.reader().await?;
        let asked = vec![(sql::BY_ID, args![workspace, &id]), (sql::PARTS, args![workspace, &id])];
        let mut answers = conn.many(asked).await?.into_iter();
        let (Some(row), parts) = (answers.next().and_then(|rows| rows.into_iter().next()), answers.next().unwrap_or_default()) else {
            return Ok(None);
        };
        if row.word::<AttachmentState>(3)? != AttachmentState::Kept {
            return Ok(None);
        }
        let key = self.inner.keys.key(workspace.as_str(), &row.text(5)?).await?;
        let mut content = Vec::new();
        for part in parts {
            let here = part_name(&id, part.int(0)?);
            content.extend_from_slice(&key.open(place(workspace, "attachment_part", "body", &here), &part.blob(1)?)?);
        }
        Ok(Some(content))
    }

    async fn attachments_with(&self, workspace: &WorkspaceId, message: MessageId) -> Stored<Vec<Attachment>> {
        let rows = self.inner.reader().await?.all(sql::WITH, args![workspace, message]).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(self.inner.read_attachment(workspace, &row).await?);
        }
        Ok(all)
    }

    async fn attachment_by_link(&self, link: &str, now: Timestamp) -> Stored<Option<(WorkspaceId, AttachmentId)>> {
        let hash = self.inner.keys.server.hash(Field::Link, &[link]);
        let row = self.inner.reader().await?.one(sql::BY_LINK, args![hash, now]).await?;
        row.map(|row| Ok((WorkspaceId(row.text(0)?), row.word(1)?))).transpose()
    }

    async fn attachments_of(&self, workspace: &WorkspaceId, customer: CustomerId, from: i64, to: i64) -> Stored<Vec<Attachment>> {
        let rows = self.inner.reader().await?.all(sql::OF_CUSTOMER, args![workspace, customer, from, to]).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(self.inner.read_attachment(workspace, &row).await?);
        }
        Ok(all)
    }
}

impl Inner {
    async fn ring_attachment(&self, tx: &mut Tx, workspace: &WorkspaceId, id: &str, at: Timestamp) -> Stored<()> {
        let Some(row) = tx.one(sql::BY_ID, args![workspace, id]).await? else { return Ok(()) };
        let note = tx.rings.note("message.updated", workspace, at);
        note.message(row.word(1)?).customer(row.word(7)?).conversation(row.word(8)?);
        Ok(())
    }
}
