//! Price stands in the way, for the customer or whoever decides.

use domain::signal::Alarm;

use super::super::reading::Reading;

/// The rule.
pub const RULE: &str = "budget-objection";

/// An objection holds unless the customer got over it further on ("… but it's worth it").
pub fn find(reading: &Reading<'_>) -> Option<Alarm> {
    let ends = reading.places("budget-objection.ends");
    let places: Vec<_> = reading
        .evidence(RULE, "fires")
        .into_iter()
        .chain(reading.places("budget-objection.sure"))
        .filter(|place| !ends.iter().any(|end| end.part == place.part && (end.sentence, end.from) > (place.sentence, place.from)))
        .collect();
    super::alarm(reading, RULE, &places)
}
