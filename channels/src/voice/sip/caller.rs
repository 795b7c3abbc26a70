//! Who calls, as far as whoever brings the call vouches for it.
//!
//! <https://www.rfc-editor.org/rfc/rfc3325>, <https://www.rfc-editor.org/rfc/rfc8224>

use domain::call::Attestation;

use crate::text;

/// What a request says about its sender, header by header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) from: String,
    pub(super) asserted: Option<String>,
    pub(super) privacy: Option<String>,
    /// `P-Attestation-Indicator`, which trunks add beside the verdict.
    pub(super) indicator: Option<String>,
    /// It came from a trunk of ours.
    pub(super) by_trunk: bool,
}

/// Longest header that is looked into.
const LONGEST: usize = 512;

/// The part before the host: `sip:+33612345678;tag@host` and `<tel:+33612345678>`.
fn user(header: &str) -> Option<String> {
    let header = header.get(..header.len().min(LONGEST))?;
    let address = header.split_once('<').map_or(header, |(_, rest)| rest);
    let address = address.split('>').next()?;
    let rest = ["sip:", "sips:", "tel:"].into_iter().find_map(|scheme| address.trim().strip_prefix(scheme))?;
    let user = rest.split(['@', ';']).next()?.trim();
    (!user.is_empty()).then(|| user.to_owned())
}

/// Longest number as somebody writes it, with what they put between its digits.
const LONGEST_NUMBER: usize = 32;

/// A number whose country is not written, with its digits and a leading plus only: `0612345678`, `33612345678`.
fn national(user: &str) -> Option<String> {
    let is_between = |letter: char| matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/');
    let digits: String = user.chars().filter(|letter| !is_between(*letter)).collect();
    let is_number = (6..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && user.len() <= LONGEST_NUMBER).then_some(digits)
}

/// Whoever shows themselves with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nobody, or nothing that is a number.
    Hidden,
    /// E.164.
    Number(String),
    /// Digits without a country: whoever knows where this is may read them.
    Digits(String),
}

/// The number, and how far it is vouched for.
pub(super) fn known(said: &Said) -> (Shown, Attestation) {
    let hides = said.privacy.as_deref().is_some_and(|privacy| privacy.split([';', ',']).any(|word| matches!(word.trim(), "id" | "user")));
    // What somebody asserts counts from a trunk only.
    let asserted = said.asserted.as_deref().filter(|_| said.by_trunk);
    let shown = asserted.unwrap_or(&said.from);
    let read = |user: String| text::e164(&user).map(Shown::Number).or_else(|| national(&user).map(Shown::Digits));
    let Some(number) = user(shown).filter(|_| !hides).and_then(read) else { return (Shown::Hidden, Attestation::Withheld) };
    if !said.by_trunk {
        return (number, Attestation::Claimed);
    }
    let verdict = |header: &str| {
        let lower = header.to_ascii_lowercase();
        lower.split("verstat=").nth(1).map(|rest| rest.split([';', '>', '@', ',']).next().unwrap_or_default().trim().to_owned())
    };
    let verdict = verdict(shown).or_else(|| verdict(&said.from)).unwrap_or_default();
    let is_full = said.indicator.as_deref().is_some_and(|indicator| indicator.trim().eq_ignore_ascii_case("a"));
    let attestation = match verdict.as_str() {
        "tn-validation-passed-a" => Attestation::Full,
        "tn-validation-passed" if is_full => Attestation::Full,
        failed if failed.starts_with("tn-validation-failed") => Attestation::Failed,
        _ => Attestation::Claimed,
    };
    (number, attestation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: Said, number: Option<&str>, attestation: Attestation) {
        let number = number.map_or(Shown::Hidden, |number| Shown::Number(number.to_owned()));
        assert_eq!(known(&said), (number, attestation), "{said:?}");
    }

    #[test]
    fn digits_without_a_country_are_no_number_yet_and_not_hidden_either() {
        for (from, digits) in [
            ("<sip:0612345678@trunk.example>", "0612345678"),
            ("<sip:33612345678@trunk.example;user=phone>", "33612345678"),
            ("<tel:06-12-34-56-78>", "0612345678"),
        ] {
            let said = Said { from: from.to_owned(), by_trunk: true, ..Said::default() };
            assert_eq!(known(&said), (Shown::Digits(digits.to_owned()), Attestation::Claimed), "{from}");
            let hidden = Said { privacy: Some("id".to_owned()), ..said };
            assert_eq!(known(&hidden), (Shown::Hidden, Attestation::Withheld), "{from}");
        }
        for from in ["<sip:1000@x>", "<sip:0612345678901234567@x>", "<sip:06123x45678@x>"] {
            assert_eq!(known(&Said { from: from.to_owned(), ..Said::default() }), (Shown::Hidden, Attestation::Withheld), "{from}");
        }
    }

    #[test]
    fn only_a_trunk_vouches_for_a_number_and_only_with_full_attestation() {
        let from = |from: &str| Said { from: from.to_owned(), by_trunk: true, ..Said::default() };
        let number = Some("+33612345678");
        check(from("\"Ada\" <sip:+33612345678@trunk.example>;tag=1"), number, Attestation::Claimed);
        check(from("<sip:+33612345678;verstat=TN-Validation-Passed-A@trunk.example;user=phone>;tag=1"), number, Attestation::Full);
        let passed = from("<sip:+33612345678;verstat=TN-Validation-Passed@trunk.example>");
        check(passed.clone(), number, Attestation::Claimed);
        check(Said { indicator: Some("A".to_owned()), ..passed.clone() }, number, Attestation::Full);
        check(Said { indicator: Some("B".to_owned()), ..passed.clone() }, number, Attestation::Claimed);
        check(Said { by_trunk: false, indicator: Some("A".to_owned()), ..passed }, number, Attestation::Claimed);
        check(from("<tel:+33612345678;verstat=TN-Validation-Failed>"), number, Attestation::Failed);
    }

    #[test]
    fn an_asserted_number_goes_before_a_shown_one_and_a_hidden_one_is_none() {
        let said = Said {
            from: "<sip:+15550000000@x>".to_owned(),
            asserted: Some("<sip:+33612345678@x>".to_owned()),
            by_trunk: true,
            ..Said::default()
        };
        check(said.clone(), Some("+33612345678"), Attestation::Claimed);
        check(Said { by_trunk: false, ..said.clone() }, Some("+15550000000"), Attestation::Claimed);
        check(Said { privacy: Some("id".to_owned()), ..said.clone() }, None, Attestation::Withheld);
        for from in ["sip:anonymous@anonymous.invalid", "<sip:alice@x>", "", "<", "sip:", "sip:@x"] {
            check(Said { from: from.to_owned(), ..Said::default() }, None, Attestation::Withheld);
        }
    }
}
