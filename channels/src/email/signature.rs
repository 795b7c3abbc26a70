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
    Regex::new(r"(?i)(\b(tel|tél|tlf|telefon|teléfono|telefoon|telefone|phone|ph|mob|mobile|mobil|móvil|handy|cell|cel|celular|gsm|puh|m|t|p|portable|тел)|電話|电话|手机|携帯)\.?\s*[:：.]?\s*$")
        .expect("a constant pattern")
});

/// The numbers, international ones as E.164, others as written when a word beside them says that they are one.
pub(super) fn phones(signature: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in signature.lines() {
        for found in NUMBER.captures_iter(line) {
            let (Some(number), None) = (found.get(2), found.get(1)) else { continue };
            let written = number.as_str().trim().replace("(0)", "");
            // Alone on its line, as long as a number at home and beginning as one.
            let digits = written.bytes().filter(u8::is_ascii_digit).count();
            let is_alone = line.trim() == number.as_str().trim() && written.starts_with(['0', '(']) && (9..=11).contains(&digits);
            let is_named = NAMED.is_match(&line[..number.start()]);
            let phone = text::e164(&written).or_else(|| (is_named || is_alone).then(|| written.clone()));
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
        check("Yours sincerely,\nAna Ruiz\n0161 496 0123", &["0161 496 0123"]);
        check("電話：03-1234-5678", &["03-1234-5678"]);
        check("SIRET 123 456 789 00012", &[]);
        check("12 rue de Lyon, 69001", &[]);
        check("Tél : 0033 6 12 34 56 78", &["+33612345678"]);
    }
}
