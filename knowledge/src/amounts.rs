//! "All amounts in euro": figures of a table that leave their currency to a sentence beside it.

use std::sync::LazyLock;

use domain::lexicon::{concept, terms};
use regex::Regex;

use crate::block::{Block, Document};

/// The currency that a document says its amounts are in.
pub fn currency_of(document: &Document) -> Option<&'static str> {
    document.blocks.iter().find_map(|block| match block {
        Block::Heading { text, .. } | Block::Paragraph(text) | Block::Item { text, .. } => currency_said(text),
        Block::Row(_) | Block::Pair { .. } => None,
    })
}

/// So far behind "all prices" may stand "in euro", in letters, within the sentence.
const REACH: usize = 30;

fn currency_said(text: &str) -> Option<&'static str> {
    static AMOUNTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?-u:\b)(?:amounts?|prices?|rates?|fees?|charges?|figures|everything|all|montants?|prix|tarifs?|preise?|beträge|angaben|precios?|importes?|tarifas?)(?-u:\b)",
        )
        .expect("a fixed expression")
    });
    static CURRENCY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?-u:\b)(?:in|en)[ \t\n\r\u{a0}\u{202f}]+(?:(euros?|eur|€)|(pounds?|sterling|gbp|£)|(us dollars?|dollars?|usd|\$)|swiss francs?|francs suisses|chf|schweizer franken)",
        )
        .expect("a fixed expression")
    });
    let text = text.to_lowercase();
    AMOUNTS.find_iter(&text).find_map(|amounts| {
        let behind = text[amounts.end()..].split(['.', '|']).next().unwrap_or_default();
        let currency = CURRENCY.captures(behind)?;
        let between = &behind[..currency.get(0)?.start()];
        let place = (1..=3).find(|group| currency.get(*group).is_some()).unwrap_or(4);
        (between.chars().count() <= REACH).then(|| ["EUR", "GBP", "USD", "CHF"][place - 1])
    })
}

/// A bare figure with the currency, unless its column counts or measures something.
pub fn with_currency(column: &str, value: &str, currency: &str, language: &str) -> String {
    const MEASURES: [&str; 20] = [
        "size", "weight", "load", "number", "person", "group", "age", "how long", "height", "width", "depth", "length", "distance",
        "class", "minimum", "maximum", "speed", "power", "user", "staff",
    ];
    let bare = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | '–'));
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    if !bare || !has_digit {
        return value.to_owned();
    }
    let measures: Vec<_> = MEASURES.iter().filter_map(|label| concept(label)).collect();
    let name = column.split('(').next().unwrap_or(column);
    let priced: Vec<_> = ["price", "season", "low season"].iter().filter_map(|label| concept(label)).collect();
    let words = terms(name, language);
    if words.iter().any(|term| term.concepts.iter().any(|idea| priced.contains(idea))) {
        return format!("{value} {currency}");
    }
    if words.iter().any(|term| term.concepts.iter().any(|idea| measures.contains(idea))) {
        return value.to_owned();
    }
    format!("{value} {currency}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_figure_takes_the_currency_that_the_page_tells_once() {
        let document = Document { blocks: vec![Block::Paragraph("All amounts in euro, VAT included.".to_owned())], ..Document::default() };
        assert_eq!(currency_of(&document), Some("EUR"));
        assert_eq!(with_currency("One day", "13", "EUR", "en"), "13 EUR");
        assert_eq!(with_currency("Week", "none", "EUR", "en"), "none");
        assert_eq!(with_currency("Weight limit", "130", "EUR", "en"), "130");
        let silent = Document { blocks: vec![Block::Paragraph("Open in all weathers.".to_owned())], ..Document::default() };
        assert_eq!(currency_of(&silent), None);
        for (said, currency) in [
            ("Tous les tarifs sont en francs suisses.", Some("CHF")),
            ("Prices are given in US dollars", Some("USD")),
            ("Alle Preise verstehen sich in £", Some("GBP")),
            ("All rooms. In euro villages we open later", None),
            ("Prices may differ from one season to the next, ask us in euro", None),
            ("Call rates in general, or small rates in gbp", Some("GBP")),
        ] {
            assert_eq!(currency_said(said), currency, "{said}");
        }
    }
}
