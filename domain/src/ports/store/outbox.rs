//! The outbox: what is owed to customers.

use std::time::Duration;

use async_trait::async_trait;

use super::Stored;
use crate::channel::ChannelKind;
use crate::id::{ConnectionId, DeliveryId, MessageId, WorkspaceId};
use crate::message::{Delivery, DeliveryState, Rendered};
use crate::time::{MonotonicTime, Timestamp};

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The vendor took it.
    Sent {
        /// The vendor's id.
        provider_message_id: Option<String>,
    },
    /// Try again then.
    Again {
        /// When.
        at: MonotonicTime,
        /// Why, for the console.
        why: String,
    },
    /// The vendor asks to wait: again then, and this was no attempt.
    Delayed {
        /// When.
        at: MonotonicTime,
        /// Why, for the console.
        why: String,
    },
    /// It may have arrived.
    Unknown {
        /// Why.
        why: String,
    },
    /// Never again.
    Refused {
        /// The vendor's code or ours.
        code: String,
        /// In words.
        why: String,
        /// Stop sending to this address.
        suppress: bool,
    },
}

/// A delivery of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// The connection it was meant for.
    pub connection: &'a ConnectionId,
    /// Our id, if known.
    pub delivery: Option<DeliveryId>,
    /// The vendor's id, if known.
    pub provider_message_id: Option<&'a str>,
}

/// Another door for a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// The connection.
    pub connection: &'a ConnectionId,
    /// Its kind.
    pub channel: ChannelKind,
    /// The message in that door's form.
    pub render: fn(&Rendered) -> Rendered,
}

/// The outbox: what we owe to customers.
#[async_trait]
pub trait Outbox {
    /// Claims the next delivery that may leave: per customer in order, nothing overtakes an unsettled one. Those of a busy
    /// connection wait.
    async fn claim_delivery(
        &self,
        now: MonotonicTime,
        lease_for: Duration,
        busy: &[ConnectionId],
    ) -> Stored<Option<(WorkspaceId, Delivery)>>;

    /// When the next delivery may leave, those of busy connections aside.
    async fn next_delivery(&self, busy: &[ConnectionId]) -> Stored<Option<MonotonicTime>>;

    /// What became of a claimed delivery. It says nothing any more of one that was sent to another door or claimed again since;
    /// one that took too long and was given up as unknown is still said to have been sent.
    async fn settle(&self, workspace: &WorkspaceId, delivery: &Delivery, settled: Settled, at: Timestamp) -> Stored<()>;

    /// A door that failed takes what is sent again: whatever waits there for another try may leave now.
    async fn try_now(&self, workspace: &WorkspaceId, connection: &ConnectionId) -> Stored<()>;

    /// A vendor's receipt, found by the vendor's id or our own opaque one; states only move forward. A receipt that
    /// comes before the send returned is kept and applied by `settle`. `false`: nobody knows this id.
    #[expect(clippy::too_many_arguments, reason = "a receipt as the vendor words it")]
    async fn receipt(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        provider_message_id: Option<&str>,
        opaque: Option<&str>,
        state: DeliveryState,
        code: Option<&str>,
        at: Timestamp,
    ) -> Stored<bool>;

    /// Sends a delivery by another door instead, in that door's form: what certainly has not arrived on the first one,
    /// found by our id or the vendor's. `false`: it has arrived, is a draft, or nobody knows it.
    async fn reroute(&self, workspace: &WorkspaceId, which: Which<'_>, way: Way<'_>, at: Timestamp) -> Stored<bool>;

    /// Is sending to this address stopped?
    async fn is_suppressed(&self, workspace: &WorkspaceId, connection: &ConnectionId, address: &str) -> Stored<bool>;

    /// Puts a failed, refused or unknown delivery back into the outbox by a teammate's decision.
    async fn resend(&self, workspace: &WorkspaceId, message: MessageId) -> Stored<bool>;
}
