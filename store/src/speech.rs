//! What is said while its turn still runs: opened by the first sentence, grown by each further one, settled by the commit.

use domain::WorkspaceId;
use domain::message::{DeliveryState, Message};
use domain::ports::{StoreError, Stored};
use domain::time::Timestamp;
use domain::turn::{Reply, Speech};

use crate::Inner;
use crate::commit::{OutboxState, Outgoing, Scene, check};
use crate::db::{Tx, args};
use crate::rows::{Body, Parcel, place};
use crate::sql::{intake as intake_sql, outbox as sql, turns as turns_sql};

/// Why a message ends early.
const CUT: &str = "cut short: the conversation went on";

impl Inner {
    /// Says so much, if the turn is still the one that may.
    pub async fn speak(&self, tx: &mut Tx, speech: &Speech) -> Stored<()> {
        let workspace = &speech.workspace;
        let leased = speech.lease.customer.to_string();
        if !tx.is_lite() {
            tx.one(intake_sql::LOCK_CUSTOMER, args![workspace, &leased]).await?;
        }
        let owner = tx.one(turns_sql::OWNER, args![workspace, &leased]).await?.ok_or(StoreError::LeaseLost)?;
        let open = tx.all(turns_sql::STILL_OPEN, args![workspace, &leased, speech.answers.first().copied()]).await?;
        check(&speech.lease, speech.customer_version, &speech.answers, &owner, &open)?;
        let strand = speech.reply.message.strand.to_string();
        let scene = Scene { root: &leased, moved: false, strand: &strand };
        self.write_reply(tx, workspace, &speech.reply, OutboxState::Speaking, &scene).await
    }

    /// A reply with its outbox row; one that is being said already becomes what it is now.
    pub async fn write_reply(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        reply: &Reply,
        state: OutboxState,
        scene: &Scene<'_>,
    ) -> Stored<()> {
        let delivery = if state == OutboxState::Speaking { DeliveryState::Speaking } else { DeliveryState::Queued };
        let message = Message { delivery: Some(delivery), ..reply.message.clone() };
        if !reply.spoken {
            let outgoing =
                Outgoing { delivery: reply.delivery, message: &message, rendered: &reply.rendered, address: &reply.address, state };
            return self.write_outgoing(tx, workspace, &outgoing, scene).await;
        }
        let (id, entry, strand) = (reply.delivery.to_string(), message.id.to_string(), message.strand.to_string());
        let body = self.seal(&strand, place(workspace, "message", "body", &entry), &Body::of(&message)).await?;
        let parcel = Parcel { address: reply.address.clone(), rendered: reply.rendered.clone() };
        let sealed = self.seal(&strand, place(workspace, "outbox", "body", &id), &parcel).await?;
        let held = tx.run(sql::SPEAK_ON, args![workspace, &id, sealed, state.as_str()]).await?;
        if held == 0 {
            return Err(StoreError::Stale("what was being said has been cut"));
        }
        tx.later(sql::SAY, args![workspace, &entry, body, delivery.as_str()]);
        tx.rings.post |= state == OutboxState::Waiting;
        let note = tx.rings.note("message.updated", workspace, message.at);
        note.message(message.id).conversation(message.conversation);
        if let Ok(customer) = scene.root.parse() {
            note.customer(customer);
        }
        Ok(())
    }

    /// Ends what is being said where it is; it leaves like any other reply.
    pub async fn hush(&self, tx: &mut Tx, workspace: &WorkspaceId, id: &str, at: Timestamp) -> Stored<()> {
        if tx.run(sql::HUSH, args![workspace, id]).await? == 0 {
            return Ok(());
        }
        let Some(row) = tx.one(sql::ROW, args![workspace, id]).await? else { return Ok(()) };
        let owed = crate::outbox::Owed::read(&row)?;
        tx.rings.post = true;
        self.set_delivery(tx, workspace, &owed, DeliveryState::Queued, Some(CUT), at).await
    }

    /// Ends whatever is being said to a customer.
    pub async fn hush_all(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str) -> Stored<()> {
        for row in tx.all(sql::SPEAKING_TO, args![workspace, customer]).await? {
            self.hush(tx, workspace, &row.text(0)?, Timestamp::default()).await?;
        }
        Ok(())
    }

    /// What was being said when the server stopped ends there.
    pub async fn hush_interrupted(self: &std::sync::Arc<Self>) -> Stored<()> {
        let inner = self.clone();
        self.write("speech.hush_interrupted", move |tx| {
            Box::pin(async move {
                for row in tx.all(sql::SPEAKING, args![]).await? {
                    inner.hush(tx, &WorkspaceId(row.text(0)?), &row.text(1)?, Timestamp::default()).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
