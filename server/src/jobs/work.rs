//! Turns, deliveries and timers.

use std::sync::Arc;
use std::time::Duration;

use domain::MonotonicTime;
use domain::ports::StoreError;
use tokio::sync::Notify;

use super::crew::{Crew, Place, Waits};
use crate::app::{App, Shared};
use crate::metrics::Metrics;

/// Turns that think at the same time, those aside that wait for a model.
const TURNS: usize = 4;
/// Turns at the same time, those that wait for a model included.
const TURNS_AT_MOST: usize = 1_024;
/// Workers who wait for the next delivery.
const DELIVERIES: usize = 4;
/// Deliveries under way at the same time over all doors; each door has a lower limit of its own.
const DELIVERIES_AT_MOST: usize = 64;
/// Longest sleep without a bell: a ring may be lost.
const LONGEST: Duration = Duration::from_secs(5);
/// Shortest sleep when something is due that another worker holds.
const SHORTEST: Duration = Duration::from_millis(20);
/// How often this server's steady time is put on the clock that all servers share; clocks drift by milliseconds.
const KEEP_TIME: Duration = Duration::from_secs(30);
/// Sleep after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Sleeps until the bell, the moment something is due, or the stop.
async fn rest(app: &Shared, bell: &Notify, most: Duration) {
    tokio::select! {
        () = bell.notified() => {}
        () = tokio::time::sleep(most) => {}
        () = app.stopped() => {}
    }
}

fn until(due: Option<MonotonicTime>, now: MonotonicTime) -> Duration {
    due.map_or(LONGEST, |due| due.since(now).clamp(SHORTEST, LONGEST))
}

fn failed(error: &StoreError, what: &str) {
    match error {
        StoreError::Full(_) | StoreError::Broken(_) => tracing::error!(%error, "the store takes no writes, {what} wait"),
        StoreError::Stale(_) | StoreError::LeaseLost => tracing::debug!(%error, "{what} are done again"),
        StoreError::Corrupt(_) | StoreError::Database(_) => tracing::error!(?error, "the store failed, {what} wait"),
    }
}

/// Runs turns.
pub async fn turns(app: App) {
    Crew::new(TURNS, TURNS_AT_MOST, Arc::clone(&app.waiting_turns)).keep(app, take_turns).await;
}

async fn take_turns(app: App, place: Place) {
    while !*app.stopping.borrow() && !place.is_surplus() {
        let engine = app.engine();
        let done = match engine.claim_turn().await {
            Ok(Some(claim)) => {
                Metrics::add(&app.metrics.turns);
                // There may be more: the next worker is woken before this one begins.
                app.storage.work.notify_one();
                match engine.run_claimed(&claim).await {
                    Ok(Some(owed)) => {
                        // Sending waits for somebody else's machine.
                        let _waiting = app.waiting_turns.enter();
                        Metrics::add(&app.metrics.deliveries);
                        engine.run_claimed_delivery(owed).await.map(|()| true)
                    }
                    Ok(None) => Ok(true),
                    Err(error) => Err(error),
                }
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        match done {
            Ok(true) => {}
            Ok(false) => {
                let due = app.store().next_ready().await.unwrap_or(None);
                rest(&app, &app.storage.work, until(due, app.steady())).await;
            }
            Err(error) => {
                failed(&error, "turns");
                rest(&app, &app.storage.work, AFTER_FAILURE).await;
            }
        }
    }
}

/// Sends replies.
pub async fn deliveries(app: App) {
    let waits = Arc::new(Waits::default());
    let crew = Crew::new(DELIVERIES, DELIVERIES_AT_MOST, Arc::clone(&waits));
    crew.keep(app, move |app, place| take_deliveries(app, place, Arc::clone(&waits))).await;
}

async fn take_deliveries(app: App, place: Place, waits: Arc<Waits>) {
    while !*app.stopping.borrow() && !place.is_surplus() {
        let engine = app.engine();
        let done = match engine.claim_delivery().await {
            Ok(Some(owed)) => {
                let waiting = waits.enter();
                Metrics::add(&app.metrics.deliveries);
                app.storage.post.notify_one();
                let done = engine.run_claimed_delivery(owed).await.map(|()| true);
                drop(waiting);
                if place.is_surplus() {
                    // What its door was too busy for is looked for by somebody else.
                    app.storage.post.notify_one();
                }
                done
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        match done {
            Ok(true) => {}
            Ok(false) => {
                let due = engine.next_delivery().await.unwrap_or(None);
                rest(&app, &app.storage.post, until(due, app.steady())).await;
            }
            Err(error) => {
                failed(&error, "deliveries");
                rest(&app, &app.storage.post, AFTER_FAILURE).await;
            }
        }
    }
}

/// Runs timers due in business time.
pub async fn timers(app: App) {
    while !*app.stopping.borrow() {
        match app.engine().run_timers().await {
            Ok(0) => {
                let due = app.store().next_timer().await.unwrap_or(None);
                let sleep = due.map_or(LONGEST, |due| due.since(app.now()).clamp(Duration::from_millis(200), LONGEST));
                rest(&app, &app.storage.ticks, sleep).await;
            }
            Ok(count) => {
                app.metrics.timers.fetch_add(count as u64, std::sync::atomic::Ordering::Relaxed);
            }
            Err(error) => {
                failed(&error, "timers");
                rest(&app, &app.storage.ticks, AFTER_FAILURE).await;
            }
        }
    }
}

/// Keeps the meaning of leases the same on every server of one database.
pub async fn time(app: App) {
    while !*app.stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(KEEP_TIME) => {}
            () = app.stopped() => return,
        }
        if let Err(error) = app.store().keep_time(&*app.monotonic).await {
            tracing::warn!(%error, "the shared clock cannot be read, leases go on by the last look");
        }
    }
}
