//! Numbers in figures and in words: "1 800", "2.500,50", "four hundred and fifty", "deux mille cinq cents".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::{is_in, rows};
use super::text::{Amount, Span};

type Table = HashMap<&'static str, f64>;

static TABLES: LazyLock<HashMap<&'static str, Table>> = LazyLock::new(|| {
    let mut tables: HashMap<&'static str, Table> = HashMap::new();
    for fields in rows(include_str!("data/numbers.tsv")) {
        let [language, value, words] = fields[..] else { continue };
        let value = value.parse().expect("the table of numbers holds numbers");
        tables.entry(language).or_default().extend(words.split(',').map(|word| (word, value)));
    }
    tables
});

/// The value of one number word of a language, or of English.
pub(super) fn word(text: &str, language: &str) -> Option<f64> {
    let table = |name| TABLES.get(name).and_then(|table: &Table| table.get(text)).copied();
    table(language).or_else(|| table("en")).or_else(|| if language == "de" { german(text) } else { None })
}

/// How many number words of a language (above one) occur, as a hint at the language.
pub(super) fn count_words(words: &[&str], language: &str) -> usize {
    let Some(table) = TABLES.get(language) else { return 0 };
    words
        .iter()
        .filter(|word| {
            table.get(**word).is_some_and(|value| *value > 1.0) || (language == "de" && word.len() > 8 && german(word).is_some())
        })
        .count()
}

/// "zweitausendfünfhundert", "einundzwanzig".
fn german(text: &str) -> Option<f64> {
    let table = TABLES.get("de")?;
    if text.is_empty() {
        return None;
    }
    if let Some(value) = table.get(text) {
        return Some(*value);
    }
    for (scale, value) in [("tausend", 1000.0), ("hundert", 100.0)] {
        if let Some((left, right)) = text.split_once(scale) {
            let left = if left.is_empty() { 1.0 } else { german(left)? };
            let right = if right.is_empty() { 0.0 } else { german(right.strip_prefix("und").unwrap_or(right))? };
            return Some(left * value + right);
        }
    }
    let (units, tens) = text.split_once("und")?;
    let (units, tens) = (*table.get(units)?, *table.get(tens)?);
    (units < 10.0 && (20.0..100.0).contains(&tens)).then_some(units + tens)
}

#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// Every number of a folded text, with scale and currency.
pub(super) fn find(text: &str, language: &str) -> Vec<(Span, Amount)> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some((value, mut next)) = figures(text, &tokens, at).or_else(|| spelled(&tokens, at, language)) else {
            at += 1;
            continue;
        };
        let mut span = tokens[at].start..tokens[next - 1].end;
        let is_figure = tokens[at].text.starts_with(|c: char| c.is_ascii_digit());
        let mut amount = Amount { value, currency: None, scaled: false };
        if is_figure && let Some(token) = tokens.get(next).filter(|token| gap(text, span.end, token.start)) {
            let attached = token.start == span.end;
            let scale = match token.text {
                "m" if attached => 1_000_000.0,
                "k" | "grand" | "thousand" | "mille" | "tausend" | "mil" => 1_000.0,
                "million" | "millions" | "mio" | "mn" | "millionen" | "millones" | "milhoes" => 1_000_000.0,
                "hundred" => 100.0,
                _ => 0.0,
            };
            if scale > 0.0 {
                amount = Amount { value: value * scale, currency: None, scaled: true };
                span.end = token.end;
                next += 1;
            } else if attached && token.text.starts_with(|c: char| c.is_ascii_lowercase()) && currency(token.text).is_none() {
                at = next + 1;
                continue;
            }
        }
        if !is_figure && tokens[at..next].iter().any(|token| matches!(token.text, "grand")) {
            amount.scaled = true;
        }
        if at > 0 && tokens[at - 1].text == "a" && gap(text, tokens[at - 1].end, span.start) && !is_figure {
            span.start = tokens[at - 1].start;
        }
        if let Some(before) = at.checked_sub(1).map(|index| tokens[index]).filter(|token| gap(text, token.end, span.start))
            && let Some(code) = sign(before.text)
        {
            amount.currency = Some(code);
            span.start = before.start;
        }
        if let Some(token) = tokens.get(next).filter(|token| gap(text, span.end, token.start))
            && amount.currency.is_none()
            && let Some(code) = currency(token.text)
        {
            amount.currency = Some(code);
            span.end = token.end;
            next += 1;
        }
        // "the 20 k" is no amount of a thing called k; a bare "one" is a pronoun more often than a figure.
        let is_pronoun = !is_figure && amount.currency.is_none() && amount.value <= 1.0;
        if !is_pronoun {
            found.push((span, amount));
        }
        at = next;
    }
    found
}

/// Nothing but at most one or two blanks or a hyphen between.
fn gap(text: &str, from: usize, to: usize) -> bool {
    from <= to && to - from <= 2 && text[from..to].bytes().all(|byte| byte == b' ')
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let is_same: fn(&u8) -> bool = if bytes[at].is_ascii_lowercase() {
            u8::is_ascii_lowercase
        } else if bytes[at].is_ascii_digit() {
            u8::is_ascii_digit
        } else {
            at += 1;
            continue;
        };
        while at < bytes.len() && is_same(&bytes[at]) {
            at += 1;
        }
        out.push(Token { text: &text[start..at], start, end: at });
    }
    out
}

/// A number in figures that starts with this token: the value and the token after it.
fn figures(text: &str, tokens: &[Token<'_>], at: usize) -> Option<(f64, usize)> {
    let first = tokens[at];
    if !first.text.starts_with(|c: char| c.is_ascii_digit()) || first.text.len() > 9 {
        return None;
    }
    let before = &text[..first.start];
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '#' || c == '_')
        || (before.ends_with(['.', ',', '/', '-', ':']) && before[..before.len() - 1].ends_with(|c: char| c.is_ascii_digit()))
            && !before.ends_with('-')
    {
        return None;
    }
    let mut digits = first.text.to_owned();
    let mut next = at + 1;
    let mut separator = None;
    // Groups of three: "1 800", "12.000", "1'000'000".
    while first.text.len() <= 3 && !first.text.starts_with('0') {
        let Some(token) = tokens.get(next).filter(|token| token.start == tokens[next - 1].end + 1 && token.text.len() == 3) else { break };
        let between = text.as_bytes()[token.start - 1];
        let is_group = matches!(between, b' ' | b'.' | b',' | b'\'')
            && separator.is_none_or(|known| known == between)
            && token.text.bytes().all(|b| b.is_ascii_digit());
        if !is_group {
            break;
        }
        separator = Some(between);
        digits.push_str(token.text);
        next += 1;
    }
    // Decimals: "9,90", "1.5"; three figures after a point were a group already.
    if let Some(token) = tokens
        .get(next)
        .filter(|token| token.start == tokens[next - 1].end + 1 && token.text.len() <= 2 && token.text.bytes().all(|b| b.is_ascii_digit()))
    {
        let between = text.as_bytes()[token.start - 1];
        if matches!(between, b'.' | b',') && separator != Some(between) {
            digits.push('.');
            digits.push_str(token.text);
            next += 1;
        }
    }
    let end = tokens[next - 1].end;
    let after = &text.as_bytes()[end..];
    if after.len() > 1 && matches!(after[0], b'/' | b':' | b'.') && after[1].is_ascii_digit() {
        return None;
    }
    digits.parse().ok().map(|value| (value, next))
}

/// A number in words that starts with this token.
fn spelled(tokens: &[Token<'_>], at: usize, language: &str) -> Option<(f64, usize)> {
    let mut total = 0.0;
    let mut current = 0.0;
    let mut next = at;
    let mut last = f64::NAN;
    while let Some(token) = tokens.get(next) {
        let is_adjacent = next == at || token.start <= tokens[next - 1].end + 1;
        if !is_adjacent {
            break;
        }
        let joins = matches!(token.text, "and" | "et" | "y" | "e" | "und") && !last.is_nan();
        if joins {
            let may_join = last >= 100.0 || (last >= 20.0 && language != "en");
            let follows = tokens.get(next + 1).and_then(|token| word(token.text, language)).is_some_and(|value| value < 100.0);
            if may_join && follows {
                next += 1;
                continue;
            }
            break;
        }
        let Some(value) = word(token.text, language) else { break };
        let rest = (current % 100.0) as i64;
        if value >= 1000.0 {
            total += if current == 0.0 && total == 0.0 { 1.0 } else { current } * value;
            current = 0.0;
        } else if (value - 100.0).abs() < f64::EPSILON {
            if current > 99.0 {
                break;
            }
            current = if current == 0.0 { 100.0 } else { current * 100.0 };
        } else if current == 0.0 && (last.is_nan() || last >= 1000.0) {
            current = value;
        } else if (current % 100.0 == 0.0 && value < 100.0 && current >= 100.0)
            || (current % 10.0 == 0.0 && current % 100.0 >= 20.0 && value < 10.0 && value > 0.0)
        {
            current += value;
        } else if language == "fr" && rest == 4 && value as i64 == 20 {
            // "quatre-vingt"
            current += 76.0;
        } else if language == "fr" && is_french_teen(rest, value) {
            current += value;
        } else if language == "en" && (1.0..10.0).contains(&current) && (20.0..100.0).contains(&value) {
            // "four fifty"
            current = current * 100.0 + value;
        } else {
            break;
        }
        last = value;
        next += 1;
    }
    if next == at || (total + current == 0.0) {
        return None;
    }
    Some((total + current, next))
}

/// "soixante-douze", "quatre-vingt-dix", "soixante-dix-sept".
fn is_french_teen(before: i64, value: f64) -> bool {
    (matches!(before, 60 | 80) && (10.0..20.0).contains(&value)) || (matches!(before, 70 | 90) && (7.0..10.0).contains(&value))
}

/// ISO code of a currency written before the figure.
fn sign(word: &str) -> Option<&'static str> {
    match word {
        "eur" => Some("EUR"),
        "gbp" => Some("GBP"),
        "usd" => Some("USD"),
        "chf" => Some("CHF"),
        _ => None,
    }
}

/// ISO code of a currency word.
pub(super) fn currency(word: &str) -> Option<&'static str> {
    ["EUR", "GBP", "USD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY", "INR", "BRL", "MXN"]
        .into_iter()
        .find(|code| is_in(code, word))
}

/// Figures said one after the other ("oh seven double four", "zéro six, trente-neuf"): each stretch of at least seven.
pub(super) fn dictated(text: &str, language: &str) -> Vec<(Span, String)> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        let mut digits = String::new();
        let mut times = 1;
        let mut spoken = 0;
        while let Some(token) = tokens.get(at) {
            let near = at == start || text[tokens[at - 1].end..token.start].bytes().all(|b| matches!(b, b' ' | b',' | b'-' | b'.'));
            if !near {
                break;
            }
            match token.text {
                "double" => times = 2,
                "triple" => times = 3,
                _ if token.text.bytes().all(|b| b.is_ascii_digit()) && at > start => digits.push_str(token.text),
                _ => {
                    let Some(value) =
                        word(token.text, language).filter(|value| *value < 100.0 && !matches!(token.text, "couple" | "dozen"))
                    else {
                        break;
                    };
                    // Two words of one figure only when they form it ("trente-neuf", "forty two").
                    let pair = spelled(&tokens, at, language).filter(|(sum, next)| *sum < 100.0 && *next > at + 1 && value >= 4.0);
                    let (value, next) = pair.filter(|_| value >= 20.0 || language == "fr").unwrap_or((value, at + 1));
                    let figure = format!("{value:.0}");
                    digits.push_str(&figure.repeat(times));
                    times = 1;
                    spoken += 1;
                    at = next - 1;
                }
            }
            at += 1;
        }
        if digits.len() >= 7 && spoken >= 4 {
            found.push((tokens[start].start..tokens[at - 1].end, digits));
        }
        at = at.max(start + 1);
    }
    found
}
