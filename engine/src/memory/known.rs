//! "Do you remember what I'm allergic to?": questions whose answer is what this person told us.

use std::sync::LazyLock;

use domain::customer::Customer;
use domain::fact::{Fact, FactStatus, OfferOutcome, Predicate, PromiseStatus, Promiser};
use domain::settings::WorkspaceSettings;
use regex::Regex;

use super::facts::same_value;
use super::spoken;
use crate::decision::hours::civil;
use crate::rendering::phrases::{Phrases, phrase};

/// As many earlier values are told.
const EARLIER: usize = 3;

/// What a person asks us to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One of these predicates.
    Facts(Vec<Predicate>),
    /// What one of these predicates was before it changed.
    Before(Vec<Predicate>),
    /// What we promised.
    Promise,
    /// What they declined.
    Declined,
    /// Where things were left.
    Story,
}

/// Patterns of the table, by their first column.
struct Recalls {
    told: Vec<Regex>,
    recall: Vec<Regex>,
    promise: Vec<Regex>,
    declined: Vec<Regex>,
    before: Vec<Regex>,
    story: Vec<Regex>,
    facts: Vec<(Predicate, Regex)>,
}

static RECALLS: LazyLock<Recalls> = LazyLock::new(|| {
    let mut recalls = Recalls {
        told: Vec::new(),
        recall: Vec::new(),
        promise: Vec::new(),
        declined: Vec::new(),
        before: Vec::new(),
        story: Vec::new(),
        facts: Vec::new(),
    };
    for line in include_str!("recalls.tsv").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (kind, pattern) = line.split_once('\t').expect("a kind, a tab and a pattern");
        let pattern = Regex::new(&format!("(?i){pattern}")).expect("a pattern");
        match kind {
            "told" => recalls.told.push(pattern),
            "recall" => recalls.recall.push(pattern),
            "promise" => recalls.promise.push(pattern),
            "declined" => recalls.declined.push(pattern),
            "before" => recalls.before.push(pattern),
            "story" => recalls.story.push(pattern),
            predicate => recalls.facts.push((predicate.parse().expect("a predicate"), pattern)),
        }
    }
    recalls
});

fn any(patterns: &[Regex], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(text))
}

/// What the text asks us to remember, when it does.
pub fn asked_about(text: &str) -> Option<About> {
    if any(&RECALLS.story, text) {
        return Some(About::Story);
    }
    if !asks_what_was_told(text) && !any(&RECALLS.recall, text) && !any(&RECALLS.declined, text) {
        return any(&RECALLS.promise, text).then_some(About::Promise);
    }
    if any(&RECALLS.promise, text) {
        return Some(About::Promise);
    }
    if any(&RECALLS.declined, text) {
        return Some(About::Declined);
    }
    let about: Vec<Predicate> =
        RECALLS.facts.iter().filter(|(_, pattern)| pattern.is_match(text)).map(|(predicate, _)| *predicate).collect();
    match about.is_empty() {
        false if any(&RECALLS.before, text) => Some(About::Before(about)),
        false => Some(About::Facts(about)),
        true => asks_what_was_told(text).then_some(About::Story),
    }
}

/// "What did I say my budget was?": when it is not known, the honest answer is that they have not said it.
pub fn asks_what_was_told(text: &str) -> bool {
    any(&RECALLS.told, text)
}

/// The answer from memory; `None` when nothing of it is known.
pub fn remembered(about: &About, customer: &Customer, settings: &WorkspaceSettings, words: &Phrases) -> Option<String> {
    match about {
        About::Facts(predicates) => {
            let lines: Vec<String> = predicates
                .iter()
                .filter_map(|predicate| {
                    let values: Vec<String> = customer.facts_of(*predicate).map(|fact| spoken::value(fact, words)).collect();
                    let label = phrase(words.language(), &format!("label.{predicate}"));
                    (!values.is_empty()).then(|| format!("{label} {}", values.join(", ")))
                })
                .collect();
            (!lines.is_empty()).then(|| words.with("known.one", &[("what", &lines.join("; "))]))
        }
        About::Before(predicates) => {
            let lines: Vec<String> = predicates.iter().filter_map(|predicate| over_time(*predicate, customer, words)).collect();
            (!lines.is_empty()).then(|| words.with("known.one", &[("what", &lines.join("; "))]))
        }
        About::Promise => {
            let lines: Vec<String> = customer
                .promises
                .iter()
                .filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open)
                .map(|promise| match promise.due_at {
                    Some(due) => {
                        let when = civil(&due.in_zone(&settings.timezone), words.language());
                        words.with("known.promise.due", &[("what", &promise.what), ("when", &when)])
                    }
                    None => words.with("known.promise", &[("what", &promise.what)]),
                })
                .collect();
            (!lines.is_empty()).then(|| format!("{} {}", lines.join(" "), words.say("promise.reminded")))
        }
        About::Declined => {
            let declined: Vec<&str> = customer
                .offers
                .iter()
                .filter(|offer| offer.outcome == OfferOutcome::Declined)
                .map(|offer| offer.product.as_str())
                .collect();
            (!declined.is_empty()).then(|| format!("{}.", words.with("known.declined", &[("what", &declined.join(", "))])))
        }
        About::Story => None,
    }
}

/// What is in force, and what was told before it: "Budget 4,000 EUR (before that: 3,500 EUR)".
fn over_time(predicate: Predicate, customer: &Customer, words: &Phrases) -> Option<String> {
    let now: Vec<&Fact> = customer.facts_of(predicate).collect();
    let ended = |fact: &&Fact| match fact.status {
        FactStatus::Superseded | FactStatus::Retracted => fact.predicate == predicate && fact.holds,
        FactStatus::Active | FactStatus::Disputed => false,
    };
    let mut earlier: Vec<&Fact> = Vec::new();
    for fact in customer.facts.iter().rev().filter(ended) {
        if now.iter().chain(&earlier).all(|known| !same_value(&known.value, &fact.value)) && earlier.len() < EARLIER {
            earlier.push(fact);
        }
    }
    let said = |facts: &[&Fact]| facts.iter().map(|fact| spoken::value(fact, words)).collect::<Vec<_>>().join(", ");
    let label = phrase(words.language(), &format!("label.{predicate}"));
    let (current, before) = (said(&now), said(&earlier));
    match (now.is_empty(), earlier.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{label} {current}")),
        (true, false) => Some(words.with("known.earlier", &[("label", &label), ("before", &before)])),
        (false, false) => Some(words.with("known.before", &[("what", &format!("{label} {current}")), ("before", &before)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_about_memory_are_told_from_questions_about_the_business() {
        let check = |text: &str, expected: Option<About>| assert_eq!(asked_about(text), expected, "{text}");
        check("do you still remember my budget?", Some(About::Facts(vec![Predicate::Budget])));
        check("what did i say my budget was?", Some(About::Facts(vec![Predicate::Budget])));
        check("what was my budget before?", Some(About::Before(vec![Predicate::Budget])));
        check("what was my previous budget?", Some(About::Before(vec![Predicate::Budget])));
        check("quel était mon budget avant ?", Some(About::Before(vec![Predicate::Budget])));
        check("was war mein Budget vorher?", Some(About::Before(vec![Predicate::Budget])));
        check("¿cuál era mi presupuesto antes?", Some(About::Before(vec![Predicate::Budget])));
        check("qual era o meu orçamento antes?", Some(About::Before(vec![Predicate::Budget])));
        check("how many heaters did i ask for?", Some(About::Facts(vec![Predicate::Need, Predicate::Quantity])));
        check("what date did i give you?", Some(About::Facts(vec![Predicate::Timeline])));
        check("when do you have me down for calls?", Some(About::Facts(vec![Predicate::PreferredHours])));
        check("vous vous souvenez de mon budget ?", Some(About::Facts(vec![Predicate::Budget])));
        check("any news on what you promised me?", Some(About::Promise));
        check("you promised to send me a quote?", Some(About::Promise));
        check("you do remember what I'm allergic to?", Some(About::Facts(vec![Predicate::Constraint])));
        check("did we settle on a kit?", Some(About::Story));
        check("wo waren wir stehen geblieben?", Some(About::Story));
        check("how much is delivery to Lyon?", None);
        check("what does the desk cost?", None);
        check("when are you open?", None);
        check("do I need a permit?", None);
    }
}
