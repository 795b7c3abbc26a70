//! What a model is told about the person and the matter: must-haves first, in a bounded length, every line with its id.

use domain::customer::Customer;
use domain::fact::{FactStatus, OfferOutcome, PromiseStatus, Promiser};
use domain::message::Author;

use super::{Prompt, clean, passage_id};
use crate::memory::packing::{Part, packed};
use crate::memory::recap;
use crate::reasoning::private::{masked, masked_all};
use crate::rendering::phrases::Phrases;

/// Tokens for everything known, said and written; instructions and the message itself come on top.
const BUDGET: usize = 3_000;
/// As many of the last messages at most.
const EXCHANGES: usize = 30;

/// The parts, as far as they fit.
pub(super) struct Told {
    /// What is known about the person.
    pub known: Vec<String>,
    /// The last messages, oldest first: is it the customer's, and what.
    pub history: Vec<(bool, String)>,
    /// What they say now.
    pub said: String,
    /// What earlier conversations were about.
    pub earlier: Vec<String>,
    /// Older messages that matter now.
    pub recalled: Vec<String>,
    /// Passages of the sources.
    pub passages: Vec<String>,
}

/// What fits of it.
pub(super) fn told(prompt: &Prompt<'_>) -> Told {
    let (must, may) = known(prompt);
    let newest: Vec<(bool, String)> = prompt
        .history
        .iter()
        .rev()
        .filter(|message| message.event.is_none())
        .map(|message| (message.author == Author::Customer, clean(&message.text)))
        // A shared contact, a place on a map: nothing to read, and no vendor takes an empty text.
        .filter(|(_, text)| !text.trim().is_empty())
        .take(EXCHANGES)
        .collect();
    let parts = vec![
        Part::must(0.2, must),
        Part::new(0.1, may),
        Part::new(0.1, prompt.earlier.iter().map(|line| masked(&clean(line))).collect()),
        Part::new(0.2, newest.iter().map(|(_, text)| text.clone()).collect()),
        Part::new(0.15, recalled(prompt)),
        Part::new(0.25, passages(prompt)),
    ];
    let mut parts = packed(BUDGET, parts).into_iter();
    let mut next = || parts.next().unwrap_or_default();
    let (must, may, earlier, said, recalled, passages) = (next(), next(), next(), next(), next(), next());
    let mut history: Vec<(bool, String)> = newest.into_iter().take(said.len()).collect();
    history.reverse();
    let now = clean(prompt.said);
    let theirs: Vec<&str> =
        history.iter().filter(|(is_theirs, _)| *is_theirs).map(|(_, text)| text.as_str()).chain([now.as_str()]).collect();
    let mut shown = masked_all(&theirs);
    let said = shown.pop().unwrap_or_default();
    let mut shown = shown.into_iter();
    for (is_theirs, text) in &mut history {
        *text = if *is_theirs { shown.next().unwrap_or_default() } else { masked(text) };
    }
    Told { known: must.into_iter().chain(may).collect(), history, said, earlier, recalled, passages }
}

/// What must be told, and what may be: the second may be long for somebody we have known for years.
fn known(prompt: &Prompt<'_>) -> (Vec<String>, Vec<String>) {
    let everything = recap::everything(prompt.customer, prompt.settings, &Phrases::new("en"));
    let must = must_have(prompt.customer);
    let (must, may): (Vec<String>, Vec<String>) = everything.into_iter().partition(|line| must.iter().any(|what| line.contains(what)));
    let disputed = prompt.customer.facts.iter().filter(|fact| fact.status == FactStatus::Disputed);
    let disputed = disputed.map(|fact| format!("Not sure: {} {}", fact.predicate, fact.value));
    let numbered = |prefix: char, lines: Vec<String>| -> Vec<String> {
        lines.iter().enumerate().map(|(place, line)| format!("[{prefix}{}] {}", place + 1, masked(&clean(line)))).collect()
    };
    (numbered('k', must.into_iter().chain(disputed).collect()), numbered('f', may))
}

/// What we owe, what they turned down, what they forbade, their orders.
fn must_have(customer: &Customer) -> Vec<String> {
    let promises = customer.promises.iter().filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open);
    let declined = customer.offers.iter().filter(|offer| offer.outcome == OfferOutcome::Declined);
    let orders = customer.facts_of(domain::fact::Predicate::Order);
    let forbidden = customer.facts.iter().filter(|fact| fact.status == FactStatus::Active && !fact.holds);
    promises
        .map(|promise| promise.what.clone())
        .chain(declined.map(|offer| offer.product.clone()))
        .chain(customer.consents.iter().map(|consent| consent.purpose.clone()))
        .chain(orders.map(|fact| fact.value.clone()))
        .chain(forbidden.map(|fact| fact.value.clone()))
        .filter(|what| !what.trim().is_empty())
        .collect()
}

/// The most telling stretch first, each message with its date, door and author.
fn recalled(prompt: &Prompt<'_>) -> Vec<String> {
    let mut stretches: Vec<_> = prompt.recalled.iter().collect();
    stretches.sort_by(|a, b| b.covered.total_cmp(&a.covered));
    let line = |place: usize, message: &domain::message::Message| {
        let day = message.at.in_zone(&prompt.settings.timezone).date();
        let author = if message.author == Author::Customer { "customer" } else { "we" };
        format!("[m{}] {day}, {}, {author}: {}", place + 1, message.channel, masked(&clean(&message.text)))
    };
    let messages = stretches.iter().flat_map(|stretch| &stretch.messages);
    messages.enumerate().map(|(place, message)| line(place, message)).collect()
}

fn passages(prompt: &Prompt<'_>) -> Vec<String> {
    let line = |(place, passage): (usize, &domain::knowledge::Passage)| {
        format!("[{}] {} › {}: {}", passage_id(place), clean(&passage.source), clean(&passage.heading), clean(&passage.text))
    };
    prompt.passages.iter().enumerate().map(line).collect()
}
