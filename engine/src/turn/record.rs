//! From what was read and decided to the one transaction that a turn is.

use domain::conversation::Pending;
use domain::conversation::StatusKind;
use domain::customer::{Context, Customer};
use domain::escalation::{Escalation, EscalationStatus};
use domain::fact::{
    Consent, ConsentState, FactStatus, Learned, Offer, OfferOutcome, Predicate, Promise, PromiseStatus, Promiser, Strength,
};
use domain::id::LinkId;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::knowledge::Question;
use domain::message::{Author, DeliveryState, Direction, InboundState, Message, TimelineEvent, WaitingKind};
use domain::settings::{Mode, WorkspaceSettings};
use domain::signal::Act;
use domain::turn::{
    Claim, ConversationChange, Durations, EscalationChange, FactChange, Gap, IdentityChange, Reply, Task, Timer, TimerKind, TurnRecord,
};
use domain::{
    ChannelKind, ConsentId, DeliveryId, EscalationId, IdentifierId, MessageId, OfferId, PromiseId, StrandId, Support, TaskId, Timestamp,
    TurnId,
};
use serde_json::json;

use crate::decision::rules::{self, Firing};
use crate::decision::{brief, hours, score};
use crate::identity::join::Settled;
use crate::identity::level::{self, Level};
use crate::identity::normalise;
use crate::memory::facts::{self, Provenance};
use crate::memory::known;
use crate::reasoning::analyst::Reading;
use crate::reasoning::answerer::{self, ReplyKind};
use crate::reasoning::builtin::sense;
use crate::reasoning::builtin::understand::{NameMatch, e164, same_person};
use crate::reasoning::qualifier::Qualified;
use crate::reasoning::requests;
use crate::reasoning::router::{self, Routed};
use crate::reasoning::team::{self, ModelCall};
use crate::rendering::phrases::Phrases;
use crate::rendering::plan::{self, Plan};
use crate::{Engine, OpenDoor};

/// What was said once: the AI may answer again after a long wait.
const TOLD_RELEASE: &str = "released";
/// What was said once: a number may be proven here.
const TOLD_CONTACT: &str = "share_contact";
/// Who speaks was asked, once more.
const ASKED_TWICE: &str = "who_twice";

/// A turn under way.
pub(super) struct Turn<'a> {
    pub engine: &'a Engine,
    pub claim: &'a Claim,
    pub door: &'a OpenDoor,
    pub settings: &'a WorkspaceSettings,
    pub whole: &'a Context,
    pub known: &'a Context,
    pub strand: StrandId,
    pub level: Level,
    /// A link whose join still waits after these messages.
    pub joining: Option<LinkId>,
    pub reading: &'a Reading,
    pub now: Timestamp,
}

/// Memory after the turn's facts, and what is to be written of it.
pub(super) struct After {
    pub customer: Customer,
    pub words: Phrases,
    facts: Vec<FactChange>,
    promises: Vec<Promise>,
    offers: Vec<Offer>,
    offer_outcomes: Vec<(OfferId, OfferOutcome, Option<String>)>,
    consents: Vec<Consent>,
    identity: Vec<IdentityChange>,
    tasks: Vec<Task>,
    noted: Vec<(Predicate, String)>,
    corrected: bool,
    repeated: u32,
    promise: Option<Said>,
    calls: Vec<ModelCall>,
}

/// A promise of this turn: its phrase, what, and by when in words.
struct Said {
    key: &'static str,
    what: String,
    when: String,
}

/// What a model proposed besides its answer.
#[derive(Default)]
pub(super) struct Proposed {
    facts: Vec<Learned>,
    calls: Vec<ModelCall>,
}

impl Turn<'_> {
    /// A stop or start word: handled at once, by code alone, with one confirmation at most.
    pub fn without_reply(&self, texts: &[(MessageId, String)], settled: &Settled) -> Option<TurnRecord> {
        let kinds: Vec<WaitingKind> = self.claim.messages.iter().map(|waiting| waiting.kind).collect();
        let stop = kinds.contains(&WaitingKind::OptOut) || self.reading.stop_word == Some(sense::StopWord::Stop);
        let start = kinds.contains(&WaitingKind::OptIn) || (self.reading.stop_word == Some(sense::StopWord::Start) && self.is_stopped());
        if !stop && !start {
            return None;
        }
        let words = Phrases::new(&self.reading.language);
        let mut record = self.empty(settled);
        record.states = self.states(InboundState::IgnoredByRule);
        let said = texts.last().map(|(_, text)| text.clone()).unwrap_or_default();
        record.consents.push(self.consent("marketing", None, if stop { ConsentState::Withdrawn } else { ConsentState::Given }, &said));
        record.suppress.push((self.door.settings.id.clone(), self.address(), stop));
        // The carrier confirms STOP and START on SMS itself; a blocked bot cannot be told anything.
        let can_confirm = matches!(self.door.settings.channel, ChannelKind::Whatsapp | ChannelKind::Widget | ChannelKind::Api)
            || (self.door.settings.channel == ChannelKind::Telegram && !said.trim().is_empty());
        if can_confirm {
            let text = words.say(if stop { "stop.done" } else { "start.done" });
            let plan = plan::plan(&plan::Draft { parts: vec![text], ..plan::Draft::default() }, self.door.channel.capabilities(), &words);
            record.replies = self.replies(record.id, &plan, Author::System, &[], false);
        }
        record.trace = json!({"decision": if stop { "stopped" } else { "started" }});
        Some(record)
    }

    fn is_stopped(&self) -> bool {
        let address = self.address();
        self.whole.doors.iter().any(|door| door.connection == self.door.settings.id && door.address == address && door.stopped)
    }

    /// Learns what was said; nothing is written yet.
    pub fn learn(&self, settled: &Settled) -> After {
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
        };
        self.learn_profile(&mut after);
        let withdrawn = facts::withdraw(&after.customer, &self.reading.signals.withdrawn, self.now);
        self.apply(&mut after, withdrawn);
        for (message, learned) in &self.reading.learned {
            self.learn_from(&mut after, *message, learned);
        }
        self.learn_ledgers(&mut after);
        after
    }

    /// What was found out about who this is, without changing it now.
    fn noted(&self, settled: &Settled) -> Vec<IdentityChange> {
        match settled {
            Settled::Note(changes) => changes.clone(),
            Settled::Ask(Pending::ConfirmJoin { link, .. }) => {
                vec![IdentityChange::LinkWaits { link: *link, by: self.whole.customer.id, shown_as: normalise::masked(&self.address()) }]
            }
            Settled::Ask(_) | Settled::Clear | Settled::Change(_) => Vec::new(),
        }
    }

    /// The profile's name is a first guess: anything said is stronger.
    fn learn_profile(&self, after: &mut After) {
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

    fn learn_from(&self, after: &mut After, message: MessageId, learned: &[Learned]) {
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
        let strength = if self.level == Level::Proven { Strength::Verified } else { Strength::Stated };
        let from = Provenance { message: Some(message), at: waiting.message.at, ..self.provenance("built-in", strength) };
        let changes = facts::learn(&after.customer, learned, Some(&waiting.message.text), from, &*self.engine.random);
        for change in &changes {
            if let FactChange::Add(fact) = change {
                if fact.status == FactStatus::Active && fact.holds {
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
    fn claimed_address(&self, predicate: Predicate, value: &str) -> Option<IdentityChange> {
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

    fn learn_ledgers(&self, after: &mut After) {
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
        if let Some(what) = requests::requested(&self.reading.text) {
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
        self.takes(after, message);
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
    fn promise(&self, after: &mut After, what: &str, date: Option<jiff::civil::Date>, message: Option<MessageId>) {
        let due = date
            .and_then(|date| date.at(18, 0, 0, 0).in_tz(&self.settings.timezone).ok())
            .map_or_else(|| hours::next_working_day(self.settings, self.now), |at| Timestamp::from_micros(at.timestamp().as_microsecond()));
        after.promises.push(Promise {
            id: PromiseId::new(self.now, self.engine.random.bits()),
            strand: self.strand,
            by: Promiser::Us,
            what: what.to_owned(),
            due_at: Some(due),
            status: PromiseStatus::Open,
            source_message: message,
            channel: self.door.settings.channel,
            at: self.now,
        });
        after.tasks.push(self.task(what.to_owned(), Some(due)));
        let when = hours::spoken(self.settings, due, self.now, &after.words);
        after.promise = Some(Said { key: "promise.made", what: what.to_owned(), when });
    }

    /// "I'll take it": what was suggested, or what they had in mind, is what they want; a person confirms it.
    fn takes(&self, after: &mut After, message: Option<MessageId>) {
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
        let strength = if self.level == Level::Proven { Strength::Verified } else { Strength::Stated };
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

    /// The models' proposal in place of the built-in answers, where there are models and they have something usable.
    pub async fn with_model(&self, after: &After, replies: Vec<answerer::Reply>, settled: &Settled) -> (Vec<answerer::Reply>, Proposed) {
        let models = self.engine.models.get(&self.claim.workspace).map(|models| models.answerer.as_slice()).unwrap_or_default();
        if models.is_empty() || self.is_silent() || matches!(settled, Settled::Ask(_)) || self.reading.signals.questions.is_empty() {
            return (replies, Proposed::default());
        }
        let question = Question { text: self.reading.text.clone(), language: after.words.language().to_owned(), ..Question::default() };
        let passages = self.engine.knowledge.search(&self.claim.workspace, &question, 8);
        let prompt = team::Prompt {
            settings: self.settings,
            customer: &after.customer,
            history: &self.known.history,
            said: &self.reading.text,
            passages: &passages,
            channel: self.door.settings.channel,
            words: &after.words,
        };
        let (proposal, calls) = team::propose(models, &prompt).await;
        let Some(proposal) = proposal else { return (replies, Proposed { facts: Vec::new(), calls }) };
        let facts = team::facts(&proposal, &self.reading.text);
        (team::combined(replies, &proposal, &prompt), Proposed { facts, calls })
    }

    /// What a model read besides the built-in engine: weaker than anything said in words that code understands.
    pub fn learn_proposed(&self, after: &mut After, proposed: Proposed) {
        after.calls = proposed.calls;
        let unread: Vec<Learned> = proposed.facts.into_iter().filter(|fact| after.customer.fact(fact.predicate).is_none()).collect();
        let Some(waiting) = self.claim.messages.last().filter(|_| !unread.is_empty()) else { return };
        let from = Provenance { message: Some(waiting.message.id), ..self.provenance("model", Strength::Inference) };
        let changes = facts::learn(&after.customer, &unread, Some(&self.reading.text), from, &*self.engine.random);
        self.apply(after, changes);
    }

    /// Checks the rules.
    pub fn rules(&self, texts: &[(MessageId, String)], replies: &[answerer::Reply]) -> Firing {
        rules::check(&rules::Situation {
            settings: self.settings,
            own: self.engine.own_rules.get(&self.claim.workspace).map(Vec::as_slice).unwrap_or_default(),
            channel: self.door.settings.channel,
            context: self.known,
            signals: &self.reading.signals,
            messages: texts,
            unresolved: self.reading.unresolved.clone(),
            doubtful_commitment: replies
                .iter()
                .any(|reply| matches!(&reply.kind, ReplyKind::Sources(answer) if answer.commits && answer.confidence < 0.25)),
            unanswered: replies.iter().any(|reply| reply.kind == ReplyKind::Unknown),
            now: self.now,
        })
    }

    /// Does this person want something of us, so that one question is welcome?
    pub fn is_interested(&self, after: &After, replies: &[answerer::Reply]) -> bool {
        let sales = [
            Predicate::Need,
            Predicate::ProductInterest,
            Predicate::Budget,
            Predicate::Timeline,
            Predicate::Quantity,
            Predicate::Objection,
        ];
        let about_service = after.customer.fact(Predicate::Issue).is_some()
            || self.reading.signals.acts.contains(&Act::AboutOwnOrder)
            || after.promise.is_some();
        let wants = sales.iter().any(|predicate| after.customer.fact(*predicate).is_some());
        let unknown = replies.iter().any(|reply| reply.kind == ReplyKind::Unknown);
        let greeting_only = self.reading.signals.acts.contains(&Act::Greeting) && replies.is_empty() && self.known.history.is_empty();
        !about_service && !unknown && (wants || greeting_only)
    }

    /// Is it somebody else's turn to speak: a teammate's, or nobody's?
    fn is_silent(&self) -> bool {
        let mode = self.engine.mode(&self.door.settings);
        let by_dial = mode == Mode::Off || (mode == Mode::OutOfHours && hours::is_open(self.settings, self.now));
        by_dial || (self.whole.conversation.ai_silent && !self.is_waited_for())
    }

    /// A person was due, none came, and this door has not been spoken on: silence here would look like nobody at all.
    fn is_waited_for(&self) -> bool {
        let waits = self
            .whole
            .escalation
            .as_ref()
            .is_some_and(|escalation| escalation.status == EscalationStatus::Open && escalation.due_at <= self.now);
        waits && self.whole.conversation.ai_silent && !self.whole.conversation.disclosed_on.contains(&self.door.settings.channel)
    }

    /// Puts the reply together, or stays silent.
    pub fn route(&self, after: &After, replies: &[answerer::Reply], qualified: &Qualified, firing: &Firing, settled: &Settled) -> Routed {
        if self.is_silent() {
            let pending = self.whole.conversation.memo.pending.clone();
            return Routed { decision: "silent", pending, ..Routed::default() };
        }
        let asked_again = self.ask_again();
        let ask = match settled {
            Settled::Ask(pending) => Some(pending),
            Settled::Clear | Settled::Change(_) | Settled::Note(_) => asked_again.as_ref(),
        };
        let shared_here = self.door.channel.capabilities().contact_request == Support::Native;
        let contact_confirmed = shared_here && self.claim.messages.iter().any(|waiting| waiting.inbound.verified_phone.is_some());
        let said_nothing = self.reading.text.trim().is_empty();
        router::route(&router::Situation {
            settings: self.settings,
            context: self.known,
            after: &after.customer,
            reading: self.reading,
            replies,
            qualified,
            firing,
            ask,
            noted: &after.noted,
            corrected: after.corrected,
            channel: self.door.settings.channel,
            contact_confirmed,
            may_share_contact: self.may_share_contact(),
            released: self.must_tell_release(),
            waiting: self.is_waited_for(),
            media_only: said_nothing
                && self.claim.messages.iter().any(|waiting| !waiting.inbound.media.is_empty() || waiting.inbound.location.is_some()),
            due: self.due(),
            promise: after.promise.as_ref().map(|said| router::Promised { key: said.key, what: &said.what, when: &said.when }),
            words: &after.words,
            now: self.now,
        })
    }

    /// Who speaks is asked once more when the answer named nobody.
    fn ask_again(&self) -> Option<Pending> {
        let memo = &self.whole.conversation.memo;
        let pending = memo.pending.as_ref()?;
        let named = self.reading.signals.introduced_as.is_some()
            || self.reading.signals.learned.iter().any(|fact| fact.predicate == Predicate::Name);
        let again = matches!(pending, Pending::WhoSpeaks { .. }) && !named && !memo.told.iter().any(|told| told == ASKED_TWICE);
        again.then(|| pending.clone())
    }

    fn may_share_contact(&self) -> bool {
        self.door.channel.capabilities().contact_request == Support::Native
            && !self
                .whole
                .customer
                .identifiers
                .iter()
                .any(|identifier| identifier.kind == IdentifierKind::Phone && identifier.trust > Trust::Claimed)
            && !self.whole.conversation.memo.told.iter().any(|told| told == TOLD_CONTACT)
            && self.whole.history.is_empty()
    }

    fn must_tell_release(&self) -> bool {
        self.whole.escalation.as_ref().is_some_and(|escalation| escalation.status == EscalationStatus::Released)
            && !self.whole.conversation.memo.told.iter().any(|told| told == TOLD_RELEASE)
    }

    fn due(&self) -> Timestamp {
        hours::after(self.settings, self.now, self.settings.escalation_wait)
    }

    /// Writes the reply for the door.
    pub fn render(&self, routed: &Routed, after: &After) -> Plan {
        plan::plan(&routed.draft, self.door.channel.capabilities(), &after.words)
    }

    /// Everything the turn writes.
    #[expect(clippy::too_many_arguments, reason = "the parts of a turn meet here once")]
    pub fn record(
        &self,
        after: After,
        replies: Vec<answerer::Reply>,
        qualified: Qualified,
        firing: Firing,
        routed: Routed,
        plan: Plan,
        took: Durations,
    ) -> TurnRecord {
        let mut record = self.empty(&Settled::Clear);
        let silent = routed.decision == "silent";
        let lead = score::score(&after.customer, &self.known.history, &self.reading.signals);
        let draft = self.engine.mode(&self.door.settings) == Mode::Draft;
        record.states = self.states(if silent || draft { InboundState::HandedOver } else { InboundState::Answered });
        record.escalation = self.escalation(&after, &firing, record.id);
        let escalated = record.escalation.is_some();
        if let Some(EscalationChange::Open(escalation)) = record.escalation.clone() {
            self.escalation_rows(&escalation, &mut record);
        }
        record.trace = self.trace(&after, &replies, &qualified, &firing, &routed, &plan, took, &lead);
        if !silent {
            record.replies = self.replies(record.id, &plan, Author::Ai, &routed.sources, draft);
        }
        record.conversation = self.conversation(&after, &routed, &plan, silent, escalated);
        record.asked = qualified.settled.iter().map(|(slot, outcome)| (*slot, *outcome)).collect();
        if let Some(slot) = routed.asked {
            record.asked.push((slot, domain::fact::AskOutcome::Open));
        }
        record.gaps = routed
            .gaps
            .iter()
            .map(|question| Gap {
                key: gap_key(question),
                question: question.clone(),
                conversation: self.whole.conversation.id,
                message: self.claim.messages[0].message.id,
            })
            .collect();
        record.tasks = after.tasks;
        if !silent && replies.is_empty() {
            let issues = after.noted.iter().filter(|(predicate, _)| *predicate == Predicate::Issue);
            record.tasks.extend(issues.map(|(_, issue)| self.task(format!("look into: {issue}"), None)));
        }
        record.tasks.extend(routed.gaps.iter().map(|question| self.task(format!("answer: {question}"), None)));
        record.facts = after.facts;
        record.promises = after.promises;
        record.offers = after.offers;
        record.offers.extend(self.suggested(&replies, message_of(&record.replies)));
        record.offer_outcomes = after.offer_outcomes;
        record.consents = after.consents;
        record.identity = after.identity;
        record.lead = Some(lead);
        record
    }

    /// What was suggested for what they told us is an offer that waits for an answer.
    fn suggested(&self, replies: &[answerer::Reply], message: Option<MessageId>) -> Option<Offer> {
        let (product, terms) = replies.iter().find_map(|reply| match &reply.kind {
            ReplyKind::Fitting(answer) => {
                Some((answer.topic.clone()?, answer.citations.first().map(|passage| passage.text.clone()).unwrap_or_default()))
            }
            ReplyKind::Sources(_) | ReplyKind::Memory(_) | ReplyKind::Event(_) | ReplyKind::Unknown | ReplyKind::Vague => None,
        })?;
        let known = self.known.customer.offers.iter().any(|offer| offer.product.eq_ignore_ascii_case(&product));
        (!known && message.is_some()).then(|| Offer {
            id: OfferId::new(self.now, self.engine.random.bits()),
            strand: self.strand,
            product,
            terms,
            at: self.now,
            outcome: OfferOutcome::Open,
            reason: None,
            source_message: message,
        })
    }

    fn conversation(&self, after: &After, routed: &Routed, plan: &Plan, silent: bool, escalated: bool) -> ConversationChange {
        let before = &self.whole.conversation;
        let mut memo = before.memo.clone();
        memo.pending.clone_from(&routed.pending);
        memo.choices.clone_from(&plan.choices);
        memo.joining = match &routed.pending {
            Some(Pending::ConfirmJoin { link, .. }) => Some(*link),
            _ => self.joining,
        };
        if let Some(topic) = &routed.topic {
            memo.topics.retain(|known| known != topic);
            memo.topics.push(topic.clone());
            if memo.topics.len() > 8 {
                memo.topics.remove(0);
            }
        }
        let mut tell = |key: &str, said: bool| {
            if said && !memo.told.iter().any(|told| told == key) {
                memo.told.push(key.to_owned());
            }
        };
        tell(TOLD_RELEASE, !silent && self.must_tell_release());
        tell(TOLD_CONTACT, routed.draft.request_contact);
        tell(ASKED_TWICE, self.ask_again().is_some());
        let mut disclosed_on = before.disclosed_on.clone();
        if routed.disclosed && !disclosed_on.contains(&self.door.settings.channel) {
            disclosed_on.push(self.door.settings.channel);
        }
        let ai_silent = before.ai_silent || escalated;
        let shared = level::own_identifier(self.whole, self.strand).is_some_and(|identifier| identifier.shared);
        ConversationChange {
            id: before.id,
            status: if ai_silent { StatusKind::WithTeammate } else { StatusKind::Open },
            ai_silent,
            disclosed_on,
            asked_again: u32::from(routed.asked.is_some_and(|slot| crate::memory::slots::is_known(&self.known.customer, slot))),
            repeated: after.repeated,
            speaker: if shared { Some(self.strand) } else { before.speaker },
            memo,
        }
    }

    fn escalation(&self, after: &After, firing: &Firing, turn: TurnId) -> Option<EscalationChange> {
        let names = firing.names();
        let first = names.first()?;
        let brief =
            brief::write(self.settings, self.known, &after.customer, &self.reading.text, self.reading.signals.sentiment, &firing.evidence);
        if let Some(open) = &self.whole.escalation {
            let also = names.iter().filter(|name| **name != open.rule && !open.also.contains(name)).cloned().collect();
            return Some(EscalationChange::Add { id: open.id, also, evidence: firing.evidence.clone(), brief });
        }
        Some(EscalationChange::Open(Box::new(Escalation {
            id: EscalationId::new(self.now, self.engine.random.bits()),
            customer: self.whole.customer.id,
            conversation: self.whole.conversation.id,
            rule: first.clone(),
            also: names[1..].to_vec(),
            status: EscalationStatus::Open,
            evidence: firing.evidence.clone(),
            brief,
            at: self.now,
            due_at: self.due(),
            turn: Some(turn),
        })))
    }

    /// The timeline's line and the two timers of an escalation.
    fn escalation_rows(&self, escalation: &Escalation, record: &mut TurnRecord) {
        record.events.push(self.timeline_event(
            "escalation",
            &escalation.rule,
            json!({"rule": escalation.rule, "also": escalation.also, "escalation": escalation.id}),
        ));
        let id = escalation.id;
        record.timers.push(Timer {
            key: format!("wait:{id}"),
            due_at: escalation.due_at,
            customer: escalation.customer,
            what: TimerKind::EscalationWait { escalation: id },
        });
        record.timers.push(Timer {
            key: format!("release:{id}"),
            due_at: self.now.after(self.settings.escalation_release),
            customer: escalation.customer,
            what: TimerKind::EscalationRelease { escalation: id },
        });
    }

    fn timeline_event(&self, kind: &str, text: &str, data: serde_json::Value) -> Message {
        let mut message = self.message(Direction::Event, Author::System, text.to_owned());
        message.event = Some(TimelineEvent { kind: kind.to_owned(), data });
        message
    }

    fn message(&self, direction: Direction, author: Author, text: String) -> Message {
        Message {
            id: MessageId::new(self.now, self.engine.random.bits()),
            strand: self.strand,
            conversation: self.whole.conversation.id,
            turn: None,
            channel: self.door.settings.channel,
            connection: self.door.settings.id.clone(),
            direction,
            author,
            author_name: None,
            text,
            buttons: Vec::new(),
            sources: Vec::new(),
            event: None,
            at: self.now,
            state: None,
            delivery: (direction == Direction::Out).then_some(DeliveryState::Queued),
            delivery_reason: None,
            seq: 0,
            language: Some(self.reading.language.clone()),
        }
    }

    fn replies(&self, turn: TurnId, plan: &Plan, author: Author, sources: &[domain::message::Source], draft: bool) -> Vec<Reply> {
        let address = self.address();
        let single = plan.messages.len() == 1;
        let last = plan.messages.len().saturating_sub(1);
        plan.messages
            .iter()
            .enumerate()
            .map(|(place, rendered)| {
                let text = if single { plan.text.clone() } else { rendered.text.clone() };
                let mut message = self.message(Direction::Out, author, text);
                message.turn = Some(turn);
                message.buttons.clone_from(&rendered.buttons);
                if place == last {
                    message.sources = sources.to_vec();
                }
                Reply {
                    delivery: DeliveryId::new(self.now, self.engine.random.bits()),
                    message,
                    rendered: rendered.clone(),
                    address: address.clone(),
                    draft,
                }
            })
            .collect()
    }

    fn states(&self, state: InboundState) -> Vec<(MessageId, InboundState)> {
        self.claim.messages.iter().map(|waiting| (waiting.message.id, state)).collect()
    }

    fn address(&self) -> String {
        self.claim.messages.last().map(|waiting| waiting.address.clone()).unwrap_or_default()
    }

    fn provenance<'a>(&self, extractor: &'a str, strength: Strength) -> Provenance<'a> {
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

    fn apply(&self, after: &mut After, changes: Vec<FactChange>) {
        after.customer = facts::applied(&after.customer, &changes);
        after.facts.extend(changes);
    }

    fn consent(&self, purpose: &str, channel: Option<ChannelKind>, state: ConsentState, wording: &str) -> Consent {
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

    fn task(&self, what: String, due_at: Option<Timestamp>) -> Task {
        Task { id: TaskId::new(self.now, self.engine.random.bits()), customer: self.whole.customer.id, what, due_at }
    }

    fn empty(&self, settled: &Settled) -> TurnRecord {
        let conversation = &self.whole.conversation;
        TurnRecord {
            id: TurnId::new(self.now, self.engine.random.bits()),
            workspace: self.claim.workspace.clone(),
            lease: self.claim.lease,
            customer_version: self.whole.customer.version,
            conversation: ConversationChange {
                id: conversation.id,
                status: conversation.status,
                ai_silent: conversation.ai_silent,
                disclosed_on: conversation.disclosed_on.clone(),
                asked_again: 0,
                repeated: 0,
                speaker: conversation.speaker,
                memo: conversation.memo.clone(),
            },
            states: Vec::new(),
            identity: self.noted(settled),
            facts: Vec::new(),
            promises: Vec::new(),
            promise_states: Vec::new(),
            offers: Vec::new(),
            offer_outcomes: Vec::new(),
            consents: Vec::new(),
            asked: Vec::new(),
            lead: None,
            escalation: None,
            events: Vec::new(),
            replies: Vec::new(),
            timers: Vec::new(),
            gaps: Vec::new(),
            tasks: Vec::new(),
            suppress: Vec::new(),
            trace: serde_json::Value::Null,
            at: self.now,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the explanation names every part of the turn")]
    fn trace(
        &self,
        after: &After,
        replies: &[answerer::Reply],
        qualified: &Qualified,
        firing: &Firing,
        routed: &Routed,
        plan: &Plan,
        took: Durations,
        lead: &domain::customer::Lead,
    ) -> serde_json::Value {
        let ms = |part: std::time::Duration| (part.as_secs_f64() * 1_000_000.0).round() / 1_000.0;
        let recalled: Vec<_> = self
            .known
            .customer
            .facts
            .iter()
            .filter(|fact| fact.status == FactStatus::Active)
            .map(|fact| json!({"kind": "fact", "id": fact.id, "text": format!("{}: {}", fact.predicate, fact.value), "channel": fact.channel, "at": fact.recorded_at}))
            .chain(self.known.customer.promises.iter().map(|promise| json!({"kind": "promise", "id": promise.id, "text": promise.what, "channel": promise.channel, "at": promise.at})))
            .chain(self.known.history.iter().rev().take(6).rev().map(|message| json!({"kind": "message", "id": message.id, "text": message.text, "channel": message.channel, "at": message.at})))
            .collect();
        let passages: Vec<_> = replies
            .iter()
            .flat_map(|reply| match &reply.kind {
                ReplyKind::Sources(answer) | ReplyKind::Fitting(answer) => answer.citations.clone(),
                ReplyKind::Memory(_) | ReplyKind::Event(_) | ReplyKind::Unknown | ReplyKind::Vague => Vec::new(),
            })
            .map(|passage| json!({"source": passage.source, "heading": passage.heading, "text": passage.text, "score": passage.score, "used": true}))
            .collect();
        let learned: Vec<_> = self
            .reading
            .signals
            .learned
            .iter()
            .map(|fact| json!({"predicate": fact.predicate, "value": fact.value, "quote": fact.quote}))
            .collect();
        json!({
            "at": self.now,
            "conversation": self.whole.conversation.id,
            "customer": self.whole.customer.id,
            "channel": self.door.settings.channel,
            "engine": after.calls.iter().find(|call| call.outcome == "used").map_or("built-in", |call| call.model.as_str()),
            "level": format!("{:?}", self.level),
            "trigger": self.claim.messages.iter().map(|waiting| json!({"id": waiting.message.id, "text": waiting.message.text})).collect::<Vec<_>>(),
            "recalled": recalled,
            "passages": passages,
            "signals": {
                "language": self.reading.language,
                "intent": self.reading.signals.intent,
                "acts": self.reading.signals.acts,
                "sentiment": self.reading.signals.sentiment,
                "entities": learned.clone(),
            },
            "learned": learned,
            "rules": firing.checked,
            "did_not_ask": qualified.did_not_ask.iter().map(|(slot, because)| json!({"slot": slot, "because": because})).collect::<Vec<_>>(),
            "asked": routed.asked,
            "model_calls": after.calls,
            "decision": routed.decision,
            "reply": (routed.decision != "silent").then(|| plan.text.clone()),
            "rendered": plan.messages.iter().map(|message| json!({"channel": self.door.settings.channel, "text": message.text, "buttons": message.buttons})).collect::<Vec<_>>(),
            "lead": {"score": lead.score, "before": self.whole.customer.lead.score},
            "noted": after.noted.iter().map(|(predicate, value)| json!({"predicate": predicate, "value": value})).collect::<Vec<_>>(),
            "milliseconds": {
                "total": ms(took.recall + took.analyst + took.answerer + took.qualifier + took.rules + took.render),
                "recall": ms(took.recall),
                "analyst": ms(took.analyst),
                "answerer": ms(took.answerer),
                "qualifier": ms(took.qualifier),
                "rules": ms(took.rules),
                "render": ms(took.render),
            },
            "cost": {"amount": 0, "currency": self.settings.currency},
        })
    }
}

/// The first reply of a turn.
fn message_of(replies: &[Reply]) -> Option<MessageId> {
    replies.first().map(|reply| reply.message.id)
}

/// The same question in other spelling is one gap.
fn gap_key(question: &str) -> String {
    let mut words: Vec<String> =
        question.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 2).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words.join(" ")
}
