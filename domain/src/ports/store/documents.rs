//! Documents that were given in the console, for the AI to answer from.

use async_trait::async_trait;

use super::Stored;
use crate::id::{DocumentId, TeammateId, WorkspaceId};
use crate::time::Timestamp;

/// A document without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id; it stays when the document is replaced by a newer one of its name.
    pub id: DocumentId,
    /// The file's name, whose ending says how it is read.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Who gave it; nobody by name when a program did.
    pub by: Option<TeammateId>,
    /// When. Another time is another content.
    pub at: Timestamp,
}

/// The documents of a workspace: few, and every server reads all of them.
#[async_trait]
pub trait Documents {
    /// All of them, in the order in which they came.
    async fn documents(&self, workspace: &WorkspaceId) -> Stored<Vec<Document>>;

    /// The bytes of one; `None`: it is gone.
    async fn document_content(&self, workspace: &WorkspaceId, id: DocumentId) -> Stored<Option<Vec<u8>>>;

    /// Keeps one, in the place of what had its id.
    async fn put_document(&self, workspace: &WorkspaceId, document: &Document, content: Vec<u8>) -> Stored<()>;

    /// Takes one away. `false`: there was none.
    async fn drop_document(&self, workspace: &WorkspaceId, id: DocumentId) -> Stored<bool>;
}
