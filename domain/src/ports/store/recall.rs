//! Recall: the words of everything a person and we said, in sealed blocks, and the few messages that they find.

use async_trait::async_trait;

use super::Stored;
use crate::id::{CustomerId, MessageId, StrandId, WorkspaceId};
use crate::message::Message;

/// How far the blocks of a strand reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Whose blocks.
    pub strand: StrandId,
    /// Everything on it up to this place in the order of the timeline is in a block.
    pub to: i64,
    /// Another one than before: blocks were taken back, and what was read of them is void.
    pub version: i64,
}

/// A posting block: what the messages of a stretch of a strand say, word by word. Only the engine reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Posting {
    /// Place of its last message in the order of the timeline.
    pub last_seq: i64,
    /// How many messages it holds.
    pub messages: u32,
    /// As the engine wrote them; sealed by the store.
    pub words: Vec<u8>,
}

impl std::fmt::Debug for Posting {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Posting({} messages to {})", self.messages, self.last_seq)
    }
}

/// Vectors of a stretch of a strand, by one model. Only the engine reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Place of its last message in the order of the timeline.
    pub last_seq: i64,
    /// How many messages it holds.
    pub messages: u32,
    /// As the engine wrote them; sealed by the store.
    pub vectors: Vec<u8>,
}

impl std::fmt::Debug for Meaning {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Meaning({} messages to {})", self.messages, self.last_seq)
    }
}

/// Recall over a person's history, whose cost does not grow with it once its blocks are read.
#[async_trait]
pub trait Recall {
    /// How far the blocks of a customer's strands reach: one row a strand.
    async fn posted(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<Posted>>;

    /// The blocks of a strand behind a place in the order, oldest first.
    async fn postings(&self, workspace: &WorkspaceId, strand: StrandId, after: i64) -> Stored<Vec<Posting>>;

    /// What was said on a strand between two places in the order, both left out: oldest first, drafts among it.
    async fn said_on(&self, workspace: &WorkspaceId, strand: StrandId, after: i64, before: i64, limit: usize) -> Stored<Vec<Message>>;

    /// Those of these messages that were said to or by this customer, in order; a draft is nothing that was said.
    async fn said(&self, workspace: &WorkspaceId, customer: CustomerId, ids: &[MessageId]) -> Stored<Vec<Message>>;

    /// Keeps the block that follows `after`. `false`: the blocks no longer end there, nothing was written. May be repeated.
    async fn keep_posting(&self, workspace: &WorkspaceId, after: Posted, posting: &Posting) -> Stored<bool>;

    /// Takes back every block of a strand, so that they are made anew. May be repeated.
    async fn drop_postings(&self, workspace: &WorkspaceId, strand: StrandId) -> Stored<()>;

    /// The vectors of a strand behind a place in the order that this model made, oldest first.
    async fn meanings(&self, workspace: &WorkspaceId, strand: StrandId, model: &str, after: i64) -> Stored<Vec<Meaning>>;

    /// Keeps the vectors that follow the place `after`; those of other models go. `false`: what was said there has changed
    /// since `posted` was read, or they follow nothing that is kept, and nothing was written. May be repeated.
    async fn keep_meaning(&self, workspace: &WorkspaceId, posted: Posted, model: &str, after: i64, meaning: &Meaning) -> Stored<bool>;
}
