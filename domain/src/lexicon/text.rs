//! Folding, tokens and stems: what two spellings of the same word have in common.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

/// One word of a text as it was written, and as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Lower case, without accents.
    pub folded: String,
    /// Byte range in the text.
    pub start: usize,
    /// End of that range.
    pub end: usize,
    /// Written with a capital letter (or all in capitals).
    pub capital: bool,
    /// First word of a sentence, where a capital means nothing.
    pub opening: bool,
    /// Joined to the next token by a hyphen.
    pub hyphen: bool,
}

impl Token {
    /// Is it a number?
    pub fn is_number(&self) -> bool {
        self.folded.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Lower case, accents gone, ligatures opened.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            '\u{0300}'..='\u{036f}' => {}
            'ß' => folded.push_str("ss"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            _ => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// The words and numbers of a text; `2,000` is one number, `check-up` two tokens held by a hyphen.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = 0;
    let mut opening = true;
    while at < characters.len() {
        let (start, c) = characters[at];
        if !c.is_alphanumeric() {
            if matches!(c, '.' | '!' | '?' | '\n' | ':' | '¿' | '¡') {
                opening = true;
            }
            at += 1;
            continue;
        }
        let mut end = at;
        let number = c.is_ascii_digit();
        while end < characters.len() {
            let inside = characters[end].1;
            let more = if number {
                inside.is_ascii_digit()
                    || (matches!(inside, '.' | ',' | ':') && characters.get(end + 1).is_some_and(|next| next.1.is_ascii_digit()))
            } else {
                inside.is_alphanumeric()
            };
            if !more {
                break;
            }
            end += 1;
        }
        let stop = characters.get(end).map_or(text.len(), |next| next.0);
        let word = &text[start..stop];
        let hyphen = characters.get(end).is_some_and(|next| matches!(next.1, '-' | '‐' | '‑' | '–'))
            && characters.get(end + 1).is_some_and(|next| next.1.is_alphanumeric());
        let folded = if number { number_form(word) } else { fold(word) };
        found.push(Token { folded, start, end: stop, capital: c.is_uppercase(), opening, hyphen });
        opening = false;
        at = end;
    }
    found
}

/// `2,000` and `2000` alike; `9.90` and `9,90` alike; times stay as they are.
fn number_form(word: &str) -> String {
    let parts: Vec<&str> = word.split([',', '.']).collect();
    if parts.len() > 1 && parts[1..].iter().all(|part| part.len() == 3) {
        return parts.concat();
    }
    let plain = word.replace(',', ".");
    plain.strip_suffix(".00").unwrap_or(&plain).to_owned()
}

/// The stem of a folded word; languages without a stemmer keep the word.
pub fn stem(folded: &str, language: &str) -> String {
    let algorithm = match language {
        "en" => Algorithm::English,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "es" => Algorithm::Spanish,
        "pt" => Algorithm::Portuguese,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        _ => return folded.to_owned(),
    };
    if folded.len() < 3 || folded.starts_with(|c: char| c.is_ascii_digit()) {
        return folded.to_owned();
    }
    Stemmer::create(algorithm).stem(folded).into_owned()
}

/// Close enough to be the same word mistyped: one edit from five letters on, two from nine on, same first letter.
pub fn mistyped(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 5 || long.len() - short.len() > 2 || short.as_bytes()[0] != long.as_bytes()[0] {
        return false;
    }
    if short.bytes().any(|c| c.is_ascii_digit()) || long.bytes().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let allowed = if short.len() >= 9 { 2 } else { 1 };
    strsim::osa_distance(a, b) <= allowed
}

/// Words of two languages that look alike (`réservation`, `reservation`): a long common beginning.
pub fn cognate(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    common >= 5 && common * 10 >= a.len().max(b.len()) * 6
}
