//! Order, booking, invoice, ticket and tracking numbers.

use std::sync::LazyLock;

use domain::fact::Predicate;
use regex::Regex;
use serde_json::Value;

use super::stance::is_negated;
use super::text::{Mark, Span, plain};
use super::{Message, Understood};

static SHAPED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)[a-z]{1,6}[-_/]?(?:[0-9]{2,6}[-_/])?[a-z]{0,3}[0-9]{3,}[a-z0-9]*(?:[-_/][a-z0-9]+)*(?-u:\b)")
        .expect("a constant pattern")
});
static LONG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u:\b)[0-9a-z]{10,34}(?-u:\b)").expect("a constant pattern"));
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u:\b)(?:orders?|commandes?|bestell(?:ung|nummer)|auftrag(?:snummer)?|pedidos?|encomenda|invoice|facture|rechnung(?:snummer)?|factura|fatura|booking|reservation|reserva|buchung(?:snummer)?|",
        r"ticket|tracking|colis|suivi|parcel|shipment|sendung(?:snummer)?|sendungsverfolgung|envio|receipt|recu|quittung|recibo|reference|ref|case|dossier|confirmation|voucher number|delivery)(?-u:\b)",
        r"(?: (?:number|no|nr|num|numero|nummer|code|id|ref|reference|de suivi|de commande|says|is|reads|est|ist|es|was|n))*\.?o?[ :#]{0,3}(?P<id>[a-z0-9][a-z0-9/_-]*[0-9][a-z0-9/_-]*)"
    ))
    .expect("a constant pattern")
});
/// Carriers print their numbers in groups.
static GROUPED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u:\b)(?:tracking|suivi|colis|parcel|shipment|sendung(?:snummer)?|sendungsverfolgung|seguimiento|envio|rastreio)(?-u:\b)",
        r"(?: (?:number|no|nr|num|numero|nummer|code|id|says|is|reads|de suivi|est|ist|es|e))*\.?[ :#]{1,3}(?P<id>[a-z]{0,4}[0-9]{2,8}(?: [0-9]{3,6}){1,5}(?: ?[a-z]{2})?)(?-u:\b)"
    ))
    .expect("a constant pattern")
});
static LIKE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:like|such as|e\.g\.?|for example|for instance|comme|par exemple|wie|z\.b\.|por ejemplo|como|something along) ?$")
        .expect("a constant pattern")
});

/// Every number of this kind in a folded text.
pub(super) fn find(text: &str, catalogue: &[String]) -> Vec<(Span, String)> {
    let mut found: Vec<(Span, String)> = Vec::new();
    let products: Vec<String> = catalogue.iter().map(|name| plain(name).replace(' ', "")).collect();
    let mut add = |span: Span| {
        let word = &text[span.clone()];
        let compact: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        let inside_address = text[..span.start].ends_with(['@', '/', '.']) || text[span.end..].starts_with('@');
        if !inside_address
            && !products.contains(&compact)
            && !found.iter().any(|(other, _)| other.start < span.end && span.start < other.end)
        {
            found.push((span, word.replace(' ', "").to_ascii_uppercase()));
        }
    };
    for captures in GROUPED.captures_iter(text) {
        captures.name("id").into_iter().for_each(|id| add(id.range()));
    }
    for hit in SHAPED.find_iter(text) {
        let word = hit.as_str();
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let letters = word.bytes().take_while(u8::is_ascii_lowercase).count();
        let is_amount = matches!(&word[..letters], "eur" | "usd" | "gbp" | "chf" | "q" | "iso" | "en" | "din") && !word.contains('-');
        if digits >= 4 && !is_amount {
            add(hit.range());
        }
    }
    for hit in LONG.find_iter(text) {
        let digits = hit.as_str().bytes().filter(u8::is_ascii_digit).count();
        if digits >= 6 && digits < hit.len() {
            add(hit.range());
        }
    }
    for captures in NAMED.captures_iter(text) {
        let Some(id) = captures.name("id") else { continue };
        let word = id.as_str();
        let all_digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let explicit = text[..id.start()].ends_with('#') || text[captures.get(0).map_or(0, |all| all.start())..id.start()].contains(" n");
        let after = text[id.end()..].trim_start();
        let is_amount = ["eur", "gbp", "usd", "chf", "%", "k ", "people", "cm"].iter().any(|unit| after.starts_with(unit))
            || word.contains('/') && word.len() <= 5;
        let is_ordinal = word.ends_with("th") || word.ends_with("st") || word.ends_with("nd");
        let enough = if all_digits { word.len() >= 5 || (explicit && word.len() >= 3) } else { word.len() >= 4 };
        if enough && !is_amount && !is_ordinal && word.len() <= 34 {
            add(id.range());
        }
    }
    found
}

/// The numbers that are the customer's own.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for (number, (_, mark)) in message.marks.iter().enumerate() {
        let Mark::Reference(id) = mark else { continue };
        let Some(at) = text.find(&format!("\u{1}r{number}\u{2}")) else { continue };
        let span = at..at + format!("\u{1}r{number}\u{2}").len();
        let before = &text[..at];
        let is_example = LIKE.is_match(before);
        // In "n° 21004" the "no" is no negation.
        let word = ["no ", "no. ", "no: "].iter().find(|word| before.ends_with(**word)).map_or(at, |word| at - word.len());
        if is_example || is_negated(text, word) || !message.stances.is_stated_or_asked(at) {
            continue;
        }
        let mut fact = message.fact(Predicate::Order, id.clone(), Value::Null, span);
        fact.confidence = 0.9;
        out.learned.push(fact);
    }
    if message.reading.pending == Some(Predicate::Order) && out.learned.iter().all(|fact| fact.predicate != Predicate::Order) {
        let bare = message.text.original.trim().trim_start_matches('#').trim_end_matches('.');
        let digits = bare.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 3 && bare.len() <= 24 && !bare.contains(' ') {
            let fact = message.fact(Predicate::Order, bare.to_uppercase(), Value::Null, 0..text.len());
            out.learned.push(fact);
        }
    }
}
