//! Word lists that are read once and stay: in one block each, with nothing to spare.

use std::collections::BTreeMap;

/// Words, and what belongs to each.
#[derive(Debug)]
pub(super) struct Table<V> {
    /// The words, one after the other, in their order.
    text: Box<str>,
    /// Of each word: where it ends, and where what belongs to it ends.
    ends: Box<[(u32, u32)]>,
    values: Box<[V]>,
}

impl<V> Table<V> {
    /// What belongs to a word; `None` for a word that is not in the list.
    pub fn get(&self, word: &str) -> Option<&[V]> {
        let place = self.place_of(word)?;
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before].1);
        Some(&self.values[from as usize..self.ends[place].1 as usize])
    }

    pub fn contains(&self, word: &str) -> bool {
        self.place_of(word).is_some()
    }

    fn place_of(&self, word: &str) -> Option<usize> {
        let (mut from, mut to) = (0, self.ends.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.word(middle).cmp(word) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    fn word(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before].0);
        &self.text[from as usize..self.ends[place].0 as usize]
    }
}

impl<V> From<BTreeMap<String, Vec<V>>> for Table<V> {
    fn from(words: BTreeMap<String, Vec<V>>) -> Self {
        let mut text = String::new();
        let mut values = Vec::new();
        let mut ends = Vec::with_capacity(words.len());
        for (word, mut belonging) in words {
            text.push_str(&word);
            values.append(&mut belonging);
            ends.push((text.len() as u32, values.len() as u32));
        }
        Self { text: text.into(), ends: ends.into(), values: values.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Table;

    #[test]
    fn a_table_holds_what_its_map_held() {
        let words = ["", "chaise", "chaise longue", "été", "zoo"];
        let map: BTreeMap<String, Vec<usize>> = words.iter().enumerate().map(|(at, word)| ((*word).to_owned(), vec![at; at])).collect();
        let table = Table::from(map);
        for (at, word) in words.iter().enumerate() {
            assert_eq!(table.get(word), Some(vec![at; at].as_slice()), "{word}");
        }
        for other in ["a", "chais", "chaise l", "zoos"] {
            assert!(!table.contains(other), "{other}");
        }
        assert!(!Table::<u8>::from(BTreeMap::new()).contains(""));
    }
}
