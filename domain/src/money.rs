//! Amounts: minor units and an ISO 4217 code.

use serde::{Deserialize, Serialize};

/// An amount in minor units (cents) of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 350000 is 3,500.00.
    pub minor: i64,
    /// ISO 4217 code, upper case.
    pub currency: String,
}

/// A budget or price range; an absent bound is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyRange {
    /// Lower bound in minor units.
    pub min: Option<i64>,
    /// Upper bound in minor units.
    pub max: Option<i64>,
    /// ISO 4217 code, upper case.
    pub currency: String,
    /// `month`, `user/year`, … when the amount is per something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
}

impl Money {
    /// `3,500 EUR`, `9.90 EUR`: what a person reads.
    pub fn display(&self) -> String {
        format!("{} {}", figure(self.minor), self.currency)
    }
}

impl MoneyRange {
    /// `3,500 EUR`, `4,000–6,000 EUR`, `up to 500 EUR`, `from 3,000 EUR`, with ` per month` where it applies.
    pub fn display(&self) -> String {
        let amount = match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => figure(min),
            (Some(min), Some(max)) => format!("{}–{}", figure(min), figure(max)),
            (None, Some(max)) => format!("up to {}", figure(max)),
            (Some(min), None) => format!("from {}", figure(min)),
            (None, None) => "open".to_owned(),
        };
        match &self.per {
            Some(per) => format!("{amount} {} per {per}", self.currency),
            None => format!("{amount} {}", self.currency),
        }
    }
}

/// Minor units as a figure with thousands separators, cents only when there are any.
pub fn figure(minor: i64) -> String {
    let whole = minor.unsigned_abs() / 100;
    let cents = minor.unsigned_abs() % 100;
    let digits = whole.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    if minor < 0 {
        out.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if cents > 0 {
        out.push('.');
        out.push_str(&format!("{cents:02}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_a_person_writes_them() {
        let check = |min: Option<i64>, max: Option<i64>, expected: &str| {
            let range = MoneyRange { min, max, currency: "EUR".into(), per: None };
            assert_eq!(range.display(), expected);
        };
        check(Some(350_000), Some(350_000), "3,500 EUR");
        check(Some(400_000), Some(600_000), "4,000–6,000 EUR");
        check(None, Some(50_000), "up to 500 EUR");
        check(Some(300_000), None, "from 3,000 EUR");
        check(Some(990), Some(990), "9.90 EUR");
    }
}
