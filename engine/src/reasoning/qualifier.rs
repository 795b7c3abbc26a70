//! The qualifier: at most one question a turn, never a known one, never a form.

use std::collections::BTreeMap;

use domain::conversation::Pending;
use domain::customer::{Context, Customer};
use domain::fact::{AskOutcome, Learned, OWN_LABEL, Predicate};
use domain::settings::{QuestionSettings, WorkspaceSettings};
use domain::signal::{Act, Signals};

use super::analyst::Reading;
use crate::memory::slots;
use crate::rendering::phrases::{self, Phrases};

/// In the order in which a good salesperson would learn them.
const ORDER: [Predicate; 4] = [Predicate::Need, Predicate::Timeline, Predicate::Budget, Predicate::Authority];

/// What a business may ask for.
pub const ASKABLE: [Predicate; 14] = [
    Predicate::Need,
    Predicate::Timeline,
    Predicate::Budget,
    Predicate::Authority,
    Predicate::Quantity,
    Predicate::ProductInterest,
    Predicate::Constraint,
    Predicate::Preference,
    Predicate::Name,
    Predicate::Company,
    Predicate::CompanySize,
    Predicate::Role,
    Predicate::Address,
    Predicate::PreferredChannel,
];

/// Longest answer that is taken word for word, in words.
const LONGEST_ANSWER: usize = 12;
/// The same for a matter of the business's own.
const LONGEST_OWN_ANSWER: usize = 30;

/// What a fact about a matter of the business's own carries: its name.
fn own_data(question: &QuestionSettings) -> serde_json::Value {
    match &question.label {
        Some(label) if question.slot.is_own() => serde_json::json!({ OWN_LABEL: label }),
        _ => serde_json::Value::Null,
    }
}

/// The same for a value that a teammate writes.
pub fn own_data_of(settings: &WorkspaceSettings, slot: Predicate) -> serde_json::Value {
    settings.questions.iter().find(|question| question.slot == slot).map(own_data).unwrap_or_default()
}

/// The questions of a business in their order, with its own words by language.
pub fn order(settings: &WorkspaceSettings) -> impl Iterator<Item = (Predicate, &BTreeMap<String, String>)> {
    static NONE: BTreeMap<String, String> = BTreeMap::new();
    let built_in = ORDER.iter().filter(|_| settings.questions.is_empty()).map(|slot| (*slot, &NONE));
    settings.questions.iter().map(|question| (question.slot, &question.wording)).chain(built_in)
}

fn own_words<'a>(settings: &'a WorkspaceSettings, slot: Predicate, words: &Phrases) -> Option<&'a String> {
    settings.questions.iter().find(|question| question.slot == slot)?.wording.get(words.language())
}

/// Are there words for a question in the customer's language?
pub fn has_words(settings: &WorkspaceSettings, slot: Predicate, words: &Phrases) -> bool {
    own_words(settings, slot, words).is_some() || phrases::exists(&format!("ask.{slot}"))
}

/// A question as it is put: in the business's own words, else in ours.
pub fn wording(settings: &WorkspaceSettings, slot: Predicate, words: &Phrases, turn: usize) -> String {
    own_words(settings, slot, words).cloned().unwrap_or_else(|| words.varied(&format!("ask.{slot}"), turn))
}

/// The direct answer to a question of the business's own, where nothing else was read in it: what was said is the answer.
pub fn taken_at_its_word(settings: &WorkspaceSettings, slot: Predicate, said: &str, signals: &Signals) -> Option<Learned> {
    let question = settings.questions.iter().find(|question| question.slot == slot)?;
    // Nobody else reads an answer about a matter of the business's own, so what was read besides is no reason against it.
    let is_read = !slot.is_own() && !signals.learned.is_empty();
    let is_plain = signals.questions.is_empty() && !said.contains('?') && !is_read && signals.alarms.is_empty();
    let is_statement = signals.acts.iter().all(|act| matches!(act, Act::Statement | Act::Yes) || slot.is_own() && *act == Act::No);
    let value = said.trim().trim_end_matches(['.', '!']).trim();
    let words = value.split_whitespace().count();
    let longest = if slot.is_own() { LONGEST_OWN_ANSWER } else { LONGEST_ANSWER };
    (is_plain && is_statement && (1..=longest).contains(&words)).then(|| Learned {
        predicate: slot,
        value: value.to_owned(),
        data: own_data(question),
        holds: true,
        quote: said.trim().to_owned(),
        confidence: 0.7,
    })
}

/// What the qualifier decided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Qualified {
    /// The one question to put, if any.
    pub ask: Option<Predicate>,
    /// Slots not asked because they are known or were refused, with the reason.
    pub did_not_ask: Vec<(Predicate, &'static str)>,
    /// How the question put before was met.
    pub settled: Vec<(Predicate, AskOutcome)>,
}

/// How the question that was open has been met by this turn, and what they would rather not say yet unasked.
pub fn settle(settings: &WorkspaceSettings, context: &Context, reading: &Reading) -> Vec<(Predicate, AskOutcome)> {
    let signals = &reading.signals;
    let withholds = signals.acts.iter().any(|act| matches!(act, Act::RefusesToSay | Act::NotSure));
    let mut settled = Vec::new();
    if let Some(Pending::Slot { slot }) = &context.conversation.memo.pending {
        let outcome = if signals.learned.iter().any(|fact| fact.predicate == *slot) {
            AskOutcome::Answered
        } else if withholds {
            AskOutcome::Refused
        } else {
            AskOutcome::Unanswered
        };
        settled.push((*slot, outcome));
    }
    if withholds {
        // "Not sure about the budget yet": asking for it in the next turn would not have listened.
        let named = slots::asked_in(&format!("{}?", reading.text.trim_end_matches(['.', '!', '?'])));
        settled.extend(
            named
                .into_iter()
                .filter(|slot| order(settings).any(|(asked, _)| asked == *slot) && settled.iter().all(|(known, _)| known != slot))
                .filter(|slot| signals.learned.iter().all(|fact| fact.predicate != *slot))
                .map(|slot| (slot, AskOutcome::Refused))
                .collect::<Vec<_>>(),
        );
    }
    settled
}

/// Chooses the question of this turn. `interested`: the person wants something of us, so a question is welcome.
pub fn choose(settings: &WorkspaceSettings, context: &Context, after: &Customer, reading: &Reading, interested: bool) -> Qualified {
    let signals = &reading.signals;
    let mut qualified = Qualified { settled: settle(settings, context, reading), ..Qualified::default() };
    let unwelcome = signals.acts.iter().any(|act| {
        matches!(
            act,
            Act::Thanks
                | Act::Farewell
                | Act::RefusesToSay
                | Act::AsksErasure
                | Act::AsksWhatIsKnown
                | Act::Solved
                | Act::NotSolved
                | Act::StopAi
                | Act::NotSure
                | Act::ReadyToBuy
        )
    }) || signals.sentiment < -0.3;
    let just_unanswered: Vec<Predicate> =
        qualified.settled.iter().filter(|(_, outcome)| *outcome != AskOutcome::Answered).map(|(slot, _)| *slot).collect();
    for (slot, _) in order(settings) {
        if slots::is_known(after, slot) {
            qualified.did_not_ask.push((slot, "known"));
        } else if slots::is_closed(after, slot) {
            qualified.did_not_ask.push((slot, "asked before"));
        } else if just_unanswered.contains(&slot) {
            qualified.did_not_ask.push((slot, "asked just now"));
        } else if !is_due(slot, after) {
            qualified.did_not_ask.push((slot, "out of place"));
        } else if qualified.ask.is_none() && interested && !unwelcome && just_unanswered.is_empty() {
            qualified.ask = Some(slot);
        }
    }
    qualified
}

/// Does the question have a place in what has been said so far?
fn is_due(slot: Predicate, after: &Customer) -> bool {
    let knows = |predicate: Predicate| after.fact(predicate).is_some();
    match slot {
        // Who has named a budget or a day has said what it is for, in words that were not read.
        Predicate::Need => ![Predicate::Budget, Predicate::Timeline, Predicate::Quantity].into_iter().any(knows),
        // A person who buys for themselves decides.
        Predicate::Authority => {
            let several = after
                .fact(Predicate::Quantity)
                .and_then(|fact| fact.data.get("count").and_then(serde_json::Value::as_i64))
                .is_some_and(|count| count >= 5);
            several || [Predicate::Company, Predicate::CompanySize, Predicate::Role].into_iter().any(knows)
        }
        _ => true,
    }
}
