//! Imports: customers from a file, row by row, and what it takes to undo them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Stored;
use crate::id::{CustomerId, IdentifierId, ImportId, StrandId, WorkspaceId};
use crate::identifier::SeenIdentifier;
use crate::time::Timestamp;
use crate::turn::FactChange;

/// An import of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Name of the file.
    pub name: String,
    /// Who ran it.
    pub by: String,
    /// When it began.
    pub at: Timestamp,
    /// Customers it made.
    pub created: u64,
    /// Customers it added something to.
    pub updated: u64,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}

/// What a row of a file changes.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRow {
    /// Its line in the file.
    pub line: u64,
    /// The record it goes to; made when nobody has this id.
    pub customer: CustomerId,
    /// Its identifiers, all of them claims.
    pub identifiers: Vec<(SeenIdentifier, IdentifierId, StrandId)>,
    /// Facts.
    pub facts: Vec<FactChange>,
    /// Attributes.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

/// What undoing an import came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ImportUndone {
    /// Records that the import made, taken away again.
    pub removed: u64,
    /// Records that are as they were before.
    pub restored: u64,
    /// Records that the import made and that have come to life since: their messages stay, the imported values went.
    pub kept: u64,
}

/// Imports of customers.
#[async_trait]
pub trait Imports {
    /// Begins an import. The same id again changes nothing.
    async fn begin_import(&self, workspace: &WorkspaceId, import: Import) -> Stored<()>;

    /// Writes a row and what it takes to undo it, in one transaction. `true`: the record was made by it.
    /// A line that was written before is written over: what it changes now is added to what undoing it takes back.
    async fn import_row(&self, workspace: &WorkspaceId, import: ImportId, row: ImportedRow, at: Timestamp) -> Stored<bool>;

    /// The imports, newest first.
    async fn imports(&self, workspace: &WorkspaceId) -> Stored<Vec<Import>>;

    /// Takes an import back. May be repeated after a crash. `None`: there is no such import.
    async fn undo_import(&self, workspace: &WorkspaceId, import: ImportId, at: Timestamp) -> Stored<Option<ImportUndone>>;
}
