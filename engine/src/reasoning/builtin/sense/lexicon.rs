//! Words, concepts and patterns of one language, read from its data file.
//!
//! A *concept* is a set of words and short phrases (`pay (for|)`, `disgust*`). A *pattern* is a sequence over concepts and words:
//! `@cannot .. @afford` is "a word of inability, at most four words, a word of affording". Patterns say how concepts relate;
//! the vocabulary lives in the concepts, so other wordings of the same thought are found without being listed.
//!
//! Elements: `word`, `stem*`, `@concept`, `a|@b` (one of), `x?` (optional), `..` (gap of up to four words, `..N` up to N),
//! `!x` (the next word is not this), `^` and `$` (start and end of the sentence). Before the pattern: `{money}` (an amount or a price is
//! spoken of), `{ask}` / `{tell}` (the sentence is a question / is none), `~` (a negation before it or in its gaps does not matter).
//! A gap never crosses a word of contrast (concept `but`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::phrases::{Label, Phrases};
use super::sentences::Sentence;

const FILES: [(&str, &str); 5] = [
    ("en", include_str!("data/en.toml")),
    ("fr", include_str!("data/fr.toml")),
    ("de", include_str!("data/de.toml")),
    ("es", include_str!("data/es.toml")),
    ("pt", include_str!("data/pt.toml")),
];

/// Each is read when a text of its language comes.
static LEXICONS: [LazyLock<Lexicon>; 5] = [
    LazyLock::new(|| Lexicon::parse(FILES[0].0, FILES[0].1)),
    LazyLock::new(|| Lexicon::parse(FILES[1].0, FILES[1].1)),
    LazyLock::new(|| Lexicon::parse(FILES[2].0, FILES[2].1)),
    LazyLock::new(|| Lexicon::parse(FILES[3].0, FILES[3].1)),
    LazyLock::new(|| Lexicon::parse(FILES[4].0, FILES[4].1)),
];

/// The small words of each language, by which a text tells its language; the concept `small` of its file, which must hold single
/// words only.
static SMALL: LazyLock<Vec<HashSet<&'static str>>> = LazyLock::new(|| FILES.iter().map(|(_, data)| small_words(data)).collect());

fn small_words(data: &'static str) -> HashSet<&'static str> {
    let line = data.lines().find_map(|line| line.strip_prefix("small = ")).expect("each data file begins with its small words");
    line.trim_matches(['[', ']']).split(',').map(|word| word.trim().trim_matches('"')).collect()
}

/// Labels that code puts on words, beside those of the data.
const COMPUTED: [&str; 5] = ["money", "number", "teammate", "competitor", "address"];

/// One language.
pub struct Lexicon {
    /// Two letters.
    pub language: &'static str,
    labels: HashMap<String, Label>,
    phrases: Phrases,
    stems: Phrases,
    patterns: Box<[Pattern]>,
    /// By the label of the first element that must be there.
    by_first: HashMap<Label, Box<[u32]>>,
    negation: Label,
    contrast: Label,
}

/// What a data file holds while it is read.
#[derive(Default)]
struct Draft {
    labels: HashMap<String, Label>,
    /// First word, the words after it, label.
    phrases: Vec<(String, String, Label)>,
    stems: Vec<(String, String, Label)>,
}

struct Pattern {
    group: Arc<str>,
    elements: Box<[Element]>,
    needs_money: bool,
    only: Option<Mood>,
    ignores_negation: bool,
    /// Deceit is often told with a "but" in the middle.
    crosses_contrast: bool,
    source: Box<str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Asks,
    Tells,
}

enum Element {
    One(Box<[Label]>),
    Maybe(Box<[Label]>),
    Not(Box<[Label]>),
    Gap(usize),
    Start,
    End,
}

/// A sentence with the labels of its words.
pub struct Marked {
    /// The sentence.
    pub sentence: Sentence,
    labels: Vec<Vec<(Label, usize)>>,
}

/// A place where a pattern holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'a> {
    /// Group of the pattern: `budget-objection.fires`.
    pub group: &'a str,
    /// First word.
    pub from: usize,
    /// Word after the last.
    pub to: usize,
    /// The pattern as written, for explanations.
    pub pattern: &'a str,
}

/// The lexicon of a language; English where there is none.
pub fn of(language: &str) -> &'static Lexicon {
    &LEXICONS[place_of(language)]
}

fn place_of(language: &str) -> usize {
    FILES.iter().position(|(known, _)| *known == language).unwrap_or(0)
}

/// Lexicons to read a text with: the language said, and the one whose small words it really has, if another.
pub fn for_text(text: &str, language: &str) -> Vec<&'static Lexicon> {
    let said = place_of(language);
    let folded = super::sentences::fold(text);
    let words: Vec<&str> = folded.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let weight = |place: usize| words.iter().filter(|word| SMALL[place].contains(*word)).count();
    let ours = weight(said);
    let most = (0..FILES.len()).max_by_key(|place| (weight(*place), *place == said));
    let other = most.filter(|place| *place != said && weight(*place) > ours);
    std::iter::once(said).chain(other).map(|place| &*LEXICONS[place]).collect()
}

impl Draft {
    fn label(&mut self, name: &str) -> Label {
        let next = self.labels.len() as Label;
        *self.labels.entry(name.to_owned()).or_insert(next)
    }

    fn add_phrase(&mut self, phrase: &str, label: Label) {
        let (first, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
        match first.strip_suffix('*') {
            Some(stem) => self.stems.push((stem.to_owned(), rest.to_owned(), label)),
            None => self.phrases.push((first.to_owned(), rest.to_owned(), label)),
        }
    }

    fn pattern(&mut self, group: &Arc<str>, source: &str) -> Pattern {
        let mut elements = Vec::new();
        let mut pattern = Pattern {
            group: Arc::clone(group),
            elements: Box::default(),
            needs_money: false,
            only: None,
            ignores_negation: false,
            crosses_contrast: group.starts_with("suspected-fraud"),
            source: source.into(),
        };
        for piece in source.split_whitespace() {
            let element = match piece {
                "{money}" => {
                    pattern.needs_money = true;
                    continue;
                }
                "{ask}" | "{tell}" => {
                    pattern.only = Some(if piece == "{ask}" { Mood::Asks } else { Mood::Tells });
                    continue;
                }
                "~" => {
                    pattern.ignores_negation = true;
                    continue;
                }
                "^" => Element::Start,
                "$" => Element::End,
                ".." => Element::Gap(4),
                _ => {
                    if let Some(width) = piece.strip_prefix("..").and_then(|width| width.parse().ok()) {
                        Element::Gap(width)
                    } else if let Some(atoms) = piece.strip_prefix('!') {
                        Element::Not(self.atoms(atoms))
                    } else if let Some(atoms) = piece.strip_suffix('?') {
                        Element::Maybe(self.atoms(atoms))
                    } else {
                        Element::One(self.atoms(piece))
                    }
                }
            };
            elements.push(element);
        }
        pattern.elements = elements.into();
        pattern
    }

    fn atoms(&mut self, piece: &str) -> Box<[Label]> {
        let mut labels = Vec::new();
        for atom in piece.split('|') {
            if !atom.starts_with('@') && !self.labels.contains_key(atom) {
                let label = self.label(atom);
                self.add_phrase(atom, label);
            }
            labels.push(self.label(atom));
        }
        labels.into()
    }
}

impl Pattern {
    /// The labels of the first element that must be there.
    fn first(&self) -> &[Label] {
        let mut musts = self.elements.iter().filter_map(|element| match element {
            Element::One(labels) => Some(&**labels),
            _ => None,
        });
        musts.next().unwrap_or_default()
    }
}

impl Lexicon {
    fn parse(language: &'static str, data: &str) -> Self {
        let table = DeTable::parse(data).expect("the data files are checked by a test").into_inner();
        let mut draft = Draft::default();
        for name in COMPUTED {
            draft.label(&format!("@{name}"));
        }
        let (negation, contrast) = (draft.label("@neg"), draft.label("@but"));
        let concepts = table.get("concepts").and_then(|concepts| concepts.get_ref().as_table()).expect("each data file has concepts");
        let plain: BTreeMap<&str, Vec<&str>> =
            concepts.iter().map(|(name, entries)| (name.get_ref().as_ref(), words_of(entries).collect())).collect();
        for name in plain.keys() {
            let label = draft.label(&format!("@{name}"));
            for phrase in opened(name, &plain, 0) {
                draft.add_phrase(&phrase, label);
            }
        }
        let mut patterns = Vec::new();
        for (rule, groups) in table.iter().filter(|(rule, _)| rule.get_ref() != "concepts") {
            for (kind, sources) in groups.get_ref().as_table().into_iter().flatten() {
                let group = Arc::from(format!("{}.{}", rule.get_ref(), kind.get_ref()));
                patterns.extend(words_of(sources).map(|source| draft.pattern(&group, source)));
            }
        }
        let mut by_first: HashMap<Label, Vec<u32>> = HashMap::new();
        for (index, pattern) in (0..).zip(&patterns) {
            for label in pattern.first() {
                by_first.entry(*label).or_default().push(index);
            }
        }
        let by_first = by_first.into_iter().map(|(label, places)| (label, places.into())).collect();
        let Draft { mut labels, phrases, stems } = draft;
        // Who asks afterwards asks for concepts.
        labels.retain(|name, _| name.starts_with('@'));
        labels.shrink_to_fit();
        let packed = |entered: &[(String, String, Label)]| {
            Phrases::of(entered.iter().map(|(first, rest, label)| (first.as_str(), rest.as_str(), *label)).collect())
        };
        Self { language, labels, phrases: packed(&phrases), stems: packed(&stems), patterns: patterns.into(), by_first, negation, contrast }
    }

    /// Has a single word this concept?
    pub fn is(&self, word: &str, concept: &str) -> bool {
        let Some(label) = self.labels.get(&format!("@{concept}")) else { return false };
        let mut found = false;
        self.each_phrase(word, |rest, other| found |= other == *label && rest.is_empty());
        found
    }

    fn each_phrase<'a>(&'a self, word: &str, mut visit: impl FnMut(&'a str, Label)) {
        for (rest, label) in self.phrases.begun_by(word) {
            visit(rest, label);
        }
        self.stems.beginnings_of(word, visit);
    }

    /// Labels every word; `computed` are spans found by code: concept, first word, length.
    pub fn mark(&self, sentence: Sentence, computed: &[(&str, usize, usize)]) -> Marked {
        let words = &sentence.words;
        let mut labels: Vec<Vec<(Label, usize)>> = vec![Vec::new(); words.len()];
        for at in 0..words.len() {
            if words[at].is_quoted {
                continue;
            }
            let mut found = Vec::new();
            self.each_phrase(&words[at].text, |rest, label| {
                let mut length = 1;
                let fits = rest.split_whitespace().all(|expected| {
                    let word = words.get(at + length);
                    length += 1;
                    word.is_some_and(|word| match expected.strip_suffix('*') {
                        Some(stem) => word.text.starts_with(stem),
                        None => word.text == *expected,
                    })
                });
                if fits {
                    found.push((label, length));
                }
            });
            labels[at] = found;
        }
        for (concept, from, length) in computed {
            if let (Some(label), Some(slot)) = (self.labels.get(&format!("@{concept}")), labels.get_mut(*from)) {
                slot.push((*label, *length));
            }
        }
        Marked { sentence, labels }
    }

    /// Every place where a pattern holds.
    pub fn matches(&self, marked: &Marked, speaks_of_money: bool) -> Vec<Match<'_>> {
        let mood = if marked.sentence.asks { Mood::Asks } else { Mood::Tells };
        let mut found = Vec::new();
        let mut tried: Vec<u32> = Vec::new();
        for from in 0..marked.labels.len() {
            let is_negated = self.is_negated(marked, from);
            tried.clear();
            for (label, _) in &marked.labels[from] {
                for index in self.by_first.get(label).into_iter().flatten() {
                    let pattern = &self.patterns[*index as usize];
                    let is_out = pattern.needs_money && !speaks_of_money
                        || pattern.only.is_some_and(|only| only != mood)
                        || is_negated && !pattern.ignores_negation;
                    if is_out || tried.contains(index) {
                        continue;
                    }
                    tried.push(*index);
                    if let Some(to) = self.begins(marked, pattern, from) {
                        found.push(Match { group: &pattern.group, from, to, pattern: &pattern.source });
                    }
                }
            }
        }
        found
    }

    /// The pattern from the word that fits its first element; what stands before that element is only a bound from the start.
    fn begins(&self, marked: &Marked, pattern: &Pattern, from: usize) -> Option<usize> {
        let lead = pattern.elements.iter().take_while(|element| !matches!(element, Element::One(_))).count();
        let (before, rest) = pattern.elements.split_at(lead);
        if before.iter().any(|element| matches!(element, Element::Start)) {
            let reach: usize = before
                .iter()
                .map(|element| match element {
                    Element::Gap(width) => *width,
                    Element::Maybe(_) => 3,
                    Element::Start | Element::End | Element::Not(_) | Element::One(_) => 0,
                })
                .sum();
            if from > reach {
                return None;
            }
        }
        self.holds(marked, pattern, rest, from)
    }

    /// Does a word of negation stand in the three words before?
    fn is_negated(&self, marked: &Marked, from: usize) -> bool {
        for back in 1..=3 {
            let Some(at) = from.checked_sub(back) else { return false };
            if marked.sentence.words[at + 1].follows_pause || has(&marked.labels[at], self.contrast) {
                return false;
            }
            if has(&marked.labels[at], self.negation) {
                return true;
            }
        }
        false
    }

    fn holds(&self, marked: &Marked, pattern: &Pattern, elements: &[Element], at: usize) -> Option<usize> {
        let Some((element, rest)) = elements.split_first() else { return Some(at) };
        let here = marked.labels.get(at);
        match element {
            Element::Start => (at == 0).then(|| self.holds(marked, pattern, rest, at)).flatten(),
            Element::End => (at == marked.labels.len()).then_some(at),
            Element::Not(labels) => {
                if here.is_some_and(|found| labels.iter().any(|label| has(found, *label))) {
                    None
                } else {
                    self.holds(marked, pattern, rest, at)
                }
            }
            Element::One(labels) => here?
                .iter()
                .filter(|(label, _)| labels.contains(label))
                .find_map(|(_, length)| self.holds(marked, pattern, rest, at + length)),
            Element::Maybe(labels) => here
                .into_iter()
                .flatten()
                .filter(|(label, _)| labels.contains(label))
                .find_map(|(_, length)| self.holds(marked, pattern, rest, at + length))
                .or_else(|| self.holds(marked, pattern, rest, at)),
            Element::Gap(width) => {
                for skipped in 0..=*width {
                    if let Some(end) = self.holds(marked, pattern, rest, at + skipped) {
                        return Some(end);
                    }
                    let bars = |found: &Vec<(Label, usize)>| {
                        !pattern.crosses_contrast && has(found, self.contrast) || !pattern.ignores_negation && has(found, self.negation)
                    };
                    if marked.labels.get(at + skipped).is_none_or(bars) {
                        return None;
                    }
                }
                None
            }
        }
    }
}

/// The texts of a list.
fn words_of<'t>(list: &'t Spanned<DeValue<'_>>) -> impl Iterator<Item = &'t str> {
    list.get_ref().as_array().into_iter().flat_map(|list| list.iter()).filter_map(|word| word.get_ref().as_str())
}

fn has(found: &[(Label, usize)], label: Label) -> bool {
    found.iter().any(|(other, _)| *other == label)
}

/// Phrases of a concept with `(a|b)` multiplied out and `@other` replaced by that concept's phrases.
fn opened(name: &str, plain: &BTreeMap<&str, Vec<&str>>, depth: usize) -> Vec<String> {
    let mut phrases = Vec::new();
    for entry in plain.get(name).into_iter().flatten() {
        match entry.strip_prefix('@') {
            Some(other) if depth < 4 => phrases.extend(opened(other, plain, depth + 1)),
            _ => phrases.extend(multiplied(entry)),
        }
    }
    phrases
}

fn multiplied(entry: &str) -> Vec<String> {
    let Some(open) = entry.find('(') else { return vec![entry.to_owned()] };
    let close = entry[open..].find(')').map_or(entry.len() - 1, |place| open + place);
    entry[open + 1..close].split('|').flat_map(|choice| multiplied(&format!("{}{choice}{}", &entry[..open], &entry[close + 1..]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_reads_and_names_only_known_concepts() {
        for lexicon in LEXICONS.iter() {
            assert!(lexicon.patterns.len() > 20, "{} has too few patterns", lexicon.language);
            for (name, label) in &lexicon.labels {
                let is_filled = lexicon.phrases.has(*label) || lexicon.stems.has(*label);
                let is_computed = name.strip_prefix('@').is_some_and(|concept| COMPUTED.contains(&concept));
                assert!(is_filled || is_computed, "{}: {name} has no words", lexicon.language);
            }
        }
    }
}
