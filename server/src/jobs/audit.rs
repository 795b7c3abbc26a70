//! Signs the end of each workspace's audit log, and says it in the server's own log: a copy of that elsewhere tells a chain
//! that was cut short and signed again from the real one.

use std::time::Duration;

use crate::app::App;
use crate::time::real_now;

/// Between two signatures.
const EVERY: Duration = Duration::from_hours(1);

/// Runs until the server stops; signs once more then.
pub async fn run(app: App) {
    loop {
        let is_last = tokio::select! {
            () = tokio::time::sleep(EVERY) => false,
            () = app.stopped() => true,
        };
        for workspace in &app.wired.load_full().workspaces {
            match app.store().sign_audit(workspace, real_now()).await {
                Ok(Some(end)) => tracing::info!(%workspace, entries = end.seq, hash = %end.hash, "the audit log was signed"),
                Ok(None) => {}
                Err(error) => tracing::error!(%workspace, %error, "the audit log could not be signed, trying again in an hour"),
            }
        }
        if is_last {
            return;
        }
    }
}
