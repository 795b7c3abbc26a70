//! Topics: phrases that tell the same thing, found in a text by how they begin.
//!
//! One look at a text gives the places where phrases may begin; each is then tried there and nowhere else.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::lexicon::{compile, opened};
use super::pattern::{Captures, Match, Pattern};

/// A phrase that tells something. It is compiled when the first text may hold it: of some thousand phrases, a business's
/// customers use some hundred.
#[derive(Debug)]
pub(super) struct Cue {
    pub label: &'static str,
    /// As written; with its lists written out it is some times as long.
    pub pattern: Cow<'static, str>,
    regex: OnceLock<Pattern>,
}

impl Cue {
    pub fn new(label: &'static str, pattern: impl Into<Cow<'static, str>>) -> Self {
        Self { label, pattern: pattern.into(), regex: OnceLock::new() }
    }

    /// Does it hold only at the beginning?
    pub fn is_anchored(&self) -> bool {
        self.pattern.starts_with('^')
    }

    /// Its regular expression, for another text than the one it was found for.
    pub fn regex(&self) -> &Pattern {
        self.regex.get_or_init(|| compile(&self.pattern))
    }
}

/// A phrase that a text may hold, and where it would begin.
#[derive(Debug)]
pub(super) struct Cued<'t> {
    pub cue: &'static Cue,
    text: &'t str,
    /// In their order; `None`: anywhere.
    spots: Option<Vec<u32>>,
}

impl<'t> Cued<'t> {
    pub fn label(&self) -> &'static str {
        self.cue.label
    }

    pub fn is_match(&self) -> bool {
        let regex = self.cue.regex();
        match &self.spots {
            None => regex.is_match(self.text),
            Some(spots) => spots.iter().any(|spot| regex.is_match_at(self.text, *spot as usize)),
        }
    }

    pub fn find(&self) -> Option<Match<'t>> {
        let regex = self.cue.regex();
        match &self.spots {
            None => regex.find(self.text),
            Some(spots) => spots.iter().find_map(|spot| regex.find_at(self.text, *spot as usize)),
        }
    }

    pub fn captures(&self) -> Option<Captures<'t>> {
        let regex = self.cue.regex();
        match &self.spots {
            None => regex.captures(self.text),
            Some(spots) => spots.iter().find_map(|spot| regex.captures_at(self.text, *spot as usize)),
        }
    }

    /// Every match, none within another.
    pub fn find_iter(&self) -> impl Iterator<Item = Match<'t>> {
        let regex = self.cue.regex();
        let anywhere = self.spots.is_none().then(|| regex.find_iter(self.text));
        let mut from = 0;
        let here = self.spots.iter().flatten().filter_map(move |spot| {
            let found = (*spot >= from).then(|| regex.find_at(self.text, *spot as usize)).flatten()?;
            from = found.end() as u32;
            Some(found)
        });
        anywhere.into_iter().flatten().chain(here)
    }

    /// Every match with its groups, none within another.
    pub fn captures_iter(&self) -> impl Iterator<Item = Captures<'t>> {
        let regex = self.cue.regex();
        let anywhere = self.spots.is_none().then(|| regex.captures_iter(self.text));
        let mut from = 0;
        let here = self.spots.iter().flatten().filter_map(move |spot| {
            let found = (*spot >= from).then(|| regex.captures_at(self.text, *spot as usize)).flatten()?;
            from = found.get(0).map_or(from, |whole| whole.end() as u32);
            Some(found)
        });
        anywhere.into_iter().flatten().chain(here)
    }
}

/// The phrases of one topic, and how each begins.
#[derive(Debug)]
pub(super) struct Topic {
    cues: Vec<Cue>,
    /// What the phrases begin with, each once.
    starts: AhoCorasick,
    /// By start: the place after the last of the phrases that begin so.
    ends: Box<[u32]>,
    /// Phrases by their starts, and whether each begins so only at the edge of a word.
    begun: Box<[(u16, bool)]>,
    /// Phrases of which it is not known; they are tried on every text.
    open: Box<[u16]>,
}

/// A start is cut after so many bytes.
const LONGEST_START: usize = 6;
/// Stands for every place of a text.
const ANYWHERE: u32 = u32::MAX;

impl Topic {
    pub fn new(cues: Vec<Cue>) -> Self {
        let mut by_start: BTreeMap<Vec<u8>, Vec<(u16, bool)>> = BTreeMap::new();
        let mut open = Vec::new();
        for (place, cue) in cues.iter().enumerate() {
            let place = place as u16;
            let Some((starts, at_edge)) = starts(&opened(&cue.pattern)) else {
                open.push(place);
                continue;
            };
            for start in starts {
                by_start.entry(start).or_default().push((place, at_edge));
            }
        }
        // Few words, and many topics: only the root is worth a table of all letters.
        let mut builder = AhoCorasick::builder();
        builder.kind(Some(AhoCorasickKind::ContiguousNFA)).dense_depth(1).prefilter(false);
        let built = builder.build(by_start.keys());
        let starts = built.expect("few and short words");
        let mut begun = Vec::new();
        let ends = by_start.into_values().map(|mut phrases| {
            begun.append(&mut phrases);
            begun.len() as u32
        });
        Self { cues, starts, ends: ends.collect(), begun: begun.into(), open: open.into() }
    }

    /// The phrases that a text may hold, in their order.
    pub fn possible<'t>(&'static self, text: &'t str) -> impl Iterator<Item = Cued<'t>> {
        let mut spots: Vec<(u16, u32)> = self.open.iter().map(|place| (*place, ANYWHERE)).collect();
        for hit in self.starts.find_overlapping_iter(text) {
            let at_edge = is_edge(text.as_bytes(), hit.start());
            let start = hit.pattern().as_usize();
            let from = start.checked_sub(1).map_or(0, |before| self.ends[before]);
            let begun = self.begun[from as usize..self.ends[start] as usize].iter();
            spots.extend(begun.filter(|(_, only_at_edge)| at_edge || !only_at_edge).map(|(place, _)| (*place, hit.start() as u32)));
        }
        spots.sort_unstable();
        spots.dedup();
        let mut at = 0;
        std::iter::from_fn(move || {
            let (place, first) = *spots.get(at)?;
            let until = at + spots[at..].iter().take_while(|(other, _)| *other == place).count();
            let here = (first != ANYWHERE).then(|| spots[at..until].iter().map(|(_, spot)| *spot).collect());
            at = until;
            Some(Cued { cue: &self.cues[usize::from(place)], text, spots: here })
        })
    }

    #[cfg(test)]
    pub fn cues(&self) -> &[Cue] {
        &self.cues
    }

    /// How many of its phrases are tried on every text.
    #[cfg(test)]
    pub fn open(&self) -> usize {
        self.open.len()
    }
}

/// What every match of a pattern begins with, one of these, and whether it begins at the edge of a word; `None` when there
/// are too many, or it may be anything.
fn starts(pattern: &str) -> Option<(Vec<Vec<u8>>, bool)> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut extractor = Extractor::new();
    extractor.limit_literal_len(LONGEST_START).limit_total(1_000);
    let mut found = extractor.extract(&hir);
    found.keep_first_bytes(LONGEST_START);
    found.dedup();
    let all: Vec<Vec<u8>> = found.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    all.iter().all(|start| !start.is_empty()).then(|| (all, begins_at_edge(&hir)))
}

/// Must every match begin at an edge of ASCII words?
fn begins_at_edge(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Look(look) => *look == Look::WordAscii,
        HirKind::Capture(capture) => begins_at_edge(&capture.sub),
        HirKind::Concat(parts) => parts.first().is_some_and(begins_at_edge),
        HirKind::Alternation(branches) => branches.iter().all(begins_at_edge),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Repetition(_) => false,
    }
}

/// Does an ASCII word begin or end before this byte?
fn is_edge(text: &[u8], at: usize) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    is_word(at.checked_sub(1).and_then(|before| text.get(before))) != is_word(text.get(at))
}
