//! Turns: claiming, what one starts from, its commit, timers and leases.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use super::Stored;
use crate::customer::Context;
use crate::id::{ConnectionId, ConversationId, CustomerId, DeliveryId, MessageId, WorkspaceId};
use crate::message::Delivery;
use crate::ports::Monotonic;
use crate::time::{MonotonicTime, Timestamp};
use crate::turn::{Claim, Lease, Speech, Timer, TurnRecord};

/// What a committed turn looks like.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Timeline ids of the replies, in order.
    pub replies: Vec<MessageId>,
    /// The reply that was claimed with it; whoever committed must send it.
    pub claimed: Option<Delivery>,
}

/// How a turn's commit claims its customer's next reply, as [`Outbox::claim_delivery`](super::Outbox::claim_delivery) would.
#[derive(Debug, Clone)]
pub struct Claiming {
    /// Only a reply on this door.
    pub connection: ConnectionId,
    /// Steady time, as whoever asks reads it.
    pub now: MonotonicTime,
    /// For so long it is nobody else's.
    pub lease_for: Duration,
}

/// Turns: one at a time per customer.
#[async_trait]
pub trait Turns: Sync {
    /// Claims the next customer whose burst has ended, with all its waiting messages of the door of its oldest one.
    async fn claim(&self, now: MonotonicTime, lease_for: Duration) -> Stored<Option<Claim>>;

    /// Puts this process's steady time on the clock that all servers on the store share, so that a lease ends at the
    /// same moment for everybody. At the start and every so often, because clocks drift; the embedded store, which
    /// serves one process, does nothing.
    async fn keep_time(&self, steady: &dyn Monotonic) -> Stored<()>;

    /// When the next burst ends, to sleep until then.
    async fn next_ready(&self) -> Stored<Option<MonotonicTime>>;

    /// Everything the turn starts from, in milliseconds, whatever the length of the history.
    async fn context(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        conversation: ConversationId,
        exclude: &[MessageId],
    ) -> Stored<Context>;

    /// Commits a turn as one transaction. `LeaseLost` when the fence is old; `Stale` when the customer's version moved,
    /// a teammate took over, or new messages of the same door arrived meanwhile: nothing is written.
    async fn commit(&self, record: TurnRecord) -> Stored<Committed> {
        self.commit_claiming(record, None).await
    }

    /// Commits a turn and claims in the same transaction what may leave next to the customer: the disk is waited for once.
    /// Nothing is claimed where something older must leave first.
    async fn commit_claiming(&self, record: TurnRecord, claiming: Option<Claiming>) -> Stored<Committed>;

    /// Says so much already while the turn runs, durably. Refused like a commit: then nothing more may be said.
    async fn speak(&self, speech: Speech) -> Stored<()>;

    /// Ends a speech whose turn came to nothing: what was said stays, and is marked as cut. Nothing happens when it was settled.
    async fn hush(&self, workspace: &WorkspaceId, delivery: DeliveryId, at: Timestamp) -> Stored<()>;

    /// Adds to what a model has cost a workspace on a day (`2026-11-29`), in millionths of the currency.
    async fn spend(&self, workspace: &WorkspaceId, model: &str, day: &str, micros: i64) -> Stored<()>;

    /// What each model has cost a workspace on a day.
    async fn spent(&self, workspace: &WorkspaceId, day: &str) -> Stored<BTreeMap<String, i64>>;

    /// Gives a claim back that came to nothing because the conversation went on: that was no attempt.
    async fn unclaim(&self, claim: &Claim) -> Stored<()>;

    /// Gives a claim back: the attempt is counted; after `quarantine_after` attempts the messages are quarantined with the reason.
    async fn release(&self, claim: &Claim, reason: &str, retry_at: MonotonicTime, quarantine_after: u32) -> Stored<()>;

    /// Timers due in business time, at most `limit`, claimed for a minute.
    async fn due_timers(&self, now: Timestamp, limit: usize) -> Stored<Vec<(WorkspaceId, Timer)>>;

    /// Due time of the next timer.
    async fn next_timer(&self) -> Stored<Option<Timestamp>>;

    /// The timer has done its work.
    async fn finish_timer(&self, workspace: &WorkspaceId, timer: &Timer) -> Stored<()>;

    /// Takes the lease of a customer for a server-side act (timer, teammate, API); `None` while a turn runs.
    async fn lease(&self, workspace: &WorkspaceId, customer: CustomerId, now: MonotonicTime, lease_for: Duration) -> Stored<Option<Lease>>;

    /// Gives a lease back without a commit.
    async fn unlease(&self, workspace: &WorkspaceId, lease: Lease) -> Stored<()>;
}
