//! Strong anger or distress, now, at us.

use domain::signal::Alarm;

use super::super::reading::{Place, Reading};

/// The rule.
pub const RULE: &str = "negative-emotion";

/// One strong expression suffices; milder ones add up with shouting and exclamation marks, and good words take away.
pub fn find(reading: &Reading<'_>) -> Option<Alarm> {
    if reading.holds("negative-emotion.ends") {
        return None;
    }
    let strong = reading.evidence(RULE, "strong");
    if !strong.is_empty() {
        return super::alarm(reading, RULE, &strong);
    }
    let medium = reading.evidence(RULE, "medium");
    let first: Place = *medium.first()?;
    let mut places: Vec<(usize, usize)> = medium.iter().map(|place| (place.sentence, place.from)).collect();
    places.sort_unstable();
    places.dedup();
    let sentences = reading.parts.first().map_or(&[][..], |part| part.marked.as_slice());
    let words: usize = sentences.iter().map(|marked| marked.sentence.words.len()).sum();
    let shouted: usize = sentences.iter().flat_map(|marked| &marked.sentence.words).filter(|word| word.is_shouted).count();
    let exclaims: usize = sentences.iter().map(|marked| marked.sentence.exclaims).sum();
    let mut weight = places.len().min(3) as f32 * 0.4;
    if shouted >= 3 && shouted * 2 >= words.min(8) {
        weight += 0.5;
    } else if shouted >= 1 {
        weight += 0.2;
    }
    weight += match exclaims {
        0 => 0.0,
        1 => 0.15,
        _ => 0.3,
    };
    weight -= 0.5 * reading.places("sentiment.up").len().min(2) as f32;
    (weight >= 1.0).then(|| Alarm { rule: RULE.to_owned(), score: (weight * 0.7).min(0.9), quote: reading.quote(first) })
}
