//! Tells the team: an event is spread over its ways once, and each way is tried until it took it or a day has passed.

use std::time::Duration;

use domain::Timestamp;
use domain::ports::{Alert, AlertOutcome, SendError, StoreError};

use crate::alerting::{self, NotTold};
use crate::app::{App, Shared};
use crate::time::real_now;

/// So many are taken at once.
const BATCH: usize = 16;
/// Longer than the slowest batch: whoever is silent for so long has died, and what it held is tried again.
const HOLD: Duration = Duration::from_mins(6);
/// Longest sleep without a bell.
const LONGEST: Duration = Duration::from_secs(5);
/// Sleep after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Tries of one way; the last comes about a day after the first.
const MOST_TRIES: u32 = 14;
/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_hours(3);
/// How long what was told is shown.
const KEPT: Duration = Duration::from_hours(14 * 24);

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut swept = None;
    while !*app.stopping.borrow() {
        let sleep = match round(&app).await {
            Ok(0) => until_next(&app).await,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "the team could not be told, trying again");
                AFTER_FAILURE
            }
        };
        let today = real_now().as_micros() / 86_400_000_000;
        if swept != Some(today) {
            match app.store().forget_alerts(app.now().before(KEPT)).await {
                Ok(()) => swept = Some(today),
                Err(error) => tracing::warn!(%error, "old alerts could not be forgotten, trying again"),
            }
        }
        tokio::select! {
            () = app.storage.alerts.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            () = app.stopped() => return,
        }
    }
}

async fn until_next(app: &Shared) -> Duration {
    let next = app.store().next_alert().await.unwrap_or(None);
    next.map_or(LONGEST, |next| next.since(real_now()).clamp(Duration::from_millis(200), LONGEST))
}

/// Tells what is due; how much that was.
async fn round(app: &Shared) -> Result<usize, StoreError> {
    let due = app.store().due_alerts(real_now(), HOLD, BATCH).await?;
    for alert in &due {
        if alert.target.is_empty() {
            let ways: Vec<String> = alerting::ways(app, alert).await?.iter().map(alerting::Way::word).collect();
            app.store().spread_alert(alert, &ways).await?;
            continue;
        }
        let outcome = outcome(alert, alerting::tell(app, alert).await, real_now());
        if let AlertOutcome::GivenUp { why } = &outcome {
            tracing::warn!(alert = %alert.id, way = %alert.target, "an alert was given up: {why}");
        }
        app.store().settle_alert(alert, outcome).await?;
    }
    Ok(due.len())
}

fn outcome(alert: &Alert, told: Result<(), NotTold>, now: Timestamp) -> AlertOutcome {
    let again = |pause: Duration, why: String| {
        if alert.attempt >= MOST_TRIES { AlertOutcome::GivenUp { why } } else { AlertOutcome::Again { at: now.after(pause), why } }
    };
    let pause = Duration::from_secs(5).saturating_mul(1 << alert.attempt.min(12)).min(LONGEST_PAUSE);
    match told {
        Ok(()) => AlertOutcome::Told,
        Err(NotTold::Over(why)) => AlertOutcome::GivenUp { why: why.to_owned() },
        Err(NotTold::Failed(SendError::Refused { code, why, .. })) => AlertOutcome::GivenUp { why: format!("{why} ({code})") },
        Err(NotTold::Failed(SendError::RateLimited(after))) => {
            again(after.unwrap_or(pause).clamp(Duration::from_secs(1), LONGEST_PAUSE), "asked to slow down".to_owned())
        }
        Err(NotTold::Failed(SendError::NotYet(after))) => {
            again(after.clamp(Duration::from_secs(1), LONGEST_PAUSE), "not its turn".to_owned())
        }
        Err(NotTold::Failed(SendError::NotSent(why) | SendError::Unknown(why))) => again(pause, why),
        Err(NotTold::Unread(_)) => again(pause, "the store failed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use domain::ports::AlertKind;
    use domain::{ConversationId, WorkspaceId};

    use super::*;

    fn tried(attempt: u32) -> Alert {
        Alert {
            workspace: WorkspaceId::from("one"),
            id: "esc_1".to_owned(),
            target: "webhook:team".to_owned(),
            kind: AlertKind::Escalated,
            conversation: Some(ConversationId::new(Timestamp::from_secs(1), 1)),
            teammate: None,
            at: Timestamp::from_secs(1),
            attempt,
        }
    }

    #[test]
    fn a_way_is_tried_for_about_a_day_and_a_refusal_ends_it() {
        let failed = || Err(NotTold::Failed(SendError::Unknown("no answer".to_owned())));
        let mut now = Timestamp::from_secs(0);
        let mut tries = 0;
        for attempt in 1.. {
            tries = attempt;
            match outcome(&tried(attempt), failed(), now) {
                AlertOutcome::Again { at, .. } => now = at,
                AlertOutcome::GivenUp { .. } | AlertOutcome::Told => break,
            }
        }
        let hours = now.since(Timestamp::from_secs(0)).as_secs() / 3_600;
        assert!(tries == MOST_TRIES && (8..30).contains(&hours), "{tries} tries in {hours} hours");
        let refused = Err(NotTold::Failed(SendError::Refused { code: "410".to_owned(), why: "gone".to_owned(), opted_out: false }));
        assert!(matches!(outcome(&tried(1), refused, now), AlertOutcome::GivenUp { .. }));
    }
}
