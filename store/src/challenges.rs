//! One-time codes: kept as keyed hashes, counted once a message, and blanked in the outbox once they are over.

use std::time::Duration;

use async_trait::async_trait;
use domain::challenge::{Answered, AskedLately, CodeAnswer, Contact, NewChallenge, OpenChallenge, TypedCode};
use domain::ports::{Challenges, StoreError, Stored};
use domain::time::Timestamp;
use domain::{IdentifierId, MessageId, StrandId, WorkspaceId};

use crate::commit::{OutboxState, Scene};
use crate::db::{Row, Tx, args};
use crate::rows::{Parcel, place};
use crate::seal::Field;
use crate::sql::{challenges as sql, intake as intake_sql};
use crate::{Inner, Storage};

/// Wrong tries after which a code is dead.
const TRIES: u32 = 5;
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Equal, in the same time wherever they differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// What a row of the ledger says.
struct Kept {
    strand: String,
    sent_to: Option<String>,
    code: String,
    expires_at: Timestamp,
    tries: u32,
    is_open: bool,
    answered_by: Option<String>,
    verdict: Option<String>,
    delivery: Option<String>,
    holder: Option<String>,
}

impl Kept {
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            strand: row.text(0)?,
            sent_to: row.opt_text(1)?,
            code: row.text(2)?,
            expires_at: row.time(3)?,
            tries: u32::try_from(row.int(4)?).unwrap_or(u32::MAX),
            is_open: row.text(5)? == "open",
            answered_by: row.opt_text(6)?,
            verdict: row.opt_text(7)?,
            delivery: row.opt_text(8)?,
            holder: row.opt_text(9)?,
        })
    }

    /// The answer as it was given.
    fn given(&self) -> Stored<Answered> {
        Ok(match (self.verdict.as_deref(), &self.holder, &self.sent_to) {
            (Some("right"), Some(customer), Some(strand)) => Answered::Right { customer: parsed(customer)?, strand: parsed(strand)? },
            (Some("wrong"), ..) => Answered::Wrong { left: TRIES.saturating_sub(self.tries) },
            _ => Answered::Over,
        })
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Stored<T> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("{text:?} is no id")))
}

impl Inner {
    /// The keyed hash of a code as it waits for its turn.
    pub async fn hashed_code(&self, workspace: &WorkspaceId, typed: &TypedCode) -> Stored<CodeAnswer> {
        let lookups = &self.keys.workspace(workspace.as_str()).await?.lookups;
        let id = typed.challenge.id;
        let hash = lookups.hash(Field::Code, &[&id.to_string(), &typed.challenge.salt, typed.code.expose()]);
        Ok(CodeAnswer { challenge: id, hash })
    }

    /// Writes a challenge with its turn, and the message that carries its code.
    pub async fn write_challenge(&self, tx: &mut Tx, workspace: &WorkspaceId, new: &NewChallenge, at: Timestamp) -> Stored<()> {
        let typed = TypedCode { challenge: OpenChallenge { id: new.id, salt: new.salt.clone() }, code: new.code.clone() };
        let hash = self.hashed_code(workspace, &typed).await?.hash;
        let contact = self.contact_hash(workspace, &new.contact).await?;
        let sends = new.sends.as_ref();
        tx.later(sql::SWEEP, args![workspace, at.before(DAY * 2)]);
        tx.later(sql::END_EARLIER, args![workspace, new.strand]);
        tx.later(
            sql::NEW,
            args![
                workspace,
                new.id,
                new.strand,
                contact,
                sends.map(|sending| sending.reply.message.strand),
                sends.map(|sending| sending.reply.delivery),
                &new.salt,
                hash,
                at,
                new.expires_at
            ],
        );
        let Some(sending) = sends else { return Ok(()) };
        let (customer, message) = (sending.customer.to_string(), &sending.reply.message);
        let strand = message.strand.to_string();
        if sending.is_new {
            let channel = message.channel.as_str();
            let channels = crate::rows::json(&[message.channel])?;
            let row = args![workspace, sending.conversation, &customer, &strand, channel, &message.connection, channels, at];
            tx.later(intake_sql::NEW_CONVERSATION, row);
        }
        let scene = Scene { root: &customer, moved: true, strand: &strand };
        self.write_reply(tx, workspace, &sending.reply, OutboxState::Waiting, &scene).await
    }

    async fn contact_hash(&self, workspace: &WorkspaceId, contact: &Contact) -> Stored<String> {
        let lookups = &self.keys.workspace(workspace.as_str()).await?.lookups;
        Ok(lookups.hash(Field::Loose, &[contact.kind.as_str(), &contact.value]))
    }

    async fn answer(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        answer: &CodeAnswer,
        (message, strand): (MessageId, StrandId),
        now: Timestamp,
    ) -> Stored<Answered> {
        let Some(row) = tx.one(sql::BY_ID, args![workspace, answer.challenge]).await? else { return Ok(Answered::Over) };
        let mut kept = Kept::read(&row)?;
        if kept.answered_by.as_deref() == Some(message.to_string().as_str()) {
            return kept.given();
        }
        if kept.strand != strand.to_string() || !kept.is_open || kept.expires_at <= now {
            return Ok(Answered::Over);
        }
        // A code that went to nobody opens nothing, whatever it is.
        let is_right = same(&kept.code, &answer.hash) & kept.sent_to.is_some();
        kept.tries += u32::from(!is_right);
        let (verdict, state) = match is_right {
            true => ("right", "used"),
            false if kept.tries >= TRIES => ("wrong", "over"),
            false => ("wrong", "open"),
        };
        kept.verdict = Some(verdict.to_owned());
        tx.later(sql::ANSWER, args![workspace, answer.challenge, i64::from(kept.tries), state, message, verdict]);
        if let Some(delivery) = kept.delivery.as_ref().filter(|_| state != "open") {
            self.blank(tx, workspace, delivery).await?;
        }
        kept.given()
    }

    /// Nobody needs the code of a message that has left, once it is over.
    async fn blank(&self, tx: &mut Tx, workspace: &WorkspaceId, delivery: &str) -> Stored<()> {
        let Some(row) = tx.one(sql::PARCEL, args![workspace, delivery]).await? else { return Ok(()) };
        let (owner, here) = (row.text(0)?, place(workspace, "outbox", "body", delivery));
        let mut parcel: Parcel = self.unseal(&owner, here, &row.blob(1)?).await?;
        parcel.rendered.text = "•".repeat(domain::challenge::OneTimeCode::DIGITS);
        let sealed = self.seal(&owner, here, &parcel).await?;
        tx.later(sql::BLANK, args![workspace, delivery, sealed]);
        Ok(())
    }
}

#[async_trait]
impl Challenges for Storage {
    async fn challenge_of(&self, workspace: &WorkspaceId, strand: StrandId, now: Timestamp) -> Stored<Option<OpenChallenge>> {
        let row = self.inner.reader().await?.one(sql::OPEN, args![workspace, strand, now]).await?;
        row.map(|row| Ok(OpenChallenge { id: row.word(0)?, salt: row.text(1)? })).transpose()
    }

    async fn answer_challenge(
        &self,
        workspace: &WorkspaceId,
        answer: &CodeAnswer,
        message: MessageId,
        strand: StrandId,
        now: Timestamp,
    ) -> Stored<Answered> {
        let (inner, workspace, answer) = (self.inner.clone(), workspace.clone(), answer.clone());
        self.inner
            .write("challenges.answer_challenge", move |tx| {
                Box::pin(async move { inner.answer(tx, &workspace, &answer, (message, strand), now).await })
            })
            .await
    }

    async fn asked_lately(&self, workspace: &WorkspaceId, contact: &Contact, strand: StrandId, now: Timestamp) -> Stored<AskedLately> {
        let contact = self.inner.contact_hash(workspace, contact).await?;
        let asked = args![workspace, contact, strand, now.before(HOUR), now.before(DAY)];
        let Some(row) = self.inner.reader().await?.one(sql::ASKED, asked).await? else { return Ok(AskedLately::default()) };
        Ok(AskedLately { contact_hour: row.int(0)?, contact_day: row.int(1)?, strand_hour: row.int(2)?, workspace_hour: row.int(3)? })
    }

    async fn trusted_since(&self, workspace: &WorkspaceId, identifier: IdentifierId) -> Stored<Option<Timestamp>> {
        let row = self.inner.reader().await?.one(sql::TRUSTED, args![workspace, identifier]).await?;
        row.map(|row| row.time(0)).transpose()
    }
}
