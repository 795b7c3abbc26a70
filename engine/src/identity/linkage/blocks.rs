//! Which pairs are worth comparing: records that share a key.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::profile::{Lexicon, Profile, Word};

/// A block larger than this says nothing by its key alone; its records meet by other keys.
const LARGEST: usize = 50;

/// Pairs that share at least one key, each once, in order.
pub(super) fn pairs(profiles: &[Profile], lexicon: &Lexicon) -> Vec<(u32, u32)> {
    let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(profiles.len() * 8);
    for (place, profile) in profiles.iter().enumerate() {
        keys(profile, lexicon, |key| keyed.push((key, place as u32)));
    }
    keyed.sort_unstable();
    keyed.dedup();
    let mut pairs = Vec::new();
    for block in keyed.chunk_by(|one, other| one.0 == other.0) {
        if block.len() > LARGEST {
            continue;
        }
        for (at, (_, one)) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().map(|(_, other)| (*one, *other)));
        }
    }
    drop(keyed);
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Every key of a profile. Names are keyed in both orders, so that turned ones meet.
fn keys(profile: &Profile, lexicon: &Lexicon, mut add: impl FnMut(u64)) {
    let names = profile.name_parts();
    let birth = profile.birth.map(|birth| lexicon.text(birth.word));
    let sounds: Vec<String> = names.iter().map(|word| lexicon.sound(*word)).collect();
    for (at, sound) in sounds.iter().enumerate() {
        for other in names.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, word)| *word) {
            let first = lexicon.text(other).chars().next();
            add(hash(1, &(sound, first)));
            // Where a family name is common, the year tells apart.
            add(hash(2, &(sound, first, birth.map(|digits| &digits[..4]))));
        }
        if let Some(digits) = birth {
            add(hash(3, &(sound, &digits[..4])));
            add(hash(4, &(sound, &digits[4..])));
        }
        if let Some(postcode) = profile.postcode {
            add(hash(5, &(sound, postcode)));
        }
        if let Some(whole) = profile.whole {
            add(hash(6, &(sound, whole)));
        }
    }
    if let Some(digits) = birth {
        add(hash(7, &digits));
        // One slip in year or day.
        add(hash(8, &(&digits[..6], profile.postcode)));
        for word in &profile.words {
            add(hash(9, &(digits, word)));
        }
    }
    for email in profile.emails.iter().map(|mailbox| lexicon.text(mailbox.address)) {
        let local = email.split('@').next().unwrap_or(email);
        add(hash(10, &local));
        let mut letters: Vec<char> = local.chars().collect();
        letters.sort_unstable();
        add(hash(11, &letters));
    }
    for phone in profile.phones.iter().map(|word| lexicon.text(*word)) {
        add(hash(12, &&phone.as_bytes()[phone.len().saturating_sub(7)..]));
    }
    for external in &profile.externals {
        add(hash(13, external));
    }
    address_keys(profile, lexicon, add);
}

/// House number with the rarest word, and the two rarest words.
fn address_keys(profile: &Profile, lexicon: &Lexicon, mut add: impl FnMut(u64)) {
    let mut words: Vec<Word> = profile.words.clone();
    words.sort_by(|one, other| lexicon.rarity(*other).total_cmp(&lexicon.rarity(*one)).then(one.cmp(other)));
    if words.len() < 2 {
        return;
    }
    for word in words.iter().take(3) {
        if let Some(number) = profile.number {
            add(hash(14, &(number, word)));
        }
    }
    if let (Some(number), Some(postcode)) = (profile.number, profile.postcode) {
        add(hash(15, &(number, postcode)));
    }
}

fn hash(kind: u8, value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    kind.hash(&mut hasher);
    value.hash(&mut hasher);
    hasher.finish()
}
