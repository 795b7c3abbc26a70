//! Turns: claiming, what they start from, and timers. The commit itself is in `commit.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use domain::customer::Context;
use domain::message::Waiting;
use domain::ports::{Claiming, Committed, Monotonic, StoreError, Stored, Turns};
use domain::time::{MonotonicTime, Timestamp};
use domain::turn::{Claim, Lease, Speech, Timer, TimerKind, TurnRecord};
use domain::{ConversationId, CustomerId, DeliveryId, MessageId, WorkspaceId};

use crate::db::{Row, Tx, args};
use crate::rows::{Inbound, place};
use crate::shared_time::Shared;
use crate::sql::{identity as identity_sql, turns as sql};
use crate::{Inner, Storage};

/// A message that has failed so often is tried alone: what was said beside it is not to blame.
pub(crate) const ALONE_AFTER: i64 = 3;
/// A timer that was handed out comes again after this long.
const TIMER_CLAIM: Duration = Duration::from_mins(1);

impl Inner {
    async fn claim(&self, tx: &mut Tx, now: Shared, until: Shared) -> Stored<Option<Claim>> {
        let next = if tx.is_lite() { sql::NEXT_BURST_LITE } else { sql::NEXT_BURST_PG };
        let Some(row) = tx.one(next, args![now]).await? else { return Ok(None) };
        let workspace = WorkspaceId(row.text(0)?);
        let (customer, connection, fence) = (row.text(1)?, row.text(2)?, row.int(3)? + 1);
        if row.int(4)? != 0 {
            // Whoever had the turn is gone: what was being said ends there.
            self.hush_all(tx, &workspace, &customer).await?;
        }
        tx.later(sql::LEASE, args![&workspace, &customer, until]);
        tx.later(sql::WAITING, args![&workspace, &customer, &connection]);
        let mut rows = tx.rows().await?;
        if rows.is_empty() {
            // A burst without messages: nothing to do, and nothing to be claimed again.
            tx.later(sql::DROP_BURST, args![&workspace, &customer, &connection]);
            tx.later(sql::UNLEASE, args![&workspace, &customer, fence]);
            tx.rings.work = true;
            return Ok(None);
        }
        if rows.first().map_or(Ok(0), |row| row.int(17))? >= ALONE_AFTER {
            rows.truncate(1);
        }
        let mut messages = Vec::with_capacity(rows.len());
        for row in &rows {
            let waiting = self.waiting(&workspace, row).await?;
            tx.later(sql::COUNT_ATTEMPT, args![&workspace, waiting.message.id]);
            messages.push(waiting);
        }
        let lease = Lease { customer: parsed(&customer)?, fence, until: self.ahead.local(until) };
        Ok(Some(Claim { workspace, lease, messages }))
    }

    async fn waiting(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Waiting> {
        let message = self.message(workspace, row).await?;
        let id = message.id.to_string();
        let sealed = row.opt_blob(16)?.ok_or_else(|| StoreError::Corrupt(format!("{id} waits without its event")))?;
        let inbound: Inbound = self.unseal(&message.strand.to_string(), place(workspace, "message", "inbound", &id), &sealed).await?;
        Ok(Waiting {
            message,
            inbound: inbound.event,
            kind: row.word(15)?,
            address: inbound.address,
            link_code: inbound.link_code,
            code_answer: inbound.code_answer,
            doubt: inbound.doubt,
            attempts: row.int(17)? as u32 + 1,
        })
    }

    async fn release(&self, tx: &mut Tx, claim: &Claim, reason: &str, retry_at: Shared, most: u32) -> Stored<()> {
        let workspace = &claim.workspace;
        let customer = claim.lease.customer;
        let held = tx.run(sql::UNLEASE, args![workspace, customer, claim.lease.fence]).await?;
        if held == 0 {
            return Err(StoreError::LeaseLost);
        }
        for waiting in &claim.messages {
            let id = waiting.message.id.to_string();
            let Some(row) = tx.one(sql::SEALED_INBOUND, args![workspace, &id]).await? else { continue };
            if row.int(2)? < i64::from(most) {
                continue;
            }
            let (strand, here) = (row.text(0)?, place(workspace, "message", "inbound", &id));
            let sealed = row.opt_blob(1)?.ok_or_else(|| StoreError::Corrupt(format!("{id} waits without its event")))?;
            let mut inbound: Inbound = self.unseal(&strand, here, &sealed).await?;
            inbound.quarantined = Some(reason.to_owned());
            let sealed = self.seal(&strand, here, &inbound).await?;
            tx.later(sql::QUARANTINE, args![workspace, &id, sealed]);
            tracing::warn!(message = %id, attempts = waiting.attempts, "a message is quarantined after its last attempt");
        }
        if let Some(first) = claim.messages.first() {
            let connection = &first.message.connection;
            tx.later(sql::RETRY_BURST, args![workspace, customer, connection, retry_at]);
            tx.later(sql::DROP_BURST, args![workspace, customer, connection]);
            tx.later(sql::ADVANCE_BURST, args![workspace, customer, connection]);
        }
        tx.rings.work = true;
        Ok(())
    }
}

fn parsed(customer: &str) -> Stored<CustomerId> {
    customer.parse().map_err(|_| StoreError::Corrupt("a customer's id does not parse".to_owned()))
}

fn timer(row: &Row) -> Stored<(WorkspaceId, Timer)> {
    let what: TimerKind = serde_json::from_str(&row.text(4)?).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok((WorkspaceId(row.text(0)?), Timer { key: row.text(2)?, due_at: row.time(3)?, customer: row.word(5)?, what }))
}

#[async_trait]
impl Turns for Storage {
    async fn claim(&self, now: MonotonicTime, lease_for: Duration) -> Stored<Option<Claim>> {
        let now = self.inner.ahead.shared(now);
        // Most looks find nothing: they cost a read.
        if self.inner.reader().await?.one(sql::NEXT_BURST_LITE, args![now]).await?.is_none() {
            return Ok(None);
        }
        let inner = self.inner.clone();
        self.inner.write_briefly("turns.claim", move |tx| Box::pin(async move { inner.claim(tx, now, now.after(lease_for)).await })).await
    }

    async fn keep_time(&self, steady: &dyn Monotonic) -> Stored<()> {
        let asked = steady.now();
        if let Some(shared) = self.inner.shared_now().await? {
            self.inner.ahead.keep(asked, steady.now(), shared);
        }
        Ok(())
    }

    async fn next_ready(&self) -> Stored<Option<MonotonicTime>> {
        let row = self.inner.reader().await?.one(sql::NEXT_READY, args![]).await?;
        let ready = row.map_or(Ok(None), |row| row.opt_int(0))?;
        Ok(ready.map(|micros| self.inner.ahead.local(Shared(micros))))
    }

    async fn context(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        conversation: ConversationId,
        exclude: &[MessageId],
    ) -> Stored<Context> {
        let named = customer.to_string();
        match self.inner.load_context(workspace, &named, conversation, exclude).await {
            Err(StoreError::Stale(_)) => {}
            done => return done,
        }
        // Perhaps the id of an absorbed record.
        let row = self.inner.reader().await?.one(identity_sql::ROOT, args![workspace, &named]).await?;
        let root = row.map_or(Ok(named), |row| row.text(0))?;
        self.inner.load_context(workspace, &root, conversation, exclude).await
    }

    async fn commit_claiming(&self, record: TurnRecord, claiming: Option<Claiming>) -> Stored<Committed> {
        let inner = self.inner.clone();
        inner.keys.ensure(record.workspace.as_str(), &crate::identity::owners(&record.identity)).await?;
        self.inner
            .write("turns.commit", move |tx| {
                Box::pin(async move {
                    let (mut committed, owner) = inner.commit(tx, &record).await?;
                    if let Some(claiming) = claiming {
                        committed.claimed = inner.claim_delivery_to(tx, &record.workspace, &owner, &claiming).await?;
                    }
                    Ok(committed)
                })
            })
            .await
    }

    async fn speak(&self, speech: Speech) -> Stored<()> {
        let inner = self.inner.clone();
        self.inner.write("turns.speak", move |tx| Box::pin(async move { inner.speak(tx, &speech).await })).await
    }

    async fn hush(&self, workspace: &WorkspaceId, delivery: DeliveryId, at: Timestamp) -> Stored<()> {
        let (inner, workspace, id) = (self.inner.clone(), workspace.clone(), delivery.to_string());
        self.inner.write("turns.hush", move |tx| Box::pin(async move { inner.hush(tx, &workspace, &id, at).await })).await
    }

    async fn spend(&self, workspace: &WorkspaceId, model: &str, day: &str, micros: i64) -> Stored<()> {
        let values = args![workspace, model, day, micros];
        self.inner.write("turns.spend", move |tx| Box::pin(async move { tx.run(sql::SPEND, values).await.map(drop) })).await
    }

    async fn spent(&self, workspace: &WorkspaceId, day: &str) -> Stored<BTreeMap<String, i64>> {
        let rows = self.inner.reader().await?.all(sql::SPENT, args![workspace, day]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
    }

    async fn release(&self, claim: &Claim, reason: &str, retry_at: MonotonicTime, quarantine_after: u32) -> Stored<()> {
        let (inner, claim, reason) = (self.inner.clone(), claim.clone(), reason.to_owned());
        let retry_at = inner.ahead.shared(retry_at);
        self.inner
            .write("turns.release", move |tx| Box::pin(async move { inner.release(tx, &claim, &reason, retry_at, quarantine_after).await }))
            .await
    }

    async fn due_timers(&self, now: Timestamp, limit: usize) -> Stored<Vec<(WorkspaceId, Timer)>> {
        self.inner
            .write_briefly("turns.due_timers", move |tx| {
                Box::pin(async move {
                    let due = if tx.is_lite() { sql::DUE_TIMERS_LITE } else { sql::DUE_TIMERS_PG };
                    let rows = tx.all(due, args![now, limit]).await?;
                    for row in &rows {
                        let until = now.after(TIMER_CLAIM);
                        tx.later(sql::CLAIM_TIMER, args![row.text(0)?, row.text(1)?, row.text(2)?, until]);
                    }
                    rows.iter().map(timer).collect()
                })
            })
            .await
    }

    async fn next_timer(&self) -> Stored<Option<Timestamp>> {
        self.inner.reader().await?.one(sql::NEXT_TIMER, args![]).await?.map_or(Ok(None), |row| row.opt_time(0))
    }

    async fn finish_timer(&self, workspace: &WorkspaceId, timer: &Timer) -> Stored<()> {
        let (workspace, timer) = (workspace.clone(), timer.clone());
        self.inner
            .write("turns.finish_timer", move |tx| {
                tx.later(sql::FINISH_TIMER, args![&workspace, timer.customer, timer.key, timer.due_at]);
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn lease(&self, workspace: &WorkspaceId, customer: CustomerId, now: MonotonicTime, lease_for: Duration) -> Stored<Option<Lease>> {
        let workspace = workspace.clone();
        let (until, now) = (now.after(lease_for), self.inner.ahead.shared(now));
        let shared_until = self.inner.ahead.shared(until);
        self.inner
            .write_briefly("turns.lease", move |tx| {
                Box::pin(async move {
                    tx.later(sql::LEASE_FREE, args![&workspace, customer, shared_until, now]);
                    let rows = tx.rows().await?;
                    rows.first().map(|row| Ok(Lease { customer, fence: row.int(0)?, until })).transpose()
                })
            })
            .await
    }

    async fn unclaim(&self, claim: &Claim) -> Stored<()> {
        let (workspace, lease) = (claim.workspace.clone(), claim.lease);
        let messages: Vec<MessageId> = claim.messages.iter().map(|waiting| waiting.message.id).collect();
        self.inner
            .write_briefly("turns.unclaim", move |tx| {
                Box::pin(async move {
                    // Somebody else may have claimed them since; their attempt stands.
                    if tx.run(sql::UNLEASE, args![&workspace, lease.customer, lease.fence]).await? > 0 {
                        for message in messages {
                            tx.later(sql::UNCOUNT_ATTEMPT, args![&workspace, message]);
                        }
                    }
                    tx.rings.work = true;
                    Ok(())
                })
            })
            .await
    }

    async fn unlease(&self, workspace: &WorkspaceId, lease: Lease) -> Stored<()> {
        let workspace = workspace.clone();
        self.inner
            .write_briefly("turns.unlease", move |tx| {
                tx.later(sql::UNLEASE, args![&workspace, lease.customer, lease.fence]);
                tx.rings.work = true;
                Box::pin(async { Ok(()) })
            })
            .await
    }
}
