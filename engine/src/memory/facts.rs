//! How a fact that was read becomes memory: append-only, the newer closes the older, the weaker never beats the stronger.

use domain::customer::Customer;
use domain::fact::{Fact, FactStatus, Learned, Predicate, Strength};
use domain::identifier::Origin;
use domain::ports::Random;
use domain::signal::Withdrawn;
use domain::turn::FactChange;
use domain::{ChannelKind, FactId, MessageId, StrandId, Timestamp};

use crate::reasoning::builtin::understand::{NameMatch, same_person};

/// Where facts come from.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// The strand they hang on; `None`: the customer record.
    pub strand: Option<StrandId>,
    /// The message.
    pub message: Option<MessageId>,
    /// The door.
    pub channel: Option<ChannelKind>,
    /// Where from.
    pub origin: Origin,
    /// How strong.
    pub strength: Strength,
    /// Rule or model.
    pub extractor: &'a str,
    /// When it was said.
    pub at: Timestamp,
}

/// What reading some facts changes. A fact without a quote that occurs in `source` is dropped.
pub fn learn(customer: &Customer, learned: &[Learned], source: Option<&str>, from: Provenance<'_>, random: &dyn Random) -> Vec<FactChange> {
    let mut changes: Vec<FactChange> = Vec::new();
    for item in learned {
        if source.is_some_and(|source| !source.contains(item.quote.as_str())) || item.value.trim().is_empty() {
            continue;
        }
        let active: Vec<&Fact> = customer
            .facts
            .iter()
            .filter(|fact| fact.predicate == item.predicate && fact.status == FactStatus::Active && !ended_by(&changes, fact.id))
            .collect();
        if let Some(same) = active.iter().find(|fact| same_value(&fact.value, &item.value) && fact.holds == item.holds) {
            if from.strength > same.strength && !repeated_in(&changes, item) {
                confirm(&mut changes, same, item, &from, random);
            }
            if from.strength == Strength::Pinned {
                settle(&mut changes, customer, item.predicate, from.at);
            }
            continue;
        }
        if item.predicate == Predicate::Name
            && active.iter().any(|fact| says_more(&fact.value, &item.value) && fact.strength >= from.strength)
        {
            continue;
        }
        if repeated_in(&changes, item) {
            continue;
        }
        let mut status = FactStatus::Active;
        let mut supersedes = None;
        for old in &active {
            // "Not by phone" stands beside "by WhatsApp": what does not hold is replaced by the same value alone.
            let one_at_a_time = item.predicate.is_single() && item.holds == old.holds && item.holds;
            let replaced = one_at_a_time || same_value(&old.value, &item.value) || narrows(item, old);
            if !replaced {
                continue;
            }
            if old.strength > from.strength {
                status = FactStatus::Disputed;
                continue;
            }
            changes.push(FactChange::End { fact: old.id, status: FactStatus::Superseded, valid_to: Some(from.at), at: from.at });
            supersedes = Some(old.id);
        }
        if item.predicate.is_single() && item.holds {
            drop_earlier(&mut changes, item.predicate);
        }
        if from.strength == Strength::Pinned {
            settle(&mut changes, customer, item.predicate, from.at);
        }
        changes.push(FactChange::Add(Fact {
            id: FactId::new(from.at, random.bits()),
            strand: from.strand,
            predicate: item.predicate,
            value: item.value.clone(),
            data: item.data.clone(),
            holds: item.holds,
            quote: item.quote.clone(),
            source_message: from.message,
            channel: from.channel,
            origin: from.origin,
            extractor: from.extractor.to_owned(),
            valid_from: from.at,
            valid_to: None,
            recorded_at: from.at,
            retracted_at: None,
            confidence: item.confidence,
            status,
            strength: from.strength,
            supersedes,
        }));
    }
    changes
}

/// The value in force, said again by a stronger source: it stands as firmly as that source from now on.
fn confirm(changes: &mut Vec<FactChange>, same: &Fact, item: &Learned, from: &Provenance<'_>, random: &dyn Random) {
    changes.push(FactChange::End { fact: same.id, status: FactStatus::Superseded, valid_to: Some(from.at), at: from.at });
    let (quote, source_message) = match from.message {
        Some(message) => (item.quote.clone(), Some(message)),
        None => (same.quote.clone(), same.source_message),
    };
    changes.push(FactChange::Add(Fact {
        id: FactId::new(from.at, random.bits()),
        strand: from.strand,
        data: if item.data.is_null() { same.data.clone() } else { item.data.clone() },
        value: item.value.clone(),
        quote,
        source_message,
        channel: from.channel.or(same.channel),
        origin: from.origin,
        extractor: from.extractor.to_owned(),
        recorded_at: from.at,
        confidence: item.confidence.max(same.confidence),
        strength: from.strength,
        supersedes: Some(same.id),
        ..same.clone()
    }));
}

/// A teammate's word ends what was in dispute.
fn settle(changes: &mut Vec<FactChange>, customer: &Customer, predicate: Predicate, at: Timestamp) {
    for fact in customer.facts.iter().filter(|fact| fact.predicate == predicate && fact.status == FactStatus::Disputed) {
        if !ended_by(changes, fact.id) {
            changes.push(FactChange::End { fact: fact.id, status: FactStatus::Superseded, valid_to: Some(at), at });
        }
    }
}

/// What taking values back changes.
pub fn withdraw(customer: &Customer, withdrawn: &[Withdrawn], at: Timestamp) -> Vec<FactChange> {
    let mut changes = Vec::new();
    for item in withdrawn {
        for fact in customer.facts_of(item.predicate) {
            if item.value.as_ref().is_none_or(|value| same_value(value, &fact.value)) {
                changes.push(FactChange::End { fact: fact.id, status: FactStatus::Retracted, valid_to: Some(at), at });
            }
        }
    }
    changes
}

/// The record as it is after the changes, for the rest of the turn.
pub fn applied(customer: &Customer, changes: &[FactChange]) -> Customer {
    let mut after = customer.clone();
    for change in changes {
        match change {
            FactChange::Add(fact) => after.facts.push(fact.clone()),
            FactChange::End { fact, status, valid_to, at } => {
                if let Some(known) = after.facts.iter_mut().find(|known| known.id == *fact) {
                    known.status = *status;
                    known.valid_to = *valid_to;
                    known.retracted_at = Some(*at);
                }
            }
        }
    }
    after
}

/// Are two values the same to a person? Case, spaces and a plural s do not matter.
pub fn same_value(a: &str, b: &str) -> bool {
    let normal =
        |text: &str| text.to_lowercase().split_whitespace().map(|word| word.trim_end_matches('s').to_owned()).collect::<Vec<_>>().join(" ");
    normal(a) == normal(b)
}

/// "John Hayes" says more than "John": the same person, with more of the name.
fn says_more(known: &str, said: &str) -> bool {
    known.split_whitespace().count() > said.split_whitespace().count()
        && matches!(same_person(known, said), NameMatch::Same | NameMatch::Compatible)
}

/// "Six chairs" after "chairs": the newer need says more about the same thing.
fn narrows(item: &Learned, old: &Fact) -> bool {
    item.predicate == Predicate::Need && item.holds && old.holds && item.value.to_lowercase().contains(&old.value.to_lowercase())
}

fn ended_by(changes: &[FactChange], id: FactId) -> bool {
    changes.iter().any(|change| matches!(change, FactChange::End { fact, .. } if *fact == id))
}

fn repeated_in(changes: &[FactChange], item: &Learned) -> bool {
    changes.iter().any(|change| {
        matches!(change, FactChange::Add(fact) if fact.predicate == item.predicate && fact.holds == item.holds && same_value(&fact.value, &item.value))
    })
}

/// Two values of a single-valued predicate in one burst: the later one stands.
fn drop_earlier(changes: &mut Vec<FactChange>, predicate: Predicate) {
    changes.retain(|change| !matches!(change, FactChange::Add(fact) if fact.predicate == predicate && fact.holds));
}
