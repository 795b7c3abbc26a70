//! The record of a customer and what a turn starts from.

use std::collections::HashSet;

use domain::action::Action;
use domain::customer::{Context, Customer, Fired, Lead, MergeRecord, ReachableDoor};
use domain::escalation::{Escalation, EscalationStatus};
use domain::event::BusinessEvent;
use domain::fact::{Asked, Consent, Fact, Offer, Promise};
use domain::identifier::{Identifier, Strand};
use domain::ports::{StoreError, Stored};
use domain::{ConnectionId, ConversationId, MessageId, WorkspaceId};

use crate::Inner;
use crate::db::{Conn, Row, Statement, args};
use crate::rows::{Card, place};
use crate::sql::record as sql;

/// Exchanges of the past that a turn sees.
const HISTORY: usize = Context::EXCHANGES;

impl Inner {
    fn record_statements(workspace: &WorkspaceId, root: &str) -> Vec<Statement> {
        [sql::MEMBERS, sql::IDENTIFIERS, sql::MEMORY, sql::EVENTS, sql::MERGES]
            .into_iter()
            .map(|sql| (sql, args![workspace, root]))
            .collect()
    }

    /// The record of a root; `None` when nobody has this id.
    pub async fn record(&self, conn: &mut Conn, workspace: &WorkspaceId, root: &str) -> Stored<Option<Customer>> {
        let answers = conn.many(Self::record_statements(workspace, root)).await?;
        self.read_record(workspace, root, &answers).await
    }

    async fn read_record(&self, workspace: &WorkspaceId, root: &str, answers: &[Vec<Row>]) -> Stored<Option<Customer>> {
        let [members, identifiers, memory, events, merges] = answers else {
            return Err(StoreError::Corrupt("a record has five parts".to_owned()));
        };
        if members.is_empty() {
            return Ok(None);
        }
        let mut customer = Customer {
            id: root.parse().map_err(|_| StoreError::Corrupt("a customer's id does not parse".to_owned()))?,
            version: 0,
            created_at: members[0].time(3)?,
            identifiers: Vec::new(),
            strands: Vec::new(),
            facts: Vec::new(),
            promises: Vec::new(),
            offers: Vec::new(),
            consents: Vec::new(),
            events: Vec::new(),
            actions: Vec::new(),
            asked: Vec::new(),
            lead: Lead::default(),
            attributes: serde_json::Map::new(),
            profile_name: None,
            merges: Vec::new(),
        };
        self.read_members(workspace, root, members, &mut customer).await?;
        self.read_identifiers(workspace, identifiers, &mut customer).await?;
        self.read_memory(workspace, memory, &mut customer).await?;
        for row in events.iter().rev() {
            let id = row.text(0)?;
            let event: BusinessEvent = self.unseal(&row.text(1)?, place(workspace, "memory", "body", &id), &row.blob(2)?).await?;
            customer.events.push(event);
        }
        for row in merges {
            customer.merges.push(merge_record(row)?);
        }
        Ok(Some(customer))
    }

    /// The survivor's own word counts; what it does not know, the absorbed records add.
    async fn read_members(&self, workspace: &WorkspaceId, root: &str, rows: &[Row], customer: &mut Customer) -> Stored<()> {
        let mut cards: Vec<Card> = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.text(0)?;
            let card = self.open_card(workspace, &id, &row.blob(4)?).await?;
            if id == root {
                customer.version = row.int(2)?;
                cards.insert(0, card);
            } else {
                cards.push(card);
            }
        }
        for card in cards {
            if customer.lead == Lead::default() {
                customer.lead = card.lead;
            }
            customer.profile_name = customer.profile_name.take().or_else(|| card.seen.last().cloned());
            for (name, value) in card.attributes {
                customer.attributes.entry(name).or_insert(value);
            }
            for asked in card.asked {
                merge_asked(&mut customer.asked, asked);
            }
        }
        Ok(())
    }

    async fn read_identifiers(&self, workspace: &WorkspaceId, rows: &[Row], customer: &mut Customer) -> Stored<()> {
        for row in rows {
            let identifier: Identifier = match customer.identifiers.last() {
                Some(last) if last.id == row.word(0)? => last.clone(),
                _ => {
                    let read = self.identifier(workspace, row).await?;
                    customer.identifiers.push(read.clone());
                    read
                }
            };
            let channel = row.opt_text(12)?.map(|word| word.parse()).transpose();
            let channel = channel.map_err(|_| StoreError::Corrupt("a strand's channel is unknown".to_owned()))?;
            customer.strands.push(Strand { id: row.word(11)?, identifier: identifier.id, channel, since: row.time(13)? });
        }
        Ok(())
    }

    async fn read_memory(&self, workspace: &WorkspaceId, rows: &[Row], customer: &mut Customer) -> Stored<()> {
        for row in rows {
            let id = row.text(0)?;
            let key = self.keys.key(workspace.as_str(), &row.text(5)?).await?;
            let (here, sealed) = (place(workspace, "memory", "body", &id), row.blob(6)?);
            match row.text(1)?.as_str() {
                "fact" => {
                    let mut fact: Fact = key.open_json(here, &sealed)?;
                    fact.status = row.word(2)?;
                    fact.valid_to = row.opt_time(3)?;
                    fact.retracted_at = row.opt_time(4)?;
                    customer.facts.push(fact);
                }
                "promise" => {
                    let mut promise: Promise = key.open_json(here, &sealed)?;
                    promise.status = row.word(2)?;
                    customer.promises.push(promise);
                }
                "offer" => {
                    let mut offer: Offer = key.open_json(here, &sealed)?;
                    offer.outcome = row.word(2)?;
                    customer.offers.push(offer);
                }
                "consent" => {
                    let consent: Consent = key.open_json(here, &sealed)?;
                    customer.consents.push(consent);
                }
                "action" => {
                    let mut action: Action = key.open_json(here, &sealed)?;
                    action.status = row.word(2)?;
                    customer.actions.push(action);
                }
                other => return Err(StoreError::Corrupt(format!("memory of the kind {other:?}"))),
            }
        }
        Ok(())
    }

    /// Doors of a customer, newest first, one per connection.
    pub async fn read_doors(&self, workspace: &WorkspaceId, rows: &[Row]) -> Stored<Vec<ReachableDoor>> {
        let mut seen = HashSet::new();
        let mut doors = Vec::new();
        for row in rows {
            let (strand, connection) = (row.text(0)?, row.text(1)?);
            if !seen.insert(connection.clone()) {
                continue;
            }
            let here = format!("{strand}|{connection}");
            let key = self.keys.key(workspace.as_str(), &strand).await?;
            doors.push(ReachableDoor {
                connection: ConnectionId(connection),
                channel: row.word(2)?,
                address: key.open_text(place(workspace, "door", "address", &here), &row.blob(3)?)?,
                strand: row.word(0)?,
                last_inbound: row.time(4)?,
                stopped: row.opt_int(5)?.is_some(),
            });
        }
        Ok(doors)
    }

    /// Everything a turn starts from; the number of statements and rows does not grow with the history.
    pub async fn load_context(
        &self,
        workspace: &WorkspaceId,
        root: &str,
        conversation: ConversationId,
        exclude: &[MessageId],
    ) -> Stored<Context> {
        let mut conn = self.reader().await?;
        let mut statements = Self::record_statements(workspace, root);
        statements.push((sql::CONVERSATION, args![workspace, conversation]));
        statements.push((sql::HISTORY, args![workspace, root, HISTORY + exclude.len()]));
        statements.push((sql::ESCALATIONS, args![workspace, root]));
        statements.push((sql::DOORS, args![workspace, root]));
        let answers = conn.many(statements).await?;
        drop(conn);
        let customer = self.read_record(workspace, root, &answers[..5]).await?;
        let customer = customer.ok_or(StoreError::Stale("the customer is not known"))?;
        let row = answers[5].first().ok_or(StoreError::Stale("the conversation is not known"))?;
        let conversation = self.conversation(workspace, row).await?;
        let mut history = Vec::with_capacity(HISTORY);
        for row in &answers[6] {
            if history.len() < HISTORY && !exclude.contains(&row.word(0)?) {
                history.push(self.message(workspace, row).await?);
            }
        }
        history.reverse();
        let mut escalations = Vec::new();
        for row in &answers[7] {
            escalations.push(self.escalation(workspace, row).await?);
        }
        let doors = self.read_doors(workspace, &answers[8]).await?;
        let fired = escalations.iter().flat_map(fired).collect();
        let here = escalations.iter().rposition(|known| !is_ended(known.status) && known.conversation == conversation.id);
        let anywhere = || escalations.iter().rposition(|known| !is_ended(known.status));
        let escalation = here.or_else(anywhere).map(|at| escalations[at].clone());
        Ok(Context { customer, conversation, history, recalled: Vec::new(), escalation, fired, doors })
    }
}

pub(crate) fn is_ended(status: EscalationStatus) -> bool {
    match status {
        EscalationStatus::Open | EscalationStatus::Accepted | EscalationStatus::Released => false,
        EscalationStatus::Returned | EscalationStatus::Resolved => true,
    }
}

/// Which rule fired on which messages.
fn fired(escalation: &Escalation) -> Vec<Fired> {
    std::iter::once(&escalation.rule)
        .chain(&escalation.also)
        .map(|rule| Fired {
            rule: rule.clone(),
            evidence: escalation
                .evidence
                .iter()
                .filter(|evidence| evidence.rule == *rule)
                .map(|evidence| evidence.message.to_string())
                .collect(),
            at: escalation.at,
        })
        .collect()
}

fn merge_record(row: &Row) -> Stored<MergeRecord> {
    let broken = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    Ok(MergeRecord {
        id: row.word(0)?,
        at: row.time(1)?,
        absorbed: row.word(2)?,
        reasons: serde_json::from_str(&row.text(3)?).map_err(broken)?,
        by: row.text(4)?,
        undone: row.flag(5)?,
        strands: serde_json::from_str(&row.text(6)?).map_err(broken)?,
    })
}

/// One entry per slot: the latest outcome, the higher count.
pub(crate) fn merge_asked(all: &mut Vec<Asked>, new: Asked) {
    match all.iter_mut().find(|known| known.slot == new.slot) {
        Some(known) => {
            known.times = known.times.max(new.times);
            if new.at > known.at {
                known.outcome = new.outcome;
                known.at = new.at;
            }
        }
        None => all.push(new),
    }
}
