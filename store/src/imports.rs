//! Imports: each row and what undoes it in one transaction; undoing goes backwards, a page of rows at a time.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::ports::{Erasure, Import, ImportUndone, ImportedRow, Imports, StoreError, Stored};
use domain::time::Timestamp;
use domain::turn::{FactChange, IdentityChange};
use domain::{CustomerId, ImportId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::commit::Scene;
use crate::db::{Tx, args};
use crate::identity::texts;
use crate::rows::{Card, place};
use crate::sql::{identity as identity_sql, imports as sql, intake as intake_sql};
use crate::{Inner, Storage};

/// Rows undone in one transaction.
const PAGE: i64 = 100;

/// What a row added, for the way back.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Added {
    /// Identifiers.
    identifiers: Vec<String>,
    /// Facts that are new.
    facts: Vec<String>,
    /// Facts that these replaced.
    replaced: Vec<String>,
    /// Attributes as they were before; null: there was none.
    attributes: Map<String, Value>,
}

/// What a page of undoing came to.
#[derive(Default)]
struct Page {
    rows: usize,
    done: ImportUndone,
    erased: Vec<Erasure>,
}

impl Inner {
    async fn write_import_row(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        import: ImportId,
        row: &ImportedRow,
        at: Timestamp,
    ) -> Stored<bool> {
        let id = row.customer.to_string();
        let known = self.root(tx, workspace, &id).await?;
        let before = tx.one(sql::ROW, args![workspace, import, row.line as i64]).await?;
        let mut made = known.is_none();
        let root = known.unwrap_or_else(|| id.clone());
        if made {
            self.add_customer(tx, workspace, &id, at, &Card::default()).await?;
        }
        let mut added = Added::default();
        if let Some(before) = before.filter(|before| before.text(0).is_ok_and(|customer| customer == id)) {
            made |= before.flag(1)?;
            added = self.unseal(&id, place(workspace, "import_row", "body", &line_name(import, row.line)), &before.blob(2)?).await?;
        }
        let mut changes = Vec::new();
        for (seen, identifier, strand) in &row.identifiers {
            added.identifiers.push(identifier.to_string());
            changes.push(IdentityChange::Attach { customer: row.customer, identifier: seen.clone(), id: *identifier, strand: *strand });
        }
        self.change(tx, workspace, None, &changes, at).await?;
        for change in &row.facts {
            match change {
                FactChange::Add(fact) => added.facts.push(fact.id.to_string()),
                FactChange::End { fact, .. } => added.replaced.push(fact.to_string()),
            }
        }
        let scene = Scene { root: &root, moved: true, strand: "" };
        self.write_facts(tx, workspace, &row.facts, &scene).await?;
        if !row.attributes.is_empty()
            && let Some(card) = tx.one(intake_sql::CARD, args![workspace, &root]).await?
        {
            let mut card = self.open_card(workspace, &root, &card.blob(1)?).await?;
            for (name, value) in &row.attributes {
                let old = card.attributes.insert(name.clone(), value.clone());
                added.attributes.entry(name.clone()).or_insert(old.unwrap_or(Value::Null));
            }
            let sealed = self.seal_card(workspace, &root, &card).await?;
            tx.later(intake_sql::SET_CARD, args![workspace, &root, sealed]);
        }
        let body = self.seal(&id, place(workspace, "import_row", "body", &line_name(import, row.line)), &added).await?;
        tx.later(sql::NEW_ROW, args![workspace, import, row.line as i64, &id, i64::from(made), body]);
        tx.later(identity_sql::RAISE, args![workspace, &root]);
        self.refresh_card(tx, workspace, &root).await?;
        tx.rings.note("customer.updated", workspace, at).customer(row.customer);
        Ok(made)
    }

    async fn undo_page(&self, tx: &mut Tx, workspace: &WorkspaceId, import: ImportId, at: Timestamp) -> Stored<Page> {
        let mut page = Page::default();
        for row in tx.all(sql::NEXT_ROWS, args![workspace, import, PAGE]).await? {
            page.rows += 1;
            let (line, customer, made) = (row.int(0)?, row.text(1)?, row.flag(2)?);
            let name = line_name(import, line as u64);
            let added: Added = self.unseal(&customer, place(workspace, "import_row", "body", &name), &row.blob(3)?).await?;
            tx.later(sql::DROP_ROW, args![workspace, import, line]);
            let Some(root) = self.root(tx, workspace, &customer).await? else { continue };
            if made && root == customer && !self.has_come_to_life(tx, workspace, &root, &added).await? {
                if let Some(erasure) = self.take_away_record(tx, workspace, &root, at).await? {
                    page.erased.push(erasure);
                }
                page.done.removed += 1;
                continue;
            }
            self.take_back(tx, workspace, &root, &added).await?;
            if made {
                page.done.kept += 1;
            } else {
                page.done.restored += 1;
            }
            if let Ok(customer) = root.parse::<CustomerId>() {
                tx.rings.note("customer.updated", workspace, at).customer(customer);
            }
        }
        Ok(page)
    }

    /// Has anything come to the record besides this import?
    async fn has_come_to_life(&self, tx: &mut Tx, workspace: &WorkspaceId, root: &str, added: &Added) -> Stored<bool> {
        if tx.one(sql::LIVES, args![workspace, root]).await?.is_some() {
            return Ok(true);
        }
        let ids = texts(&tx.all(sql::IDENTIFIERS_OF, args![workspace, root]).await?)?;
        Ok(ids.iter().any(|id| !added.identifiers.contains(id)))
    }

    async fn take_back(&self, tx: &mut Tx, workspace: &WorkspaceId, root: &str, added: &Added) -> Stored<()> {
        let mut talks = BTreeSet::new();
        for row in tx.all(sql::IDENTIFIERS_OF, args![workspace, root]).await? {
            let (id, trust, origin, strand) = (row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?);
            let is_ours = added.identifiers.contains(&id) && trust == "claimed" && origin == "import";
            if is_ours && tx.one(sql::SAID_ON, args![workspace, &strand]).await?.is_none() {
                self.empty_strand(tx, workspace, &strand, &[], &mut talks).await?;
            }
        }
        let mut is_current = false;
        for fact in &added.facts {
            let status = tx.one(sql::FACT_STATUS, args![workspace, fact]).await?.map(|row| row.text(0)).transpose()?;
            is_current |= status.as_deref() == Some("active");
            tx.later(sql::FACT_OUT, args![workspace, fact]);
        }
        // What has been replaced again since stays replaced.
        if is_current {
            for fact in &added.replaced {
                tx.later(sql::FACT_BACK, args![workspace, fact]);
            }
        }
        if !added.attributes.is_empty()
            && let Some(card) = tx.one(intake_sql::CARD, args![workspace, root]).await?
        {
            let mut card = self.open_card(workspace, root, &card.blob(1)?).await?;
            for (name, value) in &added.attributes {
                if value.is_null() {
                    card.attributes.remove(name);
                } else {
                    card.attributes.insert(name.clone(), value.clone());
                }
            }
            let sealed = self.seal_card(workspace, root, &card).await?;
            tx.later(intake_sql::SET_CARD, args![workspace, root, sealed]);
        }
        tx.later(identity_sql::RAISE, args![workspace, root]);
        self.refresh_card(tx, workspace, root).await
    }
}

/// The associated data of a sealed row.
fn line_name(import: ImportId, line: u64) -> String {
    format!("{import}:{line}")
}

#[async_trait]
impl Imports for Storage {
    async fn begin_import(&self, workspace: &WorkspaceId, import: Import) -> Stored<()> {
        let workspace = workspace.clone();
        self.inner
            .write("imports.begin_import", move |tx| {
                tx.later(sql::NEW, args![&workspace, import.id, &import.name, &import.by, import.at]);
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn import_row(&self, workspace: &WorkspaceId, import: ImportId, row: ImportedRow, at: Timestamp) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        let mut owners = vec![row.customer.to_string()];
        owners.extend(row.identifiers.iter().map(|(_, _, strand)| strand.to_string()));
        inner.keys.ensure(workspace.as_str(), &owners).await?;
        self.inner
            .write("imports.import_row", move |tx| Box::pin(async move { inner.write_import_row(tx, &workspace, import, &row, at).await }))
            .await
    }

    async fn imports(&self, workspace: &WorkspaceId) -> Stored<Vec<Import>> {
        let rows = self.inner.reader().await?.all(sql::ALL, args![workspace]).await?;
        rows.iter()
            .map(|row| {
                Ok(Import {
                    id: row.word(0)?,
                    name: row.text(1)?,
                    by: row.text(2)?,
                    at: row.time(3)?,
                    undone_at: row.opt_time(4)?,
                    created: row.int(5)? as u64,
                    updated: row.int(6)? as u64,
                })
            })
            .collect()
    }

    async fn undo_import(&self, workspace: &WorkspaceId, import: ImportId, at: Timestamp) -> Stored<Option<ImportUndone>> {
        if self.inner.reader().await?.one(sql::KNOWN, args![workspace, import]).await?.is_none() {
            return Ok(None);
        }
        let mut done = ImportUndone::default();
        loop {
            let (inner, scope) = (self.inner.clone(), workspace.clone());
            let page = self
                .inner
                .write("imports.undo_import", move |tx| Box::pin(async move { inner.undo_page(tx, &scope, import, at).await }))
                .await?;
            self.inner.finish_erasures(&page.erased).await?;
            done.removed += page.done.removed;
            done.restored += page.done.restored;
            done.kept += page.done.kept;
            if page.rows == 0 {
                break;
            }
        }
        let scope = workspace.clone();
        self.inner
            .write("imports.undo_import", move |tx| {
                tx.later(sql::UNDONE, args![&scope, import, at]);
                Box::pin(async { Ok::<(), StoreError>(()) })
            })
            .await?;
        Ok(Some(done))
    }
}
