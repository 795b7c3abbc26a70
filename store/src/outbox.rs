//! The outbox: per customer in order, states only move forward, what may have arrived is never blindly resent.

use std::time::Duration;

use async_trait::async_trait;
use domain::message::{Delivery, DeliveryState, ServiceWindow, Thread};
use domain::ports::{Claiming, Outbox, Settled, StoreError, Stored, Way, Which};
use domain::time::{MonotonicTime, Timestamp};
use domain::{ConnectionId, MessageId, WorkspaceId};

use crate::db::{Row, Tx, args};
use crate::fail::Bug;
use crate::rows::{Parcel, place};
use crate::seal::Field;
use crate::shared_time::Shared;
use crate::sql::{intake as intake_sql, outbox as sql, turns as turns_sql};
use crate::{Inner, Storage};

/// Receipts of ids that we never got to know are kept this long.
pub(crate) const EARLY_RECEIPTS: Duration = Duration::from_hours(7 * 24);
const INTERRUPTED: &str = "interrupted while it was being sent";

/// May a delivery in this state become that?
pub(crate) fn moves_forward(from: DeliveryState, to: DeliveryState) -> bool {
    use DeliveryState::{Delivered, Failed, Queued, Read, Refused, Sent, Speaking, Unknown};
    match (from, to) {
        (Speaking, Queued)
        | (Queued, Sent | Delivered | Read | Failed | Unknown | Refused)
        | (Sent, Delivered | Read | Failed | Refused)
        | (Unknown, Sent | Delivered | Read | Failed | Refused)
        | (Delivered, Read)
        | (Failed | Refused, Delivered | Read) => true,
        (Speaking, Speaking | Sent | Delivered | Read | Failed | Unknown | Refused)
        | (Queued | Sent | Delivered | Read | Failed | Unknown | Refused, Queued | Speaking)
        | (Read | Delivered | Failed | Refused, Sent | Failed | Unknown | Refused)
        | (Read, Delivered | Read)
        | (Delivered, Delivered)
        | (Sent, Sent | Unknown)
        | (Unknown, Unknown) => false,
    }
}

/// An outbox row with its message.
pub(crate) struct Owed {
    message: String,
    customer: String,
    strand: String,
    connection: ConnectionId,
    is_waiting: bool,
    body: Vec<u8>,
    delivery: DeliveryState,
    conversation: String,
}

impl Owed {
    pub fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            message: row.text(0)?,
            customer: row.text(1)?,
            strand: row.text(2)?,
            connection: ConnectionId(row.text(3)?),
            is_waiting: row.text(4)? == "waiting",
            body: row.blob(5)?,
            delivery: row.opt_word(6)?.unwrap_or(DeliveryState::Queued),
            conversation: row.text(7)?,
        })
    }
}

impl Inner {
    async fn claim_delivery(&self, tx: &mut Tx, now: Shared, until: Shared, busy: &str) -> Stored<Option<(WorkspaceId, Delivery)>> {
        let next = if tx.is_lite() { sql::NEXT_LITE } else { sql::NEXT_PG };
        let row = loop {
            let Some(row) = tx.one(next, args![now, busy]).await? else { return Ok(None) };
            if row.int(10)? == 0 {
                break row;
            }
            // Its lease ran out between sending and settling: it may have arrived.
            let id = row.text(1)?;
            tracing::warn!(delivery = %id, "a delivery was not settled in time, it is now unknown");
            let why = Settled::Unknown { why: INTERRUPTED.to_owned() };
            self.settle(tx, &WorkspaceId(row.text(0)?), &id, None, why, Timestamp::default()).await?;
        };
        let workspace = WorkspaceId(row.text(0)?);
        Ok(Some((workspace.clone(), self.handed_out(tx, &workspace, &row, until).await?)))
    }

    /// The next delivery to one customer, as the next of all is claimed.
    pub async fn claim_delivery_to(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        customer: &str,
        claiming: &Claiming,
    ) -> Stored<Option<Delivery>> {
        let (now, until) = (self.ahead.shared(claiming.now), self.ahead.shared(claiming.now.after(claiming.lease_for)));
        let next = if tx.is_lite() { sql::NEXT_TO_LITE } else { sql::NEXT_TO_PG };
        let row = tx.one(next, args![now, "", workspace, customer, &claiming.connection]).await?;
        // One whose lease ran out may have arrived: that is for whoever looks for work.
        match row {
            Some(row) if row.int(10)? == 0 => Ok(Some(self.handed_out(tx, workspace, &row, until).await?)),
            Some(_) | None => Ok(None),
        }
    }

    /// Leases a row of the outbox and reads what is to be sent.
    async fn handed_out(&self, tx: &mut Tx, workspace: &WorkspaceId, row: &Row, until: Shared) -> Stored<Delivery> {
        let id = row.text(1)?;
        tx.later(sql::LEASE, args![workspace, &id, until]);
        let strand = row.text(8)?;
        let parcel: Parcel = self.unseal(&strand, place(workspace, "outbox", "body", &id), &row.blob(9)?).await?;
        let connection = row.text(4)?;
        let thread = self.thread(tx, workspace, &strand, &connection).await?;
        Ok(Delivery {
            id: row.word(1)?,
            message: row.word(2)?,
            customer: row.word(3)?,
            connection: ConnectionId(connection),
            channel: row.word(5)?,
            address: parcel.address,
            rendered: parcel.rendered,
            author: row.word(6)?,
            attempt: row.int(7)? as u32 + 1,
            last_inbound: row.opt_time(11)?,
            window: ServiceWindow::Open,
            thread,
            files: Vec::new(),
        })
    }

    /// Where the customer wrote last on this door. Its keys may have moved on with a merge: then the reply opens a new
    /// thread, which is no reason not to send it.
    async fn thread(&self, tx: &mut Tx, workspace: &WorkspaceId, strand: &str, connection: &str) -> Stored<Option<Thread>> {
        let Some(row) = tx.one(sql::THREAD, args![workspace, strand, connection]).await? else { return Ok(None) };
        let door = format!("{strand}|{connection}");
        Ok(self.unseal(strand, place(workspace, "door", "thread", &door), &row.blob(0)?).await.ok())
    }

    /// `claim`: the door and the attempt that it is said of, when somebody sent it.
    async fn settle(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        id: &str,
        claim: Option<(&ConnectionId, u32)>,
        settled: Settled,
        at: Timestamp,
    ) -> Stored<()> {
        let Some(row) = tx.one(sql::ROW, args![workspace, id]).await? else { return Ok(()) };
        let owed = Owed::read(&row)?;
        let attempt = row.int(8)?;
        if claim.is_some_and(|(connection, claimed)| *connection != owed.connection || i64::from(claimed) != attempt) {
            return Ok(());
        }
        // Given up too early: it was sent after all.
        let came_late = owed.delivery == DeliveryState::Unknown && matches!(settled, Settled::Sent { .. });
        if !owed.is_waiting && !came_late {
            return Ok(());
        }
        match settled {
            Settled::Sent { provider_message_id } => {
                self.settle_sent(tx, workspace, id, &owed, provider_message_id.as_deref(), at).await?;
            }
            Settled::Again { at: again, why } => {
                tx.later(sql::AGAIN, args![workspace, id, self.ahead.shared(again)]);
                let sealed = self.seal_reason(workspace, &owed, &why).await?;
                tx.later(sql::SET_REASON, args![workspace, &owed.message, sealed]);
            }
            Settled::Delayed { at: again, why } => {
                tx.later(sql::DELAYED, args![workspace, id, self.ahead.shared(again)]);
                let sealed = self.seal_reason(workspace, &owed, &why).await?;
                tx.later(sql::SET_REASON, args![workspace, &owed.message, sealed]);
            }
            Settled::Unknown { why } => {
                tx.later(sql::SETTLED, args![workspace, id, at]);
                tx.later(intake_sql::PULSE_OUT, args![workspace, &owed.connection, at]);
                self.set_delivery(tx, workspace, &owed, DeliveryState::Unknown, Some(&why), at).await?;
            }
            Settled::Refused { code, why, suppress } => {
                tx.later(sql::SETTLED, args![workspace, id, at]);
                let reason = format!("{code}: {why}");
                self.set_delivery(tx, workspace, &owed, DeliveryState::Refused, Some(&reason), at).await?;
                if suppress {
                    let parcel: Parcel = self.unseal(&owed.strand, place(workspace, "outbox", "body", id), &owed.body).await?;
                    let key = self.keys.workspace(workspace.as_str()).await?;
                    let hash = key.lookups.hash(Field::Address, &[owed.connection.as_str(), &parcel.address]);
                    tx.later(turns_sql::SUPPRESS, args![workspace, &owed.connection, hash, at]);
                }
            }
        }
        tx.rings.post = true;
        Ok(())
    }

    async fn settle_sent(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        id: &str,
        owed: &Owed,
        vendor: Option<&str>,
        at: Timestamp,
    ) -> Stored<()> {
        let mut state = DeliveryState::Sent;
        let mut code = None;
        let (mut hash, mut sealed) = (None, None);
        if let Some(vendor) = vendor {
            let known = self.vendor_hash(workspace, &owed.connection, vendor).await?;
            for row in tx.all(sql::EARLY, args![workspace, &owed.connection, &known]).await? {
                let early: DeliveryState = row.word(0)?;
                if moves_forward(state, early) {
                    state = early;
                    code = row.opt_text(1)?;
                }
            }
            if state != DeliveryState::Sent {
                tx.later(sql::USED_RECEIPTS, args![workspace, &owed.connection, &known]);
            }
            hash = Some(known);
            let key = self.keys.key(workspace.as_str(), &owed.strand).await?;
            sealed = Some(key.seal(place(workspace, "outbox", "vendor_id", id), vendor.as_bytes())?);
        }
        tx.later(sql::SENT, args![workspace, id, at, hash, sealed]);
        tx.later(intake_sql::PULSE_OUT, args![workspace, &owed.connection, at]);
        self.set_delivery(tx, workspace, owed, state, code.as_deref(), at).await
    }

    async fn vendor_hash(&self, workspace: &WorkspaceId, connection: &ConnectionId, id: &str) -> Stored<String> {
        Ok(self.keys.workspace(workspace.as_str()).await?.lookups.hash(Field::Vendor, &[connection.as_str(), id]))
    }

    async fn seal_reason(&self, workspace: &WorkspaceId, owed: &Owed, why: &str) -> Stored<Vec<u8>> {
        let key = self.keys.key(workspace.as_str(), &owed.strand).await?;
        key.seal(place(workspace, "message", "reason", &owed.message), why.as_bytes())
    }

    pub async fn set_delivery(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        owed: &Owed,
        state: DeliveryState,
        why: Option<&str>,
        at: Timestamp,
    ) -> Stored<()> {
        if !moves_forward(owed.delivery, state) {
            return Ok(());
        }
        let reason = match why {
            Some(why) => Some(self.seal_reason(workspace, owed, why).await?),
            None => None,
        };
        tx.later(sql::SET_DELIVERY, args![workspace, &owed.message, state.as_str(), reason]);
        let note = tx.rings.note("message.updated", workspace, at);
        if let (Ok(message), Ok(customer), Ok(conversation)) = (owed.message.parse(), owed.customer.parse(), owed.conversation.parse()) {
            note.message(message).customer(customer).conversation(conversation);
        }
        Ok(())
    }

    /// What was being sent when the server stopped may have arrived.
    pub async fn doubt_interrupted(self: &std::sync::Arc<Self>) -> Stored<()> {
        let inner = self.clone();
        self.write("outbox.doubt_interrupted", move |tx| {
            Box::pin(async move {
                if Bug::SentAgain.is_planted() {
                    tx.later(sql::SEND_INTERRUPTED_AGAIN, args![]);
                    return Ok(());
                }
                for row in tx.all(sql::INTERRUPTED, args![]).await? {
                    let why = Settled::Unknown { why: INTERRUPTED.to_owned() };
                    inner.settle(tx, &WorkspaceId(row.text(0)?), &row.text(1)?, None, why, Timestamp::default()).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// Connections as the statements look for them: each between commas.
fn listed(connections: &[ConnectionId]) -> String {
    connections.iter().flat_map(|connection| [",", connection.as_str(), ","]).collect()
}

#[async_trait]
impl Outbox for Storage {
    async fn claim_delivery(
        &self,
        now: MonotonicTime,
        lease_for: Duration,
        busy: &[ConnectionId],
    ) -> Stored<Option<(WorkspaceId, Delivery)>> {
        let now = self.inner.ahead.shared(now);
        let busy = listed(busy);
        if self.inner.reader().await?.one(sql::NEXT_LITE, args![now, &busy]).await?.is_none() {
            return Ok(None);
        }
        let inner = self.inner.clone();
        self.inner
            .write("outbox.claim_delivery", move |tx| {
                Box::pin(async move { inner.claim_delivery(tx, now, now.after(lease_for), &busy).await })
            })
            .await
    }

    async fn next_delivery(&self, busy: &[ConnectionId]) -> Stored<Option<MonotonicTime>> {
        let row = self.inner.reader().await?.one(sql::NEXT_AT, args![listed(busy)]).await?;
        let next = row.map_or(Ok(None), |row| row.opt_int(0))?;
        Ok(next.map(|micros| self.inner.ahead.local(Shared(micros))))
    }

    async fn settle(&self, workspace: &WorkspaceId, delivery: &Delivery, settled: Settled, at: Timestamp) -> Stored<()> {
        let (inner, workspace, id) = (self.inner.clone(), workspace.clone(), delivery.id.to_string());
        let (connection, attempt) = (delivery.connection.clone(), delivery.attempt);
        self.inner
            .write("outbox.settle", move |tx| {
                Box::pin(async move { inner.settle(tx, &workspace, &id, Some((&connection, attempt)), settled, at).await })
            })
            .await
    }

    async fn try_now(&self, workspace: &WorkspaceId, connection: &ConnectionId) -> Stored<()> {
        let (workspace, connection) = (workspace.clone(), connection.clone());
        self.inner
            .write("outbox.try_now", move |tx| {
                Box::pin(async move {
                    tx.later(sql::TRY_NOW, args![&workspace, &connection]);
                    tx.rings.post = true;
                    Ok(())
                })
            })
            .await
    }

    async fn receipt(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        provider_message_id: Option<&str>,
        opaque: Option<&str>,
        state: DeliveryState,
        code: Option<&str>,
        at: Timestamp,
    ) -> Stored<bool> {
        let hash = match provider_message_id {
            Some(id) => Some(self.inner.vendor_hash(workspace, connection, id).await?),
            None => None,
        };
        let (inner, workspace, connection) = (self.inner.clone(), workspace.clone(), connection.clone());
        let (opaque, code) = (opaque.map(str::to_owned), code.map(str::to_owned));
        self.inner
            .write("outbox.receipt", move |tx| {
                Box::pin(async move {
                    let found = tx.one(sql::FIND, args![&workspace, &connection, opaque, hash.clone()]).await?;
                    let Some(row) = found else {
                        if let Some(hash) = hash {
                            tx.later(sql::OLD_RECEIPTS, args![&workspace, at.before(EARLY_RECEIPTS)]);
                            tx.later(sql::KEEP_RECEIPT, args![&workspace, &connection, hash, state.as_str(), code, at]);
                        }
                        return Ok(false);
                    };
                    let owed = Owed::read(&row)?;
                    inner.set_delivery(tx, &workspace, &owed, state, code.as_deref(), at).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn reroute(&self, workspace: &WorkspaceId, which: Which<'_>, way: Way<'_>, at: Timestamp) -> Stored<bool> {
        let hash = match which.provider_message_id {
            Some(id) => Some(self.inner.vendor_hash(workspace, which.connection, id).await?),
            None => None,
        };
        let (inner, workspace, from, delivery) = (self.inner.clone(), workspace.clone(), which.connection.clone(), which.delivery);
        let (to, channel, render) = (way.connection.clone(), way.channel, way.render);
        self.inner
            .write("outbox.reroute", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::ROUTED, args![&workspace, &from, delivery, hash]).await? else { return Ok(false) };
                    let (id, message, strand) = (row.text(0)?, row.text(1)?, row.text(3)?);
                    let state: Option<DeliveryState> = row.opt_word(6)?;
                    let may = matches!(row.text(5)?.as_str(), "waiting" | "settled")
                        && matches!(
                            state,
                            Some(DeliveryState::Queued | DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Refused)
                        );
                    if !may {
                        return Ok(false);
                    }
                    let here = place(&workspace, "outbox", "body", &id);
                    let mut parcel: Parcel = inner.unseal(&strand, here, &row.blob(4)?).await?;
                    parcel.rendered = render(&parcel.rendered);
                    let sealed = inner.seal(&strand, here, &parcel).await?;
                    tx.later(sql::REROUTE, args![&workspace, &id, &to, channel.as_str(), sealed]);
                    tx.later(sql::REROUTE_MESSAGE, args![&workspace, &message, &to, channel.as_str()]);
                    tx.rings.post = true;
                    let note = tx.rings.note("message.updated", &workspace, at);
                    note.message(row.word(1)?).customer(row.word(2)?).conversation(row.word(7)?);
                    Ok(true)
                })
            })
            .await
    }

    async fn is_suppressed(&self, workspace: &WorkspaceId, connection: &ConnectionId, address: &str) -> Stored<bool> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let hash = key.lookups.hash(Field::Address, &[connection.as_str(), address]);
        let row = self.inner.reader().await?.one(sql::IS_SUPPRESSED, args![workspace, connection, hash]).await?;
        Ok(row.is_some())
    }

    async fn resend(&self, workspace: &WorkspaceId, message: MessageId) -> Stored<bool> {
        let workspace = workspace.clone();
        self.inner
            .write("outbox.resend", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::OF_MESSAGE, args![&workspace, message]).await? else { return Ok(false) };
                    let delivery: Option<DeliveryState> = row.opt_word(3)?;
                    let may = match row.text(1)?.as_str() {
                        "draft" => true,
                        "settled" => matches!(delivery, Some(DeliveryState::Failed | DeliveryState::Refused | DeliveryState::Unknown)),
                        _ => false,
                    };
                    if !may {
                        return Ok(false);
                    }
                    tx.later(sql::BACK, args![&workspace, row.text(0)?]);
                    tx.later(sql::REQUEUE, args![&workspace, message]);
                    tx.rings.post = true;
                    let note = tx.rings.note("message.updated", &workspace, Timestamp::default());
                    note.message(message).customer(row.word(2)?).conversation(row.word(4)?);
                    Ok(true)
                })
            })
            .await
    }
}

impl From<StoreError> for crate::OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
