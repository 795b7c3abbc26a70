//! Recall's part of the store: posting blocks per strand, sealed with its key; what they hold is the engine's.

use async_trait::async_trait;
use domain::message::Message;
use domain::ports::{Meaning, Posted, Posting, Recall, Stored};
use domain::{CustomerId, MessageId, StrandId, WorkspaceId};

use crate::Storage;
use crate::db::{Statement, Tx, args};
use crate::rows::place;
use crate::sql::recall as sql;

/// A message is about to leave its strand: none of its words may stay behind in a block.
pub(crate) fn unpost(tx: &mut Tx, workspace: &WorkspaceId, message: &str) {
    for statement in sql::UNPOST {
        tx.later(statement, args![workspace, message]);
    }
    tx.later(crate::sql::search::RETELL, args![workspace, message]);
}

fn row(strand: StrandId, last_seq: i64) -> String {
    format!("{strand}|{last_seq}")
}

#[async_trait]
impl Recall for Storage {
    async fn posted(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<Posted>> {
        let rows = self.inner.reader().await?.all(sql::POSTED, args![workspace, customer]).await?;
        rows.iter().map(|row| Ok(Posted { strand: row.word(0)?, to: row.int(1)?, version: row.int(2)? })).collect()
    }

    async fn postings(&self, workspace: &WorkspaceId, strand: StrandId, after: i64) -> Stored<Vec<Posting>> {
        let rows = self.inner.reader().await?.all(sql::POSTINGS, args![workspace, strand, after]).await?;
        let mut postings = Vec::with_capacity(rows.len());
        if rows.is_empty() {
            return Ok(postings);
        }
        let key = self.inner.keys.key(workspace.as_str(), &strand.to_string()).await?;
        for found in rows {
            let last_seq = found.int(0)?;
            let words = key.open(place(workspace, "posting", "body", &row(strand, last_seq)), &found.blob(2)?)?;
            postings.push(Posting { last_seq, messages: found.int(1)? as u32, words });
        }
        Ok(postings)
    }

    async fn said_on(&self, workspace: &WorkspaceId, strand: StrandId, after: i64, before: i64, limit: usize) -> Stored<Vec<Message>> {
        let rows = self.inner.reader().await?.all(sql::SAID_ON, args![workspace, strand, after, before, limit]).await?;
        self.inner.messages(workspace, &rows).await
    }

    async fn said(&self, workspace: &WorkspaceId, customer: CustomerId, ids: &[MessageId]) -> Stored<Vec<Message>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let statements: Vec<Statement> = ids.iter().map(|id| (sql::SAID, args![workspace, customer, *id])).collect();
        let mut conn = self.inner.reader().await?;
        let rows: Vec<_> = conn.many(statements).await?.into_iter().flatten().collect();
        drop(conn);
        let mut messages = self.inner.messages(workspace, &rows).await?;
        messages.sort_by_key(|message| message.seq);
        Ok(messages)
    }

    async fn keep_posting(&self, workspace: &WorkspaceId, after: Posted, posting: &Posting) -> Stored<bool> {
        let strand = after.strand.to_string();
        let here = row(after.strand, posting.last_seq);
        let key = self.inner.keys.key(workspace.as_str(), &strand).await?;
        let sealed = key.seal(place(workspace, "posting", "body", &here), &posting.words)?;
        let (workspace, last_seq, messages) = (workspace.clone(), posting.last_seq, posting.messages);
        self.inner
            .write_briefly("recall.keep_posting", move |tx| {
                Box::pin(async move {
                    let reach = args![&workspace, &strand, after.to, after.version, last_seq];
                    if tx.run(sql::REACH_ON, reach).await? == 0 {
                        return Ok(false);
                    }
                    tx.later(sql::NEW_POSTING, args![&workspace, &strand, last_seq, messages, sealed]);
                    Ok(true)
                })
            })
            .await
    }

    async fn drop_postings(&self, workspace: &WorkspaceId, strand: StrandId) -> Stored<()> {
        let (workspace, strand) = (workspace.clone(), strand.to_string());
        self.inner
            .write_briefly("recall.drop_postings", move |tx| {
                for statement in sql::UNPOST_ALL {
                    tx.later(statement, args![&workspace, &strand]);
                }
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn meanings(&self, workspace: &WorkspaceId, strand: StrandId, model: &str, after: i64) -> Stored<Vec<Meaning>> {
        let rows = self.inner.reader().await?.all(sql::MEANINGS, args![workspace, strand, after, model]).await?;
        let mut meanings = Vec::with_capacity(rows.len());
        if rows.is_empty() {
            return Ok(meanings);
        }
        let key = self.inner.keys.key(workspace.as_str(), &strand.to_string()).await?;
        for found in rows {
            let last_seq = found.int(0)?;
            let vectors = key.open(place(workspace, "meaning", "body", &row(strand, last_seq)), &found.blob(2)?)?;
            meanings.push(Meaning { last_seq, messages: found.int(1)? as u32, vectors });
        }
        Ok(meanings)
    }

    async fn keep_meaning(&self, workspace: &WorkspaceId, posted: Posted, model: &str, after: i64, meaning: &Meaning) -> Stored<bool> {
        let strand = posted.strand.to_string();
        let key = self.inner.keys.key(workspace.as_str(), &strand).await?;
        let sealed = key.seal(place(workspace, "meaning", "body", &row(posted.strand, meaning.last_seq)), &meaning.vectors)?;
        let (workspace, model, last_seq, messages) = (workspace.clone(), model.to_owned(), meaning.last_seq, meaning.messages);
        self.inner
            .write_briefly("recall.keep_meaning", move |tx| {
                tx.later(sql::DROP_FOREIGN_MEANINGS, args![&workspace, &strand, &model]);
                Box::pin(async move {
                    if tx.run(sql::MEANING_FITS, args![&workspace, &strand, posted.version, after]).await? == 0 {
                        return Ok(false);
                    }
                    tx.later(sql::NEW_MEANING, args![&workspace, &strand, last_seq, &model, messages, sealed]);
                    Ok(true)
                })
            })
            .await
    }
}
