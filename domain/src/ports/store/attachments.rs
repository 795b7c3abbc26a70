//! Files that came with messages.

use async_trait::async_trait;

use super::Stored;
use crate::attachment::{About, Attachment};
use crate::event::{Content, Media};
use crate::id::{AttachmentId, ConversationId, CustomerId, MessageId, WorkspaceId};
use crate::time::Timestamp;

/// A file that comes with a message to accept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttachment {
    /// Id to give.
    pub id: AttachmentId,
    /// What it is: kept at once when its bytes are there, else fetched.
    pub about: About,
    /// Its bytes.
    pub content: Option<Content>,
    /// Until when its link opens it, when it has one.
    pub link_until: Option<Timestamp>,
}

/// A file to fetch.
#[derive(Debug, Clone, PartialEq)]
pub struct ToFetch {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Which.
    pub attachment: Attachment,
    /// Tries so far.
    pub attempts: u32,
}

/// Files. Their bytes are sealed with the key of the strand of their message, and go when that goes.
#[async_trait]
pub trait Attachments {
    /// Files that have to be fetched by now (real time), oldest first.
    async fn attachments_due(&self, now: Timestamp, most: usize) -> Stored<Vec<ToFetch>>;

    /// When the next one is due (real time).
    async fn next_attachment(&self) -> Stored<Option<Timestamp>>;

    /// Keeps what was fetched, told to pages as of `at`. `false`: nobody waits for it any more.
    async fn keep_attachment(
        &self,
        workspace: &WorkspaceId,
        id: AttachmentId,
        about: About,
        content: Content,
        at: Timestamp,
    ) -> Stored<bool>;

    /// It could not be fetched: another try at that time, or never.
    async fn miss_attachment(
        &self,
        workspace: &WorkspaceId,
        id: AttachmentId,
        about: About,
        again: Option<Timestamp>,
        at: Timestamp,
    ) -> Stored<()>;

    /// A file with whose it is and in which conversation.
    async fn attachment(&self, workspace: &WorkspaceId, id: AttachmentId) -> Stored<Option<(Attachment, CustomerId, ConversationId)>>;

    /// Its bytes; `None` when they are not here.
    async fn attachment_content(&self, workspace: &WorkspaceId, id: AttachmentId) -> Stored<Option<Vec<u8>>>;

    /// Files of a message, in their order.
    async fn attachments_with(&self, workspace: &WorkspaceId, message: MessageId) -> Stored<Vec<Attachment>>;

    /// The file that such a link opens at that time.
    async fn attachment_by_link(&self, link: &str, now: Timestamp) -> Stored<Option<(WorkspaceId, AttachmentId)>>;

    /// Files of a customer's messages from `from` to `to` in the order of the timeline, both included.
    async fn attachments_of(&self, workspace: &WorkspaceId, customer: CustomerId, from: i64, to: i64) -> Stored<Vec<Attachment>>;
}

/// What a vendor says of a file, without its bytes.
impl From<&Media> for About {
    fn from(media: &Media) -> Self {
        Self { media: Media { content: None, ..media.clone() }, ..Self::default() }
    }
}
