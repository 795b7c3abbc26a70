//! A message as the rules read it: folded to plain lower-case letters, with marks in place of numbers, dates and
//! addresses, and with the way back to the customer's own words.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::dates::When;

/// Opens a mark; the letter of its kind, its number and [`CLOSE`] follow.
pub(super) const OPEN: char = '\u{1}';
/// Closes a mark.
pub(super) const CLOSE: char = '\u{2}';

/// A stretch of folded text, in bytes.
pub(super) type Span = std::ops::Range<usize>;

/// Text whose every byte knows where in the original it comes from.
#[derive(Debug, Clone)]
pub(super) struct Mapped<'a> {
    pub original: &'a str,
    pub text: String,
    origin: Vec<usize>,
}

/// What stands behind a mark.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// A number, with what was written around it.
    Number(Amount),
    /// A day or a stretch of days.
    Day(When),
    /// A time of day in minutes.
    Clock(u32),
    /// An email address.
    Email(String),
    /// A phone number in E.164.
    Phone(String),
    /// An order, booking or tracking number, upper case.
    Reference(String),
}

/// A number as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Amount {
    pub value: f64,
    pub currency: Option<&'static str>,
    /// Written with `k`, "grand", "thousand" after digits.
    pub scaled: bool,
}

impl Mark {
    const fn letter(&self) -> char {
        match self {
            Self::Number(_) => 'n',
            Self::Day(_) => 'd',
            Self::Clock(_) => 't',
            Self::Email(_) => 'e',
            Self::Phone(_) => 'p',
            Self::Reference(_) => 'r',
        }
    }
}

impl<'a> Mapped<'a> {
    /// Lower case, no accents, plain quotes and dashes, currency signs as words.
    pub fn fold(original: &'a str) -> Self {
        let mut text = String::with_capacity(original.len() + 16);
        let mut origin = Vec::with_capacity(original.len() + 16);
        for (at, letter) in original.char_indices() {
            let before = text.len();
            fold_letter(letter, &mut text);
            origin.extend(std::iter::repeat_n(at, text.len() - before));
        }
        Self { original, text, origin }
    }

    /// Where a position of the folded text lies in the original.
    pub fn back(&self, at: usize) -> usize {
        self.origin.get(at).copied().unwrap_or(self.original.len())
    }

    /// The customer's own words for a stretch, without blanks around.
    pub fn quote(&self, span: Span) -> &'a str {
        let (start, mut end) = (self.back(span.start), self.back(span.end));
        if end <= start && span.end > span.start {
            end = self.original[start..].chars().next().map_or(start, |letter| start + letter.len_utf8());
        }
        self.original.get(start..end).unwrap_or("").trim()
    }

    /// The same text with each of `marks` (ascending, not overlapping) standing for its stretch.
    pub fn with_marks(&self, marks: &[(Span, Mark)]) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut origin = Vec::with_capacity(self.text.len());
        let mut done = 0;
        for (number, (span, mark)) in marks.iter().enumerate() {
            text.push_str(&self.text[done..span.start]);
            origin.extend_from_slice(&self.origin[done..span.start]);
            let name = format!("{OPEN}{}{number}{CLOSE}", mark.letter());
            origin.extend(std::iter::repeat_n(self.back(span.start), name.len()));
            text.push_str(&name);
            done = span.end;
        }
        text.push_str(&self.text[done..]);
        origin.extend_from_slice(&self.origin[done..]);
        Self { original: self.original, text, origin }
    }

    /// Does the word at this position begin with a capital in the original?
    pub fn is_capital(&self, at: usize) -> bool {
        self.original[self.back(at)..].chars().next().is_some_and(char::is_uppercase)
    }
}

/// One blank, however many were written.
fn blank(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

/// A currency sign as a word of its own.
fn currency(code: &str, out: &mut String) {
    blank(out);
    out.push_str(code);
    out.push(' ');
}

fn fold_letter(letter: char, out: &mut String) {
    if letter.is_ascii() {
        match letter {
            OPEN | CLOSE | '\r' | '\t' | ' ' => blank(out),
            '$' => currency("usd", out),
            '`' => out.push('\''),
            _ => out.push(letter.to_ascii_lowercase()),
        }
        return;
    }
    match letter {
        '€' => currency("eur", out),
        '£' => currency("gbp", out),
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{3000}' => blank(out),
        '’' | '‘' | 'ʼ' | '´' => out.push('\''),
        '“' | '”' | '«' | '»' | '„' | '‟' => out.push('"'),
        '–' | '—' | '‐' | '‑' | '−' => out.push('-'),
        '…' => out.push_str("..."),
        '¿' | '¡' | '\u{200b}' | '\u{feff}' | '\u{200d}' | '\u{fe0f}' => {}
        'ß' => out.push_str("ss"),
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'ł' | 'Ł' => out.push('l'),
        'º' | '°' | 'ø' | 'Ø' => out.push('o'),
        'ª' => out.push('a'),
        _ => {
            for lower in letter.to_lowercase() {
                decompose_canonical(lower, |part| {
                    if !is_combining_mark(part) {
                        out.push(part);
                    }
                });
            }
        }
    }
}

/// A text on its own, folded.
pub(super) fn folded(text: &str) -> String {
    Mapped::fold(text).text
}

/// Letters and digits of a folded text, single blanks between words.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in folded(text).chars() {
        if letter.is_alphanumeric() {
            out.push(letter);
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}
