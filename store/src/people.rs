//! People: records, identifiers, links and the review queue.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use domain::customer::Customer;
use domain::event::BusinessEvent;
use domain::fact::Promise;
use domain::id::BusinessEventId;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust, found_by};
use domain::ports::{Directory, Link, Page, People, StoreError, Stored, Suggestion};
use domain::time::Timestamp;
use domain::turn::{FactChange, IdentityChange, Lease, Task, Timer};
use domain::{CustomerId, IdentifierId, LinkId, MergeId, StrandId, SuggestionId, WorkspaceId};

use crate::commit::{Remembered, Scene, promise_row};
use crate::db::{Arg, Row, Tx, args};
use crate::intake::lookups;
use crate::rows::{Card, place};
use crate::seal::Field;
use crate::sql::{identity as identity_sql, intake as intake_sql, people as sql, turns as turns_sql};
use crate::{Inner, Storage};

const WRONG_TRIES: i64 = 5;
const TRIES_COUNT_FOR: Duration = Duration::from_hours(1);
/// Lengths of hashed prefixes; a longer word is looked up by the longest that fits, then compared unsealed.
const PREFIXES: [usize; 3] = [6, 4, 3];

/// The same for those found by words as the statements ask of everybody.
fn fits(customer: &Customer, wanted: &Directory<'_>) -> bool {
    let is_proven = |least: Trust| least <= Trust::Claimed || customer.identifiers.iter().any(|identifier| identifier.trust >= least);
    wanted.proof.is_none_or(is_proven) && i64::from(customer.lead.score) >= wanted.least_score
}

fn folded(text: &str) -> Vec<String> {
    text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn prefixes(word: &str, into: &mut Vec<String>) {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        into.push(word.to_owned());
    }
    for length in PREFIXES {
        if letters.len() >= length {
            into.push(letters[..length].iter().collect());
        }
    }
}

/// What a name is found by.
pub(crate) fn name_terms(name: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for word in folded(name) {
        prefixes(&word, &mut terms);
    }
    terms
}

/// What an identifier's value is found by.
pub(crate) fn identifier_terms(value: &str) -> Vec<String> {
    name_terms(value)
}

fn asked_term(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let length = PREFIXES.into_iter().find(|length| *length <= letters.len()).unwrap_or(letters.len());
    letters[..length].iter().collect()
}

fn holds(customer: &Customer, names: &[String], words: &[String]) -> bool {
    let mut known: Vec<String> = names.iter().flat_map(|name| folded(name)).collect();
    known.extend(customer.identifiers.iter().flat_map(|identifier| folded(&identifier.value)));
    words.iter().all(|word| known.iter().any(|text| text.starts_with(word)))
}

impl Inner {
    pub(crate) async fn link(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Link> {
        let id = row.text(0)?;
        let shown_as = match row.opt_blob(7)? {
            Some(sealed) => Some(self.unseal(&row.text(10)?, place(workspace, "link", "shown_as", &id), &sealed).await?),
            None => None,
        };
        Ok(Link {
            id: row.word(0)?,
            code_hash: row.text(1)?,
            customer: row.word(2)?,
            identifier: row.word(3)?,
            channel: row.word(4)?,
            expires_at: row.time(5)?,
            redeemed_by: row.opt_word(6)?,
            shown_as,
            waits_for: row.opt_word(11)?,
            merge: row.opt_word(8)?,
            redeemed_at: row.opt_time(9)?,
        })
    }

    async fn links(&self, workspace: &WorkspaceId, statement: &'static str, values: Vec<Arg>) -> Stored<Vec<Link>> {
        let rows = self.reader().await?.all(statement, values).await?;
        let mut links = Vec::with_capacity(rows.len());
        for row in &rows {
            links.push(self.link(workspace, row).await?);
        }
        Ok(links)
    }

    async fn ensure(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        customer: CustomerId,
        identifiers: &[(SeenIdentifier, IdentifierId, StrandId)],
        at: Timestamp,
    ) -> Stored<CustomerId> {
        if let Some((first, _, _)) = identifiers.first() {
            let (lookup, _) = lookups(self, workspace, first).await?;
            if let Some(row) = tx.one(sql::HOLDER, args![workspace, lookup]).await? {
                let (trust, kind, origin): (Trust, IdentifierKind, Origin) = (row.word(1)?, row.word(2)?, row.word(3)?);
                // A claim joins nothing, but what one party named twice in the same way is the same record.
                let same_claim = matches!(kind, IdentifierKind::Visitor | IdentifierKind::ExternalId) || origin == first.origin;
                if trust != Trust::Claimed
                    || (first.trust == Trust::Claimed && same_claim && origin != Origin::Message)
                    || kind == IdentifierKind::Visitor
                {
                    return row.word(0);
                }
            }
        }
        let id = customer.to_string();
        if self.root(tx, workspace, &id).await?.is_none() {
            self.add_customer(tx, workspace, &id, at, &Card::default()).await?;
        }
        let changes: Vec<IdentityChange> = identifiers
            .iter()
            .map(|(seen, id, strand)| IdentityChange::Attach { customer, identifier: seen.clone(), id: *id, strand: *strand })
            .collect();
        self.change(tx, workspace, None, &changes, at).await?;
        Ok(customer)
    }
}

pub(crate) fn suggestion(row: &Row) -> Stored<Suggestion> {
    Ok(Suggestion {
        id: row.word(0)?,
        a: row.word(1)?,
        b: row.word(2)?,
        probability: row.real(3)?,
        reasons: serde_json::from_str(&row.text(4)?).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        status: row.text(5)?,
        at: row.time(6)?,
    })
}

#[async_trait]
impl People for Storage {
    async fn customer(&self, workspace: &WorkspaceId, id: CustomerId) -> Stored<Option<Customer>> {
        let mut conn = self.inner.reader().await?;
        let Some(row) = conn.one(identity_sql::ROOT, args![workspace, id]).await? else { return Ok(None) };
        self.inner.record(&mut conn, workspace, &row.text(0)?).await
    }

    async fn customers_by_identifier(
        &self,
        workspace: &WorkspaceId,
        kind: IdentifierKind,
        scope: Option<&str>,
        value: &str,
    ) -> Stored<Vec<(CustomerId, Trust)>> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let value = found_by(kind, value);
        let (statement, hash) = match scope {
            Some(scope) => (sql::HOLDERS_BY_LOOKUP, key.lookups.hash(Field::Identifier, &[kind.as_str(), scope, &value])),
            None => (sql::HOLDERS_LOOSE, key.lookups.hash(Field::Loose, &[kind.as_str(), &value])),
        };
        let mut found: Vec<(CustomerId, Trust)> = Vec::new();
        let mut claims = Vec::new();
        for row in self.inner.reader().await?.all(statement, args![workspace, hash]).await? {
            let holder = (row.word(0)?, row.word(1)?);
            if holder.1 == Trust::Claimed { claims.push(holder) } else { found.push(holder) }
        }
        found.extend(claims);
        let mut seen = HashSet::new();
        found.retain(|(customer, _)| seen.insert(*customer));
        Ok(found)
    }

    async fn directory(
        &self,
        workspace: &WorkspaceId,
        wanted: &Directory<'_>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Customer>> {
        let is_asked = !wanted.words.trim().is_empty();
        let words = folded(wanted.words);
        if is_asked && words.is_empty() {
            // Signs alone are nobody's name.
            return Ok(Page { items: Vec::new(), next: None });
        }
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let mut conn = self.inner.reader().await?;
        let mut candidates: Option<Vec<String>> = None;
        for word in &words {
            let hash = key.lookups.hash(Field::Term, &[&asked_term(word)]);
            let rows = conn.all(sql::BY_TERM, args![workspace, hash]).await?;
            let ids: Vec<String> = rows.iter().map(|row| row.text(0)).collect::<Stored<_>>()?;
            candidates = Some(match candidates {
                None => ids,
                Some(mut before) => {
                    let ids: HashSet<String> = ids.into_iter().collect();
                    before.retain(|id| ids.contains(id));
                    before
                }
            });
        }
        let (candidates, start) = if let Some(ids) = candidates {
            let start = cursor.and_then(|cursor| ids.iter().position(|id| id == cursor)).map_or(0, |at| at + 1);
            (ids, start)
        } else {
            // One more than wanted tells whether there is another page.
            let listed = if wanted.by_score { sql::BEST } else { sql::NEWEST };
            let proof = wanted.proof.filter(|least| *least > Trust::Claimed).map(|least| least.as_str());
            let channel = wanted.channel.map(|channel| channel.as_str());
            let values = args![workspace, cursor, limit as i64 + 1, channel, proof, wanted.least_score];
            let rows = conn.all(listed, values).await?;
            (rows.iter().map(|row| row.text(0)).collect::<Stored<_>>()?, 0)
        };
        let mut page = Page { items: Vec::new(), next: None };
        for id in candidates.into_iter().skip(start) {
            if page.items.len() >= limit {
                page.next = page.items.last().map(|customer: &Customer| customer.id.to_string());
                break;
            }
            let Some(customer) = self.inner.record(&mut conn, workspace, &id).await? else { continue };
            if is_asked && !fits(&customer, wanted) {
                continue;
            }
            if let Some(channel) = wanted.channel.filter(|_| is_asked)
                && conn.one(sql::ON_DOOR, args![workspace, &id, channel.as_str()]).await?.is_none()
            {
                continue;
            }
            let mut names: Vec<String> = customer.name().map(str::to_owned).into_iter().collect();
            if let Some(row) = conn.one(intake_sql::CARD, args![workspace, &id]).await? {
                names.extend(self.inner.open_card(workspace, &id, &row.blob(1)?).await?.seen);
            }
            if holds(&customer, &names, &words) {
                page.items.push(customer);
            }
        }
        Ok(page)
    }

    async fn ensure_customer(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        identifiers: Vec<(SeenIdentifier, IdentifierId, StrandId)>,
        at: Timestamp,
    ) -> Stored<CustomerId> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        let mut owners = vec![customer.to_string()];
        owners.extend(identifiers.iter().map(|(_, _, strand)| strand.to_string()));
        inner.keys.ensure(workspace.as_str(), &owners).await?;
        self.inner
            .write("people.ensure_customer", move |tx| {
                Box::pin(async move { inner.ensure(tx, &workspace, customer, &identifiers, at).await })
            })
            .await
    }

    async fn change_identity(
        &self,
        workspace: &WorkspaceId,
        lease: Option<Lease>,
        changes: Vec<IdentityChange>,
        at: Timestamp,
    ) -> Stored<()> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        inner.keys.ensure(workspace.as_str(), &crate::identity::owners(&changes)).await?;
        self.inner
            .write("people.change_identity", move |tx| {
                Box::pin(async move {
                    let mut own = None;
                    if let Some(lease) = lease {
                        let leased = lease.customer.to_string();
                        let row = tx.one(turns_sql::OWNER, args![&workspace, &leased]).await?;
                        if row.ok_or(StoreError::LeaseLost)?.int(1)? != lease.fence {
                            return Err(StoreError::LeaseLost);
                        }
                        own = Some(leased);
                    }
                    inner.change(tx, &workspace, own.as_deref(), &changes, at).await
                })
            })
            .await
    }

    async fn merge_of(&self, workspace: &WorkspaceId, merge: MergeId) -> Stored<Option<(CustomerId, CustomerId)>> {
        let row = self.inner.reader().await?.one(sql::MERGE_OF, args![workspace, merge]).await?;
        row.map(|row| Ok((row.word(0)?, row.word(1)?))).transpose()
    }

    async fn is_blocked(&self, workspace: &WorkspaceId, a: CustomerId, b: CustomerId) -> Stored<bool> {
        let mut conn = self.inner.reader().await?;
        let mut roots = Vec::with_capacity(2);
        for id in [a, b] {
            let row = conn.one(identity_sql::ROOT, args![workspace, id]).await?;
            roots.push(row.map_or_else(|| Ok(id.to_string()), |row| row.text(0))?);
        }
        Ok(conn.one(identity_sql::BLOCKED, args![workspace, &roots[0], &roots[1]]).await?.is_some())
    }

    async fn write_facts(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        changes: Vec<FactChange>,
        attributes: Option<serde_json::Map<String, serde_json::Value>>,
        at: Timestamp,
    ) -> Stored<()> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("people.write_facts", move |tx| {
                Box::pin(async move {
                    let root = inner.root(tx, &workspace, &customer.to_string()).await?;
                    let root = root.ok_or(StoreError::Stale("the customer is not known"))?;
                    let scene = Scene { root: &root, moved: true, strand: "" };
                    inner.write_facts(tx, &workspace, &changes, &scene).await?;
                    if let Some(attributes) = attributes
                        && let Some(row) = tx.one(intake_sql::CARD, args![&workspace, &root]).await?
                    {
                        let mut card = inner.open_card(&workspace, &root, &row.blob(1)?).await?;
                        for (name, value) in attributes {
                            if value.is_null() {
                                card.attributes.remove(&name)
                            } else {
                                card.attributes.insert(name, value)
                            };
                        }
                        let sealed = inner.seal_card(&workspace, &root, &card).await?;
                        tx.later(intake_sql::SET_CARD, args![&workspace, &root, sealed]);
                    }
                    tx.later(identity_sql::RAISE, args![&workspace, &root]);
                    inner.refresh_card(tx, &workspace, &root).await?;
                    tx.rings.note("customer.updated", &workspace, at).customer(customer);
                    Ok(())
                })
            })
            .await
    }

    async fn event_of(&self, workspace: &WorkspaceId, event: BusinessEventId) -> Stored<Option<CustomerId>> {
        self.inner.reader().await?.one(sql::EVENT_OF, args![workspace, event]).await?.map(|row| row.word(0)).transpose()
    }

    async fn business_event(&self, workspace: &WorkspaceId, customer: CustomerId, event: BusinessEvent) -> Stored<()> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("people.business_event", move |tx| {
                Box::pin(async move {
                    let root = inner.root(tx, &workspace, &customer.to_string()).await?;
                    let root = root.ok_or(StoreError::Stale("the customer is not known"))?;
                    let scene = Scene { root: &root, moved: true, strand: "" };
                    let row = Remembered {
                        kind: "event",
                        id: event.id.to_string(),
                        strand: None,
                        topic: &event.kind,
                        status: "active",
                        source: None,
                        at: event.at,
                        valid_to: None,
                        ended_at: None,
                    };
                    inner.remember(tx, &workspace, &scene, row, &event).await?;
                    tx.rings.note("customer.updated", &workspace, event.at).customer(customer);
                    Ok(())
                })
            })
            .await
    }

    async fn write_promise(&self, workspace: &WorkspaceId, promise: Promise, task: Task, timer: Option<Timer>) -> Stored<()> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("people.write_promise", move |tx| {
                Box::pin(async move {
                    let root = inner.root(tx, &workspace, &task.customer.to_string()).await?;
                    let root = root.ok_or(StoreError::Stale("the customer is not known"))?;
                    let scene = Scene { root: &root, moved: true, strand: "" };
                    inner.write_task(tx, &workspace, &root, &task, promise.at).await?;
                    inner.remember(tx, &workspace, &scene, promise_row(&promise), &promise).await?;
                    tx.later(turns_sql::SET_STATUS, args![&workspace, promise.id, promise.status.as_str(), "promise"]);
                    if let Some(timer) = timer {
                        let what = crate::rows::json(&timer.what)?;
                        tx.later(turns_sql::SET_TIMER, args![&workspace, timer.customer, timer.key, timer.due_at, what]);
                        tx.rings.ticks = true;
                    }
                    tx.rings.note("customer.updated", &workspace, promise.at).customer(task.customer);
                    Ok(())
                })
            })
            .await
    }

    async fn create_link(&self, workspace: &WorkspaceId, link: Link) -> Stored<()> {
        let workspace = workspace.clone();
        self.inner
            .write("people.create_link", move |tx| {
                let channel = link.channel.as_str();
                tx.later(
                    sql::NEW_LINK,
                    args![&workspace, link.id, link.code_hash, link.customer, link.identifier, channel, link.expires_at],
                );
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn link_by_code(&self, workspace: &WorkspaceId, code_hash: &str, sender: CustomerId, now: Timestamp) -> Stored<Option<Link>> {
        let (inner, workspace, code_hash) = (self.inner.clone(), workspace.clone(), code_hash.to_owned());
        self.inner
            .write("people.link_by_code", move |tx| {
                Box::pin(async move {
                    let since = now.before(TRIES_COUNT_FOR);
                    let tries = tx.one(sql::TRIES, args![&workspace, sender, since]).await?;
                    if tries.map_or(Ok(0), |row| row.int(0))? >= WRONG_TRIES {
                        return Ok(None);
                    }
                    if let Some(row) = tx.one(sql::LINK_BY_CODE, args![&workspace, code_hash, now]).await? {
                        return inner.link(&workspace, &row).await.map(Some);
                    }
                    tx.later(sql::OLD_TRIES, args![&workspace, sender, since]);
                    tx.later(sql::NEW_TRY, args![&workspace, sender, now]);
                    Ok(None)
                })
            })
            .await
    }

    async fn link(&self, workspace: &WorkspaceId, id: LinkId) -> Stored<Option<Link>> {
        match self.inner.reader().await?.one(sql::LINK, args![workspace, id]).await? {
            Some(row) => self.inner.link(workspace, &row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn waiting_links(&self, workspace: &WorkspaceId, visitor: IdentifierId) -> Stored<Vec<Link>> {
        self.inner.links(workspace, sql::WAITING_LINKS, args![workspace, visitor]).await
    }

    async fn links_of(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<Link>> {
        self.inner.links(workspace, sql::LINKS_OF, args![workspace, customer]).await
    }

    async fn suggestions(&self, workspace: &WorkspaceId) -> Stored<Vec<Suggestion>> {
        self.inner.reader().await?.all(sql::SUGGESTIONS, args![workspace]).await?.iter().map(suggestion).collect()
    }

    async fn settle_suggestion(
        &self,
        workspace: &WorkspaceId,
        id: SuggestionId,
        accepted: bool,
        at: Timestamp,
    ) -> Stored<Option<Suggestion>> {
        let workspace = workspace.clone();
        let status = if accepted { "accepted" } else { "rejected" };
        self.inner
            .write("people.settle_suggestion", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::SUGGESTION, args![&workspace, id]).await? else { return Ok(None) };
                    let mut settled = suggestion(&row)?;
                    tx.later(sql::SETTLE_SUGGESTION, args![&workspace, id, status]);
                    tx.rings.note("identity.updated", &workspace, at).customer(settled.a);
                    status.clone_into(&mut settled.status);
                    Ok(Some(settled))
                })
            })
            .await
    }
}
