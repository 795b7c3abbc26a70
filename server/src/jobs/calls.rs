//! Calls that nobody is on any more, and recordings that have been kept for long enough.

use std::time::{Duration, Instant};

use domain::ports::Stored;

use crate::app::App;
use crate::voice::ending::Watch;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(5);
/// Between two looks for recordings that have been kept for long enough.
const SWEEP: Duration = Duration::from_mins(10);
/// Recordings are kept for so long after their call.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// Taken away in one transaction.
const AT_ONCE: usize = 50;

/// Takes away the recordings that have been kept for long enough; how many.
pub async fn sweep(app: &App) -> Stored<usize> {
    let before = app.now().before(KEPT);
    let mut gone = 0;
    loop {
        let some = app.store().drop_recordings(before, AT_ONCE).await?;
        gone += some;
        if some < AT_ONCE {
            return Ok(gone);
        }
    }
}

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut watch = Watch::default();
    let mut swept: Option<Instant> = None;
    while !*app.stopping.borrow() {
        if let Err(error) = watch.look(&app, Instant::now()).await {
            tracing::warn!(%error, "calls that are over could not be ended, trying again");
        }
        if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
            swept = Some(Instant::now());
            match sweep(&app).await {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "recordings.sweep"),
                Err(error) => tracing::warn!(%error, "old recordings could not be taken away, trying again later"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.stopped() => return,
        }
    }
}
