//! Figures: what is counted of a customer ([`marks`]), and what reports make of the sums ([`reports`]).
//!
//! Whatever changes a customer puts them among those to be counted anew; they are counted in the background, and at once when
//! somebody asks for a report.

mod journeys;
mod marks;
mod outcomes;
mod reading;
pub mod reports;

use std::time::Duration;

use domain::Timestamp;
use domain::analytics::Recount;
use domain::id::WorkspaceId;
use domain::ports::{StoreError, Stored};

use crate::Engine;

/// Marks are made anew this far back; what is older stands as it was counted.
const SETTLED_AFTER: Duration = Duration::from_hours(120 * 24);
/// And a story is read this far back, because a purchase may have begun long before.
const READ_BACK: Duration = Duration::from_hours(240 * 24);
/// A record that cannot be read is tried again after this.
const AFTER_DAMAGE: Duration = Duration::from_hours(24);
/// Customers counted in one go and written in one transaction: what they add goes to the same places, and nobody else's write
/// waits long for it.
pub const AT_ONCE: usize = 25;

/// The day of the business at a moment, counted from 1970-01-01.
pub fn day(at: Timestamp, zone: &str) -> i64 {
    let local = at.in_zone(zone);
    (at.as_micros() / 1_000_000 + i64::from(local.offset().seconds())).div_euclid(86_400)
}

impl Engine {
    /// Counts customers anew, some at once. How many there were; as long as it is not zero, others may wait.
    pub async fn count_anew(&self, workspace: &WorkspaceId) -> Stored<usize> {
        let Some(settings) = self.workspace(workspace) else { return Ok(0) };
        let now = self.clock.now();
        let waiting = self.store.recounts(workspace, now, AT_ONCE).await?;
        let mut counted = Vec::with_capacity(waiting.len());
        for recounting in waiting {
            let story = self.store.story(workspace, recounting.customer, now.before(READ_BACK)).await;
            let recount = match story {
                // One record that cannot be read must not keep everybody else's from being counted.
                Err(StoreError::Corrupt(why)) => {
                    tracing::error!(%workspace, customer = %recounting.customer, %why, "a customer cannot be counted, trying again in a day");
                    Recount { from_day: Some(i64::MAX), marks: Vec::new(), again_at: Some(now.after(AFTER_DAMAGE)) }
                }
                Err(other) => return Err(other),
                Ok(Some(story)) => Recount {
                    from_day: story.since.map(|_| day(now.before(SETTLED_AFTER), &settings.timezone)),
                    ..marks::count(&story, &settings, now)
                },
                // Erased, or part of another record now.
                Ok(None) => Recount::default(),
            };
            counted.push((recounting, recount));
        }
        let many = counted.len();
        if many > 0 {
            self.store.recounted(workspace, counted).await?;
        }
        Ok(many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_businesss_own() {
        let late = Timestamp::parse_rfc3339("2026-03-01T23:30:00Z").expect("a time");
        assert_eq!(day(late, "UTC") + 1, day(late, "Europe/Paris"));
        assert_eq!(day(Timestamp::from_secs(0), "UTC"), 0);
        assert_eq!(day(Timestamp::from_secs(-1), "UTC"), -1);
    }
}
