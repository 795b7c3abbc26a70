//! Counts customers anew after they changed, a little at a time: reports count the rest when somebody asks for one.

use std::time::{Duration, Instant};

use crate::app::App;

/// Between two looks when nobody waits.
const IDLE: Duration = Duration::from_secs(10);
/// Rests so many times as long as it worked.
const REST: u32 = 9;

/// Runs until the server stops.
pub async fn run(app: App) {
    loop {
        let began = Instant::now();
        let mut counted = 0;
        for workspace in &app.wired.load_full().workspaces {
            match app.engine().count_anew(workspace).await {
                Ok(more) => counted += more,
                Err(error) => tracing::warn!(%workspace, %error, "customers could not be counted, trying again"),
            }
        }
        let pause = if counted > 0 { (began.elapsed() * REST).min(IDLE) } else { IDLE };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopped() => return,
        }
    }
}
