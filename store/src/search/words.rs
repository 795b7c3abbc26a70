//! Words of a text, the terms they are found by, and whether a text really says what was looked for.

use std::collections::BTreeSet;

use domain::lexicon::{stem, tokens};
use domain::ports::Stretch;

/// Lengths of the beginnings a word is found by; what follows is compared in the text itself.
const BEGINNINGS: [usize; 2] = [6, 4];
/// Most different terms of one message that are indexed.
const MOST_TERMS: usize = 4_096;
/// Words of a search that count.
const MOST_WORDS: usize = 12;
/// Letters of an excerpt, and how many of them stand before the first hit.
const EXCERPT: usize = 220;
const BEFORE: usize = 60;

/// A word in a text: as it is compared, and where it stands.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    folded: String,
    start: usize,
    end: usize,
}

/// Scripts that put no blanks between words: every letter is a word of its own.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for token in tokens(text) {
        let written = &text[token.start..token.end];
        if !written.chars().any(stands_alone) {
            words.push(Word { folded: token.folded, start: token.start, end: token.end });
            continue;
        }
        for (at, letter) in written.char_indices() {
            let start = token.start + at;
            words.push(Word { folded: letter.to_lowercase().to_string(), start, end: start + letter.len_utf8() });
        }
    }
    words
}

fn counts(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| stands_alone(first) || letters.next().is_some())
}

fn beginning(word: &str, length: usize) -> Option<&str> {
    let end = word.char_indices().nth(length - 1).map(|(at, letter)| at + letter.len_utf8())?;
    word.get(..end)
}

/// The terms under which a text is indexed.
pub(super) fn terms(text: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for word in words(text) {
        if !counts(&word.folded) {
            continue;
        }
        let mut begins = false;
        for length in BEGINNINGS {
            if let Some(beginning) = beginning(&word.folded, length) {
                terms.insert(beginning.to_owned());
                begins = true;
            }
        }
        if !begins {
            terms.insert(word.folded);
        }
        if terms.len() >= MOST_TERMS {
            break;
        }
    }
    terms
}

/// A search, ready to be compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Search {
    words: Vec<String>,
    /// The words stand in a row.
    in_a_row: bool,
}

impl Search {
    pub fn of(written: &str) -> Self {
        let trimmed = written.trim();
        let quoted = ['"', '“', '”', '«', '»', '„'];
        let in_a_row = trimmed.chars().count() > 2 && trimmed.starts_with(quoted) && trimmed.ends_with(quoted);
        let mut found: Vec<String> = words(trimmed).into_iter().map(|word| word.folded).collect();
        if !in_a_row {
            found.retain(|word| counts(word));
        }
        found.truncate(MOST_WORDS);
        Self { words: found, in_a_row }
    }

    /// One term for each word: every message that holds the words has all of them.
    pub fn terms(&self) -> BTreeSet<String> {
        let of =
            |word: &String| BEGINNINGS.into_iter().find_map(|length| beginning(word, length)).map_or_else(|| word.clone(), str::to_owned);
        self.words.iter().filter(|word| counts(word)).map(of).collect()
    }

    /// The message's words around the first hit; `None`: it does not say what was looked for.
    pub fn excerpt(&self, text: &str, language: Option<&str>) -> Option<Vec<Stretch>> {
        let said = words(text);
        let language = language.unwrap_or("en");
        let hits: Vec<usize> = if self.in_a_row {
            let rows = said.windows(self.words.len().max(1));
            let begin = rows.into_iter().position(|row| row.iter().zip(&self.words).all(|(said, wanted)| said.folded == *wanted))?;
            (begin..begin + self.words.len()).collect()
        } else {
            let mut hits = BTreeSet::new();
            for wanted in &self.words {
                let stemmed = stem(wanted, language);
                let before = hits.len();
                let same =
                    |said: &Word| is_form(&said.folded, wanted) || (stemmed.chars().count() > 3 && stem(&said.folded, language) == stemmed);
                let found: Vec<usize> = said.iter().enumerate().filter(|(_, said)| same(said)).map(|(at, _)| at).collect();
                if found.is_empty() {
                    return None;
                }
                hits.extend(found);
                debug_assert!(hits.len() >= before, "hits are only added");
            }
            hits.into_iter().collect()
        };
        let first = said.get(*hits.first()?)?.start;
        Some(stretches(text, first, hits.iter().filter_map(|at| said.get(*at)).map(|word| (word.start, word.end))))
    }
}

/// Short words must be whole ones unless they may still be being typed: from three letters on a beginning is enough.
fn is_form(said: &str, wanted: &str) -> bool {
    // The index finds words of up to three letters as they are, and longer ones by their first four.
    if wanted.chars().count() < BEGINNINGS[1] { said == wanted } else { said.starts_with(wanted) }
}

fn stretches(text: &str, first: usize, hits: impl Iterator<Item = (usize, usize)>) -> Vec<Stretch> {
    let begin = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    // From the beginning of a word on.
    let begin = if begin == 0 { 0 } else { text[begin..first].find(char::is_whitespace).map_or(begin, |at| begin + at + 1).min(first) };
    let end = text[begin..].char_indices().nth(EXCERPT).map_or(text.len(), |(at, _)| begin + at);
    let mut all: Vec<Stretch> = Vec::new();
    let mut add = |text: String, hit: bool| {
        if !text.is_empty() {
            all.push(Stretch { text, hit });
        }
    };
    let mut at = begin;
    let opening = if begin > 0 { "…" } else { "" };
    let mut before = opening.to_owned();
    for (start, stop) in hits.filter(|(start, stop)| *start >= begin && *stop <= end) {
        before.push_str(&text[at..start]);
        add(std::mem::take(&mut before), false);
        add(text[start..stop].to_owned(), true);
        at = stop;
    }
    before.push_str(&text[at..end]);
    if end < text.len() {
        before.push('…');
    }
    add(before, false);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, wanted: &str, found: bool) {
        let search = Search::of(wanted);
        let terms = terms(said);
        let reached = !search.terms().is_empty() && search.terms().is_subset(&terms);
        let shown = search.excerpt(said, Some("en"));
        assert_eq!(reached && shown.is_some(), found, "{wanted:?} in {said:?}: {:?} of {terms:?}", search.terms());
        if let Some(shown) = shown.filter(|_| reached) {
            assert!(shown.iter().any(|stretch| stretch.hit));
        }
    }

    #[test]
    fn words_are_found_by_their_beginning_in_other_forms_and_without_accents() {
        check("When will the delivery of my chair arrive?", "delivery chair", true);
        check("When will the delivery of my chair arrive?", "deliv", true);
        check("When will the delivery of my chair arrive?", "deliveries", true);
        check("When will the delivery of my chair arrive?", "chair sofa", false);
        check("Où est ma réservation ?", "reservation", true);
        check("My order is A-1042.", "A-1042", true);
        check("My order is A-1042.", "1043", false);
        check("It was EUR 2,400 in all", "2400", true);
        check("ok", "ok", true);
        check("okay then", "ok", false);
        check("warranty", "warn", false);
        check("Write to anna@studio.example", "anna@studio.example", true);
        check("予約を変更したい", "変更", true);
        check("予約を変更したい", "配達", false);
        check("anything", "", false);
        check("a b c", "a", false);
    }

    #[test]
    fn words_in_quotation_marks_stand_in_a_row() {
        check("the chair is blue", "\"chair is blue\"", true);
        check("the chair is not blue", "\"chair is blue\"", false);
        check("blue is the chair", "\"the chair\"", true);
    }

    #[test]
    fn an_excerpt_shows_the_words_around_the_hit() {
        let long = format!("{} the Aria chair creaks {}", "before ".repeat(60), "after ".repeat(60));
        let shown = Search::of("aria").excerpt(&long, None).expect("it is there");
        assert!(shown[0].text.starts_with('…') && shown[0].text.ends_with("the "));
        assert_eq!(shown[1], Stretch { text: "Aria".to_owned(), hit: true });
        assert!(shown[2].text.starts_with(" chair creaks") && shown[2].text.ends_with('…'));
        let letters: usize = shown.iter().map(|stretch| stretch.text.chars().count()).sum();
        assert!(letters <= EXCERPT + 2);
        let umlauts = "ä".repeat(500);
        assert!(Search::of("ärger").excerpt(&format!("{umlauts} Ärger {umlauts}"), None).is_some());
    }
}
