//! The customer wants a person: by role, by a teammate's name, or a call back.

use domain::signal::Alarm;

use super::super::reading::Reading;
use super::super::sentences::{Sentence, fold};
use super::competitor::is_ordinary_word;

/// The rule.
pub const RULE: &str = "human-asked-for";

/// A wish for a person that the message does not take back.
pub fn find(reading: &Reading<'_>) -> Option<Alarm> {
    if reading.holds("human-asked-for.ends") {
        return None;
    }
    super::alarm(reading, RULE, &reading.evidence(RULE, "fires")).or_else(|| by_pronoun(reading))
}

/// "Hannah had my case last time, could she take this one too?"
fn by_pronoun(reading: &Reading<'_>) -> Option<Alarm> {
    let is_named =
        reading.parts.iter().flat_map(|part| &part.marked).any(|marked| !names_of(reading.sensing.teammates, &marked.sentence).is_empty());
    if !is_named {
        return None;
    }
    super::alarm(reading, RULE, &reading.evidence(RULE, "pronoun"))
}

/// Where teammates are named: first word and length. A first or last name is enough; a lower-case one only when it is no ordinary word.
pub fn names_of(teammates: &[String], sentence: &Sentence) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for teammate in teammates {
        let folded = fold(teammate);
        let parts: Vec<&str> =
            folded.split(|sign: char| !sign.is_alphanumeric()).filter(|part| part.len() >= 3 && !matches!(*part, "mrs" | "prof")).collect();
        for (at, word) in sentence.words.iter().enumerate() {
            let is_named = parts.iter().any(|part| {
                word.text == *part && (word.is_capital || !is_ordinary_word(part))
                    || word.is_capital
                        && part.len() >= 5
                        && word.text.starts_with(&part[..1])
                        && strsim::osa_distance(&word.text, part) == 1
            });
            if is_named {
                let titled = at > 0 && matches!(sentence.words[at - 1].text.as_str(), "dr" | "mr" | "mrs" | "ms" | "docteur" | "mme");
                found.push((if titled { at - 1 } else { at }, if titled { 2 } else { 1 }));
            }
        }
    }
    found
}
