//! Calls that nobody is on any more.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::voice::ending::Watch;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(5);

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut watch = Watch::default();
    while !*app.stopping.borrow() {
        if let Err(error) = watch.look(&app, Instant::now()).await {
            tracing::warn!(%error, "calls that are over could not be ended, trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.stopped() => return,
        }
    }
}
