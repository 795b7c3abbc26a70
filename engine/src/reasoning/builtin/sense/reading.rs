//! A message read once: sentences, labels, sums and names, shared by every detector.

use super::Sensing;
use super::amounts::{Amount, amounts};
use super::lexicon::{self, Lexicon, Marked, Match};
use super::sentences::{self, Sentence};

/// A message read in one language.
pub struct Part {
    /// The lexicon it was read with.
    pub lexicon: &'static Lexicon,
    /// Its sentences with labels.
    pub marked: Vec<Marked>,
    /// The sums of each sentence.
    pub amounts: Vec<Vec<Amount>>,
    /// The patterns that hold in each sentence.
    pub hits: Vec<Vec<Match<'static>>>,
}

/// A message read.
pub struct Reading<'a> {
    /// As written.
    pub text: &'a str,
    /// What is known around it.
    pub sensing: &'a Sensing<'a>,
    /// Once per language that its words belong to.
    pub parts: Vec<Part>,
    /// Is money spoken of, here or in what we said last?
    pub speaks_of_money: bool,
}

/// Where evidence was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Which part.
    pub part: usize,
    /// Which sentence of it.
    pub sentence: usize,
    /// First word.
    pub from: usize,
}

impl<'a> Reading<'a> {
    /// Reads a message.
    pub fn new(text: &'a str, sensing: &'a Sensing<'a>) -> Self {
        let mut parts: Vec<Part> =
            lexicon::for_text(text, sensing.language).into_iter().map(|lexicon| read_part(text, lexicon, sensing)).collect();
        let has_amount = |parts: &[Part]| {
            parts.iter().any(|part| part.amounts.iter().flatten().any(|amount| amount.has_currency || amount.value >= 50.0))
        };
        let has_price_word = |text: &str, lexicon: &Lexicon| {
            sentences::fold(text)
                .split(|sign: char| !sign.is_alphanumeric())
                .any(|word| !word.is_empty() && lexicon.is(word, "speaks_price"))
        };
        let speaks_of_money = has_amount(&parts)
            || parts.iter().any(|part| has_price_word(text, part.lexicon))
            || sensing.last_ours.is_some_and(|ours| {
                parts.iter().any(|part| {
                    has_price_word(ours, part.lexicon)
                        || sentences::read(ours, part.lexicon.language)
                            .iter()
                            .any(|sentence| amounts(sentence, part.lexicon.language).iter().any(|amount| amount.has_currency))
                })
            });
        for part in &mut parts {
            let lexicon = part.lexicon;
            part.hits = part.marked.iter().map(|marked| lexicon.matches(marked, speaks_of_money)).collect();
        }
        Self { text, sensing, parts, speaks_of_money }
    }

    /// Places where a pattern of the group holds, in order.
    pub fn places(&self, group: &str) -> Vec<Place> {
        let mut found = Vec::new();
        for (part, read) in self.parts.iter().enumerate() {
            for (sentence, hits) in read.hits.iter().enumerate() {
                found.extend(hits.iter().filter(|hit| hit.group == group).map(|hit| Place { part, sentence, from: hit.from }));
            }
        }
        found
    }

    /// Does a pattern of the group hold anywhere?
    pub fn holds(&self, group: &str) -> bool {
        !self.places(group).is_empty()
    }

    /// Places of `rule.kind` in sentences without a `rule.stops`; `rule.ours` lifts a stop of its sentence.
    pub fn evidence(&self, rule: &str, kind: &str) -> Vec<Place> {
        let lifts = self.places(&format!("{rule}.ours"));
        let mut stops = self.places(&format!("{rule}.stops"));
        stops.retain(|stop| !lifts.iter().any(|lift| lift.part == stop.part && lift.sentence == stop.sentence));
        self.places(&format!("{rule}.{kind}"))
            .into_iter()
            .filter(|place| !stops.iter().any(|stop| stop.part == place.part && stop.sentence == place.sentence))
            .collect()
    }

    /// The sentence of a place, as written.
    pub fn quote(&self, place: Place) -> String {
        let sentence = self.sentence(place);
        self.text[sentence.start..sentence.end].to_owned()
    }

    /// The sentence of a place.
    pub fn sentence(&self, place: Place) -> &Sentence {
        &self.parts[place.part].marked[place.sentence].sentence
    }
}

fn read_part(text: &str, lexicon: &'static Lexicon, sensing: &Sensing<'_>) -> Part {
    let mut marked = Vec::new();
    let mut sums = Vec::new();
    for sentence in sentences::read(text, lexicon.language) {
        let found = amounts(&sentence, lexicon.language);
        let mut computed: Vec<(&str, usize, usize)> = found.iter().map(|amount| ("money", amount.from, amount.to - amount.from)).collect();
        computed.extend(
            found.iter().filter(|amount| amount.has_currency).flat_map(|amount| (amount.from + 1..amount.to).map(|at| ("number", at, 1))),
        );
        computed.extend(
            super::alarms::human::names_of(sensing.teammates, &sentence).into_iter().map(|(from, length)| ("teammate", from, length)),
        );
        computed.extend(
            super::alarms::competitor::names_in(sensing.competitors, &sentence, lexicon)
                .into_iter()
                .map(|(from, length)| ("competitor", from, length)),
        );
        computed.extend(sentence.words.iter().enumerate().filter(|(_, word)| word.text.contains('@')).map(|(at, _)| ("address", at, 1)));
        marked.push(lexicon.mark(sentence, &computed));
        sums.push(found);
    }
    Part { lexicon, marked, amounts: sums, hits: Vec::new() }
}
