//! Products, models and plans that the sources name, in catalogue spelling.

use std::collections::BTreeSet;

use domain::knowledge::Passage;

use crate::passages::cells;
use domain::lexicon::{concept, terms};

const NAMING: [&str; 30] = [
    "model",
    "modell",
    "modèle",
    "modelo",
    "product",
    "produit",
    "produkt",
    "producto",
    "plan",
    "formule",
    "tarif",
    "name",
    "nom",
    "item",
    "article",
    "artikel",
    "package",
    "paket",
    "treatment",
    "service",
    "course",
    "class",
    "room",
    "membership",
    "menu",
    "dish",
    "tour",
    "package name",
    "title",
    "bike",
];
const NOT_NAMING: [&str; 12] =
    ["day", "destination", "country", "month", "feature", "date", "hours", "zone", "time", "age", "question", "region"];

/// The names, each once, longest first.
pub fn names(passages: &[Passage]) -> Vec<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for passage in passages {
        if let Some(cells) = cells(&passage.text) {
            let Some((column, key)) = cells.first() else { continue };
            let column = column.to_lowercase();
            let priced = cells.iter().skip(1).any(|(_, value)| holds_money(value));
            if column == "name" {
                let sold = columns_with_prices(&cells, &passage.language);
                if !sold.is_empty() {
                    found.extend(sold);
                    continue;
                }
            }
            if NAMING.contains(&column.as_str()) || priced && !NOT_NAMING.contains(&column.as_str()) {
                found.insert((*key).to_owned());
            }
        } else if let Some((_, heading)) = passage.heading.rsplit_once(" › ") {
            let proper = heading.split_whitespace().count() <= 4 && looks_like_a_name(heading, &passage.language);
            if proper && holds_money(&passage.text) {
                found.insert(heading.to_owned());
            }
        }
    }
    let mut names: Vec<String> =
        found.into_iter().filter(|name| name.chars().count() <= 60 && name.chars().any(char::is_alphabetic)).collect();
    names.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    names
}

/// In a table that lies on its side the things sold stand over the columns: "Starter | Team | Business".
fn columns_with_prices(cells: &[(&str, &str)], language: &str) -> Vec<String> {
    const CONDITIONS: [&str; 22] = [
        "price",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "weekend",
        "working day",
        "season",
        "low season",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "child",
        "adult",
        "student",
        "person",
        "how long",
    ];
    let conditions: Vec<_> = CONDITIONS.iter().filter_map(|label| concept(label)).collect();
    let priced: Vec<&str> = cells.iter().skip(1).filter(|(_, value)| holds_money(value)).map(|(column, _)| *column).collect();
    let is_name = |column: &str| {
        let words = terms(column, language);
        (1..=4).contains(&words.len())
            && words.iter().any(|term| term.token.capital)
            && !words.iter().any(|term| term.concepts.iter().any(|idea| conditions.contains(idea)))
    };
    if priced.len() < 2 || !priced.iter().all(|column| is_name(column)) {
        return Vec::new();
    }
    priced.into_iter().map(str::to_owned).collect()
}

/// A heading of which a word is in no dictionary and written with a capital.
fn looks_like_a_name(heading: &str, language: &str) -> bool {
    let words = terms(heading, language);
    words.iter().skip(1).any(|term| term.token.capital && term.weight > 0.0)
        || words.first().is_some_and(|term| {
            term.concepts.is_empty() && term.weight >= 1.0 && term.token.capital && words.len() > 1 && concept(&term.token.folded).is_none()
        }) && words.iter().any(|term| term.token.is_number())
}

fn holds_money(text: &str) -> bool {
    let digits = text.chars().any(|c| c.is_ascii_digit());
    digits
        && (text.contains(['€', '£', '$'])
            || ["EUR", "GBP", "USD", "CHF", "SEK", "DKK", "NOK", "PLN", "CAD", "AUD"].iter().any(|code| text.contains(code)))
}
