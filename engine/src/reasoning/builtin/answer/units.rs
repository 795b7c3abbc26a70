//! Passages as things that can be said: a sentence, a list item, the answer to a question, a row.

use domain::knowledge::Passage;

use super::figures::{has_percent, says};
use domain::lexicon::{Term, terms};

/// What a unit is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A sentence of prose, by its place in the passage.
    Sentence(usize),
    /// The whole of a short passage or a list item.
    Item,
    /// The answer of a question and answer.
    Pair,
    /// A row: the naming cell and the others.
    Row(Row),
}

/// A row of a table, or an item of the form `name: value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Name of the naming column.
    pub column: String,
    /// The name.
    pub key: String,
    /// Its words.
    pub key_terms: Vec<Term>,
    /// The other cells.
    pub cells: Vec<Cell>,
}

/// A cell with the name of its column.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Column name; empty for an item `name: value`.
    pub column: String,
    /// Value as in the source.
    pub value: String,
    /// Words of the column name.
    pub column_terms: Vec<Term>,
    /// Words of the value.
    pub value_terms: Vec<Term>,
}

/// Something that can be said.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Which passage it comes from.
    pub passage: usize,
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// Its words.
    pub own: Vec<Term>,
    /// Words of its heading and lead-in.
    pub head: Vec<Term>,
    /// Words of the other sentences of its passage.
    pub near: Vec<Term>,
}

/// The units of passages, in their order.
pub fn units(passages: &[Passage]) -> Vec<Unit> {
    let mut found = Vec::new();
    for (number, passage) in passages.iter().enumerate() {
        cut(number, passage, &mut found);
    }
    found
}

fn cut(number: usize, passage: &Passage, found: &mut Vec<Unit>) {
    let language = passage.language.as_str();
    let mut head = terms(&passage.heading.replace(" › ", " . "), language);
    if let Some((question, answer)) = passage.text.strip_prefix("Q: ").and_then(|text| text.split_once("\nA: ")) {
        let own = with_share(terms(&format!("{question} . {answer}"), language), answer);
        found.push(Unit { passage: number, kind: Kind::Pair, text: answer.to_owned(), own, head, near: Vec::new() });
        return;
    }
    if let Some(row) = row(&passage.text, language) {
        let mut own = row.key_terms.clone();
        for cell in &row.cells {
            own.extend(cell.column_terms.iter().cloned());
            own.extend(cell.value_terms.iter().cloned());
        }
        found.push(Unit { passage: number, kind: Kind::Row(row), text: passage.text.clone(), own, head, near: Vec::new() });
        return;
    }
    let (lead, text) = match passage.text.split_once("\n- ") {
        Some((lead, item)) => (Some(lead), item),
        None => (None, passage.text.strip_prefix("- ").unwrap_or(&passage.text)),
    };
    if let Some(lead) = lead {
        head.extend(terms(lead, language));
    }
    // What a paragraph begins with in bold names it; only a lead-in with a colon stands over a list.
    let named = lead.filter(|lead| !lead.trim_end().ends_with(':'));
    if named.is_none() && (lead.is_some() || passage.text.starts_with("- ")) {
        let own = terms(text, language);
        let kind = named_item(text, language).map_or(Kind::Item, Kind::Row);
        found.push(Unit { passage: number, kind, text: text.to_owned(), own, head, near: Vec::new() });
        return;
    }
    let said = sentences(text);
    let mut words: Vec<Vec<Term>> = said.iter().map(|sentence| with_share(terms(sentence, language), sentence)).collect();
    if let Some(named) = named {
        for own in &mut words {
            own.extend(terms(named, language));
        }
    }
    for (place, sentence) in said.iter().enumerate() {
        let near = words.iter().enumerate().filter(|(other, _)| *other != place).flat_map(|(_, terms)| terms.iter().cloned()).collect();
        found.push(Unit {
            passage: number,
            kind: Kind::Sentence(place),
            text: sentence.clone(),
            own: words[place].clone(),
            head: head.clone(),
            near,
        });
    }
}

/// What figures say without the word for it: "30 % off" is a discount, "14 and over" an age, "up to 1.95 m" a body height.
fn with_share(mut words: Vec<Term>, text: &str) -> Vec<Term> {
    if says(
        text,
        r"(?i)\b\d{1,2}\+?(?: years?)? (?:or|and) (?:older|over|up|above|under|younger)\b|\b(?:under|over|aged?) \d{1,2}(?:s\b|[,.;)]|$| (?:may|can|must|are|pay|travel|get)\b)|\bà partir de \d{1,2} (?:ans|mois)\b|\bab \d{1,2} jahren\b|\ba partir de \d{1,2} años\b|\b\d{1,2} (?:to|à|bis|a) \d{1,2} (?:years?|ans|jahre|años)\b",
    ) {
        words.extend(terms("age", "en"));
    }
    if says(
        text,
        r"(?i)\b(?:from|du|vom|ab|del|de) (?:\w+ )?\d{1,2}(?:er|\.)? ?(?:\p{L}+ )?(?:to|until|till|au|bis(?: zum)?|al?) (?:\w+ )?\d{1,2}(?:er|\.)? \p{L}+|\b(?:from|de|von|du) (?:january|february|march|april|may|june|july|august|september|october|november|december|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|januar|februar|märz|juni|juli|oktober|dezember) ",
    ) {
        words.extend(terms("begin end", "en"));
    }
    // "Monday to Friday 8:30 to 18:00", and no more, is when it is open.
    if text.chars().count() <= 60
        && !super::figures::has_money(text)
        && says(
            text,
            r"(?i)^\W*(?:\p{L}{1,4} ){0,2}(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b.{0,40}\d{1,2}[:.]\d{2}\s*(?:–|-|to|until)\s*\d{1,2}|^\W*(?:\p{L}{1,4} ){0,2}(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo)s?\b.{0,40}\d{1,2}\s?(?:[:.h]\s?\d{0,2}|uhr)?\s*(?:–|-|à|a|bis)\s*\d{1,2}",
        )
    {
        words.extend(terms("open", "en"));
    }
    if says(text, r"\b[12][.,]\d{2} ?m\b") {
        words.extend(terms("tall", "en"));
    }
    if has_percent(text)
        && says(text, r"(?i)%\s*(?:off|less|cheaper|moins|de moins|günstiger|menos)|\b(?:gets?|get|receive|bénéfici\w+|erhalten)\b.{0,40}%")
    {
        words.extend(terms("discount", "en"));
    }
    words
}

/// A passage without what it begins with in bold.
pub fn prose(text: &str) -> &str {
    text.split_once("\n- ").map_or(text, |(_, prose)| prose)
}

fn row(text: &str, language: &str) -> Option<Row> {
    if text.contains('\n') || !text.contains(" | ") {
        return None;
    }
    let mut cells = text.split(" | ").map(|cell| cell.split_once(": "));
    let (column, key) = cells.next()??;
    let cells: Option<Vec<Cell>> = cells.map(|cell| cell.map(|(column, value)| new_cell(column, value, language))).collect();
    Some(Row { column: column.to_owned(), key: key.to_owned(), key_terms: terms(key, language), cells: cells? })
}

fn named_item(text: &str, language: &str) -> Option<Row> {
    let (key, value) = text.split_once(": ")?;
    (key.split_whitespace().count() <= 9 && !value.is_empty()).then(|| Row {
        column: String::new(),
        key: key.to_owned(),
        key_terms: terms(key, language),
        cells: vec![new_cell("", value, language)],
    })
}

fn new_cell(column: &str, value: &str, language: &str) -> Cell {
    Cell {
        column: column.to_owned(),
        value: value.to_owned(),
        // What stands in brackets explains, it does not name: "Yearly billing (per month)".
        column_terms: terms(column.split('(').next().filter(|core| !core.trim().is_empty()).unwrap_or(column), language),
        value_terms: terms(value, language),
    }
}

/// The sentences of a text; `Dr.`, `incl.` and figures do not end one.
pub fn sentences(text: &str) -> Vec<String> {
    const SHORT: [&str; 22] = [
        "dr", "mr", "mrs", "ms", "prof", "st", "incl", "excl", "approx", "e.g", "i.e", "etc", "no", "nr", "vs", "max", "min", "tel", "ca",
        "bzw", "z.b", "inc",
    ];
    let mut found = Vec::new();
    for line in text.lines() {
        let mut begin = 0;
        let bytes = line.as_bytes();
        for (at, c) in line.char_indices() {
            if !matches!(c, '.' | '!' | '?') {
                continue;
            }
            let rest = &line[at + 1..];
            let next = rest.trim_start();
            if !rest.starts_with(' ')
                || !next.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '«' | '"' | '“' | '¿' | '¡' | '+'))
            {
                continue;
            }
            let word = line[begin..at].rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
            if c == '.' && (SHORT.contains(&word.as_str()) || word.chars().count() == 1 && bytes[at - 1].is_ascii_alphabetic()) {
                continue;
            }
            found.push(line[begin..=at].trim().to_owned());
            begin = at + 1;
        }
        let rest = line[begin..].trim();
        if !rest.is_empty() {
            found.push(rest.to_owned());
        }
    }
    found
}

/// Does the sentence lean on the one before it?
pub fn leans(sentence: &str) -> bool {
    let first = sentence.split_whitespace().next().unwrap_or_default().trim_matches(',').to_lowercase();
    matches!(
        first.as_str(),
        "it" | "this"
            | "they"
            | "these"
            | "that"
            | "those"
            | "he"
            | "she"
            | "then"
            | "otherwise"
            | "after"
            | "afterwards"
            | "some"
            | "both"
            | "also"
            | "however"
            | "but"
            | "il"
            | "elle"
            | "ils"
            | "elles"
            | "cela"
            | "ceci"
            | "sinon"
            | "er"
            | "sie"
            | "es"
            | "dies"
            | "esto"
            | "ello"
    ) || sentence.to_lowercase().starts_with("the first time")
}
