//! One-time codes as people type them: six digits that stand alone. They leave the text before anybody reads it.

use std::ops::Range;
use std::sync::LazyLock;

use domain::challenge::OneTimeCode;
use regex::Regex;

/// What stands where a code stood.
pub const HIDDEN: &str = "••••••";

static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{3}[\s.\-\u{2013}]?\d{3}|\d(?:[\s.,\-]{1,2}\d){5}|\d{2}(?:[\s.\-]\d{2}){2}").expect("a constant pattern")
});
static MONEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^\s?(?:[€$£%]|eur|usd|gbp|chf|k\b)|[€$£]\s?$").expect("a constant pattern"));

/// A code in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub at: Range<usize>,
    /// The code.
    pub code: OneTimeCode,
}

/// The one run of six digits that stands alone. `None`: there is none, or there are several.
pub fn find(text: &str) -> Option<Found> {
    let stands_alone = |at: &Range<usize>| {
        let joins = |letter: char| letter.is_alphanumeric() || matches!(letter, '+' | '#' | '/' | '@' | '_');
        let (before, after) = (&text[..at.start], &text[at.end..]);
        let mut back = before.chars().rev();
        let is_part_before = match back.next() {
            Some('-' | '.' | ',') => back.next().is_some_and(char::is_alphanumeric),
            Some(letter) => joins(letter),
            None => false,
        };
        let mut on = after.chars();
        let is_part_after = match on.next() {
            Some('-' | '.' | ',') => on.next().is_some_and(|letter| letter.is_ascii_digit()),
            Some(letter) => joins(letter),
            None => false,
        };
        !is_part_before && !is_part_after && !MONEY.is_match(after) && !before.trim_end().ends_with(['€', '$', '£'])
    };
    let mut found = DIGITS.find_iter(text).map(|found| found.range()).filter(stands_alone);
    let (at, others) = (found.next()?, found.next());
    let code = OneTimeCode::typed(&text[at.clone()])?;
    others.is_none().then_some(Found { at, code })
}

/// The text without it.
pub fn hidden(text: &str, found: &Found) -> String {
    format!("{}{HIDDEN}{}", &text[..found.at.start], &text[found.at.end..])
}

/// The text as it is read: nothing stands where a code stood.
pub fn without(text: &str) -> String {
    text.replace(HIDDEN, " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_that_stand_alone_are_a_code() {
        let check = |text: &str, code: Option<&str>| {
            assert_eq!(find(text).map(|found| found.code.expose().to_owned()).as_deref(), code, "{text}");
        };
        check("482913", Some("482913"));
        check("The code is 482 913.", Some("482913"));
        check("4 8 2 9 1 3", Some("482913"));
        check("it's 48-29-13, thanks", Some("482913"));
        check("code:482913", Some("482913"));
        check("EC-304171", None);
        check("+33482913", None);
        check("my order is EC-20611", None);
        check("My budget is 100000 EUR", None);
        check("€ 100000", None);
        check("48291", None);
        check("4829134", None);
        check("482913 or 482914", None);
        check("10.5.2026 12:30", None);
    }

    #[test]
    fn a_code_leaves_the_text() {
        let text = "My code is 482 913, thanks";
        let hidden = hidden(text, &find(text).expect("a code"));
        assert_eq!(hidden, "My code is ••••••, thanks");
        assert_eq!(without(&hidden), "My code is , thanks");
    }
}
