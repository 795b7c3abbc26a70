//! Counts customers anew after they changed, a little at a time: reports count the rest when somebody asks for one. Somebody who
//! writes several messages is counted once after them, and many share a transaction.

use std::time::{Duration, Instant};

use engine::analytics::AT_ONCE;

use crate::app::App;

/// Between two looks when nobody waits.
const IDLE: Duration = Duration::from_secs(60);
/// Rests so many times as long as it worked.
const REST: u32 = 9;

/// Runs until the server stops.
pub async fn run(app: App) {
    loop {
        let began = Instant::now();
        let mut others_wait = false;
        for workspace in &app.wired.load_full().workspaces {
            match app.engine().count_anew(workspace).await {
                Ok(counted) => others_wait |= counted >= AT_ONCE,
                Err(error) => tracing::warn!(%workspace, %error, "customers could not be counted, trying again"),
            }
        }
        let pause = if others_wait { (began.elapsed() * REST).min(IDLE) } else { IDLE };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopped() => return,
        }
    }
}
