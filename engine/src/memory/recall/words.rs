//! What a message and a question have in common: stems in their languages, and ideas of the dictionary.

use std::collections::HashMap;

use super::block::Block;
use domain::lexicon::{self, Term, fold, stem, tokens};

/// Languages that have a stemmer and function words.
const KNOWN: [&str; 7] = ["en", "fr", "de", "es", "pt", "it", "nl"];
/// Function words of another language that it takes to leave the usual one: names and loans look like any language.
const CLEARLY: usize = 2;

/// Which language a message is in, where nobody says: what its function words say, else what the ones before were in.
#[derive(Debug, Clone)]
pub struct Languages {
    usual: &'static str,
}

impl Languages {
    /// Begins with the language that most of these texts are in.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = [0_usize; KNOWN.len()];
        for text in texts {
            for (count, hits) in counts.iter_mut().zip(hits(text)) {
                *count += hits;
            }
        }
        Self { usual: most(&counts).map_or(KNOWN[0], |(_, language)| language) }
    }

    /// Goes on with the language that a block ended in.
    pub(super) fn go_on_from(&mut self, block: &Block) {
        self.usual = block.languages.last().copied().unwrap_or(self.usual);
    }

    /// The language of the next text; `said` is what somebody already found out.
    pub fn next(&mut self, text: &str, said: Option<&str>) -> &'static str {
        if let Some(known) = said.and_then(|said| KNOWN.into_iter().find(|known| said.starts_with(known))) {
            self.usual = known;
            return known;
        }
        let counts = hits(text);
        let usual = KNOWN.iter().position(|known| *known == self.usual).map_or(0, |at| counts[at]);
        if let Some((count, language)) = most(&counts)
            && count >= usual + CLEARLY
        {
            self.usual = language;
        }
        self.usual
    }
}

/// A language of ours by its code.
pub(super) fn known(code: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|known| *known == code)
}

fn hits(text: &str) -> [usize; KNOWN.len()] {
    let words = tokens(text);
    KNOWN.map(|language| words.iter().filter(|word| lexicon::is_stop_word(&word.folded, language)).count())
}

fn most(counts: &[usize; KNOWN.len()]) -> Option<(usize, &'static str)> {
    counts.iter().copied().zip(KNOWN).filter(|(count, _)| *count > 0).rev().max_by_key(|(count, _)| *count)
}

/// The stems and ideas of a text, counted, and its length in words that carry a subject.
pub(super) fn counted(text: &str, language: &str) -> (HashMap<String, u32>, u32) {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut length = 0;
    for term in lexicon::terms(text, language) {
        if !is_letter(&term) {
            length += u32::from(!lexicon::is_stop_word(&term.token.folded, language));
            *counts.entry(term.stem.clone()).or_default() += 1;
        }
        for idea in ideas(&term) {
            *counts.entry(idea).or_default() += 1;
        }
    }
    (counts, length)
}

fn is_letter(term: &Term) -> bool {
    term.token.folded.chars().count() == 1 && !term.token.is_number()
}

/// Ideas go by their English name, because the lines of the dictionary move.
fn ideas(term: &Term) -> impl Iterator<Item = String> {
    term.concepts.iter().filter_map(|idea| lexicon::label(*idea, "en")).map(|label| format!("={label}"))
}

/// The parts of a name as texts are compared.
pub(super) fn name_parts(name: &str) -> Vec<String> {
    tokens(name).into_iter().map(|token| token.folded).filter(|part| part.chars().count() > 1).collect()
}

/// One thing asked for: the forms it may be found under, each with what it counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// As folded in the question.
    pub folded: String,
    /// Stems in the languages of the history, and ideas.
    pub forms: Vec<(String, f32)>,
    /// How many times it was said.
    pub times: f32,
}

/// What is asked of the history.
#[derive(Debug, Clone, Default)]
pub struct Question<'a> {
    /// In the asker's words, with what they answer when that is known.
    pub text: &'a str,
    /// Its language, when known.
    pub language: Option<&'a str>,
    /// Who is meant to have said it, as in [`super::Line::author`], when the question tells (`what did you promise?`).
    pub of: Option<&'a str>,
    /// Names of people who speak in this history besides its authors: here they say nothing.
    pub names: &'a [&'a str],
}

/// A word that mostly carries no subject.
const SMALL: f32 = 0.1;
/// A word of the same idea counts half.
const SAME_IDEA: f32 = 0.5;

/// The words of a question, without those that carry no subject; `languages` are those of the history.
pub(super) fn wanted(question: &Question<'_>, languages: &[&'static str]) -> Vec<Wanted> {
    let mut usual = Languages { usual: languages.first().copied().unwrap_or(KNOWN[0]) };
    let language = usual.next(question.text, question.language);
    let mut found: Vec<Wanted> = Vec::new();
    for term in lexicon::terms(question.text, language) {
        if is_letter(&term) {
            continue;
        }
        let carries = if lexicon::is_stop_word(&term.token.folded, language) { SMALL } else { 1.0 };
        let mut forms = vec![(term.stem.clone(), 1.0)];
        for other in languages.iter().filter(|other| **other != language) {
            forms.push((stem(&term.token.folded, other), 1.0));
        }
        forms.extend(ideas(&term).map(|idea| (idea, SAME_IDEA)));
        forms.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        forms.dedup_by(|later, kept| later.0 == kept.0);
        match found.iter_mut().find(|known| known.forms == forms) {
            Some(known) => known.times += carries,
            None => found.push(Wanted { folded: term.token.folded, forms, times: carries }),
        }
    }
    found
}

/// Is it a question, by its mark?
pub(super) fn asks(text: &str) -> bool {
    text.trim_end().ends_with(['?', '？', '؟'])
}

/// Does the question name this person?
pub(super) fn names(question: &str, name: &[String]) -> bool {
    tokens(question).iter().any(|token| name.contains(&token.folded))
}

/// Lower case without accents, for names of authors.
pub(super) fn folded(text: &str) -> String {
    fold(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_word_of_another_language_changes_nothing() {
        let mut languages = Languages::of(["How much is the delivery to Lyon?", "I would like it on Monday"].into_iter());
        assert_eq!(languages.next("Merci Sarah", None), "en");
        assert_eq!(languages.next("Je voudrais savoir quand elle est livrée chez moi", None), "fr");
        assert_eq!(languages.next("D'accord", None), "fr");
        assert_eq!(languages.next("Genau", Some("de-AT")), "de");
    }

    #[test]
    fn words_that_carry_no_subject_count_little() {
        let question = Question { text: "What did you say about the delivery of my chairs?", ..Question::default() };
        let words = wanted(&question, &["en"]);
        let counts = |wanted: &str| words.iter().find(|word| word.folded == wanted).map_or(0.0, |word| word.times);
        assert!(counts("delivery") >= 1.0 && counts("chairs") >= 1.0, "{words:?}");
        assert!(counts("what") <= SMALL && counts("of") <= SMALL, "{words:?}");
    }

    #[test]
    fn an_idea_is_found_in_another_language() {
        let (counts, _) = counted("Wann kommt meine Rückerstattung?", "de");
        let asked = wanted(&Question { text: "where is my refund", ..Question::default() }, &["de"]);
        assert!(asked.iter().flat_map(|word| &word.forms).any(|(form, _)| counts.contains_key(form)), "{counts:?} {asked:?}");
    }
}
