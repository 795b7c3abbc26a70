//! Edits and deletions of messages that are already there, and our own messages coming back.

use async_trait::async_trait;
use domain::fact::{Fact, FactStatus};
use domain::message::{Changed, DeliveryState, Direction};
use domain::ports::{Amended, Amendment, Amends, Echoed, Later, Outbox, Quoted, Stored};
use domain::time::Timestamp;
use domain::{ConnectionId, CustomerId, WorkspaceId};
use serde_json::json;

use crate::db::{Row, Tx, args};
use crate::outbox::{EARLY_RECEIPTS, Owed};
use crate::recall::unpost;
use crate::rows::{Body, Case, Inbound, Parcel, place};
use crate::seal::Field;
use crate::sql::{amends as sql, desk as desk_sql, identity as identity_sql, outbox as outbox_sql};
use crate::{Inner, Storage};

/// Keys of one amendment that are looked for.
const MOST_KEYS: usize = 3;

/// The message concerned, with what of it is sealed.
struct Concerned {
    id: String,
    customer: String,
    strand: String,
    conversation: String,
    is_open: bool,
    body: Body,
    inbound: Option<Vec<u8>>,
    turn: Option<String>,
}

impl Inner {
    async fn amend(&self, tx: &mut Tx, amendment: &Amendment, keys: &[String], vendor: &str) -> Stored<Option<Amended>> {
        let workspace = &amendment.workspace;
        let asked = |at: usize| keys.get(at).map_or("", String::as_str);
        let values = args![workspace, &amendment.connection, asked(0), asked(1), asked(2), vendor];
        let Some(row) = tx.one(sql::CONCERNED, values).await? else {
            // A deletion may overtake its message, which then finds this.
            if amendment.later == Later::Deleted {
                let at = amendment.at;
                tx.later(outbox_sql::OLD_RECEIPTS, args![workspace, at.before(EARLY_RECEIPTS)]);
                for key in keys {
                    let code = Option::<String>::None;
                    tx.later(outbox_sql::KEEP_RECEIPT, args![workspace, &amendment.connection, key, "deleted", code, at]);
                }
            }
            return Ok(None);
        };
        let mut concerned = self.concerned(workspace, &row).await?;
        let mut amended = Amended {
            message: row.word(0)?,
            customer: row.word(1)?,
            strand: row.word(2)?,
            conversation: row.word(3)?,
            channel: row.word(4)?,
            direction: row.word(5)?,
            is_open: concerned.is_open,
            changed: false,
        };
        match &amendment.later {
            Later::Edited { text } => {
                let is_gone = matches!(concerned.body.changed, Some(Changed::Deleted { .. }));
                if amended.direction != Direction::In || is_gone || *text == concerned.body.text {
                    return Ok(Some(amended));
                }
                text.clone_into(&mut concerned.body.text);
                concerned.body.changed = Some(Changed::Edited { at: amendment.at });
                self.reword(tx, workspace, &concerned).await?;
            }
            Later::Deleted => {
                if matches!(concerned.body.changed, Some(Changed::Deleted { .. })) {
                    return Ok(Some(amended));
                }
                concerned.body = Body {
                    text: String::new(),
                    buttons: Vec::new(),
                    sources: Vec::new(),
                    cards: Vec::new(),
                    event: None,
                    ..concerned.body
                };
                concerned.body.changed = Some(Changed::Deleted { at: amendment.at });
                crate::attachments::drop_attachments(tx, workspace, &concerned.id);
                tx.later(sql::TAKEN_AWAY, args![workspace, &concerned.id]);
                tx.later(desk_sql::EMPTY_BURSTS, args![workspace, &concerned.customer]);
            }
        }
        let here = place(workspace, "message", "body", &concerned.id);
        let sealed = self.seal(&concerned.strand, here, &concerned.body).await?;
        tx.later(sql::SET_BODY, args![workspace, &concerned.id, sealed]);
        unpost(tx, workspace, &concerned.id);
        self.forget_words(tx, workspace, &concerned, amendment.at).await?;
        tx.later(identity_sql::RAISE, args![workspace, &concerned.customer]);
        tx.rings.work = true;
        amended.changed = true;
        for kind in ["message.updated", "conversation.updated", "customer.updated"] {
            let note = tx.rings.note(kind, workspace, amendment.at);
            note.message(amended.message).customer(amended.customer).conversation(amended.conversation);
        }
        Ok(Some(amended))
    }

    async fn concerned(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Concerned> {
        let (id, strand) = (row.text(0)?, row.text(2)?);
        let body = self.unseal(&strand, place(workspace, "message", "body", &id), &row.blob(7)?).await?;
        Ok(Concerned {
            id,
            customer: row.text(1)?,
            strand,
            conversation: row.text(3)?,
            is_open: row.opt_text(6)?.as_deref() == Some("open"),
            body,
            inbound: row.opt_blob(8)?,
            turn: row.opt_text(9)?,
        })
    }

    /// The turn that has not run yet reads the new words.
    async fn reword(&self, tx: &mut Tx, workspace: &WorkspaceId, concerned: &Concerned) -> Stored<()> {
        let Some(sealed) = concerned.inbound.as_ref().filter(|_| concerned.is_open) else { return Ok(()) };
        let here = place(workspace, "message", "inbound", &concerned.id);
        let mut inbound: Inbound = self.unseal(&concerned.strand, here, sealed).await?;
        inbound.event.text = Some(concerned.body.text.clone());
        let sealed = self.seal(&concerned.strand, here, &inbound).await?;
        tx.later(sql::SET_INBOUND, args![workspace, &concerned.id, sealed]);
        Ok(())
    }

    /// Whatever else repeats words that are no longer there: facts, evidence, the turn's trace, unanswered questions.
    async fn forget_words(&self, tx: &mut Tx, workspace: &WorkspaceId, concerned: &Concerned, at: Timestamp) -> Stored<()> {
        let learned = tx.all(sql::LEARNED, args![workspace, &concerned.id]).await?;
        let others = if learned.is_empty() { Vec::new() } else { self.also_said(tx, workspace, concerned).await? };
        for row in &learned {
            self.retract(tx, workspace, row, &others, at).await?;
        }
        for row in tx.all(sql::CASES, args![workspace, &concerned.conversation]).await? {
            let (id, owner) = (row.text(0)?, row.text(1)?);
            let here = place(workspace, "escalation", "body", &id);
            let mut case: Case = self.unseal(&owner, here, &row.blob(2)?).await?;
            let mut touched = false;
            for evidence in case.evidence.iter_mut().filter(|evidence| evidence.message.to_string() == concerned.id) {
                evidence.quote.clear();
                touched = true;
            }
            if touched {
                let sealed = self.seal(&owner, here, &case).await?;
                tx.later(sql::SET_CASE, args![workspace, &id, sealed]);
            }
        }
        if let Some(turn) = &concerned.turn
            && let Some(row) = tx.one(sql::TRACE, args![workspace, turn]).await?
        {
            let trace = json!({"erased": "a message of this turn was edited or deleted by its author"});
            let sealed = self.seal(&row.text(0)?, place(workspace, "turn", "body", turn), &trace).await?;
            tx.later(sql::SET_TRACE, args![workspace, turn, sealed]);
        }
        tx.later(sql::DROP_GAPS, args![workspace, &concerned.id]);
        if !learned.is_empty() {
            self.refresh_card(tx, workspace, &concerned.customer).await?;
        }
        Ok(())
    }

    /// Other messages of the same strand, with their words.
    async fn also_said(&self, tx: &mut Tx, workspace: &WorkspaceId, concerned: &Concerned) -> Stored<Vec<(domain::MessageId, String)>> {
        let mut others = Vec::new();
        for row in tx.all(sql::ALSO_SAID, args![workspace, &concerned.strand, &concerned.id]).await? {
            let id = row.text(0)?;
            let body: Body = self.unseal(&concerned.strand, place(workspace, "message", "body", &id), &row.blob(1)?).await?;
            others.push((row.word(0)?, body.text));
        }
        Ok(others)
    }

    /// A fact goes with the words it was read from, unless the person said them in another message as well.
    async fn retract(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        row: &Row,
        others: &[(domain::MessageId, String)],
        at: Timestamp,
    ) -> Stored<()> {
        let (id, owner, status) = (row.text(0)?, row.text(1)?, row.word::<FactStatus>(3)?);
        let here = place(workspace, "memory", "body", &id);
        let mut fact: Fact = self.unseal(&owner, here, &row.blob(2)?).await?;
        let quote = fact.quote.to_lowercase();
        let elsewhere = others.iter().find(|(_, text)| !quote.trim().is_empty() && text.to_lowercase().contains(&quote));
        if let Some((other, _)) = elsewhere {
            fact.source_message = Some(*other);
            let sealed = self.seal(&owner, here, &fact).await?;
            tx.later(sql::ANOTHER_SOURCE, args![workspace, &id, *other, sealed]);
            return Ok(());
        }
        fact.quote.clear();
        let sealed = self.seal(&owner, here, &fact).await?;
        tx.later(sql::RETRACT, args![workspace, &id, at, sealed]);
        if let Some(before) = fact.supersedes.filter(|_| status == FactStatus::Active) {
            tx.later(sql::HOLDS_AGAIN, args![workspace, before]);
        }
        Ok(())
    }

    /// The send of ours without a known vendor's id that has these words.
    async fn unnamed(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        customer: CustomerId,
        text: &str,
    ) -> Stored<Option<String>> {
        let rows = self.reader().await?.all(sql::UNNAMED, args![workspace, customer, connection]).await?;
        for row in rows {
            let (id, strand) = (row.text(0)?, row.text(1)?);
            let parcel: Parcel = self.unseal(&strand, place(workspace, "outbox", "body", &id), &row.blob(2)?).await?;
            if parcel.rendered.text.split_whitespace().eq(text.split_whitespace()) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl Amends for Storage {
    async fn amend(&self, amendment: Amendment) -> Stored<Option<Amended>> {
        let inner = self.inner.clone();
        let key = inner.keys.workspace(amendment.workspace.as_str()).await?;
        let connection = amendment.connection.as_str();
        let keys: Vec<String> =
            amendment.keys.iter().take(MOST_KEYS).map(|dedupe| key.lookups.hash(Field::Dedupe, &[connection, dedupe])).collect();
        let vendor = key.lookups.hash(Field::Vendor, &[connection, &amendment.target]);
        self.inner.write("amends.amend", move |tx| Box::pin(async move { inner.amend(tx, &amendment, &keys, &vendor).await })).await
    }

    async fn quoted(&self, workspace: &WorkspaceId, connection: &ConnectionId, keys: &[String], target: &str) -> Stored<Option<Quoted>> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let hash = |key_of: &String| key.lookups.hash(Field::Dedupe, &[connection.as_str(), key_of]);
        let mut keys: Vec<String> = keys.iter().take(MOST_KEYS).map(hash).collect();
        keys.resize(MOST_KEYS, String::new());
        let vendor = key.lookups.hash(Field::Vendor, &[connection.as_str(), target]);
        let values = args![workspace, connection, &keys[0], &keys[1], &keys[2], &vendor];
        let Some(row) = self.inner.reader().await?.one(sql::CONCERNED, values).await? else { return Ok(None) };
        let concerned = self.inner.concerned(workspace, &row).await?;
        Ok(Some(Quoted { message: row.word(0)?, customer: row.word(1)?, text: concerned.body.text }))
    }

    async fn is_own_echo(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        customer: CustomerId,
        echo: &Echoed,
        at: Timestamp,
    ) -> Stored<bool> {
        let hash = match &echo.provider_message_id {
            Some(id) => Some(self.inner.keys.workspace(workspace.as_str()).await?.lookups.hash(Field::Vendor, &[connection.as_str(), id])),
            None => None,
        };
        let known = self.inner.reader().await?.one(outbox_sql::FIND, args![workspace, connection, echo.opaque.clone(), hash]).await?;
        if known.is_some() && echo.opaque.is_none() {
            return Ok(true);
        }
        let opaque = match (known, &echo.opaque) {
            (Some(_), Some(opaque)) => Some(opaque.clone()),
            _ => self.inner.unnamed(workspace, connection, customer, &echo.text).await?,
        };
        let Some(opaque) = opaque else { return Ok(false) };
        // It is back, so it has left: what was not known is known now.
        self.receipt(workspace, connection, None, Some(&opaque), DeliveryState::Sent, None, at).await?;
        Ok(true)
    }

    async fn receipt_until(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        customer: CustomerId,
        state: DeliveryState,
        until: Timestamp,
    ) -> Stored<u64> {
        let (inner, workspace, connection) = (self.inner.clone(), workspace.clone(), connection.clone());
        self.inner
            .write("amends.receipt_until", move |tx| {
                Box::pin(async move {
                    let rows = tx.all(sql::SENT_UNTIL, args![&workspace, customer, &connection, until]).await?;
                    for row in &rows {
                        inner.set_delivery(tx, &workspace, &Owed::read(row)?, state, None, until).await?;
                    }
                    Ok(rows.len() as u64)
                })
            })
            .await
    }
}
