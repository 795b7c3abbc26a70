//! Phrases by their first word: some ten thousand, which stay in memory, so in lists and with nothing to spare.

use std::ops::Range;

/// What a phrase stands for.
pub(super) type Label = u32;

#[derive(Default)]
pub(super) struct Phrases {
    /// The first words, one after the other in their order.
    words: Box<str>,
    /// Of each first word: where it ends, and the place after its last phrase.
    firsts: Box<[(u32, u32)]>,
    /// The words after the first of each phrase, parted by blanks.
    rests: Box<str>,
    /// Of each phrase: where its rest ends, and what it stands for.
    all: Box<[(u32, Label)]>,
}

impl Phrases {
    /// Phrases of one first word stay in the order in which they came.
    pub fn of(mut entered: Vec<(&str, &str, Label)>) -> Self {
        entered.sort_by_key(|(first, _, _)| *first);
        let (mut words, mut rests) = (String::new(), String::new());
        let mut firsts: Vec<(u32, u32)> = Vec::new();
        let mut all: Vec<(u32, Label)> = Vec::with_capacity(entered.len());
        let mut last = None;
        for (first, rest, label) in entered {
            if last != Some(first) {
                words.push_str(first);
                firsts.push((words.len() as u32, 0));
                last = Some(first);
            }
            rests.push_str(rest);
            all.push((rests.len() as u32, label));
            if let Some((_, end)) = firsts.last_mut() {
                *end = all.len() as u32;
            }
        }
        Self { words: words.into(), firsts: firsts.into(), rests: rests.into(), all: all.into() }
    }

    /// The phrases that begin with this word: what follows it, and what they stand for.
    pub fn begun_by(&self, word: &str) -> impl Iterator<Item = (&str, Label)> {
        let place = self.first_from(0..self.firsts.len(), |known| known.as_bytes() < word.as_bytes());
        let known = place < self.firsts.len() && self.first(place) == word;
        known.then(|| self.of_first(place)).into_iter().flatten()
    }

    /// Visits the phrases whose first word is a beginning of this one, of two signs at least; the shorter beginnings first.
    pub fn beginnings_of<'a>(&'a self, word: &str, mut visit: impl FnMut(&'a str, Label)) {
        let mut here = 0..self.firsts.len();
        for (signs, (start, sign)) in word.char_indices().enumerate() {
            let cut = start + sign.len_utf8();
            let wanted = &word.as_bytes()[start..cut];
            // All of these begin as the word does up to `start`; those of just that length come first.
            let lower = self.first_from(here.clone(), |known| &known.as_bytes()[start..] < wanted);
            let upper = self.first_from(lower..here.end, |known| known.as_bytes()[start..].starts_with(wanted));
            here = lower..upper;
            if here.is_empty() {
                return;
            }
            if signs > 0 && self.first(lower).len() == cut {
                self.of_first(lower).for_each(|(rest, label)| visit(rest, label));
            }
        }
    }

    /// Has a phrase of this list the label?
    #[cfg(test)]
    pub fn has(&self, label: Label) -> bool {
        self.all.iter().any(|(_, other)| *other == label)
    }

    fn first(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.firsts[before].0);
        &self.words[from as usize..self.firsts[place].0 as usize]
    }

    fn of_first(&self, place: usize) -> impl Iterator<Item = (&str, Label)> {
        let from = place.checked_sub(1).map_or(0, |before| self.firsts[before].1);
        (from as usize..self.firsts[place].1 as usize).map(|at| {
            let (end, label) = self.all[at];
            let start = at.checked_sub(1).map_or(0, |before| self.all[before].0);
            (&self.rests[start as usize..end as usize], label)
        })
    }

    /// The first place of a range whose word is not like this; those that are come before those that are not.
    fn first_from(&self, places: Range<usize>, is_before: impl Fn(&str) -> bool) -> usize {
        let (mut from, mut to) = (places.start, places.end);
        while from < to {
            let middle = from.midpoint(to);
            if is_before(self.first(middle)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}
