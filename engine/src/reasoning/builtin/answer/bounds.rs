//! "Which chairs cost less than 300 EUR?": the rows of a table whose figure lies within what is asked.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::figures::{amounts, has_money, measured, number};
use super::reading::Reading;
use super::tables::{self, Placed, Table, Worked};
use super::wording;

/// A limit that somebody sets in a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// Where it stands in the question.
    pub place: Range<usize>,
    value: f64,
    /// `kg`, `cm`; `None`: money.
    unit: Option<&'static str>,
    /// Of money, where it was said.
    currency: Option<&'static str>,
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    AtMost,
    Above,
    AtLeast,
}

static BOUND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:costs?|cost|priced(?: at)?|co[uû]te(?:nt)?|kosten|kostet|cuestan?|custam?|weighs?|weighing|p[eè]sent|wiegen)?\s*\b(?:",
        r"(?P<below>less than|under|below|cheaper than|moins de|en dessous de|weniger als|unter|g[uü]nstiger als|menos de|por debajo de|abaixo de)|",
        r"(?P<most>up to|at most|no more than|not more than|maximum|max\.?|jusqu'[aà]|au plus|maximal|h[oö]chstens|bis(?: zu)?|hasta|como m[aá]ximo|at[eé]|no m[aá]ximo)|",
        r"(?P<above>more than|over|above|plus de|au-dessus de|mehr als|[uü]ber|m[aá]s de|por encima de|mais de|acima de)|",
        r"(?P<least>at least|au moins|mindestens|al menos|pelo menos))",
        r"\s+(?P<sign>[€$£]\s?)?(?P<n>\d[\d.,]*\d|\d)\s?(?P<unit>€|\$|£|eur\b|euros?\b|usd\b|dollars?\b|gbp\b|pounds?\b|chf\b|kg\b|kilos?\b|cm\b|m\b|l\b)?"
    ))
    .expect("a constant pattern")
});

impl Bound {
    /// The limit a question names, if it names one.
    pub fn read(text: &str) -> Option<Self> {
        let found = BOUND.captures(text)?;
        let value = number(found.name("n")?.as_str())?;
        let unit = found.name("unit").map(|unit| unit.as_str().to_lowercase()).unwrap_or_default();
        let currency = currency(&unit).or_else(|| currency(found.name("sign")?.as_str()));
        let unit = match unit.as_str() {
            "kg" | "kilo" | "kilos" => Some("kg"),
            "cm" => Some("cm"),
            "m" => Some("m"),
            "l" => Some("l"),
            _ => None,
        };
        let side = match ["below", "most", "above"].map(|name| found.name(name).is_some()) {
            [true, ..] => Side::Below,
            [_, true, _] => Side::AtMost,
            [.., true] => Side::Above,
            _ => Side::AtLeast,
        };
        Some(Self { place: found.get(0)?.range(), value, unit, currency, side })
    }

    fn admits(&self, figure: f64) -> bool {
        match self.side {
            Side::Below => figure < self.value,
            Side::AtMost => figure <= self.value,
            Side::Above => figure > self.value,
            Side::AtLeast => figure >= self.value,
        }
    }

    /// The figure of a cell that the limit is about.
    fn figure(&self, value: &str) -> Option<f64> {
        match self.unit {
            Some(unit) => measured(value).into_iter().rev().find(|(_, known)| *known == unit).map(|(figure, _)| figure),
            None => {
                let amounts = amounts(value);
                let [amount] = amounts.as_slice() else { return None };
                // Pounds are not held against euros.
                let other = self.currency.zip(currency(&amount.sign)).is_some_and(|(asked, told)| asked != told);
                (has_money(value) && !other).then_some(amount.value)
            }
        }
    }
}

/// A currency by its sign, its code or its name.
fn currency(sign: &str) -> Option<&'static str> {
    match sign.trim().to_lowercase().as_str() {
        "€" | "eur" | "euro" | "euros" => Some("EUR"),
        "$" | "usd" | "dollar" | "dollars" => Some("USD"),
        "£" | "gbp" | "pound" | "pounds" => Some("GBP"),
        "chf" => Some("CHF"),
        _ => None,
    }
}

/// As many rows are told; of more, nobody reads the end.
const MOST: usize = 6;

/// The rows within the limit, cheapest first; `None` where nothing of what is asked about has such a figure.
pub fn within(reading: &Reading, tables: &[Table<'_>]) -> Option<Worked> {
    let bound = reading.bound.as_ref().filter(|_| asks_which(reading))?;
    let mut found: Option<(f32, Worked)> = None;
    for table in tables.iter().filter(|table| table.rows.len() >= 2) {
        let across = table.language != reading.language;
        if !tables::is_of(reading, table, across) {
            continue;
        }
        let has_figure = |cell: &usize| {
            let told =
                table.rows.iter().filter(|placed| placed.row.cells.get(*cell).is_some_and(|cell| bound.figure(&cell.value).is_some()));
            told.count() * 2 > table.rows.len()
        };
        // Of several columns with such figures, the one that the question names.
        let columns: Vec<usize> = (0..table.rows[0].row.cells.len()).filter(has_figure).collect();
        let Some(column) = tables::told(reading, table, &columns, across) else { continue };
        let Some((fit, rows)) = tables::fulfilling(reading, table, tables, across) else { continue };
        let mut rows: Vec<(f64, Placed<'_>)> = rows
            .into_iter()
            .filter_map(|placed| Some((bound.figure(&placed.row.cells.get(column)?.value)?, placed)))
            .filter(|(figure, _)| bound.admits(*figure))
            .collect();
        if rows.is_empty() || rows.len() > MOST || fit < 0.6 {
            continue;
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lines: Vec<String> =
            rows.iter().map(|(_, placed)| wording::row(placed.row, &[column], table.language, &reading.language)).collect();
        if found.as_ref().is_none_or(|(known, _)| fit > *known) {
            let worked = Worked {
                text: wording::ended(&lines.join("; ")),
                passages: rows.iter().map(|(_, placed)| placed.passage).collect(),
                confidence: (0.5 + fit * 0.4).min(0.95),
                topic: Some(rows[0].1.row.key.clone()),
            };
            found = Some((fit, worked));
        }
    }
    found.map(|(_, worked)| worked)
}

/// Things are asked for that keep the limit, not what holds beyond it ("is delivery free over 150 EUR?").
fn asks_which(reading: &Reading) -> bool {
    static WANTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:which|what|any|anything|something|do you have|have you got|show me|quel(?:le)?s?|avez-vous|vous avez|qu'avez-vous|welche[rsnm]?|haben sie|gibt es|qu[eé]|cu[aá]les|tienen|hay|que|quais|t[eê]m|h[aá])\b")
            .expect("a constant pattern")
    });
    static RULE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:free|deliver\w*|shipping|orders?|discount|happens?|livraison|gratuit\w*|commandes?|remise|liefer\w*|versand|kostenlos|bestell\w*|rabatt|env[ií]o|gratis|pedidos?|descuento|entrega|frete|desconto|if|when|quand|wenn|cuando|quando)\b")
            .expect("a constant pattern")
    });
    WANTS.is_match(&reading.text) && !RULE.is_match(&reading.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_in_five_languages() {
        let check = |text: &str, side: Side, value: f64, unit: Option<&str>| {
            let bound = Bound::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((bound.side, bound.value, bound.unit), (side, value, unit), "{text}");
        };
        check("Which chairs cost less than 300 EUR?", Side::Below, 300.0, None);
        check("Quelles chaises coûtent moins de 300 euros ?", Side::Below, 300.0, None);
        check("Welche Stühle kosten höchstens 1.200 Euro?", Side::AtMost, 1200.0, None);
        check("¿Qué sillas cuestan más de 300 euros?", Side::Above, 300.0, None);
        check("Que cadeiras custam até 300 euros?", Side::AtMost, 300.0, None);
        check("Which chairs hold at least 130 kg?", Side::AtLeast, 130.0, Some("kg"));
        assert_eq!(Bound::read("What does it cost?"), None);
    }
}
