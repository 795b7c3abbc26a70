//! Answers out of tables: the right row and the right column, two rows side by side, the cheapest of them, simple sums.

use super::figures::{Amount, amounts, has_duration, has_money, has_number, measured};
use super::matching::{best, holds};
use super::reading::{Ask, Extreme, Reading};
use super::units::{Cell, Kind, Row, Unit};
use super::wording;
use domain::lexicon::{Term, concept, terms};

/// A row with where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// Index of its passage.
    pub passage: usize,
    /// The row.
    pub row: &'a Row,
    /// Words of its heading.
    pub head: &'a [Term],
}

/// The rows of one table.
#[derive(Debug)]
pub struct Table<'a> {
    /// Its rows in order of the sources.
    pub rows: Vec<Placed<'a>>,
    /// Language of its source.
    pub language: &'a str,
}

/// An answer worked out of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Worked {
    /// What is said.
    pub text: String,
    /// The passages it rests on.
    pub passages: Vec<usize>,
    /// 0..1
    pub confidence: f32,
    /// The row it is about, when it is one.
    pub topic: Option<String>,
}

/// Which cells of a row answer the question; empty when none is asked for in particular.
pub fn cells_for(reading: &Reading, row: &Row, across: bool) -> Vec<usize> {
    if row.cells.len() == 1 {
        return vec![0];
    }
    let mut heads: Vec<f32> = vec![0.0; row.cells.len()];
    // For each word of the question the columns that it names, or whose value it is.
    let mut told: Vec<Vec<usize>> = Vec::new();
    for wanted in &reading.wanted {
        if best(&wanted.term, &row.key_terms, across) >= 0.8 {
            continue;
        }
        let by_column: Vec<(usize, f32)> = (0..row.cells.len())
            .map(|cell| (cell, best(&wanted.term, &row.cells[cell].column_terms, across)))
            .filter(|(_, held)| *held >= 0.75)
            .collect();
        let strongest = by_column.iter().map(|(_, held)| *held).fold(0.0, f32::max);
        for (cell, held) in &by_column {
            let words = row.cells[*cell].column_terms.iter().filter(|term| term.weight > 0.0).count().max(1);
            heads[*cell] += held * wanted.weight / (words as f32).sqrt();
        }
        told.push(if by_column.is_empty() {
            (0..row.cells.len()).filter(|cell| best(&wanted.term, &row.cells[*cell].value_terms, across) >= 0.75).collect()
        } else {
            by_column.iter().filter(|(_, held)| *held >= strongest - 0.05).map(|(cell, _)| *cell).collect()
        });
    }
    let mut chosen: Vec<usize> = Vec::new();
    for ask in &reading.asks {
        let all: Vec<usize> = (0..row.cells.len()).filter(|cell| fits(*ask, &row.cells[*cell])).collect();
        // Of several columns of the kind, those that a word names and no other: "monthly and yearly".
        let mut picked: Vec<usize> = Vec::new();
        for columns in &mut told {
            let here: Vec<usize> = columns.iter().copied().filter(|cell| all.contains(cell)).collect();
            if here.len() == 1 {
                picked.extend(&here);
            }
            if !here.is_empty() {
                columns.clear();
            }
        }
        if picked.is_empty() {
            let best_head = all.iter().map(|cell| heads[*cell]).fold(0.0, f32::max);
            picked = all.into_iter().filter(|cell| heads[*cell] >= best_head - 0.05).collect();
        }
        chosen.extend(picked);
    }
    chosen.extend(told.into_iter().flatten());
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Is the cell of the kind that is asked for?
fn fits(ask: Ask, cell: &Cell) -> bool {
    match ask {
        Ask::Money => {
            is_priced(cell) && has_number(&cell.value)
                || has_money(&cell.value)
                || holds(Ask::Money, &cell.value) > 0.0 && is_about(&cell.column_terms, &["price"])
        }
        Ask::Duration => has_duration(&cell.value) || is_about(&cell.column_terms, &["how long", "lead time", "time"]),
        Ask::Moment => is_about(&cell.column_terms, &["open", "day", "time", "hour"]) || holds(Ask::Moment, &cell.value) > 0.0,
        Ask::Count | Ask::Distance => false,
        Ask::Email | Ask::Phone | Ask::Address => holds(ask, &cell.value) > 0.0,
    }
}

/// A column of prices, whether or not its figures carry a sign.
pub fn is_priced(cell: &Cell) -> bool {
    is_about(&cell.column_terms, &["price"]) && !is_about(&cell.column_terms, &["minimum", "number"])
}

fn is_about(words: &[Term], labels: &[&str]) -> bool {
    labels.iter().filter_map(|label| concept(label)).any(|idea| words.iter().any(|term| term.concepts.contains(&idea)))
}

/// How far the question names the row: the share of the key's words that it says.
pub fn named(reading_words: &[Term], row: &Row, across: bool) -> f32 {
    let keys: Vec<&Term> = row.key_terms.iter().filter(|term| term.weight > 0.0 || term.phrase).collect();
    if keys.is_empty() {
        return 0.0;
    }
    let said: f32 = keys.iter().map(|key| best(key, reading_words, across)).filter(|held| *held >= 0.75).sum();
    said / keys.len() as f32
}

/// How far the question's own words name the row.
pub fn said(reading: &Reading, row: &Row, language: &str) -> f32 {
    let words: Vec<Term> = reading.wanted.iter().map(|wanted| wanted.term.clone()).collect();
    named(&words, row, language != reading.language)
}

/// The same for what the name begins with: "Check-up" of "Check-up with two small X-rays".
fn named_core(words: &[Term], row: &Row, across: bool) -> f32 {
    let core = row.key.split([',', '(']).next().unwrap_or(&row.key);
    let core = core.split(" with ").next().unwrap_or(core).trim().len();
    let keys: Vec<&Term> = row.key_terms.iter().filter(|term| term.token.end <= core && (term.weight > 0.0 || term.phrase)).collect();
    if keys.is_empty() {
        return 0.0;
    }
    keys.iter().map(|key| best(key, words, across)).filter(|held| *held >= 0.75).sum::<f32>() / keys.len() as f32
}

/// Two or more rows put side by side, with the difference or the sum where one is asked for.
pub fn side_by_side(reading: &Reading, tables: &[Table<'_>]) -> Option<Worked> {
    let words = terms(&reading.text, &reading.language);
    let all: Vec<Term> =
        words.into_iter().chain(reading.wanted.iter().filter(|wanted| wanted.inherited).map(|wanted| wanted.term.clone())).collect();
    for table in tables {
        let across = table.language != reading.language;
        let mut rows: Vec<Placed<'_>> = table.rows.iter().copied().filter(|placed| named(&all, placed.row, across) >= 0.99).collect();
        drop_shorter(&mut rows, &reading.text);
        if rows.len() < 2 && (reading.compares || reading.sum || reading.difference) {
            rows = by_parts(reading, table, across);
        }
        if !(2..=4).contains(&rows.len()) {
            continue;
        }
        // Without a sign of comparison two names in one question must both be full names of the catalogue.
        let sure =
            reading.compares || reading.sum || reading.difference || reading.wanted.iter().filter(|wanted| wanted.named).count() >= 2;
        if !sure {
            continue;
        }
        if let Some(worked) = compare(reading, &rows, table.language) {
            return Some(worked);
        }
    }
    None
}

/// "Alder Mesh" is not meant where only "Alder Mesh XL" is written.
fn drop_shorter(rows: &mut Vec<Placed<'_>>, text: &str) {
    let lower = text.to_lowercase();
    let keys: Vec<String> = rows.iter().map(|placed| placed.row.key.to_lowercase()).collect();
    rows.retain(|placed| {
        let key = placed.row.key.to_lowercase();
        let longer = keys.iter().filter(|other| other.len() > key.len() && other.contains(&key)).any(|other| {
            lower.matches(other.as_str()).count() > 0 && lower.matches(key.as_str()).count() <= lower.matches(other.as_str()).count()
        });
        !longer
    });
}

fn by_parts<'a>(reading: &Reading, table: &Table<'a>, across: bool) -> Vec<Placed<'a>> {
    let mut rows: Vec<Placed<'a>> = Vec::new();
    let lower = format!(" {} ", reading.text.to_lowercase());
    let mut parts = vec![lower];
    for joint in [
        " or ",
        " and ",
        " plus ",
        " vs ",
        " vs. ",
        " versus ",
        " compared to ",
        " than ",
        " ou ",
        " et ",
        " oder ",
        " und ",
        " o ",
        " y ",
        ", ",
    ] {
        parts = parts.iter().flat_map(|part| part.split(joint).map(str::to_owned).collect::<Vec<_>>()).collect();
    }
    for part in parts {
        let words = terms(&part, &reading.language);
        let found = table
            .rows
            .iter()
            .map(|placed| (named_core(&words, placed.row, across) + named(&words, placed.row, across), placed))
            .filter(|(held, _)| *held >= 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.row.key.len().cmp(&a.1.row.key.len())));
        if let Some((_, placed)) = found
            && !rows.iter().any(|known| known.row.key == placed.row.key)
        {
            rows.push(*placed);
        }
    }
    rows
}

fn compare(reading: &Reading, rows: &[Placed<'_>], language: &str) -> Option<Worked> {
    let across = language != reading.language;
    let mut cells = cells_for(reading, rows[0].row, across);
    for placed in &rows[1..] {
        cells.extend(cells_for(reading, placed.row, across));
    }
    cells.sort_unstable();
    cells.dedup();
    let priced_cell = |cell: &usize| rows.iter().all(|placed| placed.row.cells.get(*cell).is_some_and(|cell| has_money(&cell.value)));
    let money = cells.iter().copied().find(priced_cell).or_else(|| (0..rows[0].row.cells.len()).find(priced_cell));
    let lower = reading.text.to_lowercase();
    let priced = reading.difference
        || reading.sum
        || ["cheaper", "dearer", "expensive", "moins cher", "plus cher", "billiger", "günstiger", "teurer", "barato", "caro"]
            .iter()
            .any(|word| lower.contains(word));
    if priced && let Some(cell) = money {
        cells.push(cell);
        cells.sort_unstable();
        cells.dedup();
    }
    // Nothing that the table holds was asked for: two names alone are no question.
    if cells.is_empty() || cells.len() > 4 {
        return None;
    }
    let covered = reading.wanted.iter().filter(|wanted| !wanted.named && wanted.weight >= 0.5 && !wanted.term.token.is_number());
    let (mut all, mut got) = (0.0, 0.0);
    for wanted in covered {
        all += wanted.weight;
        let held = rows
            .iter()
            .flat_map(|placed| {
                placed.row.cells.iter().flat_map(|cell| [&cell.column_terms, &cell.value_terms]).chain([&placed.row.key_terms])
            })
            .map(|words| best(&wanted.term, words, across))
            .fold(best(&wanted.term, rows[0].head, across), f32::max);
        got += wanted.weight * held;
    }
    if all > 0.0 && got / all < 0.5 {
        return None;
    }
    let cells: Vec<usize> = cells.into_iter().filter(|cell| rows.iter().all(|placed| placed.row.cells.len() > *cell)).collect();
    let mut text = rows.iter().map(|placed| wording::row(placed.row, &cells, language, &reading.language)).collect::<Vec<_>>().join("; ");
    text = wording::ended(&text);
    if let Some(cell) = money.filter(|cell| cells.contains(cell)) {
        let prices: Vec<Amount> = rows.iter().filter_map(|placed| amounts(&placed.row.cells[cell].value).into_iter().next()).collect();
        if prices.len() == rows.len() && prices.iter().all(|price| price.sign == prices[0].sign) {
            let said = wording::said(&reading.language);
            if reading.sum && !reading.difference {
                let total = Amount { value: prices.iter().map(|price| price.value).sum(), ..prices[0].clone() };
                text = format!("{text} {}: {}.", said.total, total.write());
            } else if prices.len() == 2 && (reading.difference || priced) {
                let difference = Amount { value: (prices[0].value - prices[1].value).abs(), ..prices[0].clone() };
                if reading.difference {
                    text = format!("{text} {}: {}.", said.difference, difference.write());
                } else if difference.value > 0.0 {
                    let dearer = ["dearer", "more expensive", "plus cher", "teurer", "más caro"].iter().any(|word| lower.contains(word));
                    let first = (prices[0].value > prices[1].value) == dearer;
                    let key = &rows[usize::from(!first)].row.key;
                    text = format!("{key} {}. {text}", if dearer { said.dearer } else { said.cheaper });
                }
            }
        }
    }
    Some(Worked {
        text,
        passages: rows.iter().map(|placed| placed.passage).collect(),
        confidence: 0.8,
        topic: Some(rows[0].row.key.clone()),
    })
}

/// The cheapest, the heaviest …: among the rows that fulfil the rest of the question.
pub fn extreme(reading: &Reading, tables: &[Table<'_>]) -> Option<Worked> {
    let (extreme, idea) = reading.extreme?;
    let mut found: Option<(f32, Worked)> = None;
    for table in tables.iter().filter(|table| table.rows.len() >= 2) {
        let across = table.language != reading.language;
        let is_price = concept("price") == Some(idea);
        let first = table.rows[0].row;
        let fits = |cell: &usize| {
            let cell = &first.cells[*cell];
            if is_price {
                has_money(&cell.value)
            } else {
                cell.column_terms.iter().any(|term| term.concepts.contains(&idea)) && has_number(&cell.value)
            }
        };
        // Of several prices the one whose column the question names.
        let told = |cell: &usize| {
            let columns = &first.cells[*cell].column_terms;
            reading.wanted.iter().map(|wanted| wanted.weight * best(&wanted.term, columns, across)).sum::<f32>()
        };
        let candidates: Vec<usize> = (0..first.cells.len()).filter(fits).collect();
        let Some(cell) = candidates.iter().copied().max_by(|a, b| told(a).total_cmp(&told(b)).then(b.cmp(a))) else { continue };
        let Some((fit, rows, shown)) = filter(reading, table, tables, across) else { continue };
        let valued = rows.iter().filter_map(|placed| Some((figure(&placed.row.cells.get(cell)?.value)?, placed)));
        let pick = match extreme {
            Extreme::Least => valued.min_by(|a, b| a.0.total_cmp(&b.0)),
            Extreme::Most => valued.max_by(|a, b| a.0.total_cmp(&b.0)),
        };
        let Some((_, placed)) = pick else { continue };
        let mut cells = vec![cell];
        cells.extend(shown.cells.iter().copied().filter(|shown| *shown != cell));
        cells.sort_unstable();
        cells.dedup();
        cells.truncate(3);
        let mut text = wording::row(placed.row, &cells, table.language, &reading.language);
        if let Some(note) = shown.note {
            text = format!("{text} ({note})");
        }
        let text = wording::ended(&text);
        if found.as_ref().is_none_or(|(known, _)| fit > *known) {
            let mut passages = vec![placed.passage];
            passages.extend(shown.passages);
            found = Some((fit, Worked { text, passages, confidence: (0.5 + fit * 0.4).min(0.95), topic: Some(placed.row.key.clone()) }));
        }
    }
    found.filter(|(fit, _)| *fit >= 0.6).map(|(_, worked)| worked)
}

#[derive(Default)]
struct Shown {
    cells: Vec<usize>,
    note: Option<String>,
    passages: Vec<usize>,
}

/// The rows that fulfil what the question says beside its superlative, with how much of it the table knows.
fn filter<'a>(reading: &Reading, table: &Table<'a>, tables: &[Table<'a>], across: bool) -> Option<(f32, Vec<Placed<'a>>, Shown)> {
    let mut rows: Vec<Placed<'a>> = table.rows.clone();
    let mut shown = Shown::default();
    let (mut all, mut got) = (0.3_f32, 0.3_f32);
    for wanted in reading.wanted.iter().filter(|wanted| !wanted.term.token.is_number()) {
        all += wanted.weight;
        let head = best(&wanted.term, table.rows[0].head, across);
        let columns: Vec<usize> = (0..rows.first()?.row.cells.len())
            .filter(|cell| {
                rows.first()
                    .and_then(|placed| placed.row.cells.get(*cell))
                    .is_some_and(|cell| best(&wanted.term, &cell.column_terms, across) >= 0.75)
            })
            .collect();
        let holding: Vec<Placed<'a>> = rows
            .iter()
            .copied()
            .filter(|placed| {
                best(&wanted.term, &placed.row.key_terms, across) >= 0.75
                    || placed.row.cells.iter().any(|cell| best(&wanted.term, &cell.value_terms, across) >= 0.75)
            })
            .collect();
        if head >= 0.75 || is_kind(&wanted.term, table, across) {
            got += wanted.weight;
        } else if !columns.is_empty() {
            got += wanted.weight;
            rows.retain(|placed| columns.iter().any(|cell| placed.row.cells.get(*cell).is_some_and(|cell| !is_no(&cell.value))));
            shown.cells.extend(columns);
        } else if !holding.is_empty() && holding.len() < rows.len() {
            // A table of desks knows more of desks than one in which a lamp for desks stands.
            got += wanted.weight * 0.95;
            if let Some(cell) = holding
                .first()
                .and_then(|placed| placed.row.cells.iter().position(|cell| best(&wanted.term, &cell.value_terms, across) >= 0.75))
            {
                shown.cells.push(cell);
            }
            rows = holding;
        } else if !holding.is_empty() {
            got += wanted.weight * 0.95;
        } else if let Some((feature, passage)) = feature(&wanted.term, tables, across) {
            // A table of features by plan: its columns are the names of this one.
            got += wanted.weight;
            rows.retain(|placed| feature.cells.iter().any(|cell| cell.column.eq_ignore_ascii_case(&placed.row.key) && !is_no(&cell.value)));
            shown.note = Some(feature.key.clone());
            shown.passages.push(passage);
        }
    }
    for (value, unit) in measured(&reading.text) {
        let column = (0..table.rows[0].row.cells.len()).find(|cell| {
            table
                .rows
                .iter()
                .filter(|placed| {
                    placed.row.cells.get(*cell).is_some_and(|cell| measured(&cell.value).iter().any(|(_, known)| *known == unit))
                })
                .count()
                * 2
                > table.rows.len()
                && table.rows[0].row.cells.get(*cell).is_some_and(|cell| is_about(&cell.column_terms, &["load", "maximum"]))
        });
        all += 0.8;
        let Some(column) = column else { continue };
        rows.retain(|placed| {
            placed.row.cells.get(column).and_then(|cell| measured(&cell.value).last().copied()).is_some_and(|(held, _)| held >= value)
        });
        shown.cells.push(column);
        got += 0.8;
    }
    if rows.is_empty() {
        return None;
    }
    Some((got / all, rows, shown))
}

/// Is what the question asks about what the table is of, or one of its columns or rows?
pub fn is_of(reading: &Reading, table: &Table<'_>, across: bool) -> bool {
    reading.wanted.iter().filter(|wanted| !wanted.term.token.is_number()).any(|wanted| {
        best(&wanted.term, table.rows[0].head, across) >= 0.75
            || is_kind(&wanted.term, table, across)
            || table.rows.iter().any(|placed| best(&wanted.term, &placed.row.key_terms, across) >= 0.75)
    })
}

/// Of these columns the one whose name the question says; the first, where it says none.
pub fn told(reading: &Reading, table: &Table<'_>, columns: &[usize], across: bool) -> Option<usize> {
    let said = |cell: &usize| {
        let words = &table.rows[0].row.cells[*cell].column_terms;
        reading.wanted.iter().map(|wanted| wanted.weight * best(&wanted.term, words, across)).sum::<f32>()
    };
    columns.iter().copied().max_by(|a, b| said(a).total_cmp(&said(b)).then(b.cmp(a)))
}

/// The rows that fulfil the rest of the question, with how much of it the table knows; its limit is left out.
pub fn fulfilling<'a>(reading: &Reading, table: &Table<'a>, tables: &[Table<'a>], across: bool) -> Option<(f32, Vec<Placed<'a>>)> {
    let without = reading
        .bound
        .as_ref()
        .map_or_else(String::new, |bound| format!("{}{}", &reading.text[..bound.place.start], &reading.text[bound.place.end..]));
    let rest = Reading { text: without, ..reading.clone() };
    filter(&rest, table, tables, across).map(|(fit, rows, _)| (fit, rows))
}

/// "chair" for the table of chairs, "plan" for the one whose naming column says so.
fn is_kind(word: &Term, table: &Table<'_>, across: bool) -> bool {
    table.rows.first().is_some_and(|placed| best(word, &terms(&placed.row.column, table.language), across) >= 0.75)
}

fn feature<'a>(word: &Term, tables: &[Table<'a>], across: bool) -> Option<(&'a Row, usize)> {
    tables
        .iter()
        .flat_map(|table| &table.rows)
        .find(|placed| {
            placed.row.cells.len() >= 2
                && placed.row.cells.iter().any(|cell| is_no(&cell.value))
                && best(word, &placed.row.key_terms, across) >= 0.75
        })
        .map(|placed| (placed.row, placed.passage))
}

/// Does a cell deny what its column says?
pub fn is_no(value: &str) -> bool {
    matches!(
        value.trim().to_lowercase().as_str(),
        "no" | "none" | "–" | "-" | "—" | "n/a" | "not available" | "not included" | "non" | "nein" | "keine" | "no disponible" | "✗" | "0"
    )
}

fn figure(value: &str) -> Option<f64> {
    if let Some(amount) = amounts(value).first() {
        return Some(amount.value);
    }
    let begin = value.find(|c: char| c.is_ascii_digit())?;
    let digits: String = value[begin..].chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    super::figures::number(digits.trim_end_matches(['.', ',']))
}

/// "Which plans have …?" over a table of features: the columns that do not say no.
pub fn columns_that_do(reading: &Reading, row: &Row) -> Option<String> {
    let flags = row
        .cells
        .iter()
        .filter(|cell| {
            is_no(&cell.value) || matches!(cell.value.to_lowercase().as_str(), "yes" | "oui" | "ja" | "sí" | "✓" | "included" | "full")
        })
        .count();
    if !reading.which || row.cells.len() < 2 || flags * 2 < row.cells.len() {
        return None;
    }
    let doing: Vec<String> = row
        .cells
        .iter()
        .filter(|cell| !is_no(&cell.value))
        .map(|cell| if cell.value.eq_ignore_ascii_case("yes") { cell.column.clone() } else { format!("{} ({})", cell.column, cell.value) })
        .collect();
    (!doing.is_empty()).then(|| format!("{}: {}.", row.key, doing.join(", ")))
}

/// "Four quadrants": up to four times a price (more may meet a volume discount), when the number stands before the row's name.
pub fn times(reading: &Reading, row: &Row, cell: usize, across: bool) -> Option<String> {
    const WORDS: [&str; 11] = ["", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let price = amounts(&row.cells.get(cell)?.value).into_iter().next()?;
    if !reading.asks.contains(&Ask::Money)
        || amounts(&row.cells[cell].value).len() != 1
        || row.cells[cell].value.to_lowercase().contains("from")
    {
        return None;
    }
    let words = terms(&reading.text, &reading.language);
    for (place, term) in words.iter().enumerate() {
        let number = term
            .token
            .folded
            .parse::<u32>()
            .ok()
            .or_else(|| WORDS.iter().position(|word| !word.is_empty() && *word == term.token.folded).map(|found| found as u32));
        let Some(number) = number.filter(|number| (2..=4).contains(number)) else { continue };
        let in_key = row.key_terms.iter().any(|key| key.token.folded == term.token.folded);
        let next = words.get(place + 1).or_else(|| words.get(place + 2));
        if in_key || !next.is_some_and(|next| next.weight > 0.0 && best(next, &row.key_terms, across) >= 0.75) {
            continue;
        }
        let total = Amount { value: price.value * f64::from(number), ..price.clone() };
        return Some(format!("{number} × {} = {}", price.write(), total.write()));
    }
    None
}

/// The tables among units, rows of the same source and heading together.
pub fn tables<'a>(units: &'a [Unit], place: &dyn Fn(usize) -> (&'a str, &'a str, &'a str)) -> Vec<Table<'a>> {
    let mut found: Vec<((&str, &str, &str), Table<'a>)> = Vec::new();
    for unit in units {
        let Kind::Row(row) = &unit.kind else { continue };
        let (source, heading, language) = place(unit.passage);
        let placed = Placed { passage: unit.passage, row, head: &unit.head };
        let name = (source, heading, row.column.as_str());
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, table)) => table.rows.push(placed),
            None => found.push((name, Table { rows: vec![placed], language })),
        }
    }
    found.into_iter().map(|(_, table)| table).collect()
}
