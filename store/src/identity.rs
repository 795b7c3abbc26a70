//! Changes of who is who. Customers are sets of strands; a merge is a redirect on a log, and taking it back is
//! removing that redirect: every strand and record entry keeps the home it was born on, so nothing can get lost.

use std::collections::{HashMap, HashSet};

use domain::fact::{Fact, FactStatus};
use domain::identifier::Trust;
use domain::ports::{StoreError, Stored};
use domain::time::Timestamp;
use domain::turn::IdentityChange;
use domain::{ChannelKind, ConversationId, CustomerId, LinkId, MessageId, WorkspaceId};

use crate::Inner;
use crate::db::{Tx, args};
use crate::intake::{Addition, GOES_ON_FOR, lookups, own_channel};
use crate::recall::unpost;
use crate::rows::{Card, json, place};
use crate::seal::Place;
use crate::sql::{identity as sql, intake as intake_sql};

/// Redirects form a forest; a longer chain is a broken one.
pub(crate) const LONGEST_CHAIN: usize = 1_000;

/// Owners whose keys must be durable before these changes are written.
pub(crate) fn owners(changes: &[IdentityChange]) -> Vec<String> {
    let mut owners = Vec::new();
    for change in changes {
        match change {
            IdentityChange::Attach { strand, .. } => owners.push(strand.to_string()),
            IdentityChange::OpenStrand { strand, customer, .. } => {
                owners.push(strand.to_string());
                owners.push(customer.to_string());
            }
            IdentityChange::Merge { .. }
            | IdentityChange::Unmerge { .. }
            | IdentityChange::MarkShared { .. }
            | IdentityChange::MoveStrand { .. }
            | IdentityChange::Point { .. }
            | IdentityChange::Suggest { .. }
            | IdentityChange::Block { .. }
            | IdentityChange::LinkWaits { .. }
            | IdentityChange::RedeemLink { .. } => {}
        }
    }
    owners
}

impl Inner {
    /// The record that answers for this id now; `None`: never heard of.
    pub async fn root(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str) -> Stored<Option<String>> {
        tx.one(sql::ROOT, args![workspace, customer]).await?.map(|row| row.text(0)).transpose()
    }

    async fn root_or_stale(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str) -> Stored<String> {
        self.root(tx, workspace, customer).await?.ok_or(StoreError::Stale("the customer is not known"))
    }

    /// Applies changes in order. `own` runs the turn: its lease outlives them, those of others end.
    pub async fn change(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        own: Option<&str>,
        changes: &[IdentityChange],
        at: Timestamp,
    ) -> Stored<()> {
        let mut touched: HashSet<String> = HashSet::new();
        for change in changes {
            self.log(tx, workspace, change, at).await?;
            match change {
                IdentityChange::Attach { customer, identifier, id, strand } => {
                    let customer = self.root_or_stale(tx, workspace, &customer.to_string()).await?;
                    let (lookup, _) = lookups(self, workspace, identifier).await?;
                    let rows = tx.all(intake_sql::ROWS_OF_LOOKUPS, args![workspace, lookup, "", "", ""]).await?;
                    let mut own_row = None;
                    let mut held = None;
                    for row in &rows {
                        let (row_id, trust): (String, Trust) = (row.text(0)?, row.word(2)?);
                        if row.text(5)? == customer {
                            own_row = Some((row_id.clone(), trust));
                        }
                        if trust != Trust::Claimed {
                            held = Some(row_id);
                        }
                    }
                    if let Some((row_id, trust)) = own_row {
                        tx.later(sql::SEEN, args![workspace, &row_id, at]);
                        if identifier.trust > trust && held.is_none_or(|holder| holder == row_id) {
                            let (trust, origin) = (identifier.trust.as_str(), identifier.origin.as_str());
                            tx.later(sql::SET_TRUST, args![workspace, &row_id, trust, origin, at]);
                        }
                    } else {
                        let trust = if held.is_some() { Trust::Claimed } else { identifier.trust };
                        let new =
                            Addition { seen: identifier, trust, id: *id, strand: *strand, customer: &customer, at, last_message: None };
                        self.add_identifier(tx, workspace, new).await?;
                    }
                    touched.insert(customer);
                }
                IdentityChange::Merge { id, kept, absorbed, reasons, by } => {
                    let kept = self.root_or_stale(tx, workspace, &kept.to_string()).await?;
                    let absorbed = self.root_or_stale(tx, workspace, &absorbed.to_string()).await?;
                    if kept == absorbed {
                        continue;
                    }
                    let strands = texts(&tx.all(sql::STRANDS_OF, args![workspace, &absorbed]).await?)?;
                    tx.later(sql::NEW_MERGE, args![workspace, *id, &kept, &absorbed, json(reasons)?, by, json(&strands)?, at]);
                    let members = texts(&tx.all(sql::MEMBERS, args![workspace, &absorbed]).await?)?;
                    tx.later(sql::REDIRECT, args![workspace, &absorbed, &kept]);
                    self.settle_members(tx, workspace, &members, &absorbed, &kept).await?;
                    self.fold_conversations(tx, workspace, &kept, at).await?;
                    self.rebuild_bursts(tx, workspace, &kept, &absorbed).await?;
                    end_leases(tx, workspace, own, &[&kept, &absorbed]);
                    self.refresh_card(tx, workspace, &kept).await?;
                    touched.extend([kept, absorbed]);
                }
                IdentityChange::Unmerge { merge, .. } => {
                    let row = tx.one(sql::MERGE, args![workspace, *merge]).await?;
                    let row = row.ok_or(StoreError::Stale("the merge is not known"))?;
                    if row.flag(2)? {
                        continue;
                    }
                    let (kept, absorbed) = (row.text(0)?, row.text(1)?);
                    let survivor = self.root_or_stale(tx, workspace, &absorbed).await?;
                    tx.later(sql::UNDO_MERGE, args![workspace, *merge]);
                    let members = below(&tx.all(sql::MEMBERS, args![workspace, &survivor]).await?, &absorbed)?;
                    tx.later(sql::REDIRECT, args![workspace, &absorbed, Option::<String>::None]);
                    self.settle_members(tx, workspace, &members, &survivor, &absorbed).await?;
                    self.unfold_conversations(tx, workspace, &survivor, &absorbed).await?;
                    self.rebuild_bursts(tx, workspace, &survivor, &absorbed).await?;
                    block(tx, workspace, &kept, &absorbed, at);
                    end_leases(tx, workspace, own, &[&survivor, &absorbed]);
                    self.refresh_card(tx, workspace, &survivor).await?;
                    self.refresh_card(tx, workspace, &absorbed).await?;
                    touched.extend([survivor, absorbed]);
                }
                IdentityChange::MarkShared { identifier } => tx.later(sql::SHARED, args![workspace, *identifier]),
                IdentityChange::MoveStrand { strand, to } => {
                    let strand = strand.to_string();
                    let row = tx.one(sql::STRAND, args![workspace, &strand]).await?;
                    let from = row.ok_or(StoreError::Stale("the strand is not known"))?.text(1)?;
                    let target = self.root_or_stale(tx, workspace, &to.to_string()).await?;
                    tx.later(sql::STRAND_OWNER, args![workspace, &strand, &target, *to]);
                    move_strand(tx, workspace, &strand, &from, &target);
                    self.rebuild_bursts(tx, workspace, &from, &target).await?;
                    end_leases(tx, workspace, own, &[&from, &target]);
                    self.refresh_card(tx, workspace, &from).await?;
                    self.refresh_card(tx, workspace, &target).await?;
                    touched.extend([from, target]);
                }
                IdentityChange::OpenStrand { identifier, strand, customer, moves, conversation } => {
                    let opened = Opened {
                        identifier: identifier.to_string(),
                        strand: strand.to_string(),
                        customer: *customer,
                        moves,
                        conversation: *conversation,
                    };
                    let parties = self.open_strand(tx, workspace, &opened, at).await?;
                    let parties: Vec<&str> = parties.iter().map(String::as_str).collect();
                    end_leases(tx, workspace, own, &parties);
                    for party in &parties {
                        self.refresh_card(tx, workspace, party).await?;
                    }
                    touched.extend(parties.iter().map(|party| (*party).to_owned()));
                }
                IdentityChange::Point { identifier, strand } => {
                    tx.later(intake_sql::POINT, args![workspace, *identifier, *strand]);
                }
                IdentityChange::Suggest { id, a, b, probability, reasons } => {
                    tx.later(sql::NEW_SUGGESTION, args![workspace, *id, *a, *b, *probability, json(reasons)?, at]);
                }
                IdentityChange::Block { a, b } => block(tx, workspace, &a.to_string(), &b.to_string(), at),
                IdentityChange::LinkWaits { link, by, shown_as } => {
                    let (_, sealed) = self.shown_as(tx, workspace, *link, shown_as).await?;
                    tx.later(sql::LINK_WAITS, args![workspace, *link, *by, sealed]);
                }
                IdentityChange::RedeemLink { link, by, shown_as, merge } => {
                    let (owner, sealed) = self.shown_as(tx, workspace, *link, shown_as).await?;
                    tx.later(sql::REDEEM, args![workspace, *link, *by, sealed, *merge, at]);
                    touched.insert(owner);
                }
            }
        }
        for customer in touched {
            if let Ok(customer) = customer.parse() {
                tx.rings.note("identity.updated", workspace, at).customer(customer);
            }
        }
        tx.rings.work = true;
        Ok(())
    }

    /// Who made a link, and the masked address that redeems it, sealed with the maker's key.
    async fn shown_as(&self, tx: &mut Tx, workspace: &WorkspaceId, link: LinkId, address: &str) -> Stored<(String, Vec<u8>)> {
        let row = tx.one(sql::LINK_OWNER, args![workspace, link]).await?;
        let owner = row.ok_or(StoreError::Stale("the link is not known"))?.text(0)?;
        let sealed = self.seal(&owner, place(workspace, "link", "shown_as", &link.to_string()), &address).await?;
        Ok((owner, sealed))
    }

    async fn now_called(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: CustomerId) -> Stored<CustomerId> {
        let root = self.root_or_stale(tx, workspace, &customer.to_string()).await?;
        root.parse().map_err(|_| StoreError::Corrupt("a customer's id does not parse".to_owned()))
    }

    /// The log holds ids and hashes only.
    async fn log(&self, tx: &mut Tx, workspace: &WorkspaceId, change: &IdentityChange, at: Timestamp) -> Stored<()> {
        let text = match change {
            IdentityChange::Attach { customer, identifier, id, strand } => {
                let (lookup, _) = lookups(self, workspace, identifier).await?;
                json(&serde_json::json!({
                    "change": "attach", "customer": customer, "id": id, "strand": strand, "kind": identifier.kind,
                    "trust": identifier.trust, "hash": lookup,
                }))?
            }
            IdentityChange::LinkWaits { link, by, .. } => json(&serde_json::json!({ "change": "link_waits", "link": link, "by": by }))?,
            IdentityChange::RedeemLink { link, by, merge, .. } => {
                json(&serde_json::json!({ "change": "redeem_link", "link": link, "by": by, "merge": merge }))?
            }
            // Whom it concerns now, whatever names they went by: an erasure blinds those, and the log stays right.
            IdentityChange::Merge { id, kept, absorbed, reasons, by } => json(&IdentityChange::Merge {
                id: *id,
                kept: self.now_called(tx, workspace, *kept).await?,
                absorbed: self.now_called(tx, workspace, *absorbed).await?,
                reasons: reasons.clone(),
                by: by.clone(),
            })?,
            IdentityChange::Unmerge { .. }
            | IdentityChange::MarkShared { .. }
            | IdentityChange::MoveStrand { .. }
            | IdentityChange::OpenStrand { .. }
            | IdentityChange::Point { .. }
            | IdentityChange::Suggest { .. }
            | IdentityChange::Block { .. } => json(change)?,
        };
        let seq = self.next_seq(tx).await?;
        tx.later(sql::LOG, args![workspace, seq, text, at]);
        Ok(())
    }

    /// Gives everything at home with `members` from one root to another.
    pub async fn settle_members(&self, tx: &mut Tx, workspace: &WorkspaceId, members: &[String], from: &str, to: &str) -> Stored<()> {
        for member in members {
            let strands = texts(&tx.all(sql::STRANDS_OF_HOME, args![workspace, from, member]).await?)?;
            for strand in strands {
                tx.later(sql::MOVE_STRAND, args![workspace, &strand, to]);
                move_strand(tx, workspace, &strand, from, to);
            }
            tx.later(sql::MOVE_RECORD, args![workspace, member, to, from]);
            tx.later(sql::SET_ROOT, args![workspace, member, to]);
        }
        Ok(())
    }

    /// The conversation moves to the new door, it is not copied: messages that wait for their first turn go into the
    /// talk that goes on.
    async fn fold_conversations(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str, at: Timestamp) -> Stored<()> {
        let Some(older) = tx.one(sql::OLDER_CONVERSATION, args![workspace, customer, at.before(GOES_ON_FOR)]).await? else { return Ok(()) };
        let older_id = older.text(0)?;
        let mut channels: Vec<ChannelKind> =
            serde_json::from_str(&older.text(1)?).map_err(|_| StoreError::Corrupt("channels".to_owned()))?;
        for fresh in tx.all(sql::FRESH_CONVERSATIONS, args![workspace, customer]).await? {
            let id = fresh.text(0)?;
            let channel: ChannelKind = fresh.word(1)?;
            if !channels.contains(&channel) {
                channels.push(channel);
            }
            tx.later(sql::FOLD_MESSAGES, args![workspace, &id, &older_id]);
            tx.later(sql::FOLD, args![workspace, &id, &older_id]);
            let moved = args![workspace, &older_id, channel.as_str(), fresh.text(2)?, json(&channels)?, fresh.time(3)?];
            tx.later(intake_sql::MOVE_CONVERSATION, moved);
        }
        Ok(())
    }

    /// People who have become two take their messages back into conversations of their own.
    async fn unfold_conversations(&self, tx: &mut Tx, workspace: &WorkspaceId, one: &str, other: &str) -> Stored<()> {
        for row in tx.all(sql::FOLDED_APART, args![workspace, one, other]).await? {
            let id = row.text(0)?;
            tx.later(sql::UNFOLD_MESSAGES, args![workspace, &id, row.text(1)?, row.text(2)?]);
            tx.later(sql::UNFOLD, args![workspace, &id]);
        }
        Ok(())
    }

    /// Bursts follow the messages that wait.
    async fn rebuild_bursts(&self, tx: &mut Tx, workspace: &WorkspaceId, one: &str, other: &str) -> Stored<()> {
        let rows = tx.all(sql::BURSTS_OF, args![workspace, one, other]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut ends: HashMap<String, (i64, i64)> = HashMap::new();
        for row in &rows {
            let (ready, limit) = (row.int(1)?, row.int(2)?);
            let end = ends.entry(row.text(0)?).or_insert((ready, limit));
            *end = (end.0.max(ready), end.1.max(limit));
        }
        tx.later(sql::CLEAR_BURSTS, args![workspace, one, other]);
        for customer in [one, other] {
            for row in tx.all(sql::OPEN_MESSAGES, args![workspace, customer]).await? {
                let connection = row.text(0)?;
                let (ready, limit) = ends.get(&connection).copied().unwrap_or_default();
                tx.later(intake_sql::NEW_BURST, args![workspace, customer, connection, row.int(1)?, ready, limit]);
            }
        }
        Ok(())
    }

    /// Brings the name that lists show, and the terms that find it, up to date with the facts.
    pub async fn refresh_card(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str) -> Stored<()> {
        let mut answers =
            tx.many(vec![(sql::NAMES, args![workspace, customer]), (intake_sql::CARD, args![workspace, customer])]).await?.into_iter();
        let (names, card) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        let Some(row) = card.first() else { return Ok(()) };
        let mut name = None;
        for fact in names {
            let id = fact.text(0)?;
            if fact.word::<FactStatus>(3)? != FactStatus::Active {
                continue;
            }
            let read: Fact = self.unseal(&fact.text(1)?, place(workspace, "memory", "body", &id), &fact.blob(2)?).await?;
            if read.holds {
                name = Some(read.value);
            }
        }
        let mut card = self.open_card(workspace, customer, &row.blob(1)?).await?;
        if card.name == name {
            return Ok(());
        }
        if let Some(name) = &name {
            self.index(tx, workspace, customer, &crate::people::name_terms(name)).await?;
        }
        card.name = name;
        let sealed = self.seal_card(workspace, customer, &card).await?;
        tx.later(intake_sql::SET_CARD, args![workspace, customer, sealed]);
        Ok(())
    }

    async fn open_strand(&self, tx: &mut Tx, workspace: &WorkspaceId, opened: &Opened<'_>, at: Timestamp) -> Stored<Vec<String>> {
        let named = opened.customer.to_string();
        let owner = if let Some(root) = self.root(tx, workspace, &named).await? {
            root
        } else {
            self.add_customer(tx, workspace, &named, at, &Card::default()).await?;
            named.clone()
        };
        let row = tx.one(sql::IDENTIFIER_STRAND, args![workspace, &opened.identifier]).await?;
        let row = row.ok_or(StoreError::Stale("the identifier is not known"))?;
        let former_owner = row.text(1)?;
        let channel = own_channel(row.word(2)?).map(ChannelKind::as_str);
        tx.later(intake_sql::NEW_STRAND, args![workspace, &opened.strand, &opened.identifier, &owner, &named, channel, at]);
        tx.later(intake_sql::POINT, args![workspace, &opened.identifier, &opened.strand]);
        let mut parties = vec![owner.clone()];
        if former_owner != owner {
            parties.push(former_owner);
        }
        for message in opened.moves {
            if let Some(from) = self.reseal_message(tx, workspace, *message, &opened.strand, &owner).await?
                && !parties.contains(&from)
            {
                parties.push(from);
            }
        }
        if let Some(conversation) = opened.conversation {
            let id = conversation.to_string();
            if let Some(row) = tx.one(sql::SEALED_CONVERSATION, args![workspace, &id]).await? {
                let memo = match row.opt_blob(1)? {
                    Some(sealed) => {
                        Some(self.reseal(&row.text(0)?, &opened.strand, place(workspace, "conversation", "memo", &id), &sealed).await?)
                    }
                    None => None,
                };
                tx.later(sql::RESEAL_CONVERSATION, args![workspace, id, &opened.strand, &owner, memo]);
            } else if let Some(first) = opened.moves.first()
                && let Some(row) = tx.one(sql::MESSAGE_DOOR, args![workspace, *first]).await?
            {
                let channel: ChannelKind = row.word(0)?;
                let (connection, channels) = (row.text(1)?, json(&[channel])?);
                let talk = args![workspace, &id, &owner, &opened.strand, channel.as_str(), connection, channels, at];
                tx.later(intake_sql::NEW_CONVERSATION, talk);
                for message in opened.moves {
                    tx.later(sql::MESSAGE_TALK, args![workspace, *message, &id]);
                }
            }
        }
        for party in &parties[1..] {
            self.rebuild_bursts(tx, workspace, &owner, party).await?;
        }
        Ok(parties)
    }

    /// The same value in the same place, under another strand's key.
    pub async fn reseal(&self, from: &str, to: &str, here: Place<'_>, sealed: &[u8]) -> Stored<Vec<u8>> {
        let plain = zeroize::Zeroizing::new(self.keys.key(here.workspace, from).await?.open(here, sealed)?);
        self.keys.key(here.workspace, to).await?.seal(here, &plain)
    }

    /// Moves a message, what was learned from it and its door to another strand, under that strand's key.
    async fn reseal_message(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        message: MessageId,
        strand: &str,
        owner: &str,
    ) -> Stored<Option<String>> {
        let id = message.to_string();
        let Some(row) = tx.one(sql::SEALED_MESSAGE, args![workspace, &id]).await? else { return Ok(None) };
        let from = row.text(0)?;
        if from == strand {
            return Ok(None);
        }
        unpost(tx, workspace, &id);
        let body = self.reseal(&from, strand, place(workspace, "message", "body", &id), &row.blob(1)?).await?;
        let mut optional = Vec::with_capacity(2);
        for (column, sealed) in [("inbound", row.opt_blob(2)?), ("reason", row.opt_blob(3)?)] {
            optional.push(match sealed {
                Some(sealed) => Some(self.reseal(&from, strand, place(workspace, "message", column, &id), &sealed).await?),
                None => None,
            });
        }
        let reason = optional.pop().flatten();
        let inbound = optional.pop().flatten();
        tx.later(sql::RESEAL_MESSAGE, args![workspace, &id, strand, owner, body, inbound, reason]);
        self.reseal_attachments(tx, workspace, &id, &from, strand).await?;
        for learned in tx.all(sql::SEALED_MEMORY, args![workspace, &id]).await? {
            let memory = learned.text(0)?;
            let sealed = self.reseal(&learned.text(1)?, strand, place(workspace, "memory", "body", &memory), &learned.blob(2)?).await?;
            tx.later(sql::RESEAL_MEMORY, args![workspace, memory, strand, owner, sealed]);
        }
        let connection = row.text(4)?;
        if let Some(door) = tx.one(sql::SEALED_DOOR, args![workspace, &from, &connection]).await? {
            let address = self
                .keys
                .key(workspace.as_str(), &from)
                .await?
                .open(place(workspace, "door", "address", &format!("{from}|{connection}")), &door.blob(2)?)?;
            let sealed = self
                .keys
                .key(workspace.as_str(), strand)
                .await?
                .seal(place(workspace, "door", "address", &format!("{strand}|{connection}")), &address)?;
            let (old, new) = (format!("{from}|{connection}"), format!("{strand}|{connection}"));
            let thread = match door.opt_blob(4)? {
                Some(thread) => {
                    let open = self.keys.key(workspace.as_str(), &from).await?.open(place(workspace, "door", "thread", &old), &thread)?;
                    Some(self.keys.key(workspace.as_str(), strand).await?.seal(place(workspace, "door", "thread", &new), &open)?)
                }
                None => None,
            };
            let values = args![workspace, strand, connection, door.text(0)?, door.text(1)?, sealed, door.int(3)?, thread];
            tx.later(intake_sql::DOOR, values);
        }
        let row = tx.one(sql::STRAND, args![workspace, &from]).await?;
        row.map(|row| row.text(1)).transpose()
    }
}

fn block(tx: &mut Tx, workspace: &WorkspaceId, a: &str, b: &str, at: Timestamp) {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    tx.later(sql::NEW_BLOCK, args![workspace, first, second, at]);
}

/// Ends the leases of everybody concerned but the turn's own customer, whose commit this is.
fn end_leases(tx: &mut Tx, workspace: &WorkspaceId, own: Option<&str>, customers: &[&str]) {
    for customer in customers {
        let sql = if own == Some(*customer) { sql::RAISE } else { sql::TOUCH };
        tx.later(sql, args![workspace, *customer]);
    }
}

struct Opened<'a> {
    identifier: String,
    strand: String,
    customer: CustomerId,
    moves: &'a [MessageId],
    conversation: Option<ConversationId>,
}

pub(crate) fn move_strand(tx: &mut Tx, workspace: &WorkspaceId, strand: &str, from: &str, to: &str) {
    for sql in [sql::MOVE_MESSAGES, sql::MOVE_CONVERSATIONS, sql::MOVE_MEMORY, sql::MOVE_OUTBOX] {
        tx.later(sql, args![workspace, strand, to, from]);
    }
}

pub(crate) fn texts(rows: &[crate::db::Row]) -> Stored<Vec<String>> {
    rows.iter().map(|row| row.text(0)).collect()
}

/// The member `top` and all that redirect to it, directly or over others.
pub(crate) fn below(rows: &[crate::db::Row], top: &str) -> Stored<Vec<String>> {
    let mut redirects: HashMap<String, Option<String>> = HashMap::new();
    for row in rows {
        redirects.insert(row.text(0)?, row.opt_text(1)?);
    }
    let mut found = Vec::new();
    for id in redirects.keys() {
        let mut at = Some(id.clone());
        for _ in 0..LONGEST_CHAIN {
            let Some(here) = at else { break };
            if here == top {
                found.push(id.clone());
                break;
            }
            at = redirects.get(&here).cloned().flatten();
        }
    }
    found.sort();
    Ok(found)
}
