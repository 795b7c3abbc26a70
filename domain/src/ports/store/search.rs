//! Search over everything ever said in a workspace, by words.

use async_trait::async_trait;

use super::Stored;
use crate::channel::ChannelKind;
use crate::id::{CustomerId, WorkspaceId};
use crate::message::{Author, Message};
use crate::time::Timestamp;

/// What is looked for. Everything that is given must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wanted {
    /// Words that must all occur, each as the beginning of a word or in another form of it; within quotation marks, in a row.
    pub words: String,
    /// Said to or by this customer.
    pub customer: Option<CustomerId>,
    /// On this kind of door.
    pub channel: Option<ChannelKind>,
    /// By this kind of author.
    pub author: Option<Author>,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Size of the page.
    pub limit: usize,
}

/// A stretch of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Stretch {
    /// As it was written.
    pub text: String,
    /// Is it one of the words that were looked for?
    pub hit: bool,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The message; a note of the team is one too.
    pub message: Message,
    /// To or by whom.
    pub customer: CustomerId,
    /// Its words around the first hit.
    pub excerpt: Vec<Stretch>,
}

/// What a search found, newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hits {
    /// The messages.
    pub items: Vec<Hit>,
    /// Cursor of the next page. A page may hold fewer than were asked for, even none, and still have a next one.
    pub next: Option<String>,
    /// Did the index hold everything that had been said? After a start without an index it is built anew.
    pub is_complete: bool,
}

/// Search over everybody. Its index is a file of its own with nothing but keyed hashes of words, which follows the store by
/// a moment, is in no backup and may be deleted.
#[async_trait]
pub trait Search {
    /// Takes a batch of what was said, changed or taken away since the last time into the index. `true`: there is more.
    /// May be repeated; nothing is lost when it fails.
    async fn catch_up(&self) -> Stored<bool>;

    /// Finds messages. What was taken away, drafts and what is still being said are not found, whatever the index holds.
    async fn search(&self, workspace: &WorkspaceId, wanted: &Wanted) -> Stored<Hits>;
}
