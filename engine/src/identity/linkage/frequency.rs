//! How many people hold a value: what everybody has says little.

use std::collections::{HashMap, HashSet};

use super::compare::Field;
use super::profile::{Lexicon, Profile, Word};

/// Holders of every value, by field.
pub(super) struct Frequencies {
    names: Vec<u32>,
    others: HashMap<(u8, Word), u32>,
}

impl Frequencies {
    /// Counts persons, not records: `persons` tells whose each record is.
    pub fn count(profiles: &[Profile], lexicon: &Lexicon, persons: &[u32]) -> Self {
        let mut order: Vec<usize> = (0..profiles.len()).collect();
        order.sort_unstable_by_key(|place| persons[*place]);
        let mut counted = Self { names: vec![0; lexicon.len()], others: HashMap::new() };
        let mut own: HashSet<(u8, Word)> = HashSet::new();
        let mut last = None;
        for place in order {
            if last != Some(persons[place]) {
                own.clear();
                last = Some(persons[place]);
            }
            for (field, word) in values(&profiles[place]) {
                if !own.insert((field, word)) {
                    continue;
                }
                if field == NAME {
                    counted.names[word as usize] += 1;
                } else {
                    *counted.others.entry((field, word)).or_default() += 1;
                }
            }
        }
        counted
    }

    /// Persons who hold it besides the two who may be one.
    pub fn of(&self, field: Field, value: Word) -> f64 {
        let holders = match field {
            Field::Given | Field::Surname => self.names[value as usize],
            _ => self.others.get(&(field.place() as u8, value)).copied().unwrap_or(0),
        };
        (f64::from(holders) - 2.0).max(0.0)
    }
}

/// Given names and surnames are counted together: who knows in which column they stand.
const NAME: u8 = 0;

fn values(profile: &Profile) -> Vec<(u8, Word)> {
    let mut found: Vec<(u8, Word)> = profile.name_parts().into_iter().map(|word| (NAME, word)).collect();
    let mut add = |field: Field, word: Word| found.push((field.place() as u8, word));
    profile.birth.iter().for_each(|birth| add(Field::Birth, birth.word));
    profile.emails.iter().for_each(|mailbox| add(Field::Email, mailbox.address));
    profile.phones.iter().for_each(|word| add(Field::Phone, *word));
    profile.externals.iter().for_each(|word| add(Field::External, *word));
    profile.number.iter().for_each(|word| add(Field::Number, *word));
    profile.postcode.iter().for_each(|word| add(Field::Postcode, *word));
    profile.whole.iter().for_each(|word| add(Field::Address, *word));
    profile.others.iter().for_each(|(place, word)| add(Field::Other(*place), *word));
    found
}
