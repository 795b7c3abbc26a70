//! Why two records may be one person's, in words.

use super::compare::{Comparison, Field, Level};

/// A field, what it says, and its evidence in bits: above nought for, below against.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// "same birth date".
    pub text: String,
    /// Bits.
    pub weight: f64,
}

/// Every field that says something, the weightiest first.
pub(super) fn told(comparison: &Comparison, weight: impl Fn(Field) -> f64) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Field::ALL
        .iter()
        .filter_map(|field| words(*field, comparison.level(*field)).map(|text| Reason { text, weight: weight(*field) }))
        .collect();
    reasons.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()).then_with(|| one.text.cmp(&other.text)));
    reasons
}

fn words(field: Field, level: Level) -> Option<String> {
    let noun = match field {
        Field::Given => "given name",
        Field::Surname => "surname",
        Field::Order => return (level == Level::Different).then(|| "given name and surname in the other order".to_owned()),
        Field::Birth => "birth date",
        Field::Email => "email",
        Field::Phone => "phone",
        Field::External => "id",
        Field::Number => "house number",
        Field::Postcode => "postcode",
        Field::Address => "address",
        Field::Other(_) => "other field",
    };
    let how = match (level, field) {
        (Level::Missing, _) => return None,
        (Level::Exact, _) => return Some(format!("same {noun}")),
        (Level::Different, _) => return Some(format!("different {noun}")),
        (Level::Close, Field::Phone) => "with the same last digits",
        (Level::Close, Field::Address) => "nearly the same",
        (Level::Close, Field::Given | Field::Surname) => "that looks or sounds the same",
        (Level::Close, _) => "with one slip of the hand",
        (Level::Near, Field::Birth) => "a few weeks or two digits apart",
        (Level::Near, Field::Address) => "that agrees in good part",
        (Level::Near, _) => "that looks alike",
        (Level::Variant, Field::Given | Field::Surname) => "shortened or a nickname",
        (Level::Variant, Field::Birth) => "within a year",
        (Level::Variant, Field::Address) => "that agrees in one part",
        (Level::Variant, _) => "of the same letters",
    };
    Some(format!("{noun} {how}"))
}

impl std::fmt::Display for Reason {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.weight == 0.0 { write!(out, "{}", self.text) } else { write!(out, "{} ({:+.1})", self.text, self.weight) }
    }
}
