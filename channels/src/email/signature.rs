//! Telephone numbers in a signature: claims of whoever wrote it, nothing more.

use std::sync::LazyLock;

use regex::Regex;

use crate::text;

/// No signature has more numbers.
const MOST: usize = 4;

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:(fax|télécopie|telefax)\b[^+\d\n]{0,12})?((?:\+|00|\(\+?)?\d[\d \u{a0}().\-/]{6,22}\d)")
        .expect("a constant pattern")
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(tel|tél|telefon|teléfono|phone|ph|mob|mobile|móvil|handy|cell|m|t|p|portable)\b\.?\s*[:.]?\s*$")
        .expect("a constant pattern")
});

/// The numbers, international ones as E.164, others as written when a word beside them says that they are one.
pub(super) fn phones(signature: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in signature.lines() {
        for found in NUMBER.captures_iter(line) {
            let (Some(number), None) = (found.get(2), found.get(1)) else { continue };
            let written = number.as_str().trim().replace("(0)", "");
            let is_named = NAMED.is_match(&line[..number.start()]);
            let phone = text::e164(&written).or_else(|| is_named.then(|| written.clone()));
            if let Some(phone) = phone
                && !all.contains(&phone)
                && all.len() < MOST
            {
                all.push(phone);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_other_digits_are_not() {
        let check = |signature: &str, expected: &[&str]| assert_eq!(phones(signature), expected, "{signature}");
        check("Ana Ruiz\nTel. +34 600 111 222", &["+34600111222"]);
        check("T: +49 (0)30 1234567 | Fax: +49 30 7654321", &["+49301234567"]);
        check("Mobile: 06 12 34 56 78", &["06 12 34 56 78"]);
        check("SIRET 123 456 789 00012", &[]);
        check("12 rue de Lyon, 69001", &[]);
        check("Tél : 0033 6 12 34 56 78", &["+33612345678"]);
    }
}
