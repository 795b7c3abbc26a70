//! What a turn learns: facts, promises, offers, consents; nothing is written yet.

use domain::conversation::Pending;
use domain::customer::Customer;
use domain::fact::{
    Consent, ConsentState, FactStatus, Learned, Offer, OfferOutcome, Predicate, Promise, PromiseStatus, Promiser, Strength,
};
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::signal::Act;
use domain::turn::{FactChange, IdentityChange, Task};
use domain::{ChannelKind, ConsentId, IdentifierId, MessageId, OfferId, PromiseId, StrandId, TaskId, Timestamp};

use super::act::Acting;
use super::record::Turn;
use crate::decision::hours;
use crate::identity::join::Settled;
use crate::identity::level::Level;
use crate::identity::normalise;
use crate::memory::facts::{self, Provenance};
use crate::memory::known;
use crate::reasoning::builtin::understand::{NameMatch, e164, same_person};
use crate::reasoning::requests;
use crate::reasoning::team::ModelCall;
use crate::rendering::phrases::Phrases;

/// Memory after the turn's facts, and what is to be written of it.
pub(super) struct After {
    pub customer: Customer,
    pub words: Phrases,
    pub(super) facts: Vec<FactChange>,
    pub(super) promises: Vec<Promise>,
    pub(super) offers: Vec<Offer>,
    pub(super) offer_outcomes: Vec<(OfferId, OfferOutcome, Option<String>)>,
    pub(super) consents: Vec<Consent>,
    pub(super) identity: Vec<IdentityChange>,
    pub(super) tasks: Vec<Task>,
    pub(super) noted: Vec<(Predicate, String)>,
    pub(super) corrected: bool,
    pub(super) repeated: u32,
    pub(super) promise: Option<Said>,
    pub(super) calls: Vec<ModelCall>,
    pub(super) has_weighed: bool,
}

/// A promise of this turn: its phrase, what, and by when in words.
pub(super) struct Said {
    pub(super) key: &'static str,
    pub(super) what: String,
    pub(super) when: String,
}

impl Turn<'_> {
    /// Learns what was said; nothing is written yet.
    pub fn learn(&self, settled: &Settled, acting: &Acting) -> After {
        let mut after = After {
            customer: self.known.customer.clone(),
            words: Phrases::new(&self.reading.language),
            facts: Vec::new(),
            promises: Vec::new(),
            offers: Vec::new(),
            offer_outcomes: Vec::new(),
            consents: Vec::new(),
            identity: self.noted(settled),
            tasks: Vec::new(),
            noted: Vec::new(),
            corrected: !self.reading.signals.withdrawn.is_empty(),
            repeated: 0,
            promise: None,
            calls: Vec::new(),
            has_weighed: false,
        };
        self.learn_profile(&mut after);
        let withdrawn = facts::withdraw(&after.customer, &self.reading.signals.withdrawn, self.now);
        self.apply(&mut after, withdrawn);
        for (message, learned) in &self.reading.learned {
            let counts = |fact: &&Learned| {
                let known = self.known.customer.fact(fact.predicate).is_some();
                !(acting.is_appointment && (fact.predicate == Predicate::Timeline || fact.predicate == Predicate::Need && known))
            };
            let learned: Vec<Learned> = learned.iter().filter(counts).cloned().collect();
            self.learn_from(&mut after, *message, &learned);
        }
        self.learn_ledgers(&mut after, acting);
        after
    }

    /// What was found out about who this is, without changing it now.
    pub(super) fn noted(&self, settled: &Settled) -> Vec<IdentityChange> {
        match settled {
            Settled::Note(changes) => changes.clone(),
            Settled::Ask(Pending::ConfirmJoin { link, .. }) => {
                vec![IdentityChange::LinkWaits { link: *link, by: self.whole.customer.id, shown_as: normalise::masked(&self.address()) }]
            }
            Settled::Ask(_) | Settled::Clear | Settled::Change(_) => Vec::new(),
        }
    }

    /// The profile's name is a first guess: anything said is stronger.
    pub(super) fn learn_profile(&self, after: &mut After) {
        let Some(name) = self.claim.messages.iter().rev().find_map(|waiting| waiting.inbound.sender_name.clone()) else { return };
        let has_name = after.customer.fact(Predicate::Name).is_some();
        if has_name || same_person(&name, &name) == NameMatch::NotAName {
            return;
        }
        let learned = Learned {
            predicate: Predicate::Name,
            value: name,
            data: serde_json::Value::Null,
            holds: true,
            quote: String::new(),
            confidence: 0.5,
        };
        let from = Provenance {
            message: self.claim.messages.last().map(|waiting| waiting.message.id),
            ..self.provenance("profile", Strength::Inference)
        };
        let changes = facts::learn(&after.customer, &[learned], None, from, &*self.engine.random);
        self.apply(after, changes);
    }

    pub(super) fn learn_from(&self, after: &mut After, message: MessageId, learned: &[Learned]) {
        let Some(waiting) = self.claim.messages.iter().find(|waiting| waiting.message.id == message) else { return };
        after.repeated += u32::try_from(
            learned
                .iter()
                .filter(|item| {
                    item.holds
                        && self
                            .known
                            .customer
                            .facts_of(item.predicate)
                            .any(|fact| fact.source_message.is_some() && facts::same_value(&fact.value, &item.value))
                })
                .count(),
        )
        .unwrap_or(0);
        let strength = if self.level >= Level::Proven { Strength::Verified } else { Strength::Stated };
        let from = Provenance { message: Some(message), at: waiting.message.at, ..self.provenance("built-in", strength) };
        let changes = facts::learn(&after.customer, learned, Some(&waiting.message.text), from, &*self.engine.random);
        for change in &changes {
            if let FactChange::Add(fact) = change {
                let is_new = !self.known.customer.facts_of(fact.predicate).any(|known| facts::same_value(&known.value, &fact.value));
                if fact.status == FactStatus::Active && fact.holds && is_new {
                    after.noted.push((fact.predicate, fact.value.clone()));
                }
                if fact.supersedes.is_some() {
                    after.corrected |= self.reading.signals.withdrawn.iter().any(|item| item.predicate == fact.predicate);
                }
                if let Some(change) = self.claimed_address(fact.predicate, &fact.value) {
                    after.identity.push(change);
                }
            }
        }
        self.apply(after, changes);
    }

    /// A phone or email said is a claim: it is kept with the person and joins nothing.
    pub(super) fn claimed_address(&self, predicate: Predicate, value: &str) -> Option<IdentityChange> {
        let (kind, value) = match predicate {
            Predicate::Phone => (IdentifierKind::Phone, e164(value, &self.settings.region)?),
            Predicate::Email => (IdentifierKind::Email, value.to_lowercase()),
            _ => return None,
        };
        let has_it = self.whole.customer.identifiers.iter().any(|known| known.kind == kind && known.value == value);
        (!has_it).then(|| IdentityChange::Attach {
            customer: self.whole.customer.id,
            identifier: SeenIdentifier {
                kind,
                scope: String::new(),
                raw: value.clone(),
                value,
                trust: Trust::Claimed,
                origin: Origin::Message,
            },
            id: IdentifierId::new(self.now, self.engine.random.bits()),
            strand: StrandId::new(self.now, self.engine.random.bits()),
        })
    }

    pub(super) fn learn_ledgers(&self, after: &mut After, acting: &Acting) {
        let message = self.claim.messages.last().map(|waiting| waiting.message.id);
        let channel = self.door.settings.channel;
        for said in self.reading.signals.promises.iter().filter(|said| said.by == Promiser::Customer) {
            after.promises.push(Promise {
                id: PromiseId::new(self.now, self.engine.random.bits()),
                strand: self.strand,
                by: Promiser::Customer,
                what: said.what.clone(),
                due_at: said.due,
                status: PromiseStatus::Open,
                source_message: message,
                channel,
                at: self.now,
            });
        }
        if let Some(what) = requests::requested(&self.reading.text).filter(|_| !acting.is_answer) {
            let due = requests::date_in(&what, self.now, self.settings);
            self.promise(after, &requests::plainly(&what, self.now, self.settings), due, message);
        }
        for said in &self.reading.signals.offers {
            let pending = match &self.known.conversation.memo.pending {
                Some(Pending::Offer { product }) => Some(product.clone()),
                _ => None,
            };
            let Some(product) = said.product.clone().or(pending) else { continue };
            let outcome = if said.accepted { OfferOutcome::Accepted } else { OfferOutcome::Declined };
            let known = after.customer.offers.iter().any(|offer| facts::same_value(&offer.product, &product) && offer.outcome == outcome);
            let waiting = after
                .customer
                .offers
                .iter()
                .find(|offer| facts::same_value(&offer.product, &product) && offer.outcome == OfferOutcome::Open);
            if let Some(waiting) = waiting {
                after.offer_outcomes.push((waiting.id, outcome, said.reason.clone()));
                continue;
            }
            if !known {
                after.offers.push(Offer {
                    id: OfferId::new(self.now, self.engine.random.bits()),
                    strand: self.strand,
                    product,
                    terms: String::new(),
                    at: self.now,
                    outcome,
                    reason: said.reason.clone(),
                    source_message: message,
                });
            }
        }
        for said in &self.reading.signals.consents {
            after.consents.push(self.consent(&said.purpose, said.channel, said.state, &said.quote));
            if said.purpose == "erasure" {
                after.tasks.push(self.task(format!("erasure requested: “{}”", said.quote), None));
            }
        }
        if !acting.is_answer {
            self.takes(after, message);
        }
        if self.reading.signals.questions.iter().any(|question| known::asked_about(question) == Some(known::About::Promise)) {
            let open = after.customer.promises.iter().filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open);
            let reminders: Vec<Task> = open.map(|promise| self.task(format!("asked about: {}", promise.what), promise.due_at)).collect();
            after.tasks.extend(reminders);
        }
        if self.reading.signals.acts.contains(&Act::AsksErasure) && !after.consents.iter().any(|consent| consent.purpose == "erasure") {
            after.consents.push(self.consent("erasure", None, ConsentState::Requested, &self.reading.text));
            after.tasks.push(self.task("erasure requested".to_owned(), None));
        }
        after.customer.promises.extend(after.promises.iter().cloned());
        for (id, outcome, _) in &after.offer_outcomes {
            if let Some(offer) = after.customer.offers.iter_mut().find(|offer| offer.id == *id) {
                offer.outcome = *outcome;
            }
        }
        after.customer.offers.extend(after.offers.iter().cloned());
        after.customer.consents.extend(after.consents.iter().cloned());
    }

    /// Something we are asked to do becomes a promise of the team, with a date.
    pub(super) fn promise(&self, after: &mut After, what: &str, date: Option<jiff::civil::Date>, message: Option<MessageId>) {
        let due = date
            .and_then(|date| date.at(18, 0, 0, 0).in_tz(&self.settings.timezone).ok())
            .map_or_else(|| hours::next_working_day(self.settings, self.now), |at| Timestamp::from_micros(at.timestamp().as_microsecond()));
        let id = PromiseId::new(self.now, self.engine.random.bits());
        after.promises.push(Promise {
            id,
            strand: self.strand,
            by: Promiser::Us,
            what: what.to_owned(),
            due_at: Some(due),
            status: PromiseStatus::Open,
            source_message: message,
            channel: self.door.settings.channel,
            at: self.now,
        });
        after.tasks.push(Task { promise: Some(id), ..self.task(what.to_owned(), Some(due)) });
        let when = hours::spoken(self.settings, due, self.now, &after.words);
        after.promise = Some(Said { key: "promise.made", what: what.to_owned(), when });
    }

    /// "I'll take it": what was suggested, or what they had in mind, is what they want; a person confirms it.
    pub(super) fn takes(&self, after: &mut After, message: Option<MessageId>) {
        let unclear = self.reading.signals.acts.iter().any(|act| matches!(act, Act::AsksErasure | Act::NotSure | Act::AboutOwnOrder));
        if !self.reading.signals.acts.contains(&Act::ReadyToBuy) || unclear || after.promise.is_some() {
            return;
        }
        let offer = after.customer.offers.iter().rev().find(|offer| offer.outcome == OfferOutcome::Open);
        let interest = after.customer.fact(Predicate::ProductInterest);
        let named_now = interest.filter(|fact| fact.source_message == message && message.is_some());
        let product = match (named_now, offer, interest) {
            (Some(fact), ..) | (None, None, Some(fact)) => fact.value.clone(),
            (None, Some(offer), _) => offer.product.clone(),
            (None, None, None) => return,
        };
        if let Some(offer) = offer.filter(|offer| facts::same_value(&offer.product, &product)) {
            after.offer_outcomes.push((offer.id, OfferOutcome::Accepted, None));
        }
        let quote = self.claim.messages.last().map(|waiting| waiting.message.text.clone()).unwrap_or_default();
        let learned = Learned {
            predicate: Predicate::ProductInterest,
            value: product.clone(),
            data: serde_json::Value::Null,
            holds: true,
            quote,
            confidence: 0.9,
        };
        let strength = if self.level >= Level::Proven { Strength::Verified } else { Strength::Stated };
        let from = Provenance { message, ..self.provenance("built-in", strength) };
        let changes = facts::learn(&after.customer, &[learned], None, from, &*self.engine.random);
        self.apply(after, changes);
        let what = after.words.with("promise.order.task", &[("what", &product)]);
        self.promise(after, &what, None, message);
        if let Some(said) = &mut after.promise {
            said.key = "promise.order";
            said.what = product;
        }
    }

    pub(super) fn provenance<'a>(&self, extractor: &'a str, strength: Strength) -> Provenance<'a> {
        Provenance {
            strand: Some(self.strand),
            message: None,
            channel: Some(self.door.settings.channel),
            origin: Origin::Message,
            strength,
            extractor,
            at: self.now,
        }
    }

    pub(super) fn apply(&self, after: &mut After, changes: Vec<FactChange>) {
        after.customer = facts::applied(&after.customer, &changes);
        after.facts.extend(changes);
    }

    pub(super) fn consent(&self, purpose: &str, channel: Option<ChannelKind>, state: ConsentState, wording: &str) -> Consent {
        Consent {
            id: ConsentId::new(self.now, self.engine.random.bits()),
            strand: self.strand,
            purpose: purpose.to_owned(),
            channel,
            state,
            wording: wording.to_owned(),
            at: self.now,
            source_message: self.claim.messages.last().map(|waiting| waiting.message.id),
        }
    }

    pub(super) fn task(&self, what: String, due_at: Option<Timestamp>) -> Task {
        Task {
            id: TaskId::new(self.now, self.engine.random.bits()),
            customer: self.whole.customer.id,
            what,
            due_at,
            conversation: Some(self.whole.conversation.id),
            promise: None,
            assignee: None,
        }
    }
}
