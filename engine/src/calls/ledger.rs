//! What was said on a call, and how much of it was heard: only that is remembered.

use domain::MessageId;

/// Words of ours on their way to somebody's ear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Utterance {
    /// The message they belong to; none for words that are not worth remembering, such as "one moment".
    pub(super) message: Option<MessageId>,
    /// In the form they were sent.
    pub(super) said: String,
    /// Nothing more belongs to it.
    pub(super) is_whole: bool,
}

/// How much of a message was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardPart {
    /// Of which message.
    pub message: MessageId,
    /// These words of it, as they were said; nothing: none.
    pub heard: String,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    on_the_way: Vec<Utterance>,
    /// Messages that were cut, with what was heard of them: whatever else comes of them is not said any more.
    cut: Vec<HeardPart>,
}

/// Messages that were cut and may still have something to come.
const MOST_CUT: usize = 32;

/// Only what sounds.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Where in `said` the words end that were heard.
fn end_of(said: &str, heard: &str) -> Option<usize> {
    let (all, part) = (letters(said), letters(heard));
    if part.is_empty() {
        return Some(0);
    }
    let mut left = all.find(&part)? + part.len();
    for (at, letter) in said.char_indices() {
        if left == 0 {
            return Some(at);
        }
        if letter.is_alphanumeric() {
            left = left.saturating_sub(letter.to_lowercase().map(char::len_utf8).sum());
        }
    }
    Some(said.len())
}

impl Ledger {
    /// What is to be sent of a message of which so much is known: what has not been sent of it.
    pub(super) fn grow(&mut self, message: MessageId, text: &str, is_whole: bool) -> String {
        let before: String = self
            .on_the_way
            .iter()
            .filter(|utterance| utterance.message == Some(message))
            .map(|utterance| utterance.said.as_str())
            .collect();
        let new = text.strip_prefix(before.as_str()).unwrap_or(if before.is_empty() { text } else { "" });
        match self.on_the_way.iter_mut().rev().find(|utterance| utterance.message == Some(message)) {
            Some(utterance) => {
                utterance.said.push_str(new);
                utterance.is_whole |= is_whole;
            }
            None => self.on_the_way.push(Utterance { message: Some(message), said: new.to_owned(), is_whole }),
        }
        new.to_owned()
    }

    /// Words that belong to no message.
    pub(super) fn aside(&mut self, text: &str) {
        self.on_the_way.push(Utterance { message: None, said: text.to_owned(), is_whole: true });
    }

    /// Was this message cut?
    pub(super) fn cut_part(&self, message: MessageId) -> Option<&HeardPart> {
        self.cut.iter().find(|part| part.message == message)
    }

    /// Everything on its way has been heard.
    pub(super) fn all_heard(&mut self) {
        self.on_the_way.retain(|utterance| !utterance.is_whole);
    }

    /// They spoke into our words and heard so much: what that makes of each message. Whatever comes before the words
    /// that were heard was heard whole, whatever comes after them was not heard at all.
    pub(super) fn interrupted(&mut self, heard: &str) -> Vec<HeardPart> {
        let place = self.place(heard);
        let mut parts = Vec::new();
        for (number, utterance) in self.on_the_way.drain(..).enumerate() {
            let Some(message) = utterance.message else { continue };
            let part = match place {
                Some((at, _)) if number < at && utterance.is_whole => continue,
                Some((at, end)) if number == at => utterance.said.get(..end).unwrap_or_default().to_owned(),
                Some(_) | None => String::new(),
            };
            parts.push(HeardPart { message, heard: part });
        }
        self.cut.extend(parts.iter().cloned());
        let surplus = self.cut.len().saturating_sub(MOST_CUT);
        self.cut.drain(..surplus);
        parts
    }

    /// What is left to say after so much was heard.
    pub(super) fn rest_after(&self, heard: &str) -> String {
        let Some((at, end)) = self.place(heard) else { return String::new() };
        let mut rest = self.on_the_way.get(at).and_then(|utterance| utterance.said.get(end..)).unwrap_or_default().trim_start().to_owned();
        for utterance in self.on_the_way.iter().skip(at + 1) {
            if !rest.is_empty() {
                rest.push(' ');
            }
            rest.push_str(utterance.said.trim());
        }
        rest
    }

    /// The utterance that these words are of, and where in it they end.
    fn place(&self, heard: &str) -> Option<(usize, usize)> {
        if letters(heard).is_empty() {
            return None;
        }
        self.on_the_way.iter().enumerate().find_map(|(number, utterance)| Some((number, end_of(&utterance.said, heard)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn message(number: u128) -> MessageId {
        MessageId::new(Timestamp::from_secs(1), number)
    }

    #[test]
    fn a_message_that_grows_is_sent_in_parts_and_once() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.grow(message(1), "It costs.", false), "It costs.");
        assert_eq!(ledger.grow(message(1), "It costs. Delivery is free.", true), " Delivery is free.");
        assert_eq!(ledger.grow(message(1), "It costs. Delivery is free.", true), "");
    }

    #[test]
    fn only_what_was_heard_counts() {
        let mut ledger = Ledger::default();
        ledger.grow(message(1), "Hello there.", true);
        ledger.grow(message(2), "Sure, I can look up the order for you.", true);
        ledger.grow(message(3), "Anything else?", true);
        let parts = ledger.interrupted("Sure, I can look up the");
        let expected = [(message(2), "Sure, I can look up the"), (message(3), "")];
        assert_eq!(parts, expected.map(|(message, heard)| HeardPart { message, heard: heard.to_owned() }));
        assert!(ledger.cut_part(message(2)).is_some() && ledger.cut_part(message(1)).is_none());
    }

    #[test]
    fn words_that_are_not_ours_mean_that_nothing_was_heard() {
        let mut ledger = Ledger::default();
        ledger.grow(message(1), "It costs 349.", true);
        assert_eq!(ledger.interrupted("something else"), [HeardPart { message: message(1), heard: String::new() }]);
    }

    #[test]
    fn after_a_murmur_the_rest_is_said() {
        let mut ledger = Ledger::default();
        ledger.grow(message(1), "Sure, I can look up the order.", true);
        ledger.aside("One moment.");
        assert_eq!(ledger.rest_after("Sure, I can"), "look up the order. One moment.");
        assert_eq!(ledger.rest_after("nothing of ours"), "");
    }
}
