//! Two pages of the business that say different figures of one thing: nobody is told one of them as if it were certain.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::knowledge::{Answer, Conflict, Passage};
use regex::Regex;

static FIGURE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+(?:[.,]\d+)*").expect("a constant pattern"));

/// The answer with both of what is said, where another page contradicts a figure that it states.
pub fn found(answer: &Answer, conflicts: &[Conflict]) -> Option<Answer> {
    let text = answer.text.as_deref()?;
    conflicts.iter().filter(|conflict| !conflict.one.outdated && !conflict.other.outdated).find_map(|conflict| {
        let is_cited =
            |passage: &Passage| answer.citations.iter().any(|known| known.source == passage.source && known.text == passage.text);
        let (cited, other) = if is_cited(&conflict.one) { (&conflict.one, &conflict.other) } else { (&conflict.other, &conflict.one) };
        let (ours, theirs) = sides(conflict, cited, other)?;
        let disputed: BTreeSet<&str> = figures(&ours).difference(&figures(&theirs)).copied().collect();
        let is_stated = figures(text).intersection(&disputed).next().is_some();
        is_stated.then(|| Answer {
            text: Some(format!("{}; {}", ours.trim_end_matches('.'), theirs.trim_end_matches('.'))),
            citations: vec![cited.clone(), other.clone()],
            ..answer.clone()
        })
    })
}

/// What each of the two says of it: a cell of a row, or a sentence.
fn sides(conflict: &Conflict, cited: &Passage, other: &Passage) -> Option<(String, String)> {
    if let Some((subject, column)) = conflict.about.rsplit_once(": ") {
        let cell = |passage: &Passage| {
            let cells = passage.text.split(" | ").filter_map(|cell| cell.split_once(": "));
            let said = cells.skip(1).find(|(name, _)| name.trim().to_lowercase() == column);
            said.map(|(name, value)| format!("{subject}, {}: {value}", name.trim()))
        };
        if let (Some(one), Some(two)) = (cell(cited), cell(other)) {
            return Some((one, two));
        }
    }
    let (one, two) = (sentence(cited, &conflict.about)?, sentence(other, &conflict.about)?);
    says_the_same(&one, &two).then_some((one, two))
}

/// Are two sentences about one thing, figures apart? A list for the team may guess; what a customer is told may not.
fn says_the_same(one: &str, two: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.to_lowercase();
        let words = words.split(|letter: char| !letter.is_alphabetic()).filter(|word| word.chars().count() > 3);
        words.map(|word| word.trim_end_matches('s').to_owned()).collect()
    };
    let (one, two) = (words(one), words(two));
    one.len() >= 2 && one.symmetric_difference(&two).count() * 5 <= one.union(&two).count()
}

/// The sentence of a passage that is most like these words.
fn sentence(passage: &Passage, about: &str) -> Option<String> {
    let words = |text: &str| -> BTreeSet<String> {
        text.to_lowercase().split(|letter: char| !letter.is_alphabetic()).filter(|word| word.len() > 2).map(str::to_owned).collect()
    };
    let wanted = words(about);
    let sentences = passage.text.split(['\n', '!', '?']).flat_map(|line| line.split(". ")).filter(|part| FIGURE.is_match(part));
    sentences.max_by_key(|part| words(part).intersection(&wanted).count()).map(|part| part.trim().to_owned())
}

fn figures(text: &str) -> BTreeSet<&str> {
    FIGURE.find_iter(text).map(|found| found.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(source: &str, text: &str) -> Passage {
        Passage { source: source.into(), heading: String::new(), text: text.into(), score: 0.0, language: "en".into(), outdated: false }
    }

    #[test]
    fn a_figure_that_another_page_contradicts_is_not_told_as_certain() {
        let (one, other) = (
            passage("a.md", "Soft castors cost 25 EUR for a set."),
            passage("b.md", "Soft castors cost 29 EUR for a set. We ship on Mondays."),
        );
        let conflict = Conflict { about: "Soft castors cost 25 EUR for a set".into(), one: one.clone(), other: other.clone() };
        let answer =
            |text: &str, cited: &Passage| Answer { text: Some(text.to_owned()), citations: vec![cited.clone()], ..Answer::default() };
        let told = found(&answer("Soft castors cost 25 EUR for a set.", &one), std::slice::from_ref(&conflict)).expect("a difference");
        let text = told.text.unwrap_or_default();
        assert!(text.contains("25 EUR") && text.contains("29 EUR") && told.citations.len() == 2, "{text}");
        assert!(found(&answer("We ship on Mondays.", &other), std::slice::from_ref(&conflict)).is_none(), "of something else");
        let old = Conflict { other: Passage { outdated: true, ..other }, ..conflict };
        assert!(found(&answer("Soft castors cost 25 EUR for a set.", &one), &[old]).is_none(), "what is out of date contradicts nobody");
        let france = passage("a.md", "Delivery of a chair to France costs 9 EUR.");
        let belgium = passage("b.md", "Delivery of a chair to Belgium costs 19 EUR.");
        let conflict = Conflict { about: "Delivery of a chair to France costs 9 EUR".into(), one: france.clone(), other: belgium };
        assert!(found(&answer("Delivery of a chair to France costs 9 EUR.", &france), &[conflict]).is_none(), "of another country");
        let (row, rival) =
            (passage("c.csv", "Model: Atlas | Price: 689 EUR | Weight: 21 kg"), passage("d.csv", "Model: Atlas | Price: 659 EUR"));
        let conflict = Conflict { about: "atlas: price".into(), one: row.clone(), other: rival };
        assert!(found(&answer("Atlas: 689 EUR", &row), std::slice::from_ref(&conflict)).is_some());
        assert!(found(&answer("Atlas – Weight: 21 kg", &row), &[conflict]).is_none());
    }
}
