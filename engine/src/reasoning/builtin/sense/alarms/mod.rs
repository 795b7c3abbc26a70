//! Rule detectors: what in the words speaks for a built-in rule. Whether a rule fires is decided elsewhere.

pub mod budget_objection;
pub mod competitor;
pub mod emotion;
pub mod fraud;
pub mod human;
pub mod refund;

use domain::signal::Alarm;

use super::reading::{Place, Reading};

/// Every alarm of a message, in the order of the rules.
pub fn find(reading: &Reading<'_>) -> Vec<Alarm> {
    [budget_objection::find, competitor::find, human::find, emotion::find, refund::find, fraud::find]
        .iter()
        .filter_map(|detector| detector(reading))
        .collect()
}

/// The alarm of the first place, surer when there are several.
fn alarm(reading: &Reading<'_>, rule: &str, places: &[Place]) -> Option<Alarm> {
    let first = places.first()?;
    let score = if places.len() > 1 { 0.9 } else { 0.8 };
    Some(Alarm { rule: rule.to_owned(), score, quote: reading.quote(*first) })
}
