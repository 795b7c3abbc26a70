//! Acts on records: merges, pinned values, business events, look-ups.

use domain::event::BusinessEvent;
use domain::fact::{FactStatus, Learned, Predicate, Strength};
use domain::id::{BusinessEventId, WorkspaceId};
use domain::identifier::{Origin, SeenIdentifier, Trust};
use domain::knowledge::{Answer, Question};
use domain::ports::Stored;
use domain::turn::{FactChange, IdentityChange};
use domain::{CustomerId, IdentifierId, IdentifierKind, MergeId, StrandId, Timestamp};
use sha2::{Digest, Sha256};

use crate::Engine;
use crate::identity::normalise;
use crate::memory::facts::{self, Provenance};
use crate::reasoning::builtin::{answer, understand};
use crate::reasoning::{happenings, orders, qualifier};

/// An event as the business tells it.
#[derive(Debug, Clone)]
pub struct ToldEvent {
    /// Its type: `order.created`, `payment.succeeded`.
    pub kind: String,
    /// To whom it happened.
    pub who: Vec<SeenIdentifier>,
    /// What else is known of it.
    pub data: serde_json::Value,
    /// When it happened; now, where nothing is said.
    pub at: Option<Timestamp>,
    /// The business's own id of it.
    pub own_id: Option<String>,
}

/// Our id of an event that the business names: the same name, the same id.
fn named(workspace: &WorkspaceId, own: &str) -> BusinessEventId {
    let hash = Sha256::new().chain_update(workspace.as_str()).chain_update([0]).chain_update(own).finalize();
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash[..16]);
    BusinessEventId::new(Timestamp::from_micros(0), u128::from_be_bytes(bits))
}

impl Engine {
    /// A teammate or the API joins two records. `None`: one of them is unknown, or they are one already.
    pub async fn merge(&self, workspace: &WorkspaceId, kept: CustomerId, absorbed: CustomerId, by: &str) -> Stored<Option<MergeId>> {
        let (Some(kept), Some(absorbed)) = (self.store.customer(workspace, kept).await?, self.store.customer(workspace, absorbed).await?)
        else {
            return Ok(None);
        };
        if kept.id == absorbed.id {
            return Ok(None);
        }
        let now = self.clock.now();
        let id = MergeId::new(now, self.random.bits());
        let change =
            IdentityChange::Merge { id, kept: kept.id, absorbed: absorbed.id, reasons: vec![format!("joined by {by}")], by: by.to_owned() };
        self.store.change_identity(workspace, None, vec![change], now).await?;
        Ok(Some(id))
    }

    /// Takes a merge back, losslessly, and blocks the pair. `false`: unknown or undone already.
    pub async fn unmerge(&self, workspace: &WorkspaceId, merge: MergeId, by: &str) -> Stored<bool> {
        if self.store.merge_of(workspace, merge).await?.is_none() {
            return Ok(false);
        }
        let change = IdentityChange::Unmerge { merge, by: by.to_owned() };
        self.store.change_identity(workspace, None, vec![change], self.clock.now()).await?;
        Ok(true)
    }

    /// Pins values by a teammate or tells them by the API (`by`: `teammate` or `api`). An empty value retracts.
    pub async fn pin(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        values: Vec<(Predicate, String)>,
        attributes: Option<serde_json::Map<String, serde_json::Value>>,
        by: &str,
    ) -> Stored<bool> {
        let Some(mut record) = self.store.customer(workspace, customer).await? else { return Ok(false) };
        record.reconcile();
        let now = self.clock.now();
        let mut changes = Vec::new();
        for (predicate, value) in values {
            if value.trim().is_empty() {
                let stands = |fact: &&domain::fact::Fact| {
                    fact.predicate == predicate && (fact.status == FactStatus::Active && fact.holds || fact.status == FactStatus::Disputed)
                };
                changes.extend(record.facts.iter().filter(stands).map(|fact| FactChange::End {
                    fact: fact.id,
                    status: FactStatus::Retracted,
                    valid_to: Some(now),
                    at: now,
                }));
                continue;
            }
            let mut learned = self.typed(workspace, predicate, &value, now);
            // "not voice" is how a value that does not hold is shown: pinned, it still does not hold.
            let denied = value.trim().strip_prefix("not ").and_then(|rest| {
                record.facts.iter().find(|fact| {
                    fact.predicate == predicate && fact.status == FactStatus::Active && !fact.holds && facts::same_value(&fact.value, rest)
                })
            });
            if let Some(denied) = denied {
                learned = Learned { value: denied.value.clone(), data: denied.data.clone(), holds: false, ..learned };
            }
            let (origin, strength) = if by == "teammate" { (Origin::Teammate, Strength::Pinned) } else { (Origin::Api, Strength::System) };
            let from = Provenance { strand: None, message: None, channel: None, origin, strength, extractor: by, at: now };
            changes.extend(facts::learn(&record, &[learned], None, from, &*self.random));
        }
        self.store.write_facts(workspace, record.id, changes, attributes, now).await?;
        Ok(true)
    }

    /// A value as a person typed it, read as a customer's would be, so that its machine form is the same.
    pub(super) fn typed(&self, workspace: &WorkspaceId, predicate: Predicate, value: &str, now: Timestamp) -> Learned {
        let plain = Learned {
            predicate,
            value: value.trim().to_owned(),
            data: serde_json::Value::Null,
            holds: true,
            quote: String::new(),
            confidence: 1.0,
        };
        let Some(settings) = self.workspace(workspace) else { return plain };
        if predicate.is_own() {
            return Learned { data: qualifier::own_data_of(&settings, predicate), ..plain };
        }
        let read = understand::understand(
            value,
            &understand::Reading {
                competitors: &settings.competitors,
                pending: Some(predicate),
                ..understand::Reading::alone(&settings, now)
            },
        );
        match read.learned.into_iter().find(|fact| fact.predicate == predicate) {
            Some(fact) if !fact.data.is_null() => Learned { confidence: 1.0, quote: String::new(), ..fact },
            _ => plain,
        }
    }

    /// A business event without an id of its own.
    pub async fn business_event(
        &self,
        workspace: &WorkspaceId,
        kind: &str,
        who: Vec<SeenIdentifier>,
        data: serde_json::Value,
        at: Option<Timestamp>,
    ) -> Stored<(BusinessEventId, CustomerId)> {
        self.told_event(workspace, ToldEvent { kind: kind.to_owned(), who, data, at, own_id: None }).await
    }

    /// A business event for whoever has one of these identifiers (a new record when nobody has); facts and promises follow.
    /// Told again under its own id, it is the one that was told before.
    pub async fn told_event(&self, workspace: &WorkspaceId, told: ToldEvent) -> Stored<(BusinessEventId, CustomerId)> {
        let now = self.clock.now();
        let id = match &told.own_id {
            Some(own) => named(workspace, own),
            None => BusinessEventId::new(now, self.random.bits()),
        };
        if told.own_id.is_some()
            && let Some(customer) = self.store.event_of(workspace, id).await?
        {
            return Ok((id, customer));
        }
        let mut holder = None;
        for identifier in &told.who {
            let holders = self.store.customers_by_identifier(workspace, identifier.kind, None, &identifier.value).await?;
            holder = holders.into_iter().filter(|(_, trust)| *trust > Trust::Claimed).map(|(customer, _)| customer).next_back();
            if holder.is_some() {
                break;
            }
        }
        let customer = match holder {
            Some(customer) => {
                self.attach_told(workspace, customer, &told.who, now).await?;
                customer
            }
            None => {
                let rows = told
                    .who
                    .into_iter()
                    .map(|identifier| {
                        let told = SeenIdentifier { trust: Trust::ChannelAsserted, origin: Origin::Api, ..identifier };
                        (told, IdentifierId::new(now, self.random.bits()), StrandId::new(now, self.random.bits()))
                    })
                    .collect();
                self.store.ensure_customer(workspace, CustomerId::new(now, self.random.bits()), rows, now).await?
            }
        };
        let event = BusinessEvent { id, kind: told.kind, data: told.data, at: told.at.unwrap_or(now) };
        self.learn_event(workspace, customer, &event).await?;
        self.store.business_event(workspace, customer, event).await?;
        Ok((id, customer))
    }

    /// The other identifiers that an event names: kept with its customer as claims, the business's own id as proven. What is
    /// somebody else's stays theirs.
    async fn attach_told(&self, workspace: &WorkspaceId, customer: CustomerId, who: &[SeenIdentifier], now: Timestamp) -> Stored<()> {
        let mut changes = Vec::new();
        for identifier in who {
            let holders = self.store.customers_by_identifier(workspace, identifier.kind, None, &identifier.value).await?;
            if holders.iter().any(|(holder, trust)| *holder == customer || *trust > Trust::Claimed) {
                continue;
            }
            let trust = if identifier.kind == IdentifierKind::ExternalId { Trust::Verified } else { Trust::Claimed };
            changes.push(IdentityChange::Attach {
                customer,
                identifier: SeenIdentifier { trust, origin: Origin::Api, ..identifier.clone() },
                id: IdentifierId::new(now, self.random.bits()),
                strand: StrandId::new(now, self.random.bits()),
            });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.store.change_identity(workspace, None, changes, now).await.map(drop)
    }

    /// What an event says about the person: the order's number, what they own.
    async fn learn_event(&self, workspace: &WorkspaceId, customer: CustomerId, event: &BusinessEvent) -> Stored<()> {
        let Some(record) = self.store.customer(workspace, customer).await? else { return Ok(()) };
        let mut learned = Vec::new();
        let fact = |predicate: Predicate, value: String| Learned {
            predicate,
            value,
            data: serde_json::Value::Null,
            holds: true,
            quote: String::new(),
            confidence: 1.0,
        };
        if event.kind.starts_with("order") || event.kind.starts_with("booking") || event.kind.starts_with("shipment") {
            learned.extend(orders::number(event).map(|number| fact(Predicate::Order, number)));
        }
        // What lies in a cart is weighed; a payment belongs to its order.
        if event.kind.starts_with("cart") {
            learned.extend(happenings::products(event).into_iter().map(|product| fact(Predicate::ProductInterest, product)));
        }
        if event.kind.starts_with("payment") {
            let order = ["order", "order_id", "order_number"].iter().find_map(|key| event.data.get(*key)?.as_str());
            learned.extend(order.map(|order| fact(Predicate::Order, order.to_owned())));
        }
        if matches!(event.kind.as_str(), "order.delivered" | "shipment.delivered") {
            learned.extend(
                event
                    .data
                    .get("product")
                    .and_then(serde_json::Value::as_str)
                    .map(|product| fact(Predicate::OwnsProduct, product.to_owned())),
            );
        }
        let from = Provenance {
            strand: None,
            message: None,
            channel: None,
            origin: Origin::Api,
            strength: Strength::System,
            extractor: "business event",
            at: self.clock.now(),
        };
        let changes = facts::learn(&record, &learned, None, from, &*self.random);
        self.store.write_facts(workspace, customer, changes, None, self.clock.now()).await
    }

    /// Normalises an identifier written as `kind:value` (a workspace's phone without a country code gets its region).
    pub fn identifier(&self, workspace: &WorkspaceId, written: &str) -> Option<SeenIdentifier> {
        normalise::written(written, &self.workspace(workspace)?.region)
    }

    /// Answers a question from the sources alone.
    pub fn ask(&self, workspace: &WorkspaceId, question: &str) -> Answer {
        let locale = self.workspace(workspace).map(|settings| settings.locale.clone()).unwrap_or_default();
        let language = understand::language_of(question, Some(&locale)).map_or(locale, |found| found.code);
        let search = |question: &Question, limit: usize| self.knowledge.search(workspace, question, limit);
        let names = self.knowledge.names(workspace);
        answer::answer(&Question { text: question.to_owned(), language, ..Question::default() }, &search, &names)
    }
}
