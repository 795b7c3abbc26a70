//! Numbers that no model is shown and no call keeps: payment cards (ISO/IEC 7812, Luhn), bank accounts (ISO 13616, IBAN)
//! and passports. What a customer wrote stays as it is for teammates; only what leaves for a model goes through here.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

const CARD: &str = "[card number]";
const ACCOUNT: &str = "[account number]";
const PASSPORT: &str = "[passport number]";
/// Digits of a card number.
const CARD_DIGITS: Range<usize> = 13..20;
/// The shortest account number is Norway's.
const SHORTEST_ACCOUNT: usize = 15;

/// A stretch of a text, and what stands for it.
type Private = (Range<usize>, &'static str);

/// A text without these numbers.
pub fn masked(text: &str) -> String {
    masked_all(&[text]).pop().unwrap_or_default()
}

/// Texts of one person in their order without these numbers, also where one goes on in the next text.
pub fn masked_all(texts: &[&str]) -> Vec<String> {
    let whole = texts.join("\n");
    let found = private(&whole);
    let mut start = 0;
    let mut out = Vec::with_capacity(texts.len());
    for text in texts {
        let end = start + text.len();
        let mut kept = String::with_capacity(text.len());
        let mut at = start;
        for (span, name) in found.iter().filter(|(span, _)| span.start < end && start < span.end) {
            kept.push_str(&whole[at..span.start.max(at)]);
            kept.push_str(name);
            at = span.end.min(end);
        }
        kept.push_str(&whole[at..end]);
        out.push(kept);
        start = end + 1;
    }
    out
}

/// Where they stand, in order, none within another.
fn private(text: &str) -> Vec<Private> {
    let mut found = cards(text);
    found.extend(accounts(text));
    found.extend(passports(text));
    found.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut end = 0;
    found.retain(|(span, _)| {
        let is_free = span.start >= end;
        end = end.max(span.end);
        is_free
    });
    found
}

/// A word that stands for digits: figures, or a spelled digit.
fn digits_of(word: &str) -> Option<String> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(word.to_owned());
    }
    let digit = match word.to_lowercase().as_str() {
        "zero" | "oh" | "zéro" | "null" | "cero" => '0',
        "one" | "un" | "eins" | "uno" | "um" => '1',
        "two" | "deux" | "zwei" | "dos" | "dois" => '2',
        "three" | "trois" | "drei" | "tres" | "três" => '3',
        "four" | "quatre" | "vier" | "cuatro" | "quatro" => '4',
        "five" | "cinq" | "fünf" | "cinco" => '5',
        "six" | "sechs" | "seis" => '6',
        "seven" | "sept" | "sieben" | "siete" | "sete" => '7',
        "eight" | "huit" | "acht" | "ocho" | "oito" => '8',
        "nine" | "neuf" | "neun" | "nueve" | "nove" => '9',
        _ => return None,
    };
    Some(digit.to_string())
}

/// Card numbers, in one piece, in groups or spelled out.
fn cards(text: &str) -> Vec<Private> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[0-9]+|[^\W\d_]+").expect("a pattern"));
    let words: Vec<(Range<usize>, Option<String>)> = WORD.find_iter(text).map(|word| (word.range(), digits_of(word.as_str()))).collect();
    // Only these stand between the groups of one number.
    let is_joined = |from: usize, to: usize| {
        let between = &text[from..to];
        between.len() <= 3 && between.chars().all(|sign| sign.is_whitespace() || matches!(sign, '-' | '.' | ',' | '/'))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let mut digits = String::new();
        let mut longest = None;
        for place in at..words.len() {
            let Some(own) = &words[place].1 else { break };
            if place > at && !is_joined(words[place - 1].0.end, words[place].0.start) {
                break;
            }
            digits.push_str(own);
            if digits.len() >= CARD_DIGITS.end {
                break;
            }
            if is_card(&digits) {
                longest = Some(place);
            }
        }
        match longest {
            Some(last) => {
                found.push((words[at].0.start..words[last].0.end, CARD));
                at = last + 1;
            }
            None => at += 1,
        }
    }
    found
}

/// An issuer's first digit and the check digit.
fn is_card(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|byte| u32::from(byte - b'0'))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    CARD_DIGITS.contains(&digits.len()) && digits.starts_with(|first| matches!(first, '2'..='6')) && sum.is_multiple_of(10)
}

/// Account numbers with a right check digit.
fn accounts(text: &str) -> Vec<Private> {
    static IBAN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}\b").expect("a pattern"));
    let longest = |found: regex::Match<'_>| {
        let written = found.as_str();
        // It ends where a word ends: what follows may be the next word of the sentence.
        let is_end =
            |end: &usize| written[..*end].ends_with(|sign: char| sign != ' ') && !written[*end..].starts_with(char::is_alphanumeric);
        let end = (SHORTEST_ACCOUNT..=written.len()).rev().filter(is_end).find(|end| is_account(&written[..*end]))?;
        Some((found.start()..found.start() + end, ACCOUNT))
    };
    IBAN.find_iter(text).filter_map(longest).collect()
}

fn is_account(written: &str) -> bool {
    let signs: Vec<u32> = written.chars().filter(char::is_ascii_alphanumeric).filter_map(|sign| sign.to_digit(36)).collect();
    let rest = signs.iter().cycle().skip(4).take(signs.len()).fold(0, |rest, sign| {
        let places = if *sign > 9 { 100 } else { 10 };
        (rest * places + sign) % 97
    });
    signs.len() >= SHORTEST_ACCOUNT && rest == 1
}

/// A number that is called that of a passport.
fn passports(text: &str) -> Vec<Private> {
    static CALLED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:passport|passeport|reisepass|pasaporte|passaporte)\b([^\n.!?]{1,60})").expect("a pattern"));
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[A-Za-z0-9]{6,12}\b").expect("a pattern"));
    let number = |found: regex::Captures<'_>| {
        let after = found.get(1)?;
        let is_number = |word: &regex::Match<'_>| word.as_str().bytes().filter(u8::is_ascii_digit).count() >= 4;
        let word = NUMBER.find_iter(after.as_str()).find(is_number)?;
        Some((after.start() + word.start()..after.start() + word.end(), PASSPORT))
    };
    CALLED.captures_iter(text).filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cards_accounts_and_passports_are_left_out_however_they_are_written() {
        let check = |said: &str, expected: &str| assert_eq!(masked(said), expected);
        check("it is 4111 1111 1111 1111 thanks", "it is [card number] thanks");
        check("4111-1111-1111-1111", "[card number]");
        check("4111111111111111, exp 12/27", "[card number], exp 12/27");
        check("Amex 3782 822463 10005.", "Amex [card number].");
        check("four one one one one one one one one one one one one one one one", "[card number]");
        check("quatre un un un un un un un un un un un un un un un merci", "[card number] merci");
        check("My IBAN is FR76 3000 6000 0112 3456 7890 189 thanks", "My IBAN is [account number] thanks");
        check("GB29NWBK60161331926819", "[account number]");
        check("my passport is C01X00T47, see you", "my passport is [passport number], see you");
        check("my passport number is 533380006", "my passport number is [passport number]");
    }

    #[test]
    fn other_numbers_stay() {
        for said in [
            "order 4111111111111112",
            "+33 6 12 34 56 78",
            "tracking 1Z999AA10123456784 and 00340434161094042557",
            "between 4 000 and 6 000 EUR, for 12 chairs by 15/03/2027",
            "the FR76 model costs 30006 and ships in 11234 boxes",
            "one or two",
            "do I need my passport for booking 4471?",
        ] {
            assert_eq!(masked(said), said);
        }
    }

    #[test]
    fn a_number_that_goes_on_in_the_next_message_is_left_out_of_both() {
        let texts = ["my card is 4111 1111", "1111 1111 exp 12/27", "ok?"];
        assert_eq!(masked_all(&texts), ["my card is [card number]", "[card number] exp 12/27", "ok?"]);
    }
}
