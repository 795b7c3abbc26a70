//! Regular expressions of the lexicon: some thousand short ones, of which each text needs a few.
//!
//! They run on a message's few hundred bytes, so the bounded backtracker serves them; without the automata that `regex`
//! prepares for long texts each takes less than half the memory.

use std::ops::{Index, Range};

use regex_automata::util::captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, meta};

/// A regular expression.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: meta::Regex,
}

/// Where a pattern, or a group of it, was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// The groups of one match.
#[derive(Debug)]
pub(super) struct Captures<'t> {
    text: &'t str,
    groups: captures::Captures,
}

impl Pattern {
    /// Compiles an expression of ours; panics on one that is none, which a test of the lexicon finds.
    pub fn new(expression: &str) -> Self {
        // No prefilter either: the lexicon has looked for how a phrase begins before it asks for the phrase.
        let config = meta::Config::new().hybrid(false).dfa(false).onepass(false).auto_prefilter(false);
        let built = meta::Builder::new().configure(config).syntax(syntax::Config::new()).build(expression);
        Self { regex: built.unwrap_or_else(|error| panic!("pattern {expression:?} in the lexicon: {error}")) }
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    pub fn find<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        self.regex.find(text).map(|found| Match { text, start: found.start(), end: found.end() })
    }

    pub fn find_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Match<'t>> {
        self.regex.find_iter(text).map(move |found| Match { text, start: found.start(), end: found.end() })
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let mut groups = self.regex.create_captures();
        self.regex.captures(text, &mut groups);
        groups.is_match().then_some(Captures { text, groups })
    }

    /// Does a match begin at this byte?
    pub fn is_match_at(&self, text: &str, at: usize) -> bool {
        self.regex.is_match(here(text, at))
    }

    /// The match that begins at this byte.
    pub fn find_at<'t>(&self, text: &'t str, at: usize) -> Option<Match<'t>> {
        self.regex.find(here(text, at)).map(|found| Match { text, start: found.start(), end: found.end() })
    }

    /// The match that begins at this byte, with its groups.
    pub fn captures_at<'t>(&self, text: &'t str, at: usize) -> Option<Captures<'t>> {
        let mut groups = self.regex.create_captures();
        self.regex.captures(here(text, at), &mut groups);
        groups.is_match().then_some(Captures { text, groups })
    }

    pub fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        self.regex.captures_iter(text).map(move |groups| Captures { text, groups })
    }
}

/// A text from a byte on; what stands before is still seen by `\b`.
fn here(text: &str, at: usize) -> Input<'_> {
    Input::new(text).range(at..).anchored(Anchored::Yes)
}

impl<'t> Match<'t> {
    pub fn as_str(&self) -> &'t str {
        &self.text[self.start..self.end]
    }

    pub fn start(&self) -> usize {
        self.start
    }

    pub fn end(&self) -> usize {
        self.end
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl<'t> Captures<'t> {
    /// A group by its name.
    pub fn name(&self, name: &str) -> Option<Match<'t>> {
        self.groups.get_group_by_name(name).map(|found| Match { text: self.text, start: found.start, end: found.end })
    }

    /// A group by its number; 0 is the whole match.
    pub fn get(&self, number: usize) -> Option<Match<'t>> {
        self.groups.get_group(number).map(|found| Match { text: self.text, start: found.start, end: found.end })
    }
}

impl Index<&str> for Captures<'_> {
    type Output = str;

    fn index(&self, name: &str) -> &str {
        let found = self.groups.get_group_by_name(name);
        found.map_or_else(|| panic!("no group {name} in the match"), |found| &self.text[found.start..found.end])
    }
}
