//! Attempts to obtain money, goods, access or papers by deceit.

use domain::signal::Alarm;

use super::super::reading::Reading;

/// The rule.
pub const RULE: &str = "suspected-fraud";

/// Victims and people who ask about fraud are told apart over the whole message.
pub fn find(reading: &Reading<'_>) -> Option<Alarm> {
    if reading.holds("suspected-fraud.ends") {
        return None;
    }
    super::alarm(reading, RULE, &reading.evidence(RULE, "fires")).or_else(|| over_sentences(reading))
}

/// Deceit is often spread over two sentences: the message is read once more as one.
fn over_sentences(reading: &Reading<'_>) -> Option<Alarm> {
    if reading.parts.first()?.marked.len() < 2 || reading.text.len() > 1_000 {
        return None;
    }
    let joined: String =
        reading.text.chars().map(|sign| if matches!(sign, '.' | '!' | '?' | ';' | '\n' | '…') { ',' } else { sign }).collect();
    let whole = Reading::new(&joined, reading.sensing);
    let places = whole.evidence(RULE, "fires");
    (!places.is_empty()).then(|| Alarm { rule: RULE.to_owned(), score: 0.7, quote: reading.text.trim().to_owned() })
}
