//! Two sources that say different figures of the same thing: nobody can tell which is right but the business.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use domain::knowledge::{Conflict, Passage};
use domain::lexicon::terms;
use regex::Regex;

use crate::passages::cells;

/// Conflicts that are listed.
const MOST: usize = 100;
/// Sentences that share less of their words speak of different things.
const ALIKE: f32 = 0.7;
/// A sentence of fewer telling words says too little to compare.
const FEWEST_WORDS: usize = 3;

/// What one passage says in figures.
struct Claim<'a> {
    passage: &'a Passage,
    /// Words of what it is said of, without the figure.
    words: BTreeSet<String>,
    unit: String,
    figure: String,
    said: String,
}

/// All of them, the same two sources' differences over one thing once.
pub fn conflicts(passages: &[Passage]) -> Vec<Conflict> {
    let mut rows: BTreeMap<(String, String), Vec<(&Passage, &str)>> = BTreeMap::new();
    let mut claims: HashMap<(&str, String), Vec<Claim<'_>>> = HashMap::new();
    let mut found = Vec::new();
    for passage in passages {
        match cells(&passage.text) {
            Some(cells) => {
                let subject = cells.first().map(|(_, subject)| key(subject)).unwrap_or_default();
                for (column, value) in cells.into_iter().skip(1) {
                    rows.entry((subject.clone(), key(column))).or_default().push((passage, value));
                }
            }
            None => {
                for sentence in sentences(&passage.text) {
                    if let Some(claim) = claim(passage, sentence) {
                        claims.entry((passage.language.as_str(), claim.unit.clone())).or_default().push(claim);
                    }
                }
            }
        }
    }
    for ((subject, column), values) in &rows {
        for (at, (one, value)) in values.iter().enumerate() {
            let differs = |(other, rival): &&(&Passage, &str)| other.source != one.source && figures(value) != figures(rival);
            if let Some((other, _)) = values[at + 1..].iter().find(differs)
                && !figures(value).is_empty()
            {
                found.push(conflict(format!("{subject}: {column}"), one, other));
                break;
            }
        }
    }
    for claims in claims.values() {
        for (at, one) in claims.iter().enumerate() {
            for other in &claims[at + 1..] {
                if one.passage.source != other.passage.source && one.figure != other.figure && alike(&one.words, &other.words) >= ALIKE {
                    found.push(conflict(one.said.clone(), one.passage, other.passage));
                }
            }
        }
    }
    found.sort_by(|a, b| (&a.about, &a.one.source, &a.other.source).cmp(&(&b.about, &b.one.source, &b.other.source)));
    found.truncate(MOST);
    found
}

fn conflict(about: String, one: &Passage, other: &Passage) -> Conflict {
    let (one, other) = if one.source <= other.source { (one, other) } else { (other, one) };
    Conflict { about, one: one.clone(), other: other.clone() }
}

fn key(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends =
        |at: usize, sign: char| sign == '\n' || (matches!(sign, '!' | '?' | '.') && text[at + sign.len_utf8()..].starts_with([' ', '\n']));
    let mut from = 0;
    let mut cut: Vec<&str> = Vec::new();
    for (at, sign) in text.char_indices() {
        if ends(at, sign) {
            cut.push(&text[from..at]);
            from = at + sign.len_utf8();
        }
    }
    cut.push(&text[from..]);
    cut.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty())
}

static FIGURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([€$£]\s?)?(\d{1,3}(?:[ .,'’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?:\s?(%|€|\$|£|\p{L}+))?")
        .expect("a fixed expression")
});

/// A figure without its dress: "1.200,50" and "1,200.50" are one.
fn bare(figure: &str) -> String {
    let (whole, part) = match figure.rfind(['.', ',']) {
        Some(at) if figure.len() - at <= 3 => (&figure[..at], figure[at + 1..].trim_end_matches('0')),
        _ => (figure, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole = whole.trim_start_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

fn figures(text: &str) -> Vec<String> {
    FIGURE.captures_iter(text).map(|found| bare(&found[2])).collect()
}

/// What a sentence with one figure says.
fn claim<'a>(passage: &'a Passage, sentence: &str) -> Option<Claim<'a>> {
    let mut all = FIGURE.captures_iter(sentence);
    let found = all.next()?;
    if all.next().is_some() {
        return None;
    }
    let whole = found.get(0)?;
    // A name such as "X500" holds no figure.
    if sentence[..whole.start()].ends_with(char::is_alphanumeric) {
        return None;
    }
    let unit = found.get(3).or(found.get(1)).map(|unit| unit.as_str().trim().to_lowercase())?;
    let unit = terms(&unit, &passage.language).first().map_or(unit.clone(), |term| term.stem.clone());
    let rest = format!("{} {}", &sentence[..whole.start()], &sentence[whole.end()..]);
    let words: BTreeSet<String> = terms(&rest, &passage.language)
        .into_iter()
        .filter(|term| term.weight >= 1.0 && !term.token.is_number())
        .map(|term| term.stem)
        .collect();
    (words.len() >= FEWEST_WORDS).then(|| Claim { passage, words, unit, figure: bare(&found[2]), said: sentence.to_owned() })
}

fn alike(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f32 {
    let shared = one.intersection(other).count();
    let all = one.len() + other.len() - shared;
    let [shared, all] = [shared, all].map(|count| f32::from(u16::try_from(count).unwrap_or(u16::MAX)));
    shared / all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(source: &str, text: &str) -> Passage {
        Passage {
            source: source.to_owned(),
            heading: String::new(),
            text: text.to_owned(),
            score: 0.0,
            language: "en".to_owned(),
            outdated: false,
        }
    }

    fn found(texts: [(&str, &str); 2]) -> Vec<String> {
        conflicts(&texts.map(|(source, text)| passage(source, text))).into_iter().map(|conflict| conflict.about).collect()
    }

    #[test]
    fn two_tables_with_different_prices_are_told() {
        let prices = |a: &'static str, b: &'static str| found([("a.csv", a), ("b.md", b)]);
        assert_eq!(prices("Chair: ErgoMax | Price: 899 EUR", "Model: ErgoMax | Price: 949 EUR"), ["ergomax: price"]);
        assert!(prices("Chair: ErgoMax | Price: 1,200.00 EUR", "Chair: ErgoMax | Price: 1.200 EUR").is_empty(), "the same in other dress");
        assert!(prices("Chair: ErgoMax | Price: 899 EUR", "Chair: ErgoFit | Price: 949 EUR").is_empty());
        assert!(
            found([("a.csv", "Chair: ErgoMax | Price: 899 EUR"), ("a.csv", "Chair: ErgoMax | Price: 949 EUR")]).is_empty(),
            "one source"
        );
    }

    #[test]
    fn two_sentences_with_different_figures_of_one_thing_are_told() {
        let said = |a: &'static str, b: &'static str| found([("a.md", a), ("b.md", b)]);
        assert_eq!(
            said("You may return unused chairs within 30 days of delivery.", "Unused chairs may be returned within 14 days of delivery."),
            ["You may return unused chairs within 30 days of delivery."]
        );
        assert!(
            said("You may return unused chairs within 30 days of delivery.", "Unused chairs may be returned within 30 days of delivery.")
                .is_empty()
        );
        assert!(said("Delivery of chairs to France takes 3 days.", "Delivery of desks to Spain takes 5 days.").is_empty(), "other things");
        assert!(
            said("Open from 9 to 18 in our showroom in Lyon.", "Open from 10 to 18 in our showroom in Lyon.").is_empty(),
            "two figures say no one thing"
        );
    }
}
