//! Taking a person away: rows and look-ups in one transaction with the tombstone, then the keys, then every copy
//! within reach, then the list. Each step may be repeated, and what a stopped server left is finished at the next start.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ports::{Erasure, Stored};
use domain::time::Timestamp;
use domain::{CustomerId, WorkspaceId};

use crate::db::{Row, Tx, args};
use crate::identity::{below, move_strand, texts};
use crate::intake::fresh_id;
use crate::rows::{Card, Named, json, place};
use crate::sql::{identity as identity_sql, intake as intake_sql, privacy as sql, search as search_sql, turns as turns_sql};
use crate::{Engine, Inner, copies};

fn names(ids: &[impl ToString]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

impl Inner {
    /// Takes away the record that this id leads to. `None`: there is none.
    pub async fn take_away_record(&self, tx: &mut Tx, workspace: &WorkspaceId, id: &str, at: Timestamp) -> Stored<Option<Erasure>> {
        let Some(root) = self.root(tx, workspace, id).await? else { return Ok(None) };
        if !tx.is_lite() {
            tx.one(intake_sql::LOCK_CUSTOMER, args![workspace, &root]).await?;
        }
        let members = tx.all(identity_sql::MEMBERS, args![workspace, &root]).await?;
        let strands = tx.all(identity_sql::STRANDS_OF, args![workspace, &root]).await?;
        let Some(customer) = root.parse().ok().filter(|_| !members.is_empty()) else { return Ok(None) };
        let erasure = Erasure { workspace: workspace.clone(), customer, customers: words(&members)?, strands: words(&strands)?, at };
        self.take_away(tx, &erasure).await?;
        Ok(Some(erasure))
    }

    /// Takes away exactly these records and strands; what else a record holds here goes on without it.
    pub async fn take_away(&self, tx: &mut Tx, erasure: &Erasure) -> Stored<()> {
        let workspace = &erasure.workspace;
        let (customers, strands) = (names(&erasure.customers), names(&erasure.strands));
        if tx.is_lite() {
            tx.later(sql::KEEP_SEQ, args![]);
        }
        self.part_from_others(tx, erasure, &customers, &strands).await?;
        let forgotten = self.names_of(tx, workspace, &customers).await?;
        let mut partners = self.partners(tx, workspace, &customers).await?;
        let mut talks = BTreeSet::new();
        for strand in &strands {
            if let Some(owner) = self.empty_strand(tx, workspace, strand, &customers, &mut talks).await?
                && !customers.contains(&owner)
            {
                partners.insert(owner);
            }
        }
        for talk in talks {
            self.end_talk(tx, workspace, &talk, &customers, &strands).await?;
        }
        for customer in &customers {
            for statement in sql::OF_RECORD {
                tx.later(statement, args![workspace, customer]);
            }
        }
        for partner in &partners {
            self.forget_names(tx, workspace, partner, &forgotten).await?;
        }
        let (root, at) = (erasure.customer, erasure.at);
        tx.later(sql::NEW_ERASURE, args![workspace, root, json(&customers)?, json(&strands)?, at]);
        for customer in &customers {
            tx.later(sql::NEW_ERASED, args![workspace, customer, root]);
        }
        let tombstone = serde_json::json!({ "change": "erase", "customers": customers, "strands": strands });
        tx.later(sql::TOMBSTONE, args![workspace, json(&tombstone)?, at]);
        for kind in ["identity.updated", "conversation.updated"] {
            tx.rings.note(kind, workspace, at).customer(root);
        }
        Ok(())
    }

    /// Removes what hangs on a strand; who had it.
    pub(crate) async fn empty_strand(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        strand: &str,
        customers: &[String],
        talks: &mut BTreeSet<String>,
    ) -> Stored<Option<String>> {
        let row = tx.one(identity_sql::STRAND, args![workspace, strand]).await?;
        let owner = row.as_ref().map(|row| row.text(1)).transpose()?;
        for statement in sql::OF_STRAND {
            tx.later(statement, args![workspace, strand]);
        }
        for holder in customers.iter().chain(&owner) {
            tx.later(sql::MEMORY_OF_STRAND, args![workspace, strand, holder]);
            talks.extend(texts(&tx.all(sql::TALKS_OF_STRAND, args![workspace, strand, holder]).await?)?);
        }
        tx.later(sql::MESSAGES_OF_STRAND, args![workspace, strand]);
        tx.later(search_sql::RETELL_STRAND, args![strand]);
        tx.later(sql::DROP_STRAND, args![workspace, strand]);
        if let Some(row) = row {
            self.leave_identifier(tx, workspace, &row.text(0)?, strand).await?;
        }
        Ok(owner)
    }

    /// An identifier that nobody else uses goes; one that others share goes on under a key of theirs.
    async fn leave_identifier(&self, tx: &mut Tx, workspace: &WorkspaceId, identifier: &str, strand: &str) -> Stored<()> {
        let Some(row) = tx.one(sql::SEALED_IDENTIFIER, args![workspace, identifier]).await? else { return Ok(()) };
        let (owner, sealed) = (row.text(2)?, row.blob(3)?);
        if let Some(next) = tx.one(sql::STRANDS_ON, args![workspace, identifier]).await? {
            let next = next.text(0)?;
            if owner == strand {
                let sealed = self.reseal(&owner, &next, place(workspace, "identifier", "body", identifier), &sealed).await?;
                tx.later(sql::HAND_IDENTIFIER, args![workspace, identifier, &next, sealed]);
            }
            if row.text(4)? == strand {
                tx.later(intake_sql::POINT, args![workspace, identifier, next]);
            }
            tx.later(sql::FORGET_SPEAKER, args![workspace, identifier]);
            return Ok(());
        }
        for hash in [row.text(0)?, row.text(1)?] {
            if tx.one(sql::SAME_LOOKUP, args![workspace, identifier, &hash]).await?.is_none() {
                tx.later(sql::BLIND_LOG, args![workspace, hash]);
            }
        }
        for statement in sql::OF_IDENTIFIER {
            tx.later(statement, args![workspace, identifier]);
        }
        Ok(())
    }

    /// A conversation goes, unless somebody else has spoken in it: then it is theirs.
    async fn end_talk(&self, tx: &mut Tx, workspace: &WorkspaceId, talk: &str, customers: &[String], strands: &[String]) -> Stored<()> {
        let Some(row) = tx.one(turns_sql::CONVERSATION, args![workspace, talk]).await? else { return Ok(()) };
        let was_theirs = !strands.contains(&row.text(0)?) && !customers.contains(&row.text(1)?);
        for strand in strands {
            for statement in sql::SEALED_TURNS {
                tx.later(statement, args![workspace, talk, strand]);
            }
        }
        let rest = tx.one(sql::REST_OF_TALK, args![workspace, talk]).await?;
        match rest {
            Some(_) if was_theirs => {}
            Some(rest) => tx.later(sql::HAND_TALK, args![workspace, talk, rest.text(1)?, rest.text(0)?]),
            None => {
                for statement in sql::OF_TALK {
                    tx.later(statement, args![workspace, talk]);
                }
            }
        }
        Ok(())
    }

    /// In an older copy these records may hold people and strands who have parted from them since: they part now.
    async fn part_from_others(&self, tx: &mut Tx, erasure: &Erasure, customers: &[String], strands: &[String]) -> Stored<()> {
        let workspace = &erasure.workspace;
        for root in customers {
            let rows = tx.all(identity_sql::MEMBERS, args![workspace, root]).await?;
            for row in &rows {
                let (id, redirect) = (row.text(0)?, row.opt_text(1)?);
                if customers.contains(&id) || redirect.is_none_or(|to| !customers.contains(&to)) {
                    continue;
                }
                tx.later(identity_sql::REDIRECT, args![workspace, &id, Option::<String>::None]);
                self.settle_members(tx, workspace, &below(&rows, &id)?, root, &id).await?;
            }
            for row in tx.all(sql::STRANDS_WITH_HOME, args![workspace, root]).await? {
                let strand = row.text(0)?;
                if !strands.contains(&strand) {
                    let id: CustomerId = fresh_id(erasure.at)?;
                    self.keys.ensure(workspace.as_str(), &[id.to_string()]).await?;
                    self.add_customer(tx, workspace, &id.to_string(), erasure.at, &Card::default()).await?;
                    tx.later(identity_sql::STRAND_OWNER, args![workspace, &strand, id, id]);
                    move_strand(tx, workspace, &strand, root, &id.to_string());
                    self.refresh_card(tx, workspace, &id.to_string()).await?;
                }
            }
        }
        Ok(())
    }

    /// Records that were one with these for a while and are no longer.
    async fn partners(&self, tx: &mut Tx, workspace: &WorkspaceId, customers: &[String]) -> Stored<BTreeSet<String>> {
        let mut partners = BTreeSet::new();
        for customer in customers {
            for row in tx.all(sql::PARTNERS, args![workspace, customer]).await? {
                for id in [row.text(0)?, row.text(1)?] {
                    if !customers.contains(&id) {
                        partners.insert(id);
                    }
                }
            }
        }
        Ok(partners)
    }

    /// Names by which the person was known: said, or shown by a profile.
    async fn names_of(&self, tx: &mut Tx, workspace: &WorkspaceId, customers: &[String]) -> Stored<Vec<String>> {
        let mut found = Vec::new();
        for customer in customers {
            if let Some(row) = tx.one(intake_sql::CARD, args![workspace, customer]).await? {
                let card = self.open_card(workspace, customer, &row.blob(1)?).await?;
                found.extend(card.name.into_iter().chain(card.seen));
            }
        }
        Ok(found)
    }

    /// A record that was one with the person for a while keeps no name of theirs, neither written nor searchable.
    async fn forget_names(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str, forgotten: &[String]) -> Stored<()> {
        let Some(row) = tx.one(intake_sql::CARD, args![workspace, customer]).await? else { return Ok(()) };
        let mut card = self.open_card(workspace, customer, &row.blob(1)?).await?;
        card.name = None;
        card.seen.retain(|name| !forgotten.contains(name));
        let sealed = self.seal_card(workspace, customer, &card).await?;
        tx.later(intake_sql::SET_CARD, args![workspace, customer, sealed]);
        tx.later(sql::DROP_TERMS, args![workspace, customer]);
        for name in &card.seen {
            self.index(tx, workspace, customer, &crate::people::name_terms(name)).await?;
        }
        for row in tx.all(sql::VALUES_OF, args![workspace, customer]).await? {
            let id = row.text(0)?;
            let named: Named = self.unseal(&row.text(1)?, place(workspace, "identifier", "body", &id), &row.blob(2)?).await?;
            self.index(tx, workspace, customer, &crate::people::identifier_terms(&named.value)).await?;
        }
        self.refresh_card(tx, workspace, customer).await?;
        tx.later(identity_sql::TOUCH, args![workspace, customer]);
        Ok(())
    }

    /// Carries out an erasure of a list. `true`: it was not on the list here.
    pub async fn erase_again(self: &Arc<Self>, erasure: &Erasure) -> Stored<bool> {
        if self.erasure_of(&erasure.workspace, erasure.customer).await?.is_some_and(|known| known == *erasure) {
            return Ok(false);
        }
        let (inner, job) = (self.clone(), erasure.clone());
        self.write("erasure.erase_again", move |tx| Box::pin(async move { inner.take_away(tx, &job).await })).await?;
        self.finish_erasure(erasure).await?;
        Ok(true)
    }

    /// What follows the rows: keys, copies, the list, and the logs of both databases.
    pub async fn finish_erasure(self: &Arc<Self>, erasure: &Erasure) -> Stored<()> {
        self.finish_erasures(std::slice::from_ref(erasure)).await
    }

    /// The same for many at once; the logs are emptied once.
    pub async fn finish_erasures(self: &Arc<Self>, erasures: &[Erasure]) -> Stored<()> {
        let mut reached = Vec::with_capacity(erasures.len());
        for erasure in erasures {
            reached.push(self.unlock(erasure).await?);
        }
        if erasures.is_empty() {
            return Ok(());
        }
        self.clear_traces().await?;
        for (erasure, reached) in erasures.iter().zip(reached) {
            if reached {
                let (workspace, customer) = (erasure.workspace.clone(), erasure.customer);
                self.write("erasure.finish_erasures", move |tx| {
                    tx.later(sql::DONE, args![&workspace, customer]);
                    Box::pin(async { Ok(()) })
                })
                .await?;
            }
            tracing::info!(workspace = %erasure.workspace, customer = %erasure.customer, complete = reached, "customer.erase");
        }
        Ok(())
    }

    /// Keys and copies of one erasure. `true`: every copy was within reach.
    async fn unlock(self: &Arc<Self>, erasure: &Erasure) -> Stored<bool> {
        let workspace = &erasure.workspace;
        let owners: Vec<String> = names(&erasure.strands).into_iter().chain(names(&erasure.customers)).collect();
        self.keys.destroy(workspace.as_str(), owners).await?;
        self.sweep_stragglers(erasure).await?;
        if let Some(finder) = &self.finder {
            finder.forget(names(&erasure.strands)).await?;
        }
        Ok(match &self.ground {
            Some(ground) => copies::follow(ground, erasure).await,
            None => true,
        })
    }

    /// PostgreSQL: a transaction of another server may have read the person before and written after.
    async fn sweep_stragglers(&self, erasure: &Erasure) -> Stored<()> {
        if matches!(self.engine, Engine::Lite { .. }) {
            return Ok(());
        }
        let (workspace, customers, strands) = (erasure.workspace.clone(), names(&erasure.customers), names(&erasure.strands));
        self.write("erasure.sweep_stragglers", move |tx| {
            for strand in &strands {
                for statement in sql::OF_STRAND {
                    tx.later(statement, args![&workspace, strand]);
                }
                for customer in &customers {
                    tx.later(sql::MEMORY_OF_STRAND, args![&workspace, strand, customer]);
                }
                tx.later(sql::MESSAGES_OF_STRAND, args![&workspace, strand]);
            }
            for customer in &customers {
                for statement in sql::OF_RECORD {
                    tx.later(statement, args![&workspace, customer]);
                }
            }
            Box::pin(async { Ok(()) })
        })
        .await
    }

    /// Finishes what a stopped server left, then carries out what the list names and this database does not know.
    pub async fn settle_erasures(self: &Arc<Self>) -> Stored<()> {
        for erasure in self.erasures(sql::UNDONE).await? {
            self.finish_erasure(&erasure).await?;
        }
        let Some(ground) = &self.ground else { return Ok(()) };
        for erasure in copies::listed(&ground.list())? {
            if self.erase_again(&erasure).await? {
                tracing::warn!(customer = %erasure.customer, "this database still held somebody who had been erased; they are gone again");
            }
        }
        Ok(())
    }
}

fn words<T: std::str::FromStr>(rows: &[Row]) -> Stored<Vec<T>> {
    rows.iter().map(|row| row.word(0)).collect()
}
