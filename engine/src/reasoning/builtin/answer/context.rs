//! What a question leaves out: names of the catalogue in it, and what the sentences before it were about.

use domain::knowledge::Question;

use super::matching::names_a_place;
use super::reading::{self, Reading, Wanted, points_back};
use domain::lexicon::{Term, concept, is_calendar, is_stop_word, mistyped, terms};

/// A name of the catalogue with its words.
pub struct Name<'a> {
    /// In catalogue spelling.
    pub text: &'a str,
    words: Vec<Term>,
}

impl Name<'_> {
    /// "With Dr Byrne", "chez Martin": named beside the matter, not as the matter.
    fn is_beside(&self, words: &[Term]) -> bool {
        const BESIDE: [&str; 12] = ["with", "by", "at", "near", "mit", "bei", "von", "avec", "chez", "par", "con", "com"];
        const TITLES: [&str; 14] = ["dr", "dr.", "mr", "mrs", "ms", "doctor", "herr", "frau", "m", "mme", "docteur", "sr", "sra", "the"];
        let first = words.iter().position(|said| self.words.iter().any(|word| alike(said, word)));
        let ahead = first.and_then(|first| words[..first].iter().rev().find(|said| !TITLES.contains(&said.token.folded.as_str())));
        ahead.is_some_and(|said| BESIDE.contains(&said.token.folded.as_str()))
    }

    /// Does a text hold one of its telling words?
    pub fn stands_in(&self, words: &[Term]) -> bool {
        let telling = self.words.iter().filter(|word| word.weight >= 1.0 || self.words.len() == 1);
        telling.into_iter().any(|word| words.iter().any(|said| alike(said, word)))
    }
}

/// The names, ready to be found in questions.
pub fn names(names: &[String]) -> Vec<Name<'_>> {
    names.iter().map(|text| Name { text, words: terms(text, "en") }).collect()
}

/// Names that stand in a text: in full, or by a word no other name has and no dictionary knows.
pub fn named<'a>(words: &[Term], names: &'a [Name<'a>]) -> Vec<&'a Name<'a>> {
    let mut found: Vec<&Name<'_>> = Vec::new();
    for name in names {
        let content: Vec<&Term> = name.words.iter().filter(|word| word.weight > 0.0 || name.words.len() <= 2).collect();
        if !content.is_empty() && content.iter().all(|word| words.iter().any(|said| alike(said, word))) && is_meant(name, words) {
            found.push(name);
        }
    }
    if found.is_empty() {
        for name in names {
            let telling = name.words.iter().any(|word| {
                is_telling(word)
                    && words.iter().any(|said| said.weight >= 1.0 && alike(said, word))
                    && names.iter().filter(|other| other.words.iter().any(|shared| shared.token.folded == word.token.folded)).count() <= 2
            });
            if telling {
                found.push(name);
            }
        }
    }
    found
}

/// A plan called "Team" is meant by "Team" and by "team plan", not by every team.
fn is_meant(name: &Name<'_>, words: &[Term]) -> bool {
    let [only] = name.words.as_slice() else { return true };
    if only.concepts.is_empty() && only.weight >= 1.0 {
        return true;
    }
    let plan = concept("plan");
    words.iter().enumerate().filter(|(_, said)| alike(said, only)).any(|(place, said)| {
        let beside = [place.checked_sub(1), Some(place + 1)].into_iter().flatten().filter_map(|at| words.get(at));
        said.token.capital && !said.token.opening || beside.into_iter().any(|term| plan.is_some_and(|plan| term.concepts.contains(&plan)))
    })
}

fn is_telling(word: &Term) -> bool {
    word.concepts.is_empty() && word.token.folded.len() >= 3 && word.weight >= 1.0
}

fn alike(said: &Term, word: &Term) -> bool {
    let (short, long) = if said.token.folded.len() <= word.token.folded.len() {
        (&said.token.folded, &word.token.folded)
    } else {
        (&word.token.folded, &said.token.folded)
    };
    let doubled = short.len() >= 4 && long.len() == short.len() + 1 && long.starts_with(short.as_str());
    doubled
        || said.token.folded == word.token.folded
        || said.stem == word.stem && said.token.folded.len() > 3
        || word.concepts.is_empty() && mistyped(&said.token.folded, &word.token.folded)
}

/// Marks the words of names, and takes over what an elliptic question leaves out.
/// Returns the names that the question is about.
pub fn resolve<'a>(question: &Question, reading: &mut Reading, names: &'a [Name<'a>]) -> Vec<&'a Name<'a>> {
    let words = terms(&reading.text, &reading.language);
    let mut about = named(&words, names);
    mark(reading, &about);
    // A plan called "Team" has a name that counts for nothing elsewhere.
    for name in &about {
        if !reading.wanted.iter().any(|wanted| name.words.iter().any(|word| alike(&wanted.term, word))) {
            inherit(reading, name.text, "", true);
        }
    }
    let before: Vec<&String> = question.before.iter().rev().take(6).collect();
    where_to(reading, &before);
    if before.is_empty() && question.topics.is_empty() || !points_back(&reading.text, &reading.language) {
        return about;
    }
    // "And the 160?": a figure that only one name has.
    if about.is_empty() {
        let figures: Vec<&Name<'_>> = names
            .iter()
            .filter(|name| {
                name.words.iter().any(|word| word.token.is_number() && words.iter().any(|said| said.token.folded == word.token.folded))
            })
            .collect();
        if figures.len() == 1 {
            about.clone_from(&figures);
            mark(reading, &about);
        }
    }
    let own_predicate: f32 = reading.wanted.iter().filter(|wanted| !wanted.named).map(|wanted| wanted.weight).sum();
    let several = super::figures::says(
        &reading.text.to_lowercase(),
        r"\b(?:them|those|both|these|the two|either|ils|elles|ceux|les deux|beide\w*|ambos|ambas)\b",
    );
    let is_named_here = !about.is_empty();
    if about.is_empty() {
        let mut earlier: Vec<&Name<'_>> = Vec::new();
        for text in &before {
            let said = terms(text, &reading.language);
            for name in named(&said, names).into_iter().filter(|name| !name.is_beside(&said)) {
                if !earlier.iter().any(|known| known.text == name.text) {
                    earlier.push(name);
                }
            }
            if !earlier.is_empty() && !several {
                break;
            }
        }
        let topics: Vec<String> = if earlier.is_empty() { question.topics.iter().rev().take(1).cloned().collect() } else { Vec::new() };
        if earlier.len() > 1 && !several {
            // Several things share the word that was said: the word is taken over, not their names.
            let said: Vec<Term> = before.first().map(|text| terms(text, &reading.language)).unwrap_or_default();
            let shared = |word: &Term| earlier.iter().all(|name| name.words.iter().any(|other| other.stem == word.stem));
            let words =
                earlier[0].words.iter().filter(|word| word.weight > 0.0 && shared(word) && said.iter().any(|told| alike(told, word)));
            for word in words.cloned().collect::<Vec<_>>() {
                take(reading, word, 0.7, true);
            }
        } else {
            for text in earlier.iter().map(|name| name.text).chain(topics.iter().map(String::as_str)) {
                inherit(reading, text, "en", true);
            }
        }
        about = earlier;
    }
    if own_predicate < 0.9 && reading.asks.is_empty() {
        // The question before this one: the newest sentence that asks.
        let earlier = before.iter().find(|text| text.contains('?')).or_else(|| before.last());
        if let Some(text) = earlier {
            let previous = reading::read(&Question { text: (*text).clone(), language: reading.language.clone(), ..Question::default() });
            let named_before: Vec<Term> =
                named(&terms(text, &reading.language), names).iter().flat_map(|name| name.words.clone()).collect();
            for wanted in previous.wanted {
                if !named_before.iter().any(|word| alike(&wanted.term, word)) {
                    take(reading, wanted.term, wanted.weight * 0.8, false);
                }
            }
            reading.asks = previous.asks;
            reading.which |= previous.which;
        }
    } else if own_predicate < 0.5 && !is_named_here {
        // "How long does it take?" after "I have an appointment for …": what it is about was told, not asked.
        if let Some(text) = before.first() {
            let said = terms(text, &reading.language);
            let beside: Vec<Term> =
                named(&said, names).into_iter().filter(|name| name.is_beside(&said)).flat_map(|name| name.words.clone()).collect();
            for term in said.into_iter().filter(|term| !beside.iter().any(|word| alike(term, word))) {
                if term.weight >= 0.5 && !term.token.is_number() && !term.concepts.iter().any(|idea| is_calendar(*idea)) {
                    take(reading, term, 0.5, false);
                }
            }
        }
    } else if reading.asks.is_empty()
        && own_predicate < 2.6
        && super::figures::says(&reading.text.to_lowercase(), r"^(?:and|et|und|y|what about|how about|or)\b")
        && !reading.yes_no
    {
        // "And sealing the back teeth?" after a price: whatever kind of fact was asked for, if the source has it.
        reading.which = false;
    }
    about
}

/// A question about delivery that names no place means the one that was named before.
fn where_to(reading: &mut Reading, before: &[&String]) {
    let delivers = |term: &Term| concept("deliver").is_some_and(|idea| term.concepts.contains(&idea));
    let named = reading.wanted.iter().any(|wanted| names_a_place(&wanted.term));
    if named || !reading.wanted.iter().any(|wanted| delivers(&wanted.term)) {
        return;
    }
    for text in before {
        let told = terms(text, &reading.language);
        if let Some(place) = told.iter().find(|term| names_a_place(term) && term.token.capital) {
            take(reading, place.clone(), 0.7, false);
            return;
        }
    }
}

fn inherit(reading: &mut Reading, text: &str, language: &str, named: bool) {
    for term in terms(text, language) {
        if term.weight > 0.0 && !is_stop_word(&term.token.folded, language) {
            take(reading, term, 0.7, named);
        }
    }
}

fn take(reading: &mut Reading, term: Term, weight: f32, named: bool) {
    if !reading.wanted.iter().any(|known| known.term.stem == term.stem) {
        reading.wanted.push(Wanted { term, weight, inherited: true, unknown: false, named });
    }
}

fn mark(reading: &mut Reading, about: &[&Name<'_>]) {
    for wanted in &mut reading.wanted {
        let part = about.iter().any(|name| name.words.iter().any(|word| alike(&wanted.term, word)));
        if part {
            wanted.named = true;
            wanted.weight = wanted.weight.max(0.6);
        }
    }
}

/// Does a text name something of the catalogue, but nothing that the question is about?
pub fn is_about_another(words: &[Term], names: &[Name<'_>], about: &[&Name<'_>]) -> bool {
    if about.is_empty() {
        return false;
    }
    let mut other = false;
    for name in names {
        let content: Vec<&Term> = name.words.iter().filter(|word| word.weight > 0.0).collect();
        if content.is_empty() || !content.iter().all(|word| words.iter().any(|said| said.token.folded == word.token.folded)) {
            continue;
        }
        if about.iter().any(|known| known.text == name.text) {
            return false;
        }
        other = true;
    }
    other
}
