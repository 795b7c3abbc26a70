//! Importing customers: a row goes to the record of its first identifier, or makes one; nothing is joined, nothing trusted more.

use domain::customer::Customer;
use domain::fact::Strength;
use domain::identifier::{Origin, SeenIdentifier, Trust};
use domain::ports::{Import, ImportUndone, ImportedRow, Stored};
use domain::{CustomerId, IdentifierId, ImportId, StrandId, WorkspaceId};

use crate::Engine;
use crate::identity::import::Row;
use crate::memory::facts::{self, Provenance};

/// What came of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// Nobody had its identifiers: a record was, or would be, made.
    Created,
    /// A record has, or would have, something new.
    Updated,
    /// All of it was known.
    Unchanged,
    /// It cannot be read.
    Refused,
}

/// What came of a row, with whom it went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReport {
    /// What came of it.
    pub outcome: RowOutcome,
    /// Whose record it is, where there is one.
    pub customer: Option<CustomerId>,
    /// Problems, and what is worth knowing.
    pub notes: Vec<String>,
}

impl Engine {
    /// Begins an import; its rows follow.
    pub async fn begin_import(&self, workspace: &WorkspaceId, name: &str, by: &str) -> Stored<ImportId> {
        let now = self.clock.now();
        let id = ImportId::new(now, self.random.bits());
        let import = Import { id, name: name.to_owned(), by: by.to_owned(), at: now, created: 0, updated: 0, undone_at: None };
        self.store.begin_import(workspace, import).await?;
        Ok(id)
    }

    /// One row. Without `import` nothing is written: what would come of it is told.
    pub async fn import_row(&self, workspace: &WorkspaceId, import: Option<ImportId>, line: u64, row: &Row) -> Stored<RowReport> {
        if !row.problems.is_empty() {
            return Ok(RowReport { outcome: RowOutcome::Refused, customer: None, notes: row.problems.clone() });
        }
        let now = self.clock.now();
        let (record, notes) = self.holder_of_row(workspace, row).await?;
        let identifiers: Vec<SeenIdentifier> =
            row.identifiers.iter().filter(|seen| !record.as_ref().is_some_and(|record| has(record, seen))).cloned().collect();
        let learned: Vec<_> = row.facts.iter().map(|(predicate, value)| self.typed(workspace, *predicate, value, now)).collect();
        let from = Provenance {
            strand: None,
            message: None,
            channel: None,
            origin: Origin::Import,
            strength: Strength::System,
            extractor: "import",
            at: now,
        };
        let fresh = Customer::unknown(CustomerId::new(now, self.random.bits()), now);
        let known = record.as_ref().unwrap_or(&fresh);
        let facts = facts::learn(known, &learned, None, from, &*self.random);
        let mut attributes = row.attributes.clone();
        attributes.retain(|name, value| known.attributes.get(name) != Some(value));
        let outcome = if record.is_none() {
            RowOutcome::Created
        } else if identifiers.is_empty() && facts.is_empty() && attributes.is_empty() {
            RowOutcome::Unchanged
        } else {
            RowOutcome::Updated
        };
        let customer = record.as_ref().map(|record| record.id);
        let Some(import) = import.filter(|_| outcome != RowOutcome::Unchanged) else { return Ok(RowReport { outcome, customer, notes }) };
        let identifiers = identifiers
            .into_iter()
            .map(|seen| (seen, IdentifierId::new(now, self.random.bits()), StrandId::new(now, self.random.bits())))
            .collect();
        let written = ImportedRow { line, customer: known.id, identifiers, facts, attributes };
        self.store.import_row(workspace, import, written, now).await?;
        Ok(RowReport { outcome, customer: Some(known.id), notes })
    }

    /// Whose row it is: whoever holds its first identifier that anybody holds, or the record an earlier import made for it.
    /// What was only said in a talk finds nobody.
    async fn holder_of_row(&self, workspace: &WorkspaceId, row: &Row) -> Stored<(Option<Customer>, Vec<String>)> {
        let mut found: Option<Customer> = None;
        let mut notes = Vec::new();
        for seen in &row.identifiers {
            let mut holder = None;
            for (customer, trust) in self.store.customers_by_identifier(workspace, seen.kind, Some(&seen.scope), &seen.value).await? {
                let record = self.store.customer(workspace, customer).await?;
                let counts = |record: &Customer| {
                    trust > Trust::Claimed
                        || record.identifiers.iter().any(|known| {
                            known.kind == seen.kind && known.value == seen.value && matches!(known.origin, Origin::Import | Origin::Api)
                        })
                };
                holder = record.filter(counts);
                if holder.is_some() {
                    break;
                }
            }
            match (&found, holder) {
                (None, Some(holder)) => found = Some(holder),
                (Some(known), Some(other)) if known.id != other.id => {
                    notes.push(format!("{} belongs to another customer, {}; it is kept as a claim here", seen.kind, other.id));
                }
                _ => {}
            }
        }
        Ok((found, notes))
    }

    /// The imports, newest first.
    pub async fn imports(&self, workspace: &WorkspaceId) -> Stored<Vec<Import>> {
        self.store.imports(workspace).await
    }

    /// Takes an import back. `None`: there is no such import.
    pub async fn undo_import(&self, workspace: &WorkspaceId, import: ImportId) -> Stored<Option<ImportUndone>> {
        self.store.undo_import(workspace, import, self.clock.now()).await
    }
}

fn has(record: &Customer, seen: &SeenIdentifier) -> bool {
    record.identifiers.iter().any(|known| known.kind == seen.kind && known.scope == seen.scope && known.value == seen.value)
}
