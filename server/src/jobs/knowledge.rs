//! Keeps the sources in line with their folders, and with what was given in the console.

use std::time::Duration;

use crate::app::App;
use crate::library::follow_given;

/// How often the folders are looked at; only what changed is read.
const EVERY: Duration = Duration::from_secs(2);

/// Runs until the server stops.
pub async fn run(app: App) {
    loop {
        let here = App::clone(&app);
        let round = tokio::task::spawn_blocking(move || {
            let wired = here.wired.load_full();
            for (workspace, source, folder) in &wired.knowledge {
                here.library.sync(workspace, source, folder, here.now());
            }
        });
        if let Err(error) = round.await {
            tracing::error!(%error, "reading the sources failed, trying again");
        }
        for workspace in &app.wired.load_full().workspaces {
            if let Err(error) = follow_given(&app, workspace).await {
                tracing::warn!(%error, %workspace, "given documents could not be looked at, trying again");
            }
        }
        app.synced.send_replace(true);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped() => return,
        }
    }
}
