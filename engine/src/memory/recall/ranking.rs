//! Which messages answer a question, best first.
//!
//! Each scorer is brought to 0..1 over the history before the scores are added: reciprocal ranks would let a weak scorer
//! drag a strong one down. What each part is worth was measured on long conversations of others, and neighbouring values
//! do as well; nothing here knows any word of them.

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;

use super::Question;
use super::block::{Block, Entry};
use super::words::{self, Wanted};
use domain::lexicon::mistyped;

/// BM25: how soon a word said again stops counting.
const SATURATION: f32 = 1.2;
/// BM25: messages are short, so that their length says little.
const LENGTH: f32 = 0.4;
/// The window of a message reaches this far; a neighbour counts by its distance.
const REACH: usize = 4;
/// Messages further apart than this are not about the same thing.
const PAUSE: Duration = Duration::from_hours(24);
/// What the window is worth beside the message itself.
const WINDOW: f32 = 1.0;
/// Said by whom the question is about.
const AUTHOR: f32 = 0.3;
/// What answers a question that matches: yes, next Friday.
const ANSWER: f32 = 0.3;
/// A word that nobody ever wrote, for one that looks like it.
const LIKE: f32 = 0.7;
/// What likeness of meaning is worth, where there are vectors.
const LIKENESS: f32 = 1.5;
/// From this share of a question on, words are trusted as far as vectors.
const ENOUGH_WORDS: f32 = 0.5;
/// How much of a neighbour's likeness a message shares.
const NEIGHBOUR: f32 = 0.25;

/// A message that may answer the question.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// As in [`super::Line::id`].
    pub id: u128,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it, in small letters.
    pub author: String,
    /// Names the message said before it in the same stretch, and the one after.
    pub around: [Option<u128>; 2],
    /// Higher is better; to be compared within one question only.
    pub score: f32,
    /// How much of the question's weight the message and its window hold, 0..1; to be compared over questions.
    pub covered: f32,
    /// How near its meaning is to the question's, where there are vectors; to be compared over questions.
    pub near: Option<f32>,
}

/// Everything said, in order.
struct History<'a> {
    blocks: &'a [&'a Block],
    entries: Vec<Entry>,
    /// Which block an entry is in.
    home: Vec<u32>,
    /// Where the entries of a block are in the order.
    places: Vec<Vec<u32>>,
    /// Counted up after each pause.
    stretch: Vec<u32>,
}

impl<'a> History<'a> {
    fn of(blocks: &'a [&'a Block]) -> Self {
        let mut order: Vec<(i64, u32, u32)> = Vec::with_capacity(blocks.iter().map(|block| block.len()).sum());
        for (home, block) in blocks.iter().enumerate() {
            order.extend(block.entries.iter().enumerate().map(|(place, entry)| (entry.seq, home as u32, place as u32)));
        }
        order.sort();
        let mut places: Vec<Vec<u32>> = blocks.iter().map(|block| vec![0; block.len()]).collect();
        let (mut entries, mut home, mut stretch): (Vec<Entry>, Vec<u32>, Vec<u32>) = Default::default();
        for (at, (_, block, place)) in order.into_iter().enumerate() {
            let entry = blocks[block as usize].entries[place as usize];
            places[block as usize][place as usize] = at as u32;
            let before = entries.last().map_or(entry.at, |before| before.at);
            let goes_on = entry.at.since(before).max(before.since(entry.at)) <= PAUSE;
            stretch.push(stretch.last().map_or(0, |last| if goes_on { *last } else { last + 1 }));
            entries.push(entry);
            home.push(block);
        }
        Self { blocks, entries, home, places, stretch }
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries around one in its stretch, with their distance.
    fn around(&self, at: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let first = at.saturating_sub(REACH);
        let last = (at + REACH).min(self.len().saturating_sub(1));
        (first..=last).filter(move |other| self.stretch[*other] == self.stretch[at]).map(move |other| (other, other.abs_diff(at)))
    }

    fn author(&self, at: usize) -> &str {
        let block = self.blocks[self.home[at] as usize];
        &block.authors[usize::from(self.entries[at].author)]
    }

    /// The neighbour in the same stretch, before or after.
    fn next_to(&self, at: usize, other: Option<usize>) -> Option<usize> {
        other.filter(|other| *other < self.len() && self.stretch[*other] == self.stretch[at])
    }

    /// The languages spoken, the last one first.
    fn languages(&self) -> Vec<&'static str> {
        let mut newest: Vec<&&Block> = self.blocks.iter().collect();
        newest.sort_by_key(|block| std::cmp::Reverse(block.last_seq()));
        let mut found = Vec::new();
        for language in newest.iter().flat_map(|block| block.languages.iter().rev()) {
            if !found.contains(language) {
                found.push(*language);
            }
        }
        found
    }
}

/// A sum per entry that knows which entries it touched.
struct Sums {
    values: Vec<f32>,
    touched: Vec<u32>,
}

impl Sums {
    fn new(length: usize) -> Self {
        Self { values: vec![0.0; length], touched: Vec::new() }
    }

    fn raise(&mut self, at: usize, to: f32) {
        if self.values[at] == 0.0 {
            self.touched.push(at as u32);
        }
        self.values[at] = self.values[at].max(to);
    }

    fn add(&mut self, at: usize, value: f32) {
        if self.values[at] == 0.0 {
            self.touched.push(at as u32);
        }
        self.values[at] += value;
    }

    fn clear(&mut self) {
        for at in self.touched.drain(..) {
            self.values[at as usize] = 0.0;
        }
    }
}

/// One scorer of BM25: lengths, and what it found so far.
struct Scorer {
    lengths: Vec<f32>,
    average: f32,
    scores: Vec<f32>,
    /// What a message holds of the question's weight, however often.
    held: Vec<f32>,
    /// The question's whole weight.
    most: f32,
}

impl Scorer {
    fn new(lengths: Vec<f32>) -> Self {
        let average = (lengths.iter().sum::<f32>() / lengths.len().max(1) as f32).max(1.0);
        Self { scores: vec![0.0; lengths.len()], held: vec![0.0; lengths.len()], lengths, average, most: 0.0 }
    }

    fn add(&mut self, found: &Sums, times: f32) {
        let (all, holding) = (self.lengths.len() as f32, found.touched.len() as f32);
        // A word that nobody said weighs as much as one said once.
        let holding = holding.max(1.0);
        let rarity = times * (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln();
        self.most += rarity;
        for at in found.touched.iter().map(|at| *at as usize) {
            let often = found.values[at];
            let long = 1.0 - LENGTH + LENGTH * self.lengths[at] / self.average;
            self.held[at] += rarity * often.min(1.0);
            self.scores[at] += rarity * often * (SATURATION + 1.0) / (often + SATURATION * long);
        }
    }
}

/// The messages that may answer the question, best first; the blocks may come in any order.
///
/// `likeness` holds how near each message's meaning is to the question's, where there are vectors; messages without one
/// are compared by words.
pub fn rank(blocks: &[&Block], question: &Question<'_>, likeness: Option<&HashMap<u128, f32>>, limit: usize) -> Vec<Hit> {
    let history = History::of(blocks);
    if history.len() == 0 || limit == 0 {
        return Vec::new();
    }
    let by_author = meant_authors(&history, question);
    let asked = without_names(words::wanted(question, &history.languages()), &history, question.names);
    let (message, window) = score_words(&history, &asked);

    let own = share_of_best(&message.scores);
    let wide = share_of_best(&window.scores);
    let near = likeness.map(|known| spread(&shared_likeness(&history, known)));
    // Where the words find next to nothing of the question, the best of them is no match for a meaning.
    let trust = if near.is_some() { (best_share(&message) / ENOUGH_WORDS).min(1.0) } else { 1.0 };
    let mut hits: Vec<(usize, f32)> = Vec::new();
    for at in 0..history.len() {
        let mut score = trust * (own[at] + WINDOW * wide[at]) + near.as_ref().map_or(0.0, |near| LIKENESS * near[at]);
        if score <= 0.0 {
            continue;
        }
        if let Some(before) = history.next_to(at, at.checked_sub(1))
            && history.entries[before].asks
            && history.author(before) != history.author(at)
        {
            score += ANSWER * own[before];
        }
        if by_author.get(history.author(at)).is_some_and(|meant| *meant) {
            score += AUTHOR;
        }
        hits.push((at, score));
    }
    let best_first = |a: &(usize, f32), b: &(usize, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
    if hits.len() > limit {
        hits.select_nth_unstable_by(limit - 1, best_first);
        hits.truncate(limit);
    }
    hits.sort_unstable_by(best_first);
    let id = |at: usize| history.entries[at].id;
    let hit = |(at, score): (usize, f32)| Hit {
        id: id(at),
        at: history.entries[at].at,
        author: history.author(at).to_owned(),
        around: [history.next_to(at, at.checked_sub(1)).map(id), history.next_to(at, Some(at + 1)).map(id)],
        score,
        covered: window.held[at] / window.most.max(f32::EPSILON),
        near: likeness.and_then(|known| known.get(&id(at)).copied()),
    };
    hits.into_iter().map(hit).collect()
}

/// Which authors the question is about.
fn meant_authors(history: &History<'_>, question: &Question<'_>) -> HashMap<String, bool> {
    let of = question.of.map(words::folded);
    let mut found = HashMap::new();
    for author in history.blocks.iter().flat_map(|block| &block.authors) {
        if !found.contains_key(author) {
            let is_meant = of.as_ref() == Some(author) || words::names(question.text, &words::name_parts(author));
            found.insert(author.clone(), is_meant);
        }
    }
    found
}

/// Within one history the names of those who speak say nothing, and greetings are full of them.
fn without_names(asked: Vec<Wanted>, history: &History<'_>, others: &[&str]) -> Vec<Wanted> {
    let authors = history.blocks.iter().flat_map(|block| &block.authors).map(String::as_str);
    let names: Vec<String> = authors.chain(others.iter().copied()).flat_map(words::name_parts).collect();
    let rest: Vec<Wanted> = asked.iter().filter(|word| !names.contains(&word.folded)).cloned().collect();
    if rest.is_empty() { asked } else { rest }
}

fn score_words(history: &History<'_>, asked: &[Wanted]) -> (Scorer, Scorer) {
    let lengths: Vec<f32> = history.entries.iter().map(|entry| f32::from(entry.length)).collect();
    let wide = (0..history.len()).map(|at| history.around(at).map(|(other, apart)| lengths[other] / apart.max(1) as f32).sum()).collect();
    let (mut message, mut window) = (Scorer::new(lengths), Scorer::new(wide));
    let (mut here, mut around) = (Sums::new(history.len()), Sums::new(history.len()));
    for word in asked {
        here.clear();
        around.clear();
        for (form, counts) in &word.forms {
            find(history, form, *counts, &mut here);
        }
        if here.touched.is_empty() && word.times >= 1.0 {
            find_mistyped(history, word, &mut here);
        }
        for at in here.touched.iter().map(|at| *at as usize) {
            for (other, apart) in history.around(at) {
                around.add(other, here.values[at] / apart.max(1) as f32);
            }
        }
        message.add(&here, word.times);
        window.add(&around, word.times);
    }
    (message, window)
}

fn find(history: &History<'_>, form: &str, counts: f32, found: &mut Sums) {
    for (home, block) in history.blocks.iter().enumerate() {
        for (place, times) in block.find(form) {
            found.raise(history.places[home][usize::from(*place)] as usize, f32::from(*times) * counts);
        }
    }
}

/// A word that nobody wrote is perhaps one that somebody did, mistyped here or there.
fn find_mistyped(history: &History<'_>, word: &Wanted, found: &mut Sums) {
    let Some((stem, _)) = word.forms.iter().find(|(form, _)| !form.starts_with('=')) else { return };
    let mut alike: Vec<&str> = history.blocks.iter().flat_map(|block| block.terms()).filter(|term| mistyped(stem, term)).collect();
    alike.sort_unstable();
    alike.dedup();
    for term in alike {
        find(history, term, LIKE, found);
    }
}

fn shared_likeness(history: &History<'_>, known: &HashMap<u128, f32>) -> Vec<f32> {
    let lowest = known.values().copied().fold(f32::INFINITY, f32::min);
    let floor = if lowest.is_finite() { lowest } else { 0.0 };
    let own: Vec<f32> = history.entries.iter().map(|entry| known.get(&entry.id).copied().unwrap_or(floor)).collect();
    let beside = |at: usize, other: Option<usize>| history.next_to(at, other).map_or(0.0, |other| NEIGHBOUR * own[other]);
    (0..own.len()).map(|at| own[at] + beside(at, at.checked_sub(1)) + beside(at, Some(at + 1))).collect()
}

/// The share of the question that the best message holds in words.
fn best_share(scorer: &Scorer) -> f32 {
    scorer.held.iter().copied().fold(0.0, f32::max) / scorer.most.max(f32::EPSILON)
}

/// Brought to 0..1, where nothing of the question stays 0.
fn share_of_best(scores: &[f32]) -> Vec<f32> {
    let best = scores.iter().copied().fold(f32::EPSILON, f32::max);
    scores.iter().map(|score| score / best).collect()
}

/// Brought to 0..1: any two texts are a little alike.
fn spread(scores: &[f32]) -> Vec<f32> {
    let low = scores.iter().copied().fold(f32::INFINITY, f32::min);
    let high = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if high <= low {
        return vec![0.0; scores.len()];
    }
    scores.iter().map(|score| (score - low) / (high - low)).collect()
}
