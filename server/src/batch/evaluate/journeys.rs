//! Journeys over several doors, played on a whole engine over a store in memory, with a clock of their own.
//!
//! Doors are silent: what would be sent is read from the timeline. A label's joins are made by evidence, as the vendor's
//! or the business's proof would make them: the later door's address becomes a verified identifier of the earlier person.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use domain::customer::Customer;
use domain::event::{InboundEvent, InboundMessage};
use domain::fact::{FactStatus, OfferOutcome, PromiseStatus, Promiser};
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::message::Direction;
use domain::ports::{Clock, Random};
use domain::turn::IdentityChange;
use domain::{ChannelKind, ConnectionId, ConversationId, IdentifierId, MessageId, Secret, StrandId, TeammateId, Timestamp};
use engine::identity::normalise;
use engine::{Engine, OpenDoor, Parts};
use rehearsal::runner::asked_slots;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Task;
use super::business::{Business, Businesses};
use super::rates::{ASKED_AGAIN, Report, TOLD_IMPOSTOR};
use super::signals::moment;
use super::spelling::Spelled;
use super::text::Plain;
use crate::silent;
use crate::time::{SteadyTime, SystemRandomness};
use crate::wiring;

/// Turns and timers of one step; more would be a loop.
const MOST_ROUNDS: usize = 200;
/// The longest timeline looked at.
const LONGEST: usize = 500;

#[derive(Debug, Deserialize)]
pub(super) struct Journey {
    id: String,
    #[serde(default)]
    business: Option<String>,
    #[serde(default)]
    impostor: bool,
    identifiers: BTreeMap<String, Address>,
    #[serde(default)]
    joined_by: Vec<Join>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
struct Address {
    channel: String,
    value: String,
}

#[derive(Debug, Deserialize)]
struct Join {
    ids: Vec<String>,
    how: String,
}

#[derive(Debug, Deserialize)]
struct Step {
    at: String,
    from: String,
    #[serde(default)]
    author: Option<String>,
    text: String,
    #[serde(default)]
    expect: Expected,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Expected {
    must_contain: Vec<Vec<String>>,
    must_not_contain: Vec<String>,
    must_not_ask: Vec<String>,
    known_facts: Vec<Spelled>,
    escalation: Vec<String>,
}

/// What came of a step.
#[derive(Debug, Default)]
struct Played {
    reply: String,
    fired: Vec<String>,
    facts: Vec<Spelled>,
}

pub(super) async fn evaluate(journeys: &[Journey], businesses: &mut Businesses) -> anyhow::Result<(Report, Vec<Value>)> {
    let mut report = Report::new(Task::Journeys);
    let mut predictions = Vec::new();
    for journey in journeys {
        let business = businesses.of(journey.business.as_deref())?;
        let mut stage = Stage::set(business, journey).await.with_context(|| format!("journey {}", journey.id))?;
        let mut is_right = true;
        for (number, step) in journey.steps.iter().enumerate() {
            let id = format!("{}#{number}", journey.id);
            let played = stage.play(journey, step).await.with_context(|| format!("step {id}"))?;
            let Some(played) = played else { continue };
            let asked: Vec<&str> = asked_slots(&played.reply).into_iter().map(domain::fact::Predicate::as_str).collect();
            let faults = faults(&step.expect, &played, &asked, journey.impostor, &mut report);
            if !faults.is_empty() {
                is_right = false;
                report.fault(&id, format!("{}: {} → {}", faults.join("; "), step.text, played.reply));
            }
            report.row_in("steps", faults.is_empty());
            predictions.push(json!({"id": id, "reply": played.reply, "fired": played.fired, "asked": asked, "facts": played.facts}));
        }
        let groups = [if journey.impostor { "impostor".to_owned() } else { "continuity".to_owned() }];
        report.row(&groups, |rates| if is_right { rates.right += 1 } else { rates.wrong += 1 });
    }
    Ok((report, predictions))
}

impl Report {
    /// Counts in one group only.
    fn row_in(&mut self, group: &str, is_right: bool) {
        let rates = self.groups.entry(group.to_owned()).or_default();
        if is_right {
            rates.right += 1;
        } else {
            rates.wrong += 1;
        }
    }
}

fn faults(expected: &Expected, played: &Played, asked: &[&str], impostor: bool, report: &mut Report) -> Vec<String> {
    let said = Plain::of(&played.reply);
    let mut faults = Vec::new();
    let mut note = |kind: &str, text: String, report: &mut Report| {
        report.name(kind).missed += 1;
        faults.push(text);
    };
    for group in expected.must_contain.iter().filter(|group| !group.iter().any(|text| said.says(text))) {
        note("(not said)", format!("does not say {}", group.join(" / ")), report);
    }
    for text in expected.must_not_contain.iter().filter(|text| said.says(text)) {
        note(if impostor { TOLD_IMPOSTOR } else { "(said, must not)" }, format!("says {text}"), report);
    }
    for slot in expected.must_not_ask.iter().filter(|slot| asked.contains(&slot.as_str())) {
        note(ASKED_AGAIN, format!("asks {slot}"), report);
    }
    for rule in expected.escalation.iter().filter(|rule| !played.fired.contains(rule)) {
        note("(rule missed)", format!("{rule} did not fire"), report);
    }
    for rule in played.fired.iter().filter(|rule| !expected.escalation.contains(rule)) {
        note("(false alarm)", format!("{rule} fired"), report);
    }
    for fact in expected.known_facts.iter().filter(|fact| !played.facts.iter().any(|known| fact.is(known, false))) {
        note("(not known)", format!("does not know {} {:?}", fact.predicate, fact.value), report);
    }
    faults
}

/// An engine with its doors for one journey.
struct Stage {
    engine: Arc<Engine>,
    clock: Arc<JourneyClock>,
    random: Arc<SystemRandomness>,
    workspace: domain::WorkspaceId,
    region: String,
    zone: String,
    messages: u64,
    /// The conversation of each address that has written.
    spoke: HashMap<String, ConversationId>,
}

impl Stage {
    async fn set(business: &mut Business, journey: &Journey) -> anyhow::Result<Self> {
        let start =
            journey.steps.first().and_then(|step| moment(&step.at, &business.settings.timezone)).context("the first step has no time")?;
        business.read_sources(start);
        let settings = business.settings.clone();
        let opened = store::open(store::Settings::new(store::Location::SqliteMemory, Secret::new([7; 32]))).await?;
        let storage = wiring::with_bells(opened);
        storage.store.ensure_workspace(&settings.id, &settings.name, start).await?;
        let mut doors: Vec<OpenDoor> = Vec::new();
        for address in journey.identifiers.values() {
            let kind: ChannelKind = address.channel.parse()?;
            if !doors.iter().any(|door| door.settings.channel == kind) {
                doors.push(silent::door(kind, &settings.id));
            }
        }
        let clock = Arc::new(JourneyClock(AtomicI64::new(start.as_micros())));
        let random = Arc::new(SystemRandomness::default());
        let (workspace, region, zone) = (settings.id.clone(), settings.region.clone(), settings.timezone.clone());
        let engine = Engine::new(Parts {
            store: storage.store,
            knowledge: Arc::<crate::library::Sources>::clone(&business.sources),
            clock: Arc::<JourneyClock>::clone(&clock),
            monotonic: Arc::new(SteadyTime::starting_from(None)),
            random: Arc::<SystemRandomness>::clone(&random),
            doors,
            workspaces: vec![settings],
            models: HashMap::new(),
            tools: HashMap::new(),
            embedder: None,
        });
        Ok(Self { engine, clock, random, workspace, region, zone, messages: 0, spoke: HashMap::new() })
    }

    /// Plays a step; nothing comes of a teammate's.
    async fn play(&mut self, journey: &Journey, step: &Step) -> anyhow::Result<Option<Played>> {
        let at = moment(&step.at, &self.zone).with_context(|| format!("{:?} is no time", step.at))?;
        self.clock.0.store(at.as_micros(), Ordering::Release);
        for _ in 0..MOST_ROUNDS {
            if self.engine.run_timers().await? == 0 {
                break;
            }
        }
        if step.author.as_deref().is_some_and(|author| author != "customer") {
            self.teammate(step).await?;
            return Ok(None);
        }
        if !self.spoke.contains_key(&step.from) {
            self.join(journey, &step.from, at).await?;
        }
        let address = journey.identifiers.get(&step.from).with_context(|| format!("no identifier {}", step.from))?;
        self.messages += 1;
        let inbound = inbound(address, &step.text, self.messages, &self.region);
        let connection = ConnectionId::from(address.channel.as_str());
        let taken = self.engine.receive(&connection, vec![InboundEvent::Message(inbound)]).await?;
        let message = taken.first().context("the message was not taken")?.message;
        for _ in 0..MOST_ROUNDS {
            if !self.engine.run_turn().await? {
                break;
            }
        }
        Ok(Some(self.outcome(&step.from, message).await?))
    }

    /// What a person and their door show after the turn.
    async fn outcome(&mut self, from: &str, message: MessageId) -> anyhow::Result<Played> {
        let store = self.engine.store();
        let said = store.message(&self.workspace, message).await?.context("the message is gone")?;
        let conversation = said.conversation;
        self.spoke.insert(from.to_owned(), conversation);
        let timeline = store.conversation_messages(&self.workspace, conversation, LONGEST).await?;
        let replies: Vec<&str> = timeline
            .iter()
            .filter(|entry| entry.direction == Direction::Out && entry.turn.is_some() && entry.turn == said.turn)
            .map(|entry| entry.text.as_str())
            .collect();
        let mut fired: Vec<String> = Vec::new();
        for escalation in store.escalations_of(&self.workspace, conversation).await? {
            for evidence in escalation.evidence.into_iter().filter(|evidence| evidence.message == message) {
                if !fired.contains(&evidence.rule) {
                    fired.push(evidence.rule);
                }
            }
        }
        let row = store.conversation(&self.workspace, conversation).await?.context("the conversation is gone")?;
        let customer = store.customer(&self.workspace, row.conversation.customer).await?;
        Ok(Played { reply: replies.join("\n"), fired, facts: customer.map(|customer| known(&customer)).unwrap_or_default() })
    }

    /// A teammate writes, and leaves the conversation to the AI again.
    async fn teammate(&self, step: &Step) -> anyhow::Result<()> {
        let Some(conversation) = self.spoke.get(&step.from).copied() else { return Ok(()) };
        let by = TeammateId::new(self.engine.now(), self.random.bits());
        let wording = engine::Wording { by: Some(by), name: "A teammate", text: &step.text, ..engine::Wording::default() };
        let sent = self.engine.reply(&self.workspace, conversation, wording).await?;
        sent.map_err(|refused| anyhow::anyhow!("the teammate's reply was refused: {refused:?}"))?;
        self.engine.give_back(&self.workspace, conversation).await?;
        Ok(())
    }

    /// The proof that came just before the first message of a door.
    async fn join(&self, journey: &Journey, from: &str, at: Timestamp) -> anyhow::Result<()> {
        for join in journey.joined_by.iter().filter(|join| join.ids.iter().any(|id| id == from)) {
            let origin = match join.how.as_str() {
                // Nothing to do: nobody is joined, or the number itself joins.
                "none" | "same-phone" => continue,
                "jwt" => Origin::Jwt,
                "link-code" => Origin::Link,
                "telegram-contact" => Origin::Message,
                _ => Origin::Otp,
            };
            let Some(earlier) = join.ids.iter().filter(|id| *id != from).find_map(|id| self.spoke.get(id)) else { continue };
            let row = self.engine.store().conversation(&self.workspace, *earlier).await?.context("the conversation is gone")?;
            let Some(address) = journey.identifiers.get(from) else { continue };
            let door = self.engine.door(&ConnectionId::from(address.channel.as_str())).context("no such door")?;
            let seen = normalise::sender(&door.settings, &inbound(address, "", 0, &self.region), &self.region);
            let Some(seen) = seen.into_iter().next() else { continue };
            let change = IdentityChange::Attach {
                customer: row.conversation.customer,
                identifier: SeenIdentifier { trust: Trust::Verified, origin, ..seen },
                id: IdentifierId::new(at, self.random.bits()),
                strand: StrandId::new(at, self.random.bits()),
            };
            self.engine.store().change_identity(&self.workspace, None, vec![change], at).await?;
            return Ok(());
        }
        Ok(())
    }
}

/// Everything in force about a person, in the labels' spelling.
fn known(customer: &Customer) -> Vec<Spelled> {
    let facts = customer.facts.iter().filter(|fact| fact.status == FactStatus::Active);
    let mut known: Vec<Spelled> = facts.map(|fact| Spelled::fact(fact.predicate, &fact.value, &fact.data, fact.holds)).collect();
    for promise in customer.promises.iter().filter(|promise| promise.status == PromiseStatus::Open) {
        known.push(match promise.by {
            Promiser::Us => Spelled::our_promise(&promise.what),
            Promiser::Customer => Spelled { predicate: "promise".to_owned(), ..Spelled::our_promise(&promise.what) },
        });
    }
    let declined = customer.offers.iter().filter(|offer| offer.outcome == OfferOutcome::Declined);
    known.extend(declined.map(|offer| Spelled::declined(&offer.product)));
    known.extend(customer.consents.iter().map(|consent| Spelled::consent(&consent.purpose, consent.channel, consent.state)));
    for identifier in customer.identifiers.iter().filter(|identifier| identifier.trust > Trust::Claimed) {
        let predicate = match identifier.kind {
            IdentifierKind::Phone => domain::fact::Predicate::Phone,
            IdentifierKind::Email => domain::fact::Predicate::Email,
            _ => continue,
        };
        known.push(Spelled::fact(predicate, &identifier.value, &Value::Null, true));
    }
    known
}

/// A message as the door of its channel would have decoded it.
fn inbound(address: &Address, text: &str, number: u64, region: &str) -> InboundMessage {
    let phone = engine::reasoning::builtin::understand::e164(&address.value, region);
    let mut message = InboundMessage {
        sender: address.value.clone(),
        text: Some(text.to_owned()),
        provider_message_id: Some(format!("step-{number}")),
        ..InboundMessage::default()
    };
    match address.channel.as_str() {
        "whatsapp" => {
            message.sender = address.value.trim_start_matches('+').to_owned();
            message.sender_e164 = phone;
        }
        "sms" | "rcs" => message.sender_e164 = phone,
        // The labels take the number of a call for the caller's, which is so where the network vouches for it.
        "voice" => {
            message.sender_e164 = phone;
            message.more.insert("attestation".to_owned(), json!("full"));
        }
        "email" => {
            message.more.insert("dmarc".to_owned(), json!("pass"));
        }
        _ => {}
    }
    message
}

/// Stands still until the next step.
struct JourneyClock(AtomicI64);

impl Clock for JourneyClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Acquire))
    }
}
