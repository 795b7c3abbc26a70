//! The analyst: what the messages of a turn reveal.

use domain::MessageId;
use domain::conversation::Pending;
use domain::customer::Context;
use domain::fact::{Learned, OfferOutcome, Predicate};
use domain::message::{Author, Direction, Waiting, WaitingKind};
use domain::settings::WorkspaceSettings;
use domain::signal::{Act, Intent, Signals};

use super::builtin::{sense, understand};
use super::{corrections, qualifier};
use crate::intake::typed;
use crate::rendering::phrases::admits_not_knowing;

/// What the analyst read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Signals of the whole turn.
    pub signals: Signals,
    /// Facts by the message that states them.
    pub learned: Vec<(MessageId, Vec<Learned>)>,
    /// Language to answer in.
    pub language: String,
    /// A bare stop, start or help word.
    pub stop_word: Option<sense::StopWord>,
    /// Evidence that the same question has been put for the third time.
    pub unresolved: Option<String>,
    /// All texts, joined.
    pub text: String,
}

/// What the analyst needs besides the messages.
pub struct Given<'a> {
    /// The workspace.
    pub settings: &'a WorkspaceSettings,
    /// What this conversation may know.
    pub context: &'a Context,
    /// Names of products and plans, in catalogue spelling.
    pub catalogue: &'a [String],
    /// Our own phone numbers and addresses.
    pub own_contacts: &'a [String],
}

/// Reads the messages of a turn.
pub fn read(given: &Given<'_>, messages: &[Waiting], texts: &[(MessageId, String)]) -> Reading {
    let context = given.context;
    let text = texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let known_language = context.customer.fact(Predicate::Language).map(|fact| fact.value.clone());
    let last_language = context.history.iter().rev().find_map(|message| message.language.clone());
    let asserted = messages.iter().find_map(|waiting| waiting.inbound.locale.clone());
    let fallback = last_language.or(known_language.clone()).or(asserted).unwrap_or_else(|| given.settings.locale.clone());
    let detected = understand::language_of(&text, Some(&fallback));
    let mut language = match (&known_language, &detected) {
        (_, Some(found)) if found.confidence >= 0.6 => found.code.clone(),
        (Some(known), _) => known.clone(),
        (None, Some(found)) => found.code.clone(),
        (None, None) => fallback,
    };
    let last_ours = context.history.iter().rev().find(|message| message.direction == Direction::Out).map(|message| message.text.clone());
    let pending_slot = match &context.conversation.memo.pending {
        Some(Pending::Slot { slot }) => Some(*slot),
        Some(Pending::WhoSpeaks { .. } | Pending::ConfirmJoin { .. }) => Some(Predicate::Name),
        _ => None,
    };
    let offer = match &context.conversation.memo.pending {
        Some(Pending::Offer { product }) => Some(product.clone()),
        // A question of ours after a suggestion leaves the suggestion open.
        _ => last_ours.as_ref().and_then(|ours| suggested(context, ours)),
    };
    let mut own_names = given.settings.teammates.clone();
    own_names.push(given.settings.name.clone());
    let mut reading = Reading { text, ..Reading::default() };
    for (waiting, (id, said)) in messages.iter().zip(texts) {
        if waiting.kind != WaitingKind::Message && waiting.kind != WaitingKind::Postback {
            continue;
        }
        let asked = understand::Reading {
            now: waiting.message.at,
            timezone: &given.settings.timezone,
            currency: &given.settings.currency,
            region: &given.settings.region,
            locale: &language,
            competitors: &given.settings.competitors,
            catalogue: given.catalogue,
            own_names: &own_names,
            own_contacts: given.own_contacts,
            pending: pending_slot,
            offer: offer.as_deref(),
            last_ours: last_ours.as_deref(),
        };
        let mut read = understand::understand(said, &asked);
        corrections::apply(said, context, &asked, &mut read);
        // A teammate's name in the sources is nobody's product.
        read.learned.retain(|fact| {
            !matches!(fact.predicate, Predicate::ProductInterest | Predicate::OwnsProduct)
                || given.settings.teammates.iter().all(|teammate| !teammate.eq_ignore_ascii_case(&fact.value))
        });
        reading.signals.withdrawn.extend(read.withdrawn);
        reading.signals.promises.extend(read.promises);
        reading.signals.offers.extend(read.offers);
        reading.signals.consents.extend(read.consents);
        reading.signals.introduced_as = read.introduced_as.or(reading.signals.introduced_as.take());
        reading.signals.learned.extend(read.learned.iter().cloned());
        reading.learned.push((*id, read.learned));
    }
    if let Some(asked_for) = reading.signals.learned.iter().find(|fact| fact.predicate == Predicate::Language && fact.holds) {
        language.clone_from(&asked_for.value);
    }
    if !given.settings.languages.is_empty() && !given.settings.languages.contains(&language) {
        language.clone_from(&given.settings.locale);
    }
    sense_into(&mut reading, given, &language, last_ours.as_deref());
    if let (Some(slot), [(id, said)]) = (pending_slot, texts)
        && let Some(fact) = qualifier::taken_at_its_word(given.settings, slot, said, &reading.signals)
    {
        reading.signals.learned.push(fact.clone());
        reading.learned.push((*id, vec![fact]));
    }
    reading.signals.language = detected;
    reading.language = language;
    reading
}

/// The open offer that our last message named.
fn suggested(context: &Context, ours: &str) -> Option<String> {
    let ours = ours.to_lowercase();
    let open = context.customer.offers.iter().rev().filter(|offer| offer.outcome == OfferOutcome::Open);
    open.map(|offer| offer.product.clone()).find(|product| ours.contains(&product.to_lowercase()))
}

fn sense_into(reading: &mut Reading, given: &Given<'_>, language: &str, last_ours: Option<&str>) {
    let conversation = given.context.conversation.id;
    let here = given.context.history.iter().filter(|message| message.conversation == conversation && message.event.is_none());
    let earlier: Vec<String> =
        here.clone().filter(|message| message.author == Author::Customer).map(|message| message.text.clone()).collect();
    let sensed = sense::sense(
        &reading.text,
        &sense::Sensing {
            language,
            competitors: &given.settings.competitors,
            teammates: &given.settings.teammates,
            refund_limit: given.settings.refund_limit,
            currency: &given.settings.currency,
            last_ours,
            earlier_customer: &earlier,
            products: given.catalogue,
        },
    );
    // A one-time code asks nothing, and nor does a call that rings.
    let says_something = |text: &str| !typed::without(text).is_empty();
    let mut dialogue: Vec<sense::DialogueTurn<'_>> = here
        .filter(|message| says_something(&message.text))
        .map(|message| sense::DialogueTurn {
            role: if message.author == Author::Customer { sense::Role::Customer } else { sense::Role::Ours },
            text: &message.text,
            was_unknown: message.author == Author::Ai && admits_not_knowing(&message.text),
        })
        .collect();
    dialogue.push(sense::DialogueTurn { role: sense::Role::Customer, text: &reading.text, was_unknown: false });
    reading.unresolved = sense::unresolved(&dialogue, language).filter(|_| says_something(&reading.text));
    reading.stop_word = sensed.stop_word;
    reading.signals.acts = sensed.acts;
    reading.signals.questions = sensed.questions;
    reading.signals.sentiment = sensed.sentiment;
    reading.signals.urgency = sensed.urgency;
    reading.signals.alarms = sensed.alarms;
    let learned = |predicate: Predicate| reading.signals.learned.iter().find(|fact| fact.predicate == predicate && fact.holds);
    // "No more than 800" names a limit; nothing of ours has been found too dear.
    let names_a_limit = learned(Predicate::Budget).is_some_and(|budget| budget.data.get("min").is_none_or(serde_json::Value::is_null));
    if names_a_limit && learned(Predicate::Objection).is_none() {
        let limit = learned(Predicate::Budget).map(|budget| budget.quote.clone()).unwrap_or_default();
        reading.signals.alarms.retain(|alarm| alarm.rule != "budget-objection" || !alarm.quote.contains(&limit));
    }
    let (name, score, unknown) = sense::intents::built_in().classify(&reading.text);
    reading.signals.intent = (!unknown).then_some(Intent { name, score });
}

/// Does the message say no more than yes or no?
pub fn yes_or_no(signals: &Signals) -> Option<bool> {
    if signals.acts.contains(&Act::Yes) {
        Some(true)
    } else if signals.acts.contains(&Act::No) {
        Some(false)
    } else {
        None
    }
}
