//! What has been read of people's histories stays at hand, within a bound; the store says when it is void.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::StrandId;
use domain::ports::{Posted, Posting};

use super::Line;
use super::block::{BLOCK, Block, Outdated};
use super::words::Languages;

/// Messages behind the last block: as many stay open as may still change, then the oldest become a block.
const OPEN: usize = 64;
/// Blocks of the open end, so that a new message touches few others.
const LEAF: usize = 64;
/// What all histories together may take, about.
const BUDGET: usize = 64 << 20;

/// What is known of the words of one strand.
#[derive(Debug, Clone)]
pub struct Pages {
    /// What of it is in blocks that the store keeps.
    pub posted: Posted,
    /// Everything up to here has been read.
    pub read_to: i64,
    blocks: Vec<Arc<Block>>,
    open: Vec<Arc<Block>>,
    languages: Languages,
}

impl Pages {
    /// Nothing has been read yet.
    pub fn new(strand: Posted) -> Self {
        Self {
            posted: Posted { to: 0, ..strand },
            read_to: 0,
            blocks: Vec::new(),
            open: Vec::new(),
            languages: Languages::of(std::iter::empty()),
        }
    }

    /// Takes in blocks that the store keeps; what was read behind them is read again.
    pub fn keep(&mut self, postings: &[Posting]) -> Result<(), Outdated> {
        for posting in postings {
            let block = Block::from_bytes(&posting.words)?;
            self.languages.go_on_from(&block);
            self.blocks.push(Arc::new(block));
            self.posted.to = posting.last_seq;
        }
        if !postings.is_empty() {
            self.open.clear();
            self.read_to = self.posted.to;
        }
        Ok(())
    }

    /// Takes in what was said since, in order.
    pub fn add(&mut self, lines: &[Line<'_>]) {
        let mut rest = lines;
        while !rest.is_empty() {
            let room = self.open.last().map_or(0, |last| LEAF.saturating_sub(last.len()));
            let (now, later) = rest.split_at(if room == 0 { LEAF } else { room }.min(rest.len()));
            let fresh = Block::of(now.iter().copied(), &mut self.languages);
            self.read_to = fresh.last_seq().unwrap_or(self.read_to);
            let begun = if room > 0 { self.open.pop() } else { None };
            match begun {
                Some(last) => self.open.push(Arc::new(Block::joined(&[&last, &fresh]))),
                None => self.open.push(Arc::new(fresh)),
            }
            rest = later;
        }
    }

    /// The block that is due, and what the pages are once the store has it.
    pub fn due(&self) -> Option<(Posting, Self)> {
        const LEAVES: usize = BLOCK / LEAF;
        if self.open.iter().map(|leaf| leaf.len()).sum::<usize>() < BLOCK + OPEN {
            return None;
        }
        let leaves: Vec<&Block> = self.open[..LEAVES].iter().map(|leaf| &**leaf).collect();
        let block = Block::joined(&leaves);
        let last_seq = block.last_seq()?;
        let posting = Posting { last_seq, messages: block.len() as u32, words: block.to_bytes() };
        let mut after = self.clone();
        after.open.drain(..LEAVES);
        after.blocks.push(Arc::new(block));
        after.posted.to = last_seq;
        Some((posting, after))
    }

    /// How many messages there are behind a place in the order.
    pub fn behind(&self, seq: i64) -> usize {
        self.blocks().map(|block| block.entries.iter().filter(|entry| entry.seq > seq).count()).sum()
    }

    /// Everything read, in order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().chain(&self.open).map(|block| &**block)
    }
}

impl Shelved for Pages {
    fn strand(&self) -> StrandId {
        self.posted.strand
    }

    fn version(&self) -> i64 {
        self.posted.version
    }

    fn weight(&self) -> usize {
        self.blocks().map(Block::weight).sum::<usize>() + 256
    }
}

/// What was read of one strand and can stay at hand.
pub trait Shelved {
    /// Whose.
    fn strand(&self) -> StrandId;
    /// Of which version of the strand's words it was read.
    fn version(&self) -> i64;
    /// What it takes in memory, about.
    fn weight(&self) -> usize;
}

#[derive(Debug)]
struct Held<T> {
    strands: HashMap<StrandId, (Arc<T>, u64)>,
    weight: usize,
    clock: u64,
}

/// What was read of many strands; what was not asked for in the longest time goes first.
#[derive(Debug)]
pub struct Shelf<T> {
    inner: Mutex<Held<T>>,
    budget: usize,
}

impl<T: Shelved> Default for Shelf<T> {
    fn default() -> Self {
        Self::of(BUDGET)
    }
}

impl<T: Shelved> Shelf<T> {
    /// Holds about so many bytes.
    pub fn of(budget: usize) -> Self {
        Self { inner: Mutex::new(Held { strands: HashMap::new(), weight: 0, clock: 0 }), budget }
    }

    /// What was read of a strand, unless it is void.
    pub fn find(&self, strand: StrandId, version: i64) -> Option<Arc<T>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let clock = inner.clock;
        let (pages, used) = inner.strands.get_mut(&strand)?;
        *used = clock;
        (pages.version() == version).then(|| pages.clone())
    }

    /// Puts it in the place of what was there of its strand.
    pub fn put(&self, pages: Arc<T>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let clock = inner.clock;
        inner.weight += pages.weight();
        if let Some((before, _)) = inner.strands.insert(pages.strand(), (pages, clock)) {
            inner.weight -= before.weight();
        }
        while inner.weight > self.budget && inner.strands.len() > 1 {
            let Some(oldest) = inner.strands.iter().min_by_key(|(_, (_, used))| *used).map(|(strand, _)| *strand) else { break };
            inner.drop_strand(oldest);
        }
    }

    /// What was read of these strands is forgotten at once.
    pub fn forget(&self, strands: &[StrandId]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for strand in strands {
            inner.drop_strand(*strand);
        }
    }
}

impl<T: Shelved> Held<T> {
    fn drop_strand(&mut self, strand: StrandId) {
        if let Some((pages, _)) = self.strands.remove(&strand) {
            self.weight -= pages.weight();
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn every_message_is_read_once_and_the_oldest_become_blocks() {
        let strand = StrandId::new(Timestamp::from_secs(1), 1);
        let texts: Vec<String> = (0..700).map(|at| format!("word{at}")).collect();
        let lines: Vec<Line<'_>> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| Line {
                id: at as u128,
                seq: at as i64 + 1,
                at: Timestamp::from_secs(at as i64),
                author: "<",
                text,
                language: Some("en"),
            })
            .collect();
        let mut pages = Pages::new(Posted { strand, to: 0, version: 0 });
        let mut postings = Vec::new();
        for some in lines.chunks(33) {
            pages.add(some);
            while let Some((posting, after)) = pages.due() {
                postings.push(posting);
                pages = after;
            }
        }
        let places = |pages: &Pages| pages.blocks().map(Block::len).sum::<usize>();
        assert_eq!((places(&pages), pages.read_to, pages.posted.to), (700, 700, 512));
        assert!(postings.iter().all(|posting| posting.messages == 256) && postings.len() == 2);
        assert!((0..700).all(|at| pages.blocks().any(|block| !block.find(&format!("word{at}")).is_empty())));

        let mut again = Pages::new(Posted { strand, to: 0, version: 0 });
        assert_eq!(again.keep(&postings), Ok(()));
        assert_eq!((again.posted.to, again.read_to), (512, 512));
        again.add(&lines[512..]);
        assert_eq!(places(&again), 700);
        assert!(again.keep(&[Posting { last_seq: 800, messages: 1, words: vec![9] }]).is_err());
    }

    #[test]
    fn what_was_not_asked_for_in_the_longest_time_goes_first() {
        let shelf = Shelf::of(600);
        let pages = |number: u128| Arc::new(Pages::new(Posted { strand: StrandId::from_bits(number), to: 0, version: 7 }));
        for number in 1..=3 {
            shelf.put(pages(number));
        }
        assert!(shelf.find(StrandId::from_bits(1), 7).is_none() && shelf.find(StrandId::from_bits(3), 7).is_some());
        assert!(shelf.find(StrandId::from_bits(3), 8).is_none(), "void");
        shelf.forget(&[StrandId::from_bits(3)]);
        assert!(shelf.find(StrandId::from_bits(3), 7).is_none());
    }
}
