//! Lets the index of search follow what is said: a moment behind, never in the way of a turn.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{Change, StoreError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

/// So long after a change the index takes it in, together with what came meanwhile.
const GATHER: Duration = Duration::from_millis(400);
/// Between batches, so that turns go first while an index is built anew.
const BREATH: Duration = Duration::from_millis(5);
/// Looks without a bell: other servers on the same database ring none here.
const OF_OTHERS: Duration = Duration::from_secs(1);
const ALONE: Duration = Duration::from_secs(30);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(10);

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut changes = (app.storage.changes)();
    let longest = if app.settings.database_url.is_some() { OF_OTHERS } else { ALONE };
    while !*app.stopping.borrow() {
        let wait = match app.store().catch_up().await {
            Ok(true) => BREATH,
            Ok(false) => {
                tokio::select! {
                    () = changed(&mut changes) => {}
                    () = tokio::time::sleep(longest) => {}
                    () = app.stopped() => return,
                }
                GATHER
            }
            Err(StoreError::Stale(_)) => GATHER,
            Err(error) => {
                tracing::warn!(?error, "the search index could not follow, trying again");
                AGAIN
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stopped() => return,
        }
    }
}

async fn changed(changes: &mut Receiver<Arc<Change>>) {
    match changes.recv().await {
        Ok(_) | Err(RecvError::Lagged(_)) => {}
        Err(RecvError::Closed) => std::future::pending().await,
    }
}
