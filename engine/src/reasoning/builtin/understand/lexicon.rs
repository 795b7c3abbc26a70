//! The word lists and phrases of every language, read once from `data/`.
//!
//! `words.tsv` holds lists (`list ⇥ language ⇥ words separated by commas`), `cues.*.tsv` phrases
//! (`topic ⇥ label ⇥ pattern`). A pattern is a regular expression over marked text, in which `{list}` stands for any
//! word of a list, `{N}` for a number mark, `{D}` for a date, `{T}` for a time of day (each captured by that letter),
//! `{n} {d} {t} {e} {p} {r}` for the same without capture, and `{X}` for the rest of the clause (captured as `x`).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_syntax::hir::literal::Extractor;

use super::pattern::{Captures, Pattern};
use super::text::{Mark, Span};

/// The doors a customer can name, by id; `{C}` in a pattern stands for each.
const CHANNELS: [&str; 8] = ["email", "voice", "sms", "whatsapp", "telegram", "messenger", "instagram", "discord"];

/// A phrase that tells something. It is compiled when the first text may hold it: of some thousand phrases, a business's
/// customers use some hundred.
#[derive(Debug)]
pub(super) struct Cue {
    pub label: &'static str,
    /// As written; with its lists written out it is some times as long.
    pattern: Cow<'static, str>,
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

    /// Its regular expression.
    pub fn regex(&self) -> &Pattern {
        self.regex.get_or_init(|| compile(&self.pattern))
    }
}

/// The phrases of one topic, and how each begins: one look at a text tells which of them it may hold.
#[derive(Debug)]
pub(super) struct Topic {
    cues: Vec<Cue>,
    /// What the phrases begin with, each once.
    starts: AhoCorasick,
    /// By start: the phrases that begin so.
    begun_by: Vec<Vec<u16>>,
    /// Phrases of which it is not known; they are tried on every text.
    open: Vec<bool>,
}

/// A start is cut after so many bytes.
const LONGEST_START: usize = 6;

impl Topic {
    pub fn new(cues: Vec<Cue>) -> Self {
        let mut by_start: BTreeMap<Vec<u8>, Vec<u16>> = BTreeMap::new();
        let mut open = Vec::with_capacity(cues.len());
        for (place, cue) in cues.iter().enumerate() {
            let starts = starts(&opened(&cue.pattern));
            open.push(starts.is_none());
            for start in starts.into_iter().flatten() {
                by_start.entry(start).or_default().push(place as u16);
            }
        }
        // Few words, and many topics: only the root is worth a table of all letters.
        let mut builder = AhoCorasick::builder();
        builder.kind(Some(AhoCorasickKind::ContiguousNFA)).dense_depth(1).prefilter(false);
        let built = builder.build(by_start.keys());
        Self { cues, starts: built.expect("few and short words"), begun_by: by_start.into_values().collect(), open }
    }

    /// The phrases that a text may hold, in their order.
    pub fn possible(&'static self, text: &str) -> impl Iterator<Item = &'static Cue> {
        let mut may = self.open.clone();
        for hit in self.starts.find_overlapping_iter(text) {
            for place in &self.begun_by[hit.pattern().as_usize()] {
                may[usize::from(*place)] = true;
            }
        }
        self.cues.iter().zip(may).filter_map(|(cue, may)| may.then_some(cue))
    }
}

/// What every match of a pattern begins with, one of these; `None` when there are too many, or it may be anything.
fn starts(pattern: &str) -> Option<Vec<Vec<u8>>> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut extractor = Extractor::new();
    extractor.limit_literal_len(LONGEST_START).limit_total(1_000);
    let mut found = extractor.extract(&hir);
    found.keep_first_bytes(LONGEST_START);
    found.dedup();
    let all: Vec<Vec<u8>> = found.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    all.iter().all(|start| !start.is_empty()).then_some(all)
}

static WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
    for fields in rows(include_str!("data/words.tsv")) {
        let [list, _, words] = fields[..] else { continue };
        lists.entry(list).or_default().extend(words.split(',').map(str::trim).filter(|word| !word.is_empty()));
    }
    lists
});

static TOPICS: LazyLock<HashMap<&'static str, Topic>> = LazyLock::new(|| {
    let mut topics: HashMap<&'static str, Vec<Cue>> = HashMap::new();
    let files = [
        include_str!("data/cues.en.tsv"),
        include_str!("data/cues.fr.tsv"),
        include_str!("data/cues.de.tsv"),
        include_str!("data/cues.es.tsv"),
        include_str!("data/cues.pt.tsv"),
    ];
    for fields in files.iter().flat_map(|file| rows(file)) {
        let [topic, label, pattern] = fields[..] else { continue };
        if pattern.contains("{C}") {
            for channel in CHANNELS {
                let names = format!("(?:{})", words(channel).join("|"));
                topics.entry(topic).or_default().push(Cue::new(channel, pattern.replace("{C}", &names)));
            }
            continue;
        }
        topics.entry(topic).or_default().push(Cue::new(label, pattern));
    }
    topics.into_iter().map(|(topic, cues)| (topic, Topic::new(cues))).collect()
});

/// The rows of a tab-separated file, without comments.
pub(super) fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// The phrases of a topic that a text may hold, in every language, in their order.
pub(super) fn cues(topic: &str, text: &str) -> impl Iterator<Item = &'static Cue> {
    TOPICS.get(topic).into_iter().flat_map(|topic| topic.possible(text))
}

/// The words of a list, in every language.
pub(super) fn words(list: &str) -> &'static [&'static str] {
    WORDS.get(list).map_or(&[], Vec::as_slice)
}

/// Is this word in the list?
pub(super) fn is_in(list: &str, word: &str) -> bool {
    words(list).contains(&word)
}

/// Does any phrase of the topic occur?
pub(super) fn says(topic: &str, text: &str) -> bool {
    cues(topic, text).any(|cue| cue.regex().is_match(text))
}

/// A pattern of ours as a regular expression.
pub(super) fn compile(pattern: &str) -> Pattern {
    Pattern::new(&opened(pattern))
}

/// A pattern of ours as the text of a regular expression.
fn opened(pattern: &str) -> String {
    let mut out = pattern.to_owned();
    for (name, meaning) in [
        ("{N}", "\u{1}n(?P<n>[0-9]+)\u{2}"),
        ("{D}", "\u{1}d(?P<d>[0-9]+)\u{2}"),
        ("{T}", "\u{1}t(?P<t>[0-9]+)\u{2}"),
        ("{n}", "\u{1}n[0-9]+\u{2}"),
        ("{d}", "\u{1}d[0-9]+\u{2}"),
        ("{t}", "\u{1}t[0-9]+\u{2}"),
        ("{e}", "\u{1}e[0-9]+\u{2}"),
        ("{p}", "\u{1}p[0-9]+\u{2}"),
        ("{r}", "\u{1}r[0-9]+\u{2}"),
        ("{X}", "(?P<x>[^,.;:!?()\"\n]+)"),
        ("{..}", "[^,.;:!?()\"\n]*?"),
    ] {
        out = out.replace(name, meaning);
    }
    while let Some(start) = out.match_indices('{').map(|(at, _)| at).find(|&at| out[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()))
    {
        let Some(length) = out[start..].find('}') else { break };
        let mut list: Vec<&str> = words(&out[start + 1..start + length]).to_vec();
        list.sort_by_key(|word| std::cmp::Reverse(word.len()));
        assert!(!list.is_empty(), "no list for {}", &out[start..=start + length]);
        let alternatives = format!("(?:{})", list.join("|"));
        out.replace_range(start..=start + length, &alternatives);
    }
    out.replace(r"\b", r"(?-u:\b)").replace(r"\w", "[a-z0-9]").replace(r"\d", "[0-9]").replace(r"\s", "[ \n]")
}

/// The number that a named capture of a mark holds.
pub(super) fn mark<'m>(captures: &Captures<'_>, name: &str, marks: &'m [(Span, Mark)]) -> Option<&'m Mark> {
    let number: usize = captures.name(name)?.as_str().parse().ok()?;
    marks.get(number).map(|(_, mark)| mark)
}

/// The stretch of the whole match.
pub(super) fn whole(captures: &Captures<'_>) -> Span {
    captures.get(0).map_or(0..0, |found| found.range())
}

/// How many phrases a text holds, having checked that each is among those it may hold.
#[cfg(test)]
pub(super) fn held(text: &str) -> usize {
    let mut held = 0;
    for topic in TOPICS.values() {
        let possible: Vec<*const Cue> = topic.possible(text).map(std::ptr::from_ref).collect();
        for cue in topic.cues.iter().filter(|cue| cue.regex().is_match(text)) {
            assert!(possible.contains(&std::ptr::from_ref(cue)), "{:?} is in {text:?}", cue.pattern);
            held += 1;
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_compiles_and_most_say_how_they_begin() {
        let (mut all, mut open) = (0, 0);
        for topic in TOPICS.values() {
            all += topic.cues.len();
            open += topic.open.iter().filter(|open| **open).count();
            for cue in &topic.cues {
                cue.regex();
            }
        }
        assert!(all > 500 && open * 10 < all, "{open} of {all} are tried on every text");
    }
}
