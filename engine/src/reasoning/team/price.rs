//! What a model's tokens cost, and how much may be spent on it in a day.

/// Where only a budget is given, each million of tokens counts with this much: about the dearest there is, so that the
/// budget holds, if early.
const DEAREST: (i64, i64) = (5_000_000, 25_000_000);
const MILLION: i64 = 1_000_000;

/// Prices and budget of one model, in millionths of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Price {
    input: i64,
    output: i64,
    currency: Option<String>,
    daily: Option<i64>,
}

impl Price {
    /// In millionths of the currency; `input` and `output` per million tokens. An absent one is free, or counts as dear
    /// where there is a `daily` budget.
    pub fn new(input: Option<i64>, output: Option<i64>, daily: Option<i64>, currency: Option<String>) -> Self {
        let unknown = if daily.is_some() { DEAREST } else { (0, 0) };
        Self { input: input.unwrap_or(unknown.0), output: output.unwrap_or(unknown.1), currency, daily }
    }

    /// What a call has cost, rounded up.
    pub fn of(&self, input_tokens: u32, output_tokens: u32) -> i64 {
        let whole = i64::from(input_tokens).saturating_mul(self.input).saturating_add(i64::from(output_tokens).saturating_mul(self.output));
        whole.saturating_add(MILLION - 1) / MILLION
    }

    /// Is nothing left of the day's budget?
    pub fn is_spent(&self, micros: i64) -> bool {
        self.daily.is_some_and(|daily| micros >= daily)
    }

    /// The currency of the prices.
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_up_and_rounded_up() {
        let price = Price::new(Some(150_000), Some(600_000), None, Some("EUR".to_owned()));
        assert_eq!(price.of(1_000, 500), 150 + 300);
        assert_eq!(price.of(1, 0), 1);
        assert!(!price.is_spent(i64::MAX), "no budget, no end");
    }

    #[test]
    fn a_budget_ends_with_its_last_cent_and_holds_without_prices() {
        let price = Price::new(None, None, Some(5_000_000), Some("EUR".to_owned()));
        assert_eq!((price.is_spent(4_999_999), price.is_spent(5_000_000)), (false, true));
        assert!(price.of(1_000_000, 1_000_000) > 5_000_000);
        assert_eq!(price.currency(), Some("EUR"));
        assert!(Price::new(None, None, Some(0), None).is_spent(0));
    }
}
