//! What is known, put into words: the line that picks up where things were left, and the answer to "what do you know about me?".

use domain::customer::{Context, Customer};
use domain::fact::{ConsentState, Fact, FactStatus, OfferOutcome, Predicate, PromiseStatus, Promiser};
use domain::message::Author;
use domain::settings::WorkspaceSettings;

use super::{slots, spoken};
use crate::decision::hours::civil;
use crate::identity::join::first_name;
use crate::rendering::phrases::{Phrases, phrase};

/// The name to greet somebody by, if one was given.
pub fn called(customer: &Customer) -> Option<String> {
    let preferred = customer.fact(Predicate::PreferredName).map(|fact| fact.value.clone());
    preferred.or_else(|| customer.name().map(first_name))
}

/// One clause per matter that is still in force, most telling first: scope, budget, time, objection, rival, problem.
pub fn story(customer: &Customer, words: &Phrases) -> Vec<String> {
    let mut lines = Vec::new();
    let all = |predicate: Predicate| joined(customer.facts_of(predicate).map(|fact| fact.value.as_str()));
    let mut scope = Vec::new();
    if let Some(products) = all(Predicate::ProductInterest) {
        scope.push(products);
    }
    if let Some(need) = all(Predicate::Need).filter(|need| scope.iter().all(|known| !same(known, need))) {
        scope.push(need);
    }
    if let Some(quantity) = customer.fact(Predicate::Quantity).filter(|quantity| !scope.iter().any(|known| known.contains(&quantity.value)))
    {
        scope.push(format!("× {}", quantity.value));
    }
    let open_offer = customer.offers.iter().rev().find(|offer| offer.outcome == OfferOutcome::Open).map(|offer| offer.product.clone());
    let suggested = open_offer.filter(|product| scope.iter().all(|known| !same(known, product)));
    if !scope.is_empty() {
        lines.push(words.with("recap.scope", &[("what", &scope.join(", "))]));
    }
    if let Some(product) = suggested {
        lines.push(words.with("recap.suggested", &[("what", &product)]));
    }
    if let Some(budget) = customer.fact(Predicate::Budget) {
        lines.push(words.with("recap.budget", &[("what", &spoken::value(budget, words))]));
    }
    if let Some(time) = customer.fact(Predicate::Timeline) {
        lines.push(words.with("recap.timeline", &[("what", &spoken::noted(time, words))]));
    }
    for (predicate, key) in [
        (Predicate::Objection, "recap.objection"),
        (Predicate::Competitor, "recap.competitor"),
        (Predicate::Issue, "recap.issue"),
        (Predicate::Order, "recap.order"),
    ] {
        if let Some(value) = all(predicate) {
            lines.push(words.with(key, &[("what", &value)]));
        }
    }
    for promise in customer.promises.iter().filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open) {
        lines.push(words.with("recap.promise", &[("what", &promise.what)]));
    }
    lines
}

/// What was last asked about here, where nothing was told that says what it is all about.
pub fn asked_about(context: &Context, customer: &Customer) -> Option<String> {
    let says_why = [Predicate::Need, Predicate::ProductInterest, Predicate::Issue].iter().any(|known| customer.fact(*known).is_some());
    context.conversation.memo.topics.last().filter(|_| !says_why).cloned()
}

/// What the sources last answered here, in a few words, where nothing was told that could be picked up.
pub fn last_answer(context: &Context) -> Option<String> {
    let answered = context.history.iter().rev().find(|message| message.author == Author::Ai && !message.sources.is_empty())?;
    let text =
        answered.text.split('\n').map(str::trim).filter(|line| !line.is_empty() && !line.ends_with('?')).collect::<Vec<_>>().join(" ");
    let told: Vec<&str> = slots::sentences(&text);
    // The first words of a first reply say who speaks.
    let skip = usize::from(told.len() > 1 && told[0].contains("IA") | told[0].contains("AI") | told[0].contains("KI"));
    let short: String = told.get(skip..)?.concat().trim().trim_end_matches('.').chars().take(LONGEST_QUOTE).collect();
    (!short.is_empty()).then_some(short)
}

/// Of an earlier answer, no more than this is said again.
const LONGEST_QUOTE: usize = 160;

/// Is there anything to pick up?
pub fn has_story(customer: &Customer) -> bool {
    !story(customer, &Phrases::new("en")).is_empty()
}

/// Everything that may be told to this person, one line each, for "what do you know about me?".
pub fn everything(customer: &Customer, settings: &WorkspaceSettings, words: &Phrases) -> Vec<String> {
    let mut lines = Vec::new();
    for predicate in Predicate::ALL.iter().copied().filter(|predicate| *predicate != Predicate::Stage) {
        let values: Vec<String> = customer.facts_of(predicate).map(|fact| spoken::value(fact, words)).collect();
        if values.is_empty() {
            continue;
        }
        let own = customer.fact(predicate).and_then(Fact::own_label).map(str::to_owned);
        let label = own.unwrap_or_else(|| phrase(words.language(), &format!("label.{predicate}")));
        lines.push(format!("{label}: {}", values.join(", ")));
    }
    for fact in customer.facts.iter().filter(|fact| fact.status == FactStatus::Active && !fact.holds) {
        lines.push(words.with("known.not", &[("what", &fact.value)]));
    }
    for promise in customer.promises.iter().filter(|promise| promise.status == PromiseStatus::Open) {
        let when = promise.due_at.map(|due| civil(&due.in_zone(&settings.timezone), words.language()));
        let key = match (promise.by, when.is_some()) {
            (Promiser::Us, true) => "known.promise.due",
            (Promiser::Us, false) => "known.promise",
            (Promiser::Customer, _) => "known.theirs",
        };
        lines.push(words.with(key, &[("what", &promise.what), ("when", when.as_deref().unwrap_or_default())]));
    }
    for offer in customer.offers.iter().filter(|offer| offer.outcome == OfferOutcome::Declined) {
        lines.push(words.with("known.declined", &[("what", &offer.product)]));
    }
    for consent in customer.consents.iter().filter(|consent| consent.state == ConsentState::Withdrawn) {
        lines.push(words.with("known.consent", &[("what", &consent.purpose)]));
    }
    lines.iter().map(|line| line.trim_end_matches('.').to_owned()).collect()
}

/// "a, b and c" as a plain list; `None` when there is nothing.
pub fn joined<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    let values: Vec<&str> = values.collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    a.contains(&b) || b.contains(&a)
}
