//! What kind of speech a message is, and which rules its words speak for: read without any model, without I/O.

pub mod acts;
pub mod alarms;
pub mod amounts;
pub mod classifier;
pub mod intents;
pub mod lexicon;
mod phrases;
pub mod reading;
pub mod repetition;
pub mod sentences;
pub mod sentiment;
pub mod stop;

#[cfg(test)]
mod tests;

use domain::signal::{Act, Alarm};

pub use repetition::{DialogueTurn, QuestionKey, Role, question_key, same_question, unresolved};
pub use stop::StopWord;

/// What is known around a message.
#[derive(Debug, Clone, Copy)]
pub struct Sensing<'a> {
    /// Two letters.
    pub language: &'a str,
    /// Rivals.
    pub competitors: &'a [String],
    /// Names a customer may ask for.
    pub teammates: &'a [String],
    /// Refunds above it go to a person, in major units.
    pub refund_limit: Option<i64>,
    /// ISO 4217.
    pub currency: &'a str,
    /// What we said last.
    pub last_ours: Option<&'a str>,
    /// Earlier messages of the customer in this conversation, oldest first.
    pub earlier_customer: &'a [String],
    /// Names of products.
    pub products: &'a [String],
}

impl<'a> Sensing<'a> {
    /// Of words alone: no talk around them, no rivals, no limit.
    pub fn alone(language: &'a str) -> Self {
        Self {
            language,
            competitors: &[],
            teammates: &[],
            refund_limit: None,
            currency: "EUR",
            last_ours: None,
            earlier_customer: &[],
            products: &[],
        }
    }
}

/// What was found in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensed {
    /// Kinds of speech.
    pub acts: Vec<Act>,
    /// Its questions, each by itself.
    pub questions: Vec<String>,
    /// -1 (furious) … 1 (delighted).
    pub sentiment: f32,
    /// 0 … 1.
    pub urgency: f32,
    /// Evidence for rules, in the order of the rules.
    pub alarms: Vec<Alarm>,
    /// The message is one of the words that stop, start or explain messages.
    pub stop_word: Option<StopWord>,
    /// Says in other words that messages should stop: stop marketing and ask once.
    pub may_want_stop: bool,
}

/// Reads a message.
pub fn sense(text: &str, sensing: &Sensing<'_>) -> Sensed {
    let text = cut(text);
    let reading = reading::Reading::new(text, sensing);
    let alarms = alarms::find(&reading);
    let acts = acts::find(&reading);
    Sensed {
        questions: acts::questions(&reading),
        sentiment: sentiment::sentiment(&reading, &alarms),
        urgency: sentiment::urgency(&reading, &alarms),
        stop_word: stop::stop_word(text),
        may_want_stop: stop::may_want_stop(text),
        acts,
        alarms,
    }
}

/// A long message is read up to here: evidence sits in what people write themselves, not in pasted pages.
const LONGEST_READ: usize = 6_000;

fn cut(text: &str) -> &str {
    if text.len() <= LONGEST_READ {
        return text;
    }
    let mut end = LONGEST_READ;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
