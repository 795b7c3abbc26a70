//! Intake: who holds an identifier, and accepting a message as one durable transaction.

use async_trait::async_trait;
use domain::channel::ChannelKind;
use domain::event::InboundMessage;
use domain::identifier::{IdentifierKind, SeenIdentifier, Trust, found_by};
use domain::message::{Changed, InboundState, Thread};
use domain::ports::{Accept, Accepted, HeldIdentifier, Intake, Matter, Placement, Quarantine, SenderEvidence, StoreError, Stored};
use domain::time::{MonotonicTime, Timestamp};
use domain::{CustomerId, Id, IdentifierId, MessageId, StrandId, WorkspaceId};

use crate::db::{Conn, Row, Tx, args};
use crate::fail::Bug;
use crate::rows::{Body, Card, Inbound, Named, json, place, words};
use crate::seal::{Field, random};
use crate::sql::{identity as identity_sql, intake as sql, outbox as outbox_sql};
use crate::{Inner, Storage};

/// A silent conversation goes on when its last message is younger than this.
pub(crate) const GOES_ON_FOR: std::time::Duration = std::time::Duration::from_hours(30 * 24);
/// Raw requests are readable this long.
const RAW_DAYS: i64 = 7;
/// Identifiers of one sender that are looked at.
const MOST_IDENTIFIERS: usize = 4;

const DAY: i64 = 24 * 3600 * 1_000_000;

/// Keyed hashes of an identifier: with its scope, and for look-ups that do not name one.
pub(crate) async fn lookups(inner: &Inner, workspace: &WorkspaceId, seen: &SeenIdentifier) -> Stored<(String, String)> {
    let key = inner.keys.workspace(workspace.as_str()).await?;
    let (kind, value) = (seen.kind.as_str(), found_by(seen.kind, &seen.value));
    Ok((key.lookups.hash(Field::Identifier, &[kind, &seen.scope, &value]), key.lookups.hash(Field::Loose, &[kind, &value])))
}

pub(crate) fn fresh_id<T: domain::id::Named>(at: Timestamp) -> Stored<Id<T>> {
    Ok(Id::new(at, u128::from_be_bytes(random()?)))
}

/// The kind of door whose own id this is; phone and email rows are fed by several.
pub(crate) fn own_channel(kind: IdentifierKind) -> Option<ChannelKind> {
    match kind {
        IdentifierKind::Phone | IdentifierKind::Email => None,
        IdentifierKind::Whatsapp => Some(ChannelKind::Whatsapp),
        IdentifierKind::Telegram => Some(ChannelKind::Telegram),
        IdentifierKind::Discord => Some(ChannelKind::Discord),
        IdentifierKind::Messenger => Some(ChannelKind::Messenger),
        IdentifierKind::Instagram => Some(ChannelKind::Instagram),
        IdentifierKind::ExternalId => Some(ChannelKind::Api),
        IdentifierKind::Visitor => Some(ChannelKind::Widget),
    }
}

/// A new identifier row with its first strand.
pub(crate) struct Addition<'a> {
    pub seen: &'a SeenIdentifier,
    pub trust: Trust,
    pub id: IdentifierId,
    pub strand: StrandId,
    pub customer: &'a str,
    pub at: Timestamp,
    pub last_message: Option<Timestamp>,
}

impl Inner {
    pub async fn add_customer(&self, tx: &mut Tx, workspace: &WorkspaceId, id: &str, at: Timestamp, card: &Card) -> Stored<()> {
        let sealed = self.seal_card(workspace, id, card).await?;
        tx.later(sql::NEW_CUSTOMER, args![workspace, id, at, sealed]);
        Ok(())
    }

    pub async fn add_identifier(&self, tx: &mut Tx, workspace: &WorkspaceId, new: Addition<'_>) -> Stored<()> {
        let Addition { seen, trust, id, strand, customer, at, last_message } = new;
        let (lookup, loose) = lookups(self, workspace, seen).await?;
        let (id, strand) = (id.to_string(), strand.to_string());
        let body = self.seal(&strand, place(workspace, "identifier", "body", &id), &Named::from(seen)).await?;
        tx.later(
            sql::NEW_IDENTIFIER,
            args![workspace, &id, lookup, loose, seen.kind.as_str(), trust.as_str(), seen.origin.as_str(), &strand, body, at, last_message],
        );
        let channel = own_channel(seen.kind).map(ChannelKind::as_str);
        tx.later(sql::NEW_STRAND, args![workspace, &strand, &id, customer, customer, channel, at]);
        self.index(tx, workspace, customer, &crate::people::identifier_terms(&seen.value)).await
    }

    /// Adds search terms of a customer.
    pub async fn index(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str, terms: &[String]) -> Stored<()> {
        let key = self.keys.workspace(workspace.as_str()).await?;
        for term in terms {
            tx.later(sql::NEW_TERM, args![workspace, key.lookups.hash(Field::Term, &[term]), customer]);
        }
        Ok(())
    }

    /// PostgreSQL: waits for others who work on these identifiers or this customer.
    async fn lock(&self, tx: &mut Tx, hashes: &[String], workspace: &WorkspaceId, customer: Option<&str>) -> Stored<()> {
        if tx.is_lite() {
            return Ok(());
        }
        let mut numbers: Vec<i64> = hashes
            .iter()
            .map(|hash| {
                let digits = hash.trim_start_matches("1.");
                u64::from_str_radix(&digits[..16.min(digits.len())], 16).unwrap_or(0).cast_signed()
            })
            .collect();
        numbers.sort_unstable();
        for number in numbers {
            tx.one(sql::LOCK_HASH, args![number]).await?;
        }
        if let Some(customer) = customer {
            tx.one(sql::LOCK_CUSTOMER, args![workspace, customer]).await?;
        }
        Ok(())
    }

    async fn held(&self, workspace: &WorkspaceId, row: &Row, platforms: &[Row], conn: &mut Conn) -> Stored<HeldIdentifier> {
        let identifier = self.identifier(workspace, row).await?;
        let customer = row.text(12)?;
        let card = self.open_card(workspace, &customer, &row.blob(13)?).await?;
        let mut names: Vec<String> = card.name.into_iter().collect();
        for name in card.seen {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut platform_ids = Vec::new();
        for row in platforms {
            let id = row.text(1)?;
            if row.text(0)? != customer || id == identifier.id.to_string() {
                continue;
            }
            let named: Named = self.unseal(&row.text(3)?, place(workspace, "identifier", "body", &id), &row.blob(4)?).await?;
            platform_ids.push((row.word(2)?, named.scope, named.value));
        }
        let mut statements = Vec::new();
        if identifier.shared {
            statements.push((sql::SHARERS, args![workspace, identifier.id, &customer]));
            statements.push((sql::SPEAKER, args![workspace, identifier.id]));
        }
        let mut answers = conn.many(statements).await?.into_iter();
        let mut others = Vec::new();
        for row in answers.next().unwrap_or_default() {
            others.push(row.word(0)?);
        }
        let speaker = match answers.next().unwrap_or_default().first() {
            Some(row) => row.opt_word(0)?,
            None => None,
        };
        Ok(HeldIdentifier { identifier, customer: row.word(12)?, names, others, platform_ids, last_message: row.opt_time(8)?, speaker })
    }

    async fn accept(&self, tx: &mut Tx, accept: &Accept, hashes: &Hashes) -> Stored<Accepted> {
        let workspace = &accept.workspace;
        let placed = Placed::of(&accept.placement)?;
        let existing = matches!(accept.placement, Placement::Known { .. }).then_some(placed.customer.as_str());
        self.lock(tx, &hashes.identifiers, workspace, existing).await?;
        let asked = |at: usize| hashes.identifiers.get(at).map_or("", String::as_str);
        let mut questions = vec![
            (sql::DUPLICATE, args![workspace, &accept.connection, &hashes.dedupe]),
            (sql::ROWS_OF_LOOKUPS, args![workspace, asked(0), asked(1), asked(2), asked(3)]),
            (sql::PLACED, args![workspace, &placed.strand]),
            (sql::GOING_ON, args![workspace, &placed.customer, accept.at.before(GOES_ON_FOR)]),
            (sql::CARD, args![workspace, &placed.customer]),
            (sql::TAKEN_BACK, args![workspace, &accept.connection, &hashes.dedupe]),
        ];
        if let Matter::This(named) = accept.matter {
            questions.push((sql::NAMED, args![workspace, &placed.customer, named]));
        }
        let mut answers = tx.many(questions).await?.into_iter();
        let (duplicate, rows, strand, going_on, card, taken_back, named) = (
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
        );
        let going_on = match accept.matter {
            Matter::GoesOn | Matter::This(_) => named.into_iter().chain(going_on).next(),
            Matter::Another => None,
        };
        if let Some(row) = duplicate.first() {
            return Ok(Accepted { message: row.word(0)?, customer: row.word(1)?, conversation: row.word(2)?, duplicate: true });
        }
        let known = known_rows(&rows)?;
        self.place(tx, accept, &placed, &known, strand.first(), hashes).await?;
        self.keep_seen_name(tx, accept, &placed, card.first()).await?;
        let Some(row) = taken_back.first() else {
            return self.write_message(tx, accept, &placed, going_on.as_ref(), hashes, None).await;
        };
        // Its author took it away before it came: only that it was there is kept.
        let gone = Accept {
            text: String::new(),
            turn: false,
            inbound: InboundMessage::default(),
            link_code: None,
            typed_code: None,
            ..accept.clone()
        };
        let deleted = Changed::Deleted { at: row.time(0)? };
        tx.later(outbox_sql::USED_RECEIPTS, args![workspace, &accept.connection, &hashes.dedupe]);
        self.write_message(tx, &gone, &placed, going_on.as_ref(), hashes, Some(deleted)).await
    }

    /// Checks that the placement still holds and writes what it needs.
    async fn place(
        &self,
        tx: &mut Tx,
        accept: &Accept,
        placed: &Placed,
        known: &[KnownRow],
        strand: Option<&Row>,
        hashes: &Hashes,
    ) -> Stored<()> {
        let workspace = &accept.workspace;
        let at = accept.at;
        match &accept.placement {
            Placement::Known { .. } => {
                let row = strand.ok_or(StoreError::Stale("the strand is not known"))?;
                let (owner, shared, pointed_to) = (row.text(0)?, row.flag(2)?, row.text(3)?);
                if owner != placed.customer || (!shared && pointed_to != placed.customer) {
                    return Err(StoreError::Stale("the identifier has been taken meanwhile"));
                }
                for (seen, lookup) in accept.sender.iter().zip(&hashes.identifiers) {
                    self.see(tx, accept, placed, known, seen, lookup).await?;
                }
            }
            Placement::New { ids, .. } => {
                for (seen, lookup) in accept.sender.iter().zip(&hashes.identifiers) {
                    let taken = known.iter().any(|row| row.lookup == *lookup && row.trust != Trust::Claimed);
                    if taken && seen.trust != Trust::Claimed {
                        return Err(StoreError::Stale("the identifier has been taken meanwhile"));
                    }
                }
                self.add_customer(tx, workspace, &placed.customer, at, &card_of(accept)).await?;
                for (seen, (id, strand)) in accept.sender.iter().zip(ids) {
                    let new = Addition {
                        seen,
                        trust: seen.trust,
                        id: *id,
                        strand: *strand,
                        customer: &placed.customer,
                        at,
                        last_message: Some(at),
                    };
                    self.add_identifier(tx, workspace, new).await?;
                }
            }
            Placement::Provisional { identifier, point, .. } => {
                let identifier = identifier.to_string();
                let Some(row) = known.iter().find(|row| row.id == identifier) else {
                    return Err(StoreError::Stale("the identifier is not known"));
                };
                let channel = accept.sender.iter().zip(&hashes.identifiers).find(|(_, hash)| **hash == row.lookup);
                let channel = channel.and_then(|(seen, _)| own_channel(seen.kind)).map(ChannelKind::as_str);
                self.add_customer(tx, workspace, &placed.customer, at, &card_of(accept)).await?;
                let customer = &placed.customer;
                tx.later(sql::NEW_STRAND, args![workspace, &placed.strand, &identifier, customer, customer, channel, at]);
                tx.later(sql::SEEN_AGAIN, args![workspace, &identifier, at]);
                if *point {
                    tx.later(sql::POINT, args![workspace, &identifier, &placed.strand]);
                }
            }
        }
        if let Some(name) = &accept.inbound.sender_name
            && !matches!(accept.placement, Placement::Known { .. })
        {
            self.index(tx, workspace, &placed.customer, &crate::people::name_terms(name)).await?;
        }
        Ok(())
    }

    /// An identifier of a known customer, seen again or for the first time.
    async fn see(
        &self,
        tx: &mut Tx,
        accept: &Accept,
        placed: &Placed,
        known: &[KnownRow],
        seen: &SeenIdentifier,
        lookup: &str,
    ) -> Stored<()> {
        let workspace = &accept.workspace;
        let rows = || known.iter().filter(|row| row.lookup == lookup);
        if let Some(own) = rows().find(|row| row.owner == placed.customer) {
            tx.later(sql::SEEN_AGAIN, args![workspace, &own.id, accept.at]);
            let held_by_others = rows().any(|row| row.id != own.id && row.trust != Trust::Claimed);
            if seen.trust > own.trust && !held_by_others {
                tx.later(identity_sql::SET_TRUST, args![workspace, &own.id, seen.trust.as_str(), seen.origin.as_str(), accept.at]);
            }
            return Ok(());
        }
        if rows().any(|row| row.trust != Trust::Claimed) && seen.trust != Trust::Claimed {
            // Somebody else holds it: the engine's own matter, nothing is attached behind its back.
            return Ok(());
        }
        let strand: StrandId = fresh_id(accept.at)?;
        self.keys.ensure(workspace.as_str(), &[strand.to_string()]).await?;
        let new = Addition {
            seen,
            trust: seen.trust,
            id: fresh_id(accept.at)?,
            strand,
            customer: &placed.customer,
            at: accept.at,
            last_message: Some(accept.at),
        };
        self.add_identifier(tx, workspace, new).await
    }

    /// A profile's name of a known customer that was not seen before.
    async fn keep_seen_name(&self, tx: &mut Tx, accept: &Accept, placed: &Placed, card: Option<&Row>) -> Stored<()> {
        let (Some(name), Some(row)) = (&accept.inbound.sender_name, card) else { return Ok(()) };
        let mut card = self.open_card(&accept.workspace, &placed.customer, &row.blob(1)?).await?;
        if name.is_empty() || card.seen.contains(name) {
            return Ok(());
        }
        card.seen.push(name.clone());
        let sealed = self.seal_card(&accept.workspace, &placed.customer, &card).await?;
        tx.later(sql::SET_CARD, args![&accept.workspace, &placed.customer, sealed]);
        self.index(tx, &accept.workspace, &placed.customer, &crate::people::name_terms(name)).await
    }

    async fn write_message(
        &self,
        tx: &mut Tx,
        accept: &Accept,
        placed: &Placed,
        going_on: Option<&Row>,
        hashes: &Hashes,
        changed: Option<Changed>,
    ) -> Stored<Accepted> {
        let workspace = &accept.workspace;
        let (customer, strand, at) = (&placed.customer, &placed.strand, accept.at);
        let channel = accept.channel.as_str();
        let conversation = if let Some(row) = going_on {
            let mut channels: Vec<ChannelKind> = words(&row.text(2)?)?;
            if !channels.contains(&accept.channel) {
                channels.push(accept.channel);
            }
            let values = args![workspace, row.text(0)?, channel, &accept.connection, json(&channels)?, at];
            tx.later(sql::MOVE_CONVERSATION, values);
            row.word(0)?
        } else {
            let channels = json(&[accept.channel])?;
            tx.later(
                sql::NEW_CONVERSATION,
                args![workspace, accept.conversation, customer, strand, channel, &accept.connection, channels, at],
            );
            accept.conversation
        };
        let seq = self.next_seq(tx).await?;
        let id = accept.message.to_string();
        let key = self.keys.key(workspace.as_str(), strand).await?;
        let body = Body {
            text: accept.text.clone(),
            buttons: Vec::new(),
            sources: Vec::new(),
            cards: Vec::new(),
            author_name: None,
            event: None,
            changed,
        };
        let body = key.seal_json(place(workspace, "message", "body", &id), &body)?;
        let state = if accept.turn { InboundState::Open } else { InboundState::IgnoredByRule };
        let inbound = if accept.turn {
            let waiting = Inbound {
                event: accept.inbound.clone(),
                address: accept.address.clone(),
                link_code: accept.link_code.clone(),
                code_answer: match &accept.typed_code {
                    Some(typed) => Some(self.hashed_code(workspace, typed).await?),
                    None => None,
                },
                doubt: match &accept.placement {
                    Placement::Provisional { doubt, .. } => Some(doubt.clone()),
                    Placement::Known { .. } | Placement::New { .. } => None,
                },
                quarantined: None,
            };
            Some(key.seal_json(place(workspace, "message", "inbound", &id), &waiting)?)
        } else {
            None
        };
        tx.later(
            sql::NEW_MESSAGE,
            args![
                workspace,
                &id,
                customer,
                strand,
                conversation,
                seq,
                channel,
                &accept.connection,
                accept.kind.as_str(),
                at,
                state.as_str(),
                &hashes.dedupe,
                body,
                inbound
            ],
        );
        if changed.is_none() {
            self.add_attachments(tx, workspace, (&id, strand, &accept.fetched_by), &accept.attachments).await?;
        }
        let door = format!("{strand}|{}", accept.connection);
        let address = key.seal(place(workspace, "door", "address", &door), accept.address.as_bytes())?;
        let thread = match Thread::of(accept.channel, &accept.inbound) {
            Some(thread) => Some(key.seal_json(place(workspace, "door", "thread", &door), &thread)?),
            None => None,
        };
        tx.later(sql::DOOR, args![workspace, strand, &accept.connection, channel, &hashes.address, address, at, thread]);
        tx.later(sql::PULSE_IN, args![workspace, &accept.connection, at]);
        if accept.turn {
            let ready_at = self.ahead.shared(accept.ready_at);
            let limit = ready_at.after(accept.longest_wait);
            tx.later(sql::NEW_BURST, args![workspace, customer, &accept.connection, seq, ready_at, limit]);
            tx.rings.work = true;
        }
        let customer: CustomerId = customer.parse().map_err(|_| StoreError::Corrupt("a customer's id does not parse".to_owned()))?;
        tx.rings
            .note("message.created", workspace, accept.received_at)
            .conversation(conversation)
            .customer(customer)
            .message(accept.message);
        Ok(Accepted { message: accept.message, customer, conversation, duplicate: false })
    }
}

fn card_of(accept: &Accept) -> Card {
    Card { seen: accept.inbound.sender_name.iter().filter(|name| !name.is_empty()).cloned().collect(), ..Card::default() }
}

/// Keyed hashes of what comes with a message.
struct Hashes {
    identifiers: Vec<String>,
    dedupe: String,
    address: String,
}

/// Where the placement puts a message.
struct Placed {
    customer: String,
    strand: String,
}

impl Placed {
    fn of(placement: &Placement) -> Stored<Self> {
        let (customer, strand) = match placement {
            Placement::Known { customer, strand } | Placement::Provisional { customer, strand, .. } => (customer, *strand),
            Placement::New { customer, ids } => {
                let first = ids.first().ok_or(StoreError::Stale("a new customer needs an identifier"))?;
                (customer, first.1)
            }
        };
        Ok(Self { customer: customer.to_string(), strand: strand.to_string() })
    }
}

struct KnownRow {
    id: String,
    lookup: String,
    trust: Trust,
    owner: String,
}

fn known_rows(rows: &[Row]) -> Stored<Vec<KnownRow>> {
    rows.iter().map(|row| Ok(KnownRow { id: row.text(0)?, lookup: row.text(1)?, trust: row.word(2)?, owner: row.text(5)? })).collect()
}

#[async_trait]
impl Intake for Storage {
    async fn evidence(&self, workspace: &WorkspaceId, sender: &[SeenIdentifier]) -> Stored<SenderEvidence> {
        let mut hashes = Vec::with_capacity(sender.len());
        for seen in sender.iter().take(MOST_IDENTIFIERS) {
            hashes.push(lookups(&self.inner, workspace, seen).await?.0);
        }
        let asked = |at: usize| hashes.get(at).map_or("", String::as_str);
        let mut conn = self.inner.reader().await?;
        let values = args![workspace, asked(0), asked(1), asked(2), asked(3)];
        let mut answers = conn.many(vec![(sql::HOLDERS, values.clone()), (sql::PLATFORM_IDS, values)]).await?.into_iter();
        let (rows, platforms) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        let mut held = Vec::with_capacity(sender.len());
        for at in 0..sender.len() {
            let mut found = None;
            for row in &rows {
                if hashes.get(at).is_some_and(|hash| row.text(11).is_ok_and(|lookup| lookup == *hash)) {
                    found = Some(self.inner.held(workspace, row, &platforms, &mut conn).await?);
                }
            }
            held.push(found);
        }
        Ok(SenderEvidence { held })
    }

    async fn accept(&self, accept: Accept) -> Stored<Accepted> {
        let inner = self.inner.clone();
        let workspace = accept.workspace.clone();
        let key = inner.keys.workspace(workspace.as_str()).await?;
        let again: MessageId = fresh_id(accept.at)?;
        let dedupe = if Bug::TakenAgain.is_planted() { again.to_string() } else { accept.dedupe.clone() };
        let mut hashes = Hashes {
            identifiers: Vec::with_capacity(accept.sender.len()),
            dedupe: key.lookups.hash(Field::Dedupe, &[accept.connection.as_str(), &dedupe]),
            address: key.lookups.hash(Field::Address, &[accept.connection.as_str(), &accept.address]),
        };
        for seen in accept.sender.iter().take(MOST_IDENTIFIERS) {
            hashes.identifiers.push(lookups(&inner, &workspace, seen).await?.0);
        }
        let owners: Vec<String> = match &accept.placement {
            Placement::Known { .. } => Vec::new(),
            Placement::New { customer, ids } => {
                std::iter::once(customer.to_string()).chain(ids.iter().map(|(_, strand)| strand.to_string())).collect()
            }
            Placement::Provisional { customer, strand, .. } => vec![customer.to_string(), strand.to_string()],
        };
        inner.keys.ensure(workspace.as_str(), &owners).await?;
        let job = inner.clone();
        inner.write("intake.accept", move |tx| Box::pin(async move { job.accept(tx, &accept, &hashes).await })).await
    }

    async fn quarantine(&self, item: Quarantine) -> Stored<()> {
        let Quarantine { workspace, connection, body, reason, at } = item;
        let today = at.as_micros().div_euclid(DAY);
        let day = day_key(today);
        self.inner.keys.ensure(workspace.as_str(), std::slice::from_ref(&day)).await?;
        self.inner.keys.drop_keys(workspace.as_str(), "day_", &day_key(today - RAW_DAYS)).await?;
        let id: MessageId = fresh_id(at)?;
        let id = id.to_string();
        let plain = [reason.as_bytes(), b"\0", &body].concat();
        let sealed = self.inner.keys.key(workspace.as_str(), &day).await?.seal(place(&workspace, "quarantine", "body", &id), &plain)?;
        self.inner
            .write("intake.quarantine", move |tx| {
                tx.later(sql::SWEEP_QUARANTINE, args![&workspace, day_key(today - RAW_DAYS), Vec::<u8>::new()]);
                tx.later(sql::QUARANTINE, args![&workspace, id, &connection, at, day, sealed]);
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn prolong(&self, workspace: &WorkspaceId, customer: CustomerId, ready_at: MonotonicTime) -> Stored<()> {
        let workspace = workspace.clone();
        let ready_at = self.inner.ahead.shared(ready_at);
        self.inner
            .write_briefly("intake.prolong", move |tx| {
                tx.later(sql::PROLONG, args![&workspace, customer, ready_at]);
                Box::pin(async { Ok(()) })
            })
            .await
    }
}

/// Name of the key of a day; names sort as days do.
fn day_key(day: i64) -> String {
    format!("day_{day:08}")
}
