//! "We are five, which one do we need?": the rows, or the columns, whose capacity holds that many.

use std::sync::LazyLock;

use regex::Regex;

use super::matching::{best, counted};
use super::reading::Reading;
use super::tables::{Placed, Table, Worked};
use super::wording;
use domain::lexicon::{Term, concept};

/// The choices of a table that hold as many as the customer says they are, smallest first.
pub fn which_holds(reading: &Reading, tables: &[Table<'_>]) -> Option<Worked> {
    let number = heads(&reading.text.to_lowercase())?;
    if !reading.which || reading.wanted.iter().any(|wanted| wanted.named) {
        return None;
    }
    tables.iter().find_map(|table| by_row(reading, table, number).or_else(|| by_column(reading, table, number)))
}

/// How many people somebody says they are.
fn heads(lower: &str) -> Option<f64> {
    static HEADS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\b(?:we are|we're|were|there are|there will be|family of|party of|group of|team of|for|nous sommes|on est|pour|wir sind|für|somos|para)\s+(?:a |an )?(?:family of |group of |party of |team of |about |around )?(\d{1,4}|\p{L}+)(?:\s+(?:of us|people|persons?|guests?|adults?|friends|employees|staff|users|personnes|personen|leute|personas)|\s*[,;.?–-]|\s*$)|\b(?:we have|we've got|with|nous avons|wir haben|tenemos)\s+(?:about |around )?(\d{1,4})\s+(?:people|persons?|guests?|employees|staff|users|salariés|employés|mitarbeiter\w*|empleados)",
        )
        .expect("a fixed expression")
    });
    let found = HEADS.captures(lower)?;
    let word = found.get(1).or_else(|| found.get(2))?.as_str();
    word.parse().ok().or_else(|| counted(word)?.parse().ok())
}

/// Does a name say that it counts people? With it whether it is the least, not the most.
fn counts_people(words: &[Term]) -> Option<Bound> {
    let says = |labels: &[&str]| {
        labels.iter().filter_map(|label| concept(label)).any(|idea| words.iter().any(|term| term.concepts.contains(&idea)))
    };
    if !says(&["person", "load", "user", "staff", "adult"]) {
        return None;
    }
    Some(if says(&["minimum"]) { Bound::Least } else { Bound::Most })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Least,
    Most,
}

impl Bound {
    fn holds(self, value: &str, number: f64) -> bool {
        let lower = value.to_lowercase();
        if ["unlimited", "no limit", "illimité", "unbegrenzt", "ilimitado"].iter().any(|word| lower.contains(word)) {
            return true;
        }
        let figures: Vec<f64> = lower.split(|c: char| !c.is_ascii_digit()).filter_map(|figure| figure.parse().ok()).collect();
        match self {
            Self::Least => figures.first().is_some_and(|least| *least <= number),
            Self::Most => figures.last().is_some_and(|most| *most >= number),
        }
    }
}

fn by_row(reading: &Reading, table: &Table<'_>, number: f64) -> Option<Worked> {
    let first = table.rows.first().filter(|_| table.rows.len() >= 2)?;
    let (cell, bound) = first.row.cells.iter().enumerate().find_map(|(place, cell)| Some((place, counts_people(&cell.column_terms)?)))?;
    let value = |placed: &Placed<'_>| placed.row.cells.get(cell).map(|cell| cell.value.clone()).unwrap_or_default();
    let mut rows: Vec<Placed<'_>> = table.rows.iter().copied().filter(|placed| bound.holds(&value(placed), number)).collect();
    rows.sort_by_key(|placed| value(placed).split(|c: char| !c.is_ascii_digit()).find_map(|figure| figure.parse::<u32>().ok()));
    if rows.is_empty() || rows.len() == table.rows.len() {
        return None;
    }
    let lines: Vec<String> =
        rows.iter().take(3).map(|placed| wording::row(placed.row, &[cell], table.language, &reading.language)).collect();
    Some(Worked {
        text: wording::ended(&lines.join("; ")),
        passages: rows.iter().take(3).map(|placed| placed.passage).collect(),
        confidence: 0.75,
        topic: Some(rows[0].row.key.clone()),
    })
}

fn by_column(reading: &Reading, table: &Table<'_>, number: f64) -> Option<Worked> {
    let asked: Vec<Term> = reading.wanted.iter().map(|wanted| wanted.term.clone()).collect();
    let across = table.language != reading.language;
    let meets = |placed: &Placed<'_>| placed.row.key_terms.iter().map(|term| best(term, &asked, across)).fold(0.0, f32::max);
    let (placed, bound) = table
        .rows
        .iter()
        .filter(|placed| placed.row.column.eq_ignore_ascii_case("name") && placed.row.cells.len() >= 2)
        .filter_map(|placed| Some((placed, counts_people(&placed.row.key_terms)?)))
        .max_by(|a, b| meets(a.0).total_cmp(&meets(b.0)))?;
    let holding: Vec<String> = placed
        .row
        .cells
        .iter()
        .filter(|cell| bound.holds(&cell.value, number))
        .map(|cell| format!("{} ({})", cell.column, cell.value))
        .collect();
    if holding.is_empty() || holding.len() == placed.row.cells.len() {
        return None;
    }
    Some(Worked {
        text: wording::ended(&format!("{}: {}", placed.row.key, holding.join(", "))),
        passages: vec![placed.passage],
        confidence: 0.75,
        topic: None,
    })
}
