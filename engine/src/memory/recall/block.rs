//! A posting block: the words of up to 256 messages, where they are, and nothing of how they were put.
//!
//! A block is written once, sealed by the store, and read as a whole. Terms lie in order in one text, so that reading
//! one allocates four times, however many messages it holds.

use std::collections::BTreeMap;

use domain::Timestamp;

use super::Line;
use super::words::{self, Languages};

/// As many messages as a block holds: a place in it is one byte.
pub const BLOCK: usize = 256;

/// Counted up whenever terms are made in another way: older blocks are made anew.
const FORM: u8 = 1;

/// One message of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    pub id: u128,
    pub seq: i64,
    pub at: Timestamp,
    /// Its author's place in the block's list.
    pub author: u8,
    pub asks: bool,
    /// Words that carry a subject.
    pub length: u16,
}

/// A place in the block, and how many times a term is there.
pub(super) type Posting = (u8, u8);

/// The words of some messages in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    pub(super) entries: Vec<Entry>,
    pub(super) authors: Vec<String>,
    /// The one used last stands last.
    pub(super) languages: Vec<&'static str>,
    terms: String,
    /// Where each term ends in `terms`, and where its postings end.
    ends: Vec<(u32, u32)>,
    postings: Vec<Posting>,
}

/// The bytes are no block of this program: they are damaged, or another version wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the posting block cannot be read")]
pub struct Outdated;

impl Block {
    /// The block of these messages, in order; what lies beyond [`BLOCK`] of them is left out.
    pub fn of<'a>(lines: impl IntoIterator<Item = Line<'a>>, languages: &mut Languages) -> Self {
        let mut block = Self::default();
        let mut terms: BTreeMap<String, Vec<Posting>> = BTreeMap::new();
        for line in lines.into_iter().take(BLOCK) {
            let language = languages.next(line.text, line.language);
            let (counts, length) = words::counted(line.text, language);
            let place = block.entries.len() as u8;
            for (term, times) in counts {
                terms.entry(term).or_default().push((place, u8::try_from(times).unwrap_or(u8::MAX)));
            }
            block.languages.retain(|known| *known != language);
            block.languages.push(language);
            let author = block.author(&words::folded(line.author));
            let asks = words::asks(line.text);
            let length = u16::try_from(length).unwrap_or(u16::MAX);
            block.entries.push(Entry { id: line.id, seq: line.seq, at: line.at, author, asks, length });
        }
        block.write(terms.iter().map(|(term, postings)| (term.as_str(), postings.clone())));
        block
    }

    /// Several blocks as one, in their order; what lies beyond [`BLOCK`] messages is left out.
    pub(super) fn joined(parts: &[&Self]) -> Self {
        let mut block = Self::default();
        let mut terms: BTreeMap<&str, Vec<Posting>> = BTreeMap::new();
        for part in parts {
            let before = block.entries.len();
            let room = BLOCK - before;
            for at in 0..part.ends.len() {
                let here = part.postings_of(at).iter().filter(|(place, _)| usize::from(*place) < room);
                terms.entry(part.term(at)).or_default().extend(here.map(|(place, times)| (before as u8 + place, *times)));
            }
            for entry in part.entries.iter().take(room) {
                let author = block.author(&part.authors[usize::from(entry.author)]);
                block.entries.push(Entry { author, ..*entry });
            }
            for language in &part.languages {
                block.languages.retain(|known| known != language);
                block.languages.push(language);
            }
        }
        block.write(terms.into_iter().filter(|(_, postings)| !postings.is_empty()));
        block
    }

    fn write<'a>(&mut self, terms: impl Iterator<Item = (&'a str, Vec<Posting>)>) {
        for (term, postings) in terms {
            self.terms.push_str(term);
            self.postings.extend(postings);
            self.ends.push((self.terms.len() as u32, self.postings.len() as u32));
        }
    }

    fn author(&mut self, name: &str) -> u8 {
        let known = self.authors.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.authors.push(name.to_owned());
            self.authors.len() - 1
        }) as u8
    }

    /// How many messages it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No message?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The last message's place in the order of everything said.
    pub fn last_seq(&self) -> Option<i64> {
        self.entries.last().map(|entry| entry.seq)
    }

    /// What it takes in memory, about.
    pub fn weight(&self) -> usize {
        self.entries.len() * size_of::<Entry>() + self.terms.len() + self.ends.len() * 8 + self.postings.len() * 2 + 256
    }

    pub(super) fn terms(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.term(at))
    }

    fn term(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].0 as usize);
        &self.terms[start..self.ends[at].0 as usize]
    }

    fn postings_of(&self, at: usize) -> &[Posting] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1 as usize);
        &self.postings[start..self.ends[at].1 as usize]
    }

    /// Where a term is.
    pub(super) fn find(&self, term: &str) -> &[Posting] {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.term(middle).cmp(term) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.postings_of(middle),
            }
        }
        &[]
    }

    /// As bytes, to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(vec![FORM]);
        out.number(self.entries.len() as u32);
        for entry in &self.entries {
            out.0.extend(entry.id.to_le_bytes());
            out.0.extend(entry.seq.to_le_bytes());
            out.0.extend(entry.at.as_micros().to_le_bytes());
            out.0.extend([entry.author, u8::from(entry.asks)]);
            out.0.extend(entry.length.to_le_bytes());
        }
        out.texts(self.authors.iter().map(String::as_str));
        out.texts(self.languages.iter().copied());
        out.text(&self.terms);
        out.number(self.ends.len() as u32);
        for (text, postings) in &self.ends {
            out.number(*text);
            out.number(*postings);
        }
        out.number(self.postings.len() as u32);
        out.0.extend(self.postings.iter().flat_map(|(place, times)| [*place, *times]));
        out.0
    }

    /// Reads what [`Block::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Outdated> {
        let mut from = Reader(bytes);
        if from.take(1)? != [FORM] {
            return Err(Outdated);
        }
        let mut block = Self::default();
        for _ in 0..from.number()? {
            let id = u128::from_le_bytes(from.array()?);
            let (seq, at) = (i64::from_le_bytes(from.array()?), i64::from_le_bytes(from.array()?));
            let [author, asks] = from.array()?;
            let length = u16::from_le_bytes(from.array()?);
            block.entries.push(Entry { id, seq, at: Timestamp::from_micros(at), author, asks: asks != 0, length });
        }
        block.authors = from.texts()?;
        block.languages = from.texts()?.iter().filter_map(|name| words::known(name)).collect();
        block.terms = from.text()?;
        for _ in 0..from.number()? {
            block.ends.push((from.number()?, from.number()?));
        }
        let postings = from.number()? as usize;
        block.postings = from.take(postings.checked_mul(2).ok_or(Outdated)?)?.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        if !from.0.is_empty() || !block.holds_together() {
            return Err(Outdated);
        }
        Ok(block)
    }

    fn holds_together(&self) -> bool {
        let ordered = self.ends.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1);
        let (text, postings) = self.ends.last().copied().unwrap_or_default();
        ordered
            && text as usize == self.terms.len()
            && postings as usize == self.postings.len()
            && self.ends.iter().all(|(end, _)| self.terms.is_char_boundary(*end as usize))
            && self.postings.iter().all(|(place, _)| usize::from(*place) < self.entries.len())
            && self.entries.iter().all(|entry| usize::from(entry.author) < self.authors.len())
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.number(texts.len() as u32);
        for text in texts {
            self.text(text);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Outdated> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Outdated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Outdated> {
        self.take(N)?.try_into().map_err(|_| Outdated)
    }

    fn number(&mut self) -> Result<u32, Outdated> {
        self.array().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Result<String, Outdated> {
        let length = self.number()? as usize;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| Outdated)
    }

    fn texts(&mut self) -> Result<Vec<String>, Outdated> {
        (0..self.number()?).map(|_| self.text()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(texts: &[&str]) -> Block {
        let lines = texts.iter().enumerate().map(|(at, text)| Line {
            id: at as u128,
            seq: at as i64,
            at: Timestamp::from_secs(at as i64),
            author: if at % 2 == 0 { "Zoë" } else { "agent" },
            text,
            language: None,
        });
        Block::of(lines, &mut Languages::of(texts.iter().copied()))
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let written =
            block(&["My back hurts after two hours of sitting", "How tall are you?", "1.78 m, and the chairs are for two people"]);
        let read = Block::from_bytes(&written.to_bytes()).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.find("chair"), [(2, 1)]);
        assert_eq!(read.find("nothing"), []);
        assert_eq!((read.len(), read.last_seq()), (3, Some(2)));
    }

    #[test]
    fn damaged_bytes_are_refused_and_never_read_out_of_bounds() {
        let bytes = block(&["Delivery to Lyon on Friday", "The desk is for my daughter"]).to_bytes();
        for cut in 0..bytes.len() {
            assert_eq!(Block::from_bytes(&bytes[..cut]), Err(Outdated), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x81;
            if let Ok(block) = Block::from_bytes(&changed) {
                let terms: Vec<String> = block.terms().map(str::to_owned).collect();
                assert!(terms.iter().all(|term| block.find(term).len() <= bytes.len()));
            }
        }
    }

    #[test]
    fn what_a_block_cannot_hold_is_left_out() {
        let texts: Vec<String> = (0..BLOCK + 5).map(|at| format!("word{at}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(block(&texts).len(), BLOCK);
    }
}
