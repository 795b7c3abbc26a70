//! Where several servers share a database: what was chosen in the console on one is obeyed by the others.

use std::time::Duration;

use crate::app::App;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until the server stops.
pub async fn run(app: App) {
    if app.settings.database_url.is_none() {
        return;
    }
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped() => return,
        }
        let looked = async {
            crate::api::channels::restore(&app).await?;
            crate::choices::restore(&app).await
        };
        if let Err(error) = looked.await {
            tracing::warn!(%error, "what was chosen on other servers could not be read, trying again");
        }
    }
}
