//! The customer: one record whatever the door, and what is known before a turn.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::channel::ChannelKind;
use crate::conversation::Conversation;
use crate::escalation::Escalation;
use crate::event::BusinessEvent;
use crate::fact::{Asked, Consent, Fact, FactStatus, Offer, Predicate, Promise, Strength};
use crate::id::{ConnectionId, CustomerId, MergeId, MessageId, StrandId};
use crate::identifier::{Identifier, IdentifierKind, Proof, Strand, Trust};
use crate::message::Message;
use crate::time::Timestamp;

/// Everything known about a customer, as loaded before a turn and for the API. Lists are newest last.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Changes whenever something makes a running turn stale: a teammate's act, a merge.
    pub version: i64,
    /// When first met.
    pub created_at: Timestamp,
    /// Its addresses.
    pub identifiers: Vec<Identifier>,
    /// Its strands.
    pub strands: Vec<Strand>,
    /// Facts of every status.
    pub facts: Vec<Fact>,
    /// Promise ledger.
    pub promises: Vec<Promise>,
    /// Offer ledger.
    pub offers: Vec<Offer>,
    /// Consent ledger.
    pub consents: Vec<Consent>,
    /// Business events, newest 50.
    pub events: Vec<BusinessEvent>,
    /// What was done, or waits to be done, on their behalf.
    pub actions: Vec<Action>,
    /// Questions we put.
    pub asked: Vec<Asked>,
    /// Lead score.
    pub lead: Lead,
    /// Workspace's own attributes (`tier`, `vip`).
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// What the latest profile called them that was seen; nobody has proven it, and nobody is greeted by it.
    pub profile_name: Option<String>,
    /// Merges that made this record, newest last.
    pub merges: Vec<MergeRecord>,
}

impl Customer {
    /// A record that nothing is known of yet.
    pub fn unknown(id: CustomerId, at: Timestamp) -> Self {
        Self {
            id,
            version: 0,
            created_at: at,
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
        }
    }

    /// The fact in force for a single-valued predicate, or the newest of several.
    pub fn fact(&self, predicate: Predicate) -> Option<&Fact> {
        self.facts_of(predicate).last()
    }

    /// Facts in force for a predicate, newest last.
    pub fn facts_of(&self, predicate: Predicate) -> impl DoubleEndedIterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.predicate == predicate && fact.status == FactStatus::Active && fact.holds)
    }

    /// The name in force, if one was given.
    pub fn name(&self) -> Option<&str> {
        self.fact(Predicate::Name).map(|fact| fact.value.as_str())
    }

    /// What a teammate calls them: the name in force, or else what their profile says.
    pub fn shown_name(&self) -> Option<&str> {
        self.name().or(self.profile_name.as_deref())
    }

    /// The record as it was known at a moment: what came later is left out, what ended later still holds.
    pub fn as_known_at(mut self, at: Timestamp) -> Self {
        self.facts.retain(|fact| fact.recorded_at <= at);
        for fact in &mut self.facts {
            let ended = match fact.status {
                FactStatus::Active | FactStatus::Disputed => None,
                FactStatus::Superseded | FactStatus::Retracted => fact.retracted_at.or(fact.valid_to),
            };
            if ended.is_some_and(|ended| ended > at) {
                fact.status = FactStatus::Active;
                fact.valid_to = None;
                fact.retracted_at = None;
            }
        }
        self.identifiers.retain(|identifier| identifier.first_seen <= at);
        self.promises.retain(|promise| promise.at <= at);
        self.offers.retain(|offer| offer.at <= at);
        self.consents.retain(|consent| consent.at <= at);
        self.actions.retain(|action| action.at <= at);
        self.events.retain(|event| event.at <= at);
        self.merges.retain(|merge| merge.at <= at);
        self.reconcile();
        self
    }

    /// Of several values in force for what has one at a time, as a merge leaves them, the strongest and then newest stands;
    /// another value is disputed until somebody settles it. Nothing is written, so that taking the merge back loses nothing.
    pub fn reconcile(&mut self) {
        let mut standing: HashMap<Predicate, (Strength, Timestamp, usize)> = HashMap::new();
        let is_one = |fact: &Fact| fact.predicate.is_single() && fact.status == FactStatus::Active && fact.holds;
        for (place, fact) in self.facts.iter().enumerate().filter(|(_, fact)| is_one(fact)) {
            let rank = (fact.strength, fact.recorded_at, place);
            let best = standing.entry(fact.predicate).or_insert(rank);
            *best = rank.max(*best);
        }
        let values: HashMap<Predicate, String> =
            standing.iter().map(|(predicate, (_, _, place))| (*predicate, self.facts[*place].value.to_lowercase())).collect();
        for (place, fact) in self.facts.iter_mut().enumerate() {
            if !is_one(fact) || standing.get(&fact.predicate).is_none_or(|(_, _, best)| *best == place) {
                continue;
            }
            let value = fact.value.to_lowercase();
            let agrees = values.get(&fact.predicate).is_some_and(|best| {
                *best == value
                    || fact.predicate == Predicate::Name
                        && value.split_whitespace().all(|word| best.split_whitespace().any(|known| known == word))
            });
            fact.status = if agrees || fact.strength == Strength::Inference { FactStatus::Superseded } else { FactStatus::Disputed };
        }
    }

    /// The strongest proof over all identifiers. A visitor id alone is anonymous.
    pub fn proof(&self) -> Proof {
        self.identifiers
            .iter()
            .map(|identifier| match identifier.trust {
                Trust::Verified => Proof::Verified,
                Trust::ChannelAsserted => Proof::ChannelAsserted,
                Trust::Claimed if identifier.kind == IdentifierKind::Visitor => Proof::Anonymous,
                Trust::Claimed => Proof::Claimed,
            })
            .max()
            .unwrap_or(Proof::Anonymous)
    }
}

/// Lead score with its reasons.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Lead {
    /// 0..100.
    pub score: i32,
    /// Signed terms.
    pub reasons: Vec<LeadReason>,
    /// `new`, `engaged`, `qualified`, `hot`, `won`, `lost`.
    pub stage: String,
}

impl Lead {
    /// Is this somebody whom a person should speak to now?
    pub fn is_hot(&self) -> bool {
        self.stage == "hot"
    }
}

/// One term of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadReason {
    /// In words.
    pub text: String,
    /// Signed points.
    pub points: i32,
}

/// A merge on the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergeRecord {
    /// Its id.
    pub id: MergeId,
    /// When.
    pub at: Timestamp,
    /// The id that now redirects here.
    pub absorbed: CustomerId,
    /// Why, in words without personal data.
    pub reasons: Vec<String>,
    /// Who: `code`, `teammate`, `api`.
    pub by: String,
    /// Was it taken back?
    pub undone: bool,
    /// Strands that moved.
    pub strands: Vec<StrandId>,
}

/// What a turn starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The record.
    pub customer: Customer,
    /// The open conversation of the messages at hand.
    pub conversation: Conversation,
    /// The last 30 exchanges over all channels, oldest first, the messages at hand excluded.
    pub history: Vec<Message>,
    /// Older messages that matter now, oldest first; filled once it is clear what the conversation's proof opens.
    pub recalled: Vec<Recollection>,
    /// The escalation that is not ended, if any.
    pub escalation: Option<Escalation>,
    /// Rules and evidence that already fired for this customer: the same evidence never fires twice.
    pub fired: Vec<Fired>,
    /// Where the customer can be written to: one per door, newest first.
    pub doors: Vec<ReachableDoor>,
}

impl Context {
    /// As many of the last exchanges as [`Context::history`] holds at most.
    pub const EXCHANGES: usize = 30;
}

/// A stretch of what was said, with what led to it and what followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Recollection {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// Those of them that matter; the others stand beside them.
    pub found: Vec<MessageId>,
    /// How much of what was looked for they hold, 0..1.
    pub covered: f32,
}

/// A firing in the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// The rule.
    pub rule: String,
    /// Keys of the evidence (message ids, question keys).
    pub evidence: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// A door on which a customer can be written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachableDoor {
    /// The configured door.
    pub connection: ConnectionId,
    /// Its kind.
    pub channel: ChannelKind,
    /// Address on it.
    pub address: String,
    /// The strand it feeds.
    pub strand: StrandId,
    /// Business time of the last message from the customer there.
    pub last_inbound: Timestamp,
    /// The customer said stop there.
    pub stopped: bool,
}
