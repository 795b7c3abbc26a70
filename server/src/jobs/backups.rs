//! Removes the keys of backups that are older than 30 days, whether or not anybody takes another backup.

use std::time::Duration;

use crate::app::App;
use crate::time::real_now;

const EVERY: Duration = Duration::from_hours(6);

/// Runs until the server stops.
pub async fn run(app: App) {
    loop {
        let folder = app.settings.data_dir.clone();
        let round = tokio::task::spawn_blocking(move || store::copies::drop_old_keys(&folder, real_now()));
        if let Err(error) = round.await {
            tracing::error!(%error, "looking through the backups failed, trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped() => return,
        }
    }
}
