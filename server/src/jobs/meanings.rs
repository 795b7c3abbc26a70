//! Makes vectors of old messages that turns named, a few at a time, so that turns go first.

use std::time::Duration;

use crate::app::App;

/// Between looks for a strand that was named.
const LOOK: Duration = Duration::from_secs(1);
/// Between batches.
const BREATH: Duration = Duration::from_millis(20);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(10);

/// Runs until the server stops.
pub async fn run(app: App) {
    while !*app.stopping.borrow() {
        let wait = match app.engine().embed_next().await {
            Ok(true) => BREATH,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::warn!(?error, "vectors could not be kept, trying again");
                AGAIN
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stopped() => return,
        }
    }
}
