//! A model of the team with its patience: one that is down rests instead of being waited for at every turn.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::MonotonicTime;
use domain::ports::{Heard, LanguageModel, ModelAnswer, ModelError, ModelRequest};

use super::price::Price;

/// Failures in a row before it rests.
const PATIENCE: u32 = 2;
/// The first rest; each further one is twice as long.
const FIRST_REST: Duration = Duration::from_secs(15);
/// No rest is longer.
const LONGEST_REST: Duration = Duration::from_mins(5);

/// See the module.
pub struct Member {
    model: Arc<dyn LanguageModel>,
    timeout: Duration,
    price: Price,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    failures: u32,
    rests_until: Option<MonotonicTime>,
    /// The day on which it was said that its budget is spent.
    spent_on: Option<String>,
}

impl Member {
    /// A model, the longest wait for its answer, and what it costs.
    pub fn new(model: Arc<dyn LanguageModel>, timeout: Duration, price: Price) -> Self {
        Self { model, timeout, price, health: Mutex::default() }
    }

    /// The model's id.
    pub fn id(&self) -> &str {
        self.model.id()
    }

    /// What it costs.
    pub fn price(&self) -> &Price {
        &self.price
    }

    /// Longest wait for one answer.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Asks once; `hear` takes the answer in pieces as it comes.
    pub(super) async fn ask(&self, request: &ModelRequest, hear: Heard<'_>) -> Result<ModelAnswer, ModelError> {
        self.model.complete(request, hear).await
    }

    /// Is it left alone for now?
    pub fn is_resting(&self, now: MonotonicTime) -> bool {
        self.health().rests_until.is_some_and(|until| now < until)
    }

    /// Its budget for this day is spent: said aloud once.
    pub fn is_spent(&self, day: &str) {
        let mut health = self.health();
        if health.spent_on.as_deref() != Some(day) {
            health.spent_on = Some(day.to_owned());
            tracing::error!(model = self.id(), day, "the model's budget for the day is spent, others answer until tomorrow");
        }
    }

    /// It answered.
    pub fn answered(&self) {
        let mut health = self.health();
        health.failures = 0;
        health.rests_until = None;
    }

    /// It did not answer. `after`: how long it asked to be left alone. After a rest one call tries it again.
    pub fn failed(&self, after: Option<Duration>, now: MonotonicTime) {
        let mut health = self.health();
        health.failures += 1;
        let rest = match (after, health.failures.checked_sub(PATIENCE)) {
            (Some(after), _) => after.min(LONGEST_REST),
            (None, Some(more)) => (FIRST_REST * 2_u32.pow(more.min(6))).min(LONGEST_REST),
            (None, None) => return,
        };
        health.rests_until = Some(now.after(rest));
        tracing::warn!(model = self.id(), failures = health.failures, "the model rests for {rest:?}, others answer meanwhile");
    }

    fn health(&self) -> std::sync::MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    #[async_trait::async_trait]
    impl LanguageModel for Nobody {
        fn id(&self) -> &str {
            "nobody"
        }

        async fn complete(&self, _: &ModelRequest, _: Heard<'_>) -> Result<ModelAnswer, ModelError> {
            Err(ModelError::TimedOut)
        }
    }

    #[test]
    fn a_model_that_is_down_rests_longer_and_longer_and_is_tried_again() {
        let member = Member::new(Arc::new(Nobody), Duration::from_secs(9), Price::default());
        let at = |seconds: u64| MonotonicTime::from_micros(seconds * 1_000_000);
        member.failed(None, at(0));
        assert!(!member.is_resting(at(0)), "once may happen");
        member.failed(None, at(1));
        assert!(member.is_resting(at(15)) && !member.is_resting(at(16)));
        member.failed(None, at(16));
        assert!(member.is_resting(at(45)) && !member.is_resting(at(46)));
        member.answered();
        assert!(!member.is_resting(at(17)));
        member.failed(Some(Duration::from_secs(3)), at(50));
        assert!(member.is_resting(at(52)) && !member.is_resting(at(53)), "as long as it asked for");
    }
}
