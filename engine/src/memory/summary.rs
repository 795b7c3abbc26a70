//! What a conversation was about, in a few words, made anew from what is there: its questions, the facts, promises and
//! offers that came out of it, and how it ended. Nothing is kept, so nothing of it can be out of date.

use domain::MessageId;
use domain::conversation::{Conversation, StatusKind};
use domain::customer::Customer;
use domain::fact::{Fact, OfferOutcome, Predicate, PromiseStatus, Promiser};
use domain::message::Message;

use super::recap::joined;
use crate::rendering::phrases::Phrases;

/// Words of a summary.
const LONGEST: usize = 120;
/// Letters of a question that are said again.
const QUOTE: usize = 120;
/// Questions that are named.
const QUESTIONS: usize = 6;

/// Who somebody is stands beside every conversation of theirs; a summary says what it was about.
const WHO: [Predicate; 8] = [
    Predicate::Name,
    Predicate::PreferredName,
    Predicate::Email,
    Predicate::Phone,
    Predicate::Address,
    Predicate::Language,
    Predicate::HouseholdMember,
    Predicate::Stage,
];

/// What a conversation was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// A few sentences.
    pub text: String,
    /// The messages it is taken from.
    pub messages: Vec<MessageId>,
}

/// The messages whose words a summary of it needs.
pub fn quoted(conversation: &Conversation) -> Vec<MessageId> {
    let asked = &conversation.memo.asked;
    let skip = asked.len().saturating_sub(QUESTIONS - 1).max(1);
    asked.iter().take(1).chain(asked.iter().skip(skip)).map(|asked| asked.message).collect()
}

/// Of a conversation of this customer, in the language of the words; `said`: what was said in the messages of
/// [`quoted`], as far as it is still there.
pub fn of(conversation: &Conversation, customer: &Customer, said: &[Message], zone: &str, words: &Phrases) -> Summary {
    let mut messages = Vec::new();
    let mut parts = vec![began(conversation, zone, words)];
    let (answered, open) = questions(conversation, said, &mut messages);
    for (key, asked) in [("summary.answered", answered), ("summary.open", open)] {
        parts.extend(some(&asked).map(|what| words.with(key, &[("what", &what)])));
    }
    let learned = learned(conversation, customer, words, &mut messages);
    parts.extend(some(&learned).map(|what| words.with("summary.told", &[("what", &what)])));
    let here = |at| at >= conversation.created_at && at <= conversation.updated_at;
    for (key, by, status) in [
        ("summary.promised", Promiser::Us, PromiseStatus::Open),
        ("summary.kept", Promiser::Us, PromiseStatus::Kept),
        ("summary.theirs", Promiser::Customer, PromiseStatus::Open),
    ] {
        let made = customer.promises.iter().filter(|promise| promise.by == by && promise.status == status && here(promise.at));
        let made: Vec<String> =
            made.inspect(|promise| messages.extend(promise.source_message)).map(|promise| promise.what.clone()).collect();
        parts.extend(some(&made).map(|what| words.with(key, &[("what", &what)])));
    }
    let declined = customer.offers.iter().filter(|offer| offer.outcome == OfferOutcome::Declined && here(offer.at));
    let declined: Vec<String> =
        declined.inspect(|offer| messages.extend(offer.source_message)).map(|offer| offer.product.clone()).collect();
    parts.extend(some(&declined).map(|what| words.with("summary.declined", &[("what", &what)])));
    let ended = match conversation.status {
        StatusKind::Resolved => "summary.resolved",
        StatusKind::WithTeammate => "summary.with_team",
        StatusKind::Open | StatusKind::Waiting | StatusKind::Snoozed => "summary.goes_on",
    };
    parts.push(words.say(ended));
    messages.sort_unstable();
    messages.dedup();
    Summary { text: cut(&parts.join(" ")), messages }
}

fn began(conversation: &Conversation, zone: &str, words: &Phrases) -> String {
    let day = conversation.created_at.in_zone(zone).date().to_string();
    let doors = conversation.channels.iter().map(|channel| channel.label()).collect::<Vec<_>>().join(", ");
    words.with("summary.began", &[("day", &day), ("channels", &doors)])
}

/// What was asked, in their words: what was answered, and what was not.
fn questions(conversation: &Conversation, said: &[Message], messages: &mut Vec<MessageId>) -> (Vec<String>, Vec<String>) {
    let (mut answered, mut open) = (Vec::new(), Vec::new());
    for id in quoted(conversation) {
        let Some(message) = said.iter().find(|message| message.id == id && !message.text.trim().is_empty()) else { continue };
        let whole = message.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let quote: String = whole.chars().take(QUOTE).collect();
        let quote = format!("“{}{}”", quote, if quote.len() < whole.len() { "…" } else { "" });
        let is_answered = conversation.memo.asked.iter().rev().find(|asked| asked.message == id).is_some_and(|asked| asked.answered);
        let list = if is_answered { &mut answered } else { &mut open };
        if !list.contains(&quote) {
            list.push(quote);
            messages.push(id);
        }
    }
    (answered, open)
}

fn learned(conversation: &Conversation, customer: &Customer, words: &Phrases, messages: &mut Vec<MessageId>) -> Vec<String> {
    let here = |at| at >= conversation.created_at && at <= conversation.updated_at;
    let of = |predicate: Predicate| {
        let mut from = Vec::new();
        let facts = customer.facts_of(predicate).filter(|fact| here(fact.recorded_at));
        let value = joined(facts.inspect(|fact| from.extend(fact.source_message)).map(|fact| fact.value.as_str()))?;
        let own = customer.fact(predicate).and_then(Fact::own_label).map(str::to_owned);
        let label = own.unwrap_or_else(|| words.say(&format!("brief.fact.{predicate}")));
        Some((words.with("brief.labelled", &[("label", &label), ("value", &value)]), from))
    };
    let told: Vec<_> = Predicate::ALL.iter().copied().filter(|predicate| !WHO.contains(predicate)).filter_map(of).collect();
    told.into_iter()
        .map(|(line, from)| {
            messages.extend(from);
            line
        })
        .collect()
}

fn some(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join("; "))
}

fn cut(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    if words.len() <= LONGEST { text.to_owned() } else { format!("{} …", words[..LONGEST].join(" ")) }
}
