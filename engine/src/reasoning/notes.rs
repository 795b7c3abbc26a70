//! What was understood, acknowledged as a good salesperson would: what matters, once, in a few words.

use domain::fact::{Fact, FactStatus, Predicate};

use super::answerer::ReplyKind;
use super::router::{Routed, Situation};
use crate::memory::spoken;

/// In the order in which they are said; what is not here is taken in silently.
const SAID: [Predicate; 19] = [
    Predicate::Need,
    Predicate::ProductInterest,
    Predicate::Quantity,
    Predicate::Company,
    Predicate::CompanySize,
    Predicate::Role,
    Predicate::Budget,
    Predicate::Timeline,
    Predicate::Authority,
    Predicate::Constraint,
    Predicate::Preference,
    Predicate::OwnsProduct,
    Predicate::Order,
    Predicate::HouseholdMember,
    Predicate::Address,
    Predicate::Email,
    Predicate::Phone,
    Predicate::Plan,
    Predicate::PreferredName,
];

/// Says it, where the story told in this turn has not.
pub(super) fn say(s: &Situation<'_>, story_told: bool, routed: &mut Routed) {
    let fresh: Vec<&Fact> = s
        .noted
        .iter()
        .filter_map(|(predicate, value)| {
            s.after
                .facts
                .iter()
                .rev()
                .find(|fact| fact.predicate == *predicate && fact.value == *value && fact.status == FactStatus::Active && fact.holds)
        })
        .collect();
    let has = |predicate: Predicate| fresh.iter().any(|fact| fact.predicate == predicate);
    name(s, &fresh, routed);
    if has(Predicate::Issue) {
        let key = if s.replies.is_empty() && s.done.say.is_empty() { "ack.issue.passed" } else { "ack.issue" };
        routed.draft.parts.push(s.words.say(key));
    }
    let declined: Vec<&str> =
        s.reading.signals.offers.iter().filter(|offer| !offer.accepted).filter_map(|offer| offer.product.as_deref()).collect();
    if !declined.is_empty() {
        routed.draft.parts.push(s.words.with("ack.declined", &[("what", &declined.join(", "))]));
    }
    let mut said: Vec<String> = Vec::new();
    let mut changed = false;
    for predicate in SAID.into_iter().chain(Predicate::OWN) {
        for fact in fresh.iter().filter(|fact| fact.predicate == predicate) {
            let text = spoken::noted(fact, s.words);
            if is_said_anyway(s, fact, story_told) || said.iter().any(|known| known.contains(&text)) {
                continue;
            }
            changed |= fact.supersedes.is_some();
            said.push(text);
        }
    }
    if !said.is_empty() {
        let what = said.join(", ");
        let text = match (s.corrected, changed) {
            (true, _) => s.words.with("ack.corrected", &[("what", &what)]),
            (false, true) => s.words.with("ack.changed", &[("what", &what)]),
            (false, false) => {
                let phrase = s.words.varied("ack.noted", s.context.history.len());
                crate::rendering::phrases::filled(phrase, &[("what", &what)])
            }
        };
        routed.draft.parts.push(text);
    }
    let reach: Vec<String> = fresh
        .iter()
        .filter(|fact| matches!(fact.predicate, Predicate::PreferredChannel | Predicate::PreferredHours))
        .map(|fact| spoken::value(fact, s.words))
        .collect();
    if !reach.is_empty() {
        routed.draft.parts.push(s.words.with("ack.reach", &[("what", &reach.join(", "))]));
    }
}

/// A name that the greeting has not just said.
fn name(s: &Situation<'_>, fresh: &[&Fact], routed: &mut Routed) {
    let given = fresh.iter().any(|fact| matches!(fact.predicate, Predicate::Name | Predicate::PreferredName));
    let Some(name) = crate::memory::recap::called(s.after).filter(|_| given) else { return };
    if !routed.draft.parts.iter().any(|part| part.contains(&name)) {
        routed.draft.parts.push(s.words.with("ack.name", &[("name", &name)]));
    }
}

/// The suggestion, the answer or the story of this turn says it already; or it goes without saying.
fn is_said_anyway(s: &Situation<'_>, fact: &Fact, story_told: bool) -> bool {
    let suggests = s.replies.iter().any(|reply| matches!(reply.kind, ReplyKind::Fitting(_)));
    let answered = s.replies.iter().any(|reply| match &reply.kind {
        ReplyKind::Sources(answer) | ReplyKind::Fitting(answer) => answer.text.as_ref().is_some_and(|text| text.contains(&fact.value)),
        ReplyKind::Memory(text) | ReplyKind::Event(text) => text.contains(&fact.value),
        ReplyKind::Near(_) | ReplyKind::Differ(_) | ReplyKind::Unclear(_) | ReplyKind::Unknown | ReplyKind::Vague => false,
    });
    let in_story = matches!(
        fact.predicate,
        Predicate::Need | Predicate::ProductInterest | Predicate::Quantity | Predicate::Budget | Predicate::Timeline | Predicate::Order
    );
    let in_suggestion = matches!(fact.predicate, Predicate::Need | Predicate::Budget | Predicate::Timeline);
    fact.predicate == Predicate::PreferredName
        || s.done.is_answer && in_story
        || fact.predicate == Predicate::ProductInterest && answered
        || story_told && in_story && fact.supersedes.is_none()
        || suggests && in_suggestion
}
