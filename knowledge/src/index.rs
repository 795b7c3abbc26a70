//! The search over passages: BM25 with boosted headings, names and questions, ideas of the dictionary and mistyped words.

use std::collections::HashMap;

use domain::knowledge::{Passage, Question};

use crate::passages::cells;
use domain::lexicon::{Concept, Term, cognate, mistyped, stem, terms};

const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.45;
/// A word of the same idea counts half; across languages it is all there is.
const SAME_IDEA: f32 = 0.5;
const OTHER_LANGUAGE: f32 = 0.9;
const LIKE: f32 = 0.7;

/// An immutable index; a sync builds another one.
#[derive(Debug, Default)]
pub struct Index {
    passages: Vec<Passage>,
    lengths: Vec<f32>,
    average: f32,
    stems: HashMap<String, Vec<(u32, f32)>>,
    ideas: HashMap<Concept, Vec<(u32, f32)>>,
    /// Words as written, by their first two letters, for mistyped ones: word and stem.
    words: HashMap<[u8; 2], Vec<(String, String)>>,
}

impl Index {
    /// Builds the index.
    pub fn build(passages: Vec<Passage>) -> Self {
        let mut index = Self::default();
        for (number, passage) in passages.iter().enumerate() {
            index.enter(number as u32, passage);
        }
        index.average = if passages.is_empty() { 1.0 } else { index.lengths.iter().sum::<f32>() / passages.len() as f32 };
        for words in index.words.values_mut() {
            words.sort_unstable();
            words.dedup();
        }
        index.passages = passages;
        index
    }

    /// All of them.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// How many passages it holds.
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    /// Nothing to find?
    pub fn is_empty(&self) -> bool {
        self.passages.is_empty()
    }

    fn enter(&mut self, number: u32, passage: &Passage) {
        let mut stems: HashMap<String, f32> = HashMap::new();
        let mut ideas: HashMap<Concept, f32> = HashMap::new();
        let mut length = 0.0;
        for (field, boost) in fields(passage) {
            let told = terms(field, &passage.language);
            // "Hand-over" is found by "handover".
            for pair in told.windows(2).filter(|pair| pair[0].token.hyphen && !pair[0].token.is_number()) {
                let joined = format!("{}{}", pair[0].token.folded, pair[1].token.folded);
                *stems.entry(stem(&joined, &passage.language)).or_default() += boost;
            }
            for term in told {
                length += term.weight;
                if term.weight > 0.0 {
                    *stems.entry(term.stem.clone()).or_default() += boost;
                    if term.token.folded.len() >= 4 && term.token.folded.is_char_boundary(2) {
                        let begin = [term.token.folded.as_bytes()[0], term.token.folded.as_bytes()[1]];
                        self.words.entry(begin).or_default().push((term.token.folded.clone(), term.stem.clone()));
                    }
                    if let Some(split) = term.token.folded.find(':').filter(|_| term.token.is_number()) {
                        *stems.entry(term.token.folded[..split].to_owned()).or_default() += boost * 0.5;
                    }
                }
                for idea in term.concepts {
                    *ideas.entry(idea).or_default() += boost;
                }
            }
        }
        self.lengths.push(length);
        for (stem, weight) in stems {
            self.stems.entry(stem).or_default().push((number, weight));
        }
        for (idea, weight) in ideas {
            self.ideas.entry(idea).or_default().push((number, weight));
        }
    }

    /// The best passages for a question, best first.
    pub fn search(&self, question: &Question, limit: usize) -> Vec<Passage> {
        if self.passages.is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut scores = vec![0.0_f32; self.passages.len()];
        let language = if question.language.is_empty() { "en" } else { question.language.as_str() };
        let asked = terms(&question.text, language);
        self.add(&asked, language, 1.0, &mut scores);
        if asked.iter().map(|term| term.weight).sum::<f32>() < 1.6 {
            for before in question.before.iter().rev().take(2) {
                self.add(&terms(before, language), language, 0.35, &mut scores);
            }
            if let Some(topic) = question.topics.last() {
                self.add(&terms(topic, language), language, 0.5, &mut scores);
            }
        }
        let mut found: Vec<(usize, f32)> = scores.into_iter().enumerate().filter(|(_, score)| *score > 0.0).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.into_iter().take(limit).map(|(number, score)| Passage { score, ..self.passages[number].clone() }).collect()
    }

    fn add(&self, asked: &[Term], language: &str, factor: f32, scores: &mut [f32]) {
        let mut best: HashMap<u32, f32> = HashMap::new();
        for term in asked {
            if term.weight <= 0.0 && !term.phrase {
                continue;
            }
            best.clear();
            let ideas = if language == "en" { SAME_IDEA } else { OTHER_LANGUAGE };
            let known =
                self.credit(self.stems.get(&term.stem), 1.0, &mut best) | self.credit(self.stems.get(&term.token.folded), 1.0, &mut best);
            let mut meant = false;
            for idea in &term.concepts {
                meant |= self.credit(self.ideas.get(idea), ideas, &mut best);
            }
            for place in &term.places {
                self.credit(self.ideas.get(place), SAME_IDEA, &mut best);
            }
            if !known && !meant && !term.token.is_number() {
                self.guess(term, language, &mut best);
            }
            for (number, score) in &best {
                scores[*number as usize] += score * term.weight * factor;
            }
        }
    }

    fn guess(&self, term: &Term, language: &str, best: &mut HashMap<u32, f32>) {
        let word = term.token.folded.as_str();
        if word.len() < 5 || !word.is_char_boundary(2) {
            return;
        }
        let Some(candidates) = self.words.get(&[word.as_bytes()[0], word.as_bytes()[1]]) else { return };
        for (known, stem) in candidates {
            if mistyped(word, known) || language != "en" && cognate(word, known) {
                self.credit(self.stems.get(stem), LIKE, best);
            }
        }
    }

    fn credit(&self, postings: Option<&Vec<(u32, f32)>>, weight: f32, best: &mut HashMap<u32, f32>) -> bool {
        let Some(postings) = postings else { return false };
        let all = self.passages.len() as f32;
        let rarity = (1.0 + (all - postings.len() as f32 + 0.5) / (postings.len() as f32 + 0.5)).ln();
        for (number, count) in postings {
            let length = 1.0 - LENGTH + LENGTH * self.lengths[*number as usize] / self.average.max(1.0);
            let score = weight * rarity * count * (SATURATION + 1.0) / (count + SATURATION * length);
            let slot = best.entry(*number).or_default();
            *slot = slot.max(score);
        }
        true
    }
}

/// The texts of a passage with what they count: the last heading, what leads to it, names, questions, the rest.
fn fields(passage: &Passage) -> Vec<(&str, f32)> {
    let (above, last) = passage.heading.rsplit_once(" › ").unwrap_or(("", &passage.heading));
    let mut fields = vec![(above, 0.5), (last, 1.1)];
    if let Some(cells) = cells(&passage.text) {
        for (place, (name, value)) in cells.into_iter().enumerate() {
            fields.push((name, 0.5));
            fields.push((value, if place == 0 { 1.8 } else { 1.0 }));
        }
    } else if let Some((question, answer)) = passage.text.strip_prefix("Q: ").and_then(|text| text.split_once("\nA: ")) {
        fields.push((question, 1.4));
        fields.push((answer, 1.0));
    } else {
        fields.push((&passage.text, 1.0));
    }
    fields
}
