//! Questions that nobody wrote an answer to, put together when they ask for the same.

use std::collections::BTreeSet;

use domain::lexicon::{guess_language, terms};

/// Questions that share this much of the shorter one's matter ask for the same.
const ALIKE: f32 = 0.6;

/// The questions by their places, those that ask for the same together; the first of each was there first.
pub fn clusters(questions: &[&str]) -> Vec<Vec<usize>> {
    let mut clusters: Vec<(BTreeSet<String>, Vec<usize>)> = Vec::new();
    for (place, question) in questions.iter().enumerate() {
        let matter = matter(question);
        match clusters.iter_mut().find(|(known, _)| asks_the_same(known, &matter)) {
            Some((_, places)) => places.push(place),
            None => clusters.push((matter, vec![place])),
        }
    }
    clusters.into_iter().map(|(_, places)| places).collect()
}

/// What a question is about: ideas where words have them, else their stems.
fn matter(question: &str) -> BTreeSet<String> {
    let language = guess_language(question).unwrap_or("en");
    let telling = terms(question, language).into_iter().filter(|term| term.weight >= 1.0);
    telling.map(|term| term.concepts.first().map_or_else(|| term.stem.clone(), |idea| format!("#{idea:?}"))).collect()
}

fn asks_the_same(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let shared = one.intersection(other).count();
    let fewer = one.len().min(other.len());
    let [shared_share, fewer_share] = [shared, fewer].map(|count| f32::from(u16::try_from(count).unwrap_or(u16::MAX)));
    // One word alone joins only questions that are about nothing else.
    shared > 0 && shared_share / fewer_share >= ALIKE && (shared > 1 || one.len().max(other.len()) <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_the_same_is_one_gap() {
        let asked = [
            "Is the leather vegan?",
            "Do you rent out meeting rooms?",
            "Is your leather vegan please",
            "Can we rent a meeting room?",
            "Who founded you?",
        ];
        assert_eq!(clusters(&asked), [vec![0, 2], vec![1, 3], vec![4]]);
        assert_eq!(clusters(&["?", "!", "…"]).len(), 3, "what says nothing is like nothing");
        assert!(clusters(&[]).is_empty());
    }
}
