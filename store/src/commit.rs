//! The commit of a turn: checked first, then everything as one transaction.

use domain::CustomerId;
use domain::customer::Lead;
use domain::escalation::{Escalation, EscalationStatus};
use domain::fact::{AskOutcome, Asked, Consent, Fact, Offer, OfferOutcome, Predicate, Promise};
use domain::message::Message;
use domain::ports::{AlertKind, Committed, StoreError, Stored};
use domain::time::Timestamp;
use domain::turn::{EscalationChange, FactChange, Lease, TurnRecord};
use domain::{ConversationId, MessageId, StrandId, WorkspaceId};

use crate::Inner;
use crate::alerts::{Told, tell};
use crate::db::{Row, Tx, args};
use crate::rows::{Body, Card, Case, Parcel, json, place};
use crate::seal::Field;
use crate::sql::{desk as desk_sql, intake as intake_sql, turns as sql};
use crate::turns::ALONE_AFTER;

/// A row of the memory table.
pub(crate) struct Remembered<'a> {
    pub kind: &'static str,
    pub id: String,
    pub strand: Option<StrandId>,
    pub topic: &'a str,
    pub status: &'static str,
    pub source: Option<MessageId>,
    pub at: Timestamp,
    pub valid_to: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// A message on its way to a customer.
pub(crate) struct Outgoing<'a> {
    pub delivery: domain::DeliveryId,
    pub message: &'a Message,
    pub rendered: &'a domain::message::Rendered,
    pub address: &'a str,
    pub state: OutboxState,
}

/// How a row of the outbox begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutboxState {
    /// It may leave.
    Waiting,
    /// A teammate approves it first.
    Draft,
    /// Its turn is still saying it.
    Speaking,
}

impl OutboxState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Draft => "draft",
            Self::Speaking => "speaking",
        }
    }
}

impl Inner {
    /// Gives the customer's id, too: the turn may have joined it to another.
    pub async fn commit(&self, tx: &mut Tx, record: &TurnRecord) -> Stored<(Committed, String)> {
        let workspace = &record.workspace;
        let leased = record.lease.customer.to_string();
        if !tx.is_lite() {
            tx.one(intake_sql::LOCK_CUSTOMER, args![workspace, &leased]).await?;
        }
        let decided: Vec<MessageId> = record.states.iter().map(|(message, _)| *message).collect();
        let mut answers = tx
            .many(vec![
                (sql::OWNER, args![workspace, &leased]),
                (sql::CONVERSATION, args![workspace, record.conversation.id]),
                (sql::STILL_OPEN, args![workspace, &leased, decided.first().copied()]),
            ])
            .await?
            .into_iter();
        let (owner, conversation, open) =
            (answers.next().unwrap_or_default(), answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        let owner = owner.first().ok_or(StoreError::LeaseLost)?;
        check(&record.lease, record.customer_version, &decided, owner, &open)?;
        let conversation = conversation.first().ok_or(StoreError::Stale("the conversation is not known"))?;
        let mut strand = conversation.text(0)?;
        let mut root = leased.clone();
        let mut score = owner.int(4)?;
        let mut card: Card = self.open_card(workspace, &leased, &owner.blob(3)?).await?;
        if !record.identity.is_empty() {
            self.change(tx, workspace, Some(&leased), &record.identity, record.at).await?;
            root = self.root(tx, workspace, &leased).await?.ok_or(StoreError::LeaseLost)?;
            let row = tx.one(sql::CONVERSATION, args![workspace, record.conversation.id]).await?;
            strand = row.ok_or(StoreError::Stale("the conversation is not known"))?.text(0)?;
            let row = tx.one(sql::OWNER, args![workspace, &root]).await?.ok_or(StoreError::LeaseLost)?;
            card = self.open_card(workspace, &root, &row.blob(3)?).await?;
            score = row.int(4)?;
        }
        let scene = Scene { root: &root, moved: !record.identity.is_empty(), strand: &strand };

        write_states(tx, record, &open, &scene)?;
        self.write_conversation(tx, record, &scene).await?;
        let names_change = self.write_memory(tx, record, &scene).await?;
        self.write_escalation(tx, record, &scene).await?;
        for event in &record.events {
            self.write_entry(tx, workspace, event, &scene).await?;
        }
        let mut replies = Vec::with_capacity(record.replies.len());
        for reply in &record.replies {
            let state = if reply.draft { OutboxState::Draft } else { OutboxState::Waiting };
            self.write_reply(tx, workspace, reply, state, &scene).await?;
            replies.push(reply.message.id);
        }
        self.write_rest(tx, record, &scene).await?;
        if let Some(challenge) = &record.challenge {
            self.write_challenge(tx, workspace, challenge, record.at).await?;
        }

        for (slot, outcome) in &record.asked {
            ask(&mut card.asked, *slot, *outcome, record.at);
        }
        if let Some(lead) = &record.lead {
            score = i64::from(lead.score);
            if lead.is_hot() && !card.lead.is_hot() {
                // Under the customer's name, so that whoever cools down and warms up again is told of once.
                let told = Told {
                    id: format!("hot-{root}"),
                    kind: AlertKind::HotLead,
                    conversation: record.conversation.id,
                    customer: root.parse().ok(),
                    teammate: None,
                    workspace,
                    at: record.at,
                };
                tell(tx, &told);
            }
            card.lead = Lead::clone(lead);
        }
        if record.lead.is_some() || !record.asked.is_empty() {
            let sealed = self.seal_card(workspace, &root, &card).await?;
            tx.later(sql::SET_LEAD, args![workspace, &root, sealed, score]);
        }
        tx.later(sql::UNLEASE, args![workspace, &leased, record.lease.fence]);
        if names_change {
            self.refresh_card(tx, workspace, &root).await?;
        }
        ring(tx, record, &root);
        Ok((Committed { replies, claimed: None }, root))
    }

    async fn write_conversation(&self, tx: &mut Tx, record: &TurnRecord, scene: &Scene<'_>) -> Stored<()> {
        let change = &record.conversation;
        let id = change.id.to_string();
        let key = self.keys.key(record.workspace.as_str(), scene.strand).await?;
        let memo = key.seal_json(place(&record.workspace, "conversation", "memo", &id), &change.memo)?;
        tx.later(
            sql::SET_CONVERSATION,
            args![
                &record.workspace,
                &id,
                change.status.as_str(),
                change.ai_silent,
                json(&change.disclosed_on)?,
                change.asked_again,
                change.repeated,
                change.speaker,
                memo,
                record.at
            ],
        );
        let turn = record.id.to_string();
        let trace = key.seal_json(place(&record.workspace, "turn", "body", &turn), &record.trace)?;
        tx.later(sql::NEW_TURN, args![&record.workspace, turn, id, record.at, scene.strand, trace]);
        Ok(())
    }

    /// Who owns this strand after the turn's identity changes.
    async fn owner_of(&self, tx: &mut Tx, workspace: &WorkspaceId, strand: &str, scene: &Scene<'_>) -> Stored<String> {
        if !scene.moved {
            return Ok(scene.root.to_owned());
        }
        let row = tx.one(sql::STRAND_CUSTOMER, args![workspace, strand]).await?;
        row.map_or_else(|| Ok(scene.root.to_owned()), |row| row.text(0))
    }

    /// `true` when a name was among it.
    async fn write_memory(&self, tx: &mut Tx, record: &TurnRecord, scene: &Scene<'_>) -> Stored<bool> {
        let workspace = &record.workspace;
        let mut names_change = self.write_facts(tx, workspace, &record.facts, scene).await?;
        for promise in &record.promises {
            self.remember(tx, workspace, scene, promise_row(promise), promise).await?;
        }
        for (promise, status) in &record.promise_states {
            tx.later(sql::SET_STATUS, args![workspace, *promise, status.as_str(), "promise"]);
        }
        for offer in &record.offers {
            self.remember(tx, workspace, scene, offer_row(offer), offer).await?;
        }
        for (offer, outcome, reason) in &record.offer_outcomes {
            self.end_offer(tx, workspace, &offer.to_string(), *outcome, reason.as_deref()).await?;
        }
        for consent in &record.consents {
            self.remember(tx, workspace, scene, consent_row(consent), consent).await?;
        }
        self.write_actions(tx, workspace, &record.actions, scene).await?;
        names_change |= scene.moved;
        Ok(names_change)
    }

    pub async fn write_facts(&self, tx: &mut Tx, workspace: &WorkspaceId, facts: &[FactChange], scene: &Scene<'_>) -> Stored<bool> {
        let mut names_change = false;
        for change in facts {
            match change {
                FactChange::Add(fact) => {
                    names_change |= fact.predicate == Predicate::Name;
                    self.remember(tx, workspace, scene, fact_row(fact), fact).await?;
                }
                FactChange::End { fact, status, valid_to, at } => {
                    // Which predicate it had is not known here; reading the names again costs little.
                    names_change = true;
                    tx.later(sql::END_FACT, args![workspace, *fact, status.as_str(), *valid_to, *at]);
                }
            }
        }
        Ok(names_change)
    }

    pub async fn remember<T: serde::Serialize + Sync>(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        scene: &Scene<'_>,
        row: Remembered<'_>,
        value: &T,
    ) -> Stored<()> {
        let strand = row.strand.map(|strand| strand.to_string());
        let customer = match &strand {
            Some(strand) => self.owner_of(tx, workspace, strand, scene).await?,
            None => scene.root.to_owned(),
        };
        let key_owner = strand.clone().unwrap_or_else(|| customer.clone());
        let body = self.seal(&key_owner, place(workspace, "memory", "body", &row.id), value).await?;
        tx.later(
            sql::NEW_MEMORY,
            args![
                workspace,
                row.id,
                row.kind,
                customer,
                strand,
                row.topic,
                row.status,
                row.source,
                row.at,
                row.valid_to,
                row.ended_at,
                key_owner,
                body
            ],
        );
        Ok(())
    }

    async fn end_offer(&self, tx: &mut Tx, workspace: &WorkspaceId, id: &str, outcome: OfferOutcome, reason: Option<&str>) -> Stored<()> {
        let Some(row) = tx.one(sql::SEALED_MEMORY, args![workspace, id, "offer"]).await? else { return Ok(()) };
        let (owner, here) = (row.text(0)?, place(workspace, "memory", "body", id));
        let mut offer: Offer = self.unseal(&owner, here, &row.blob(1)?).await?;
        offer.outcome = outcome;
        if let Some(reason) = reason {
            offer.reason = Some(reason.to_owned());
        }
        let sealed = self.seal(&owner, here, &offer).await?;
        tx.later(sql::SET_OFFER, args![workspace, id, outcome.as_str(), sealed]);
        Ok(())
    }

    async fn write_escalation(&self, tx: &mut Tx, record: &TurnRecord, scene: &Scene<'_>) -> Stored<()> {
        match &record.escalation {
            None => Ok(()),
            Some(EscalationChange::Open(escalation)) => self.open_escalation(tx, &record.workspace, escalation, scene).await,
            Some(EscalationChange::Add { id, also, evidence, brief }) => {
                let id = id.to_string();
                let row = tx.one(sql::SEALED_ESCALATION, args![&record.workspace, &id]).await?;
                let row = row.ok_or(StoreError::Stale("the escalation is not known"))?;
                let (owner, here) = (row.text(0)?, place(&record.workspace, "escalation", "body", &id));
                let mut case: Case = self.unseal(&owner, here, &row.blob(1)?).await?;
                for rule in also {
                    if !case.also.contains(rule) {
                        case.also.push(rule.clone());
                    }
                    tx.later(sql::NEW_FIRING, args![&record.workspace, rule, &id, record.at]);
                }
                for found in evidence {
                    if !case.evidence.contains(found) {
                        case.evidence.push(found.clone());
                    }
                }
                case.brief = brief.clone();
                let sealed = self.seal(&owner, here, &case).await?;
                tx.later(sql::SET_ESCALATION, args![&record.workspace, id, sealed]);
                Ok(())
            }
            Some(EscalationChange::Status { id, status }) => {
                tx.later(sql::SET_ESCALATION_STATUS, args![&record.workspace, *id, EscalationStatus::as_str(*status)]);
                Ok(())
            }
        }
    }

    async fn open_escalation(&self, tx: &mut Tx, workspace: &WorkspaceId, escalation: &Escalation, scene: &Scene<'_>) -> Stored<()> {
        let id = escalation.id.to_string();
        let Escalation { also, evidence, brief, way, .. } = escalation.clone();
        let case = Case { also, evidence, brief, way };
        let owner = scene.root;
        let body = self.seal(owner, place(workspace, "escalation", "body", &id), &case).await?;
        tx.later(
            sql::NEW_ESCALATION,
            args![
                workspace,
                &id,
                escalation.conversation,
                &escalation.rule,
                escalation.status.as_str(),
                escalation.at,
                escalation.due_at,
                escalation.turn,
                owner,
                body
            ],
        );
        if let Some(team) = escalation.team {
            tx.later(desk_sql::SET_TEAM, args![workspace, escalation.conversation, team]);
        }
        for rule in std::iter::once(&escalation.rule).chain(&escalation.also) {
            tx.later(sql::NEW_FIRING, args![workspace, rule, &id, escalation.at]);
        }
        let told = Told {
            id,
            kind: AlertKind::Escalated,
            conversation: escalation.conversation,
            customer: owner.parse().ok(),
            teammate: None,
            workspace,
            at: escalation.at,
        };
        tell(tx, &told);
        Ok(())
    }

    /// Writes a timeline entry of our own and gives its place in the sequence.
    pub async fn write_entry(&self, tx: &mut Tx, workspace: &WorkspaceId, message: &Message, scene: &Scene<'_>) -> Stored<i64> {
        let (id, strand) = (message.id.to_string(), message.strand.to_string());
        let customer = self.owner_of(tx, workspace, &strand, scene).await?;
        let sealed = self.seal(&strand, place(workspace, "message", "body", &id), &Body::of(message)).await?;
        let seq = self.next_seq(tx).await?;
        tx.later(
            sql::NEW_MESSAGE,
            args![
                workspace,
                &id,
                customer,
                strand,
                message.conversation,
                message.turn,
                seq,
                message.channel.as_str(),
                &message.connection,
                message.direction.as_str(),
                message.author.as_str(),
                message.event.is_some(),
                message.at,
                message.delivery.map(domain::message::DeliveryState::as_str),
                message.language.clone(),
                sealed
            ],
        );
        let ring = tx.rings.note("message.created", workspace, message.at);
        ring.conversation(message.conversation).message(message.id);
        if let Ok(customer) = scene.root.parse() {
            ring.customer(customer);
        }
        Ok(seq)
    }

    /// A message with its outbox row.
    pub async fn write_outgoing(&self, tx: &mut Tx, workspace: &WorkspaceId, outgoing: &Outgoing<'_>, scene: &Scene<'_>) -> Stored<()> {
        let mut message = outgoing.message.clone();
        message.delivery = Some(message.delivery.unwrap_or(domain::message::DeliveryState::Queued));
        let seq = self.write_entry(tx, workspace, &message, scene).await?;
        let (id, strand) = (outgoing.delivery.to_string(), message.strand.to_string());
        let customer = self.owner_of(tx, workspace, &strand, scene).await?;
        let parcel = Parcel { address: outgoing.address.to_owned(), rendered: outgoing.rendered.clone() };
        let sealed = self.seal(&strand, place(workspace, "outbox", "body", &id), &parcel).await?;
        tx.later(
            sql::NEW_DELIVERY,
            args![
                workspace,
                id,
                message.id,
                customer,
                strand,
                &message.connection,
                message.channel.as_str(),
                message.author.as_str(),
                seq,
                outgoing.state.as_str(),
                sealed
            ],
        );
        tx.rings.post |= outgoing.state == OutboxState::Waiting;
        Ok(())
    }

    async fn write_rest(&self, tx: &mut Tx, record: &TurnRecord, scene: &Scene<'_>) -> Stored<()> {
        let workspace = &record.workspace;
        for timer in &record.timers {
            tx.later(sql::SET_TIMER, args![workspace, timer.customer, &timer.key, timer.due_at, json(&timer.what)?]);
            tx.rings.ticks = true;
        }
        let lookups = &self.keys.workspace(workspace.as_str()).await?.lookups;
        for gap in &record.gaps {
            let id = lookups.hash(Field::Gap, &[&gap.key]);
            let body = self.seal(scene.strand, place(workspace, "gap", "body", &id), &gap.question).await?;
            tx.later(sql::NEW_GAP, args![workspace, id, record.at, gap.conversation, gap.message, scene.strand, body]);
        }
        for task in &record.tasks {
            let customer = if task.customer == record.lease.customer { scene.root.to_owned() } else { task.customer.to_string() };
            self.write_task(tx, workspace, &customer, task, record.at).await?;
        }
        for (connection, address, stop) in &record.suppress {
            let hash = lookups.hash(Field::Address, &[connection.as_str(), address]);
            if *stop {
                tx.later(sql::SUPPRESS, args![workspace, connection, hash, record.at]);
            } else {
                tx.later(sql::UNSUPPRESS, args![workspace, connection, hash]);
            }
        }
        Ok(())
    }
}

/// Where a write happens: the owner, the conversation's strand, and whether identities changed just now.
pub(crate) struct Scene<'a> {
    pub root: &'a str,
    pub moved: bool,
    pub strand: &'a str,
}

fn write_states(tx: &mut Tx, record: &TurnRecord, open: &[Row], scene: &Scene<'_>) -> Stored<()> {
    let workspace = &record.workspace;
    for (message, state) in &record.states {
        tx.later(sql::SET_STATE, args![workspace, *message, state.as_str(), record.id]);
    }
    if let Some(row) = open.first() {
        let connection = row.text(1)?;
        tx.later(sql::DROP_BURST, args![workspace, scene.root, &connection]);
        if open.len() > record.states.len() {
            tx.later(sql::ADVANCE_BURST, args![workspace, scene.root, &connection]);
            tx.rings.work = true;
        }
        if scene.moved {
            tx.later(sql::DROP_BURST, args![workspace, record.lease.customer, connection]);
        }
    }
    Ok(())
}

/// May a turn under this lease, started from this version, still decide these messages?
pub(crate) fn check(lease: &Lease, version: i64, decided: &[MessageId], owner: &Row, open: &[Row]) -> Stored<()> {
    if owner.int(1)? != lease.fence || owner.text(0)? != lease.customer.to_string() {
        return Err(StoreError::LeaseLost);
    }
    if owner.int(2)? != version {
        return Err(StoreError::Stale("the customer has changed"));
    }
    let (mut found, mut is_newer, mut is_alone) = (0, false, false);
    for row in open {
        let id: MessageId = row.word(0)?;
        if decided.contains(&id) {
            found += 1;
            is_alone = decided.len() == 1 && row.int(2)? > ALONE_AFTER;
        } else {
            is_newer = true;
        }
    }
    if is_newer && !is_alone {
        return Err(StoreError::Stale("a newer message has arrived"));
    }
    if found < decided.len() {
        return Err(StoreError::Stale("a message has been decided before"));
    }
    Ok(())
}

fn ask(all: &mut Vec<Asked>, slot: Predicate, outcome: AskOutcome, at: Timestamp) {
    let once_more = u32::from(outcome == AskOutcome::Open);
    match all.iter_mut().find(|known| known.slot == slot) {
        Some(known) => {
            known.times += once_more;
            known.outcome = outcome;
            known.at = at;
        }
        None => all.push(Asked { slot, times: once_more, outcome, at }),
    }
}

fn ring(tx: &mut Tx, record: &TurnRecord, root: &str) {
    let conversation: ConversationId = record.conversation.id;
    let customer: Option<CustomerId> = root.parse().ok();
    let mut kinds = vec!["conversation.updated"];
    if record.escalation.is_some() {
        kinds.push("escalation.updated");
    }
    if !record.facts.is_empty() || record.lead.is_some() {
        kinds.push("customer.updated");
    }
    for kind in kinds {
        let note = tx.rings.note(kind, &record.workspace, record.at);
        note.conversation(conversation);
        if let Some(customer) = customer {
            note.customer(customer);
        }
    }
    tx.rings.work = true;
}

fn fact_row(fact: &Fact) -> Remembered<'_> {
    Remembered {
        kind: "fact",
        id: fact.id.to_string(),
        strand: fact.strand,
        topic: fact.predicate.as_str(),
        status: fact.status.as_str(),
        source: fact.source_message,
        at: fact.recorded_at,
        valid_to: fact.valid_to,
        ended_at: fact.retracted_at,
    }
}

pub(crate) fn promise_row(promise: &Promise) -> Remembered<'_> {
    Remembered {
        kind: "promise",
        id: promise.id.to_string(),
        strand: Some(promise.strand),
        topic: promise.by.as_str(),
        status: promise.status.as_str(),
        source: promise.source_message,
        at: promise.at,
        valid_to: None,
        ended_at: None,
    }
}

fn offer_row(offer: &Offer) -> Remembered<'_> {
    Remembered {
        kind: "offer",
        id: offer.id.to_string(),
        strand: Some(offer.strand),
        topic: "offer",
        status: offer.outcome.as_str(),
        source: offer.source_message,
        at: offer.at,
        valid_to: None,
        ended_at: None,
    }
}

pub(crate) fn consent_row(consent: &Consent) -> Remembered<'_> {
    Remembered {
        kind: "consent",
        id: consent.id.to_string(),
        strand: Some(consent.strand),
        topic: &consent.purpose,
        status: consent.state.as_str(),
        source: consent.source_message,
        at: consent.at,
        valid_to: None,
        ended_at: None,
    }
}
