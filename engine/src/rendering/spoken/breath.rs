//! How much is said in one go: two sentences, at most three items of a list; the rest only when it is wanted.

use crate::memory::slots::sentences;

/// Sentences that are said before asking whether to go on.
const SENTENCES: usize = 2;
/// Items of a list that are said before asking whether to go on.
const ITEMS: usize = 3;

/// What is said now, and what waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Portion {
    /// Said now.
    pub now: String,
    /// Said when it is wanted.
    pub rest: Option<String>,
}

/// The first portion of a text. A text that only grows has a first portion that only grows, until it is full.
pub fn portion(text: &str) -> Portion {
    let breaths: Vec<String> = sentences(text).into_iter().flat_map(breaths).collect();
    let joined = |part: &[String]| part.join(" ");
    match breaths.get(SENTENCES..) {
        Some(rest) if !rest.is_empty() => Portion { now: joined(&breaths[..SENTENCES]), rest: Some(joined(rest)) },
        Some(_) | None => Portion { now: joined(&breaths), rest: None },
    }
}

/// A sentence with a long list is several breaths.
fn breaths(sentence: &str) -> Vec<String> {
    let sentence = sentence.trim();
    if sentence.is_empty() {
        return Vec::new();
    }
    let items: Vec<&str> = sentence.split("; ").collect();
    if items.len() <= ITEMS {
        return vec![sentence.to_owned()];
    }
    items
        .chunks(ITEMS)
        .map(|items| {
            let breath = items.join("; ");
            if breath.ends_with(['.', '!', '?']) { breath } else { format!("{breath}.") }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_two_sentences_and_three_items_are_said_in_one_go() {
        let check = |text: &str, now: &str, rest: Option<&str>| {
            assert_eq!(portion(text), Portion { now: now.to_owned(), rest: rest.map(str::to_owned) }, "{text}");
        };
        check("It costs 349 euros.", "It costs 349 euros.", None);
        check("One. Two.", "One. Two.", None);
        check("One. Two. Three. Four.", "One. Two.", Some("Three. Four."));
        check("I know: a; b; c; d; e.", "I know: a; b; c. d; e.", None);
        check("Here: a; b; c; d; e; f; g.", "Here: a; b; c. d; e; f.", Some("g."));
        check("", "", None);
    }
}
