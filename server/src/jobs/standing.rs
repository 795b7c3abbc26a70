//! Asks vendors now and then whether they still let us in, so that a token that died is known before a customer waits.

use std::time::Duration;

use crate::app::App;

/// After a start, when the first customers have been served.
const FIRST: Duration = Duration::from_mins(1);
/// Between two rounds.
const EVERY: Duration = Duration::from_hours(1);

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut pause = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopped() => return,
        }
        pause = EVERY;
        let engine = app.engine();
        for workspace in &app.wired.load_full().workspaces {
            for door in engine.doors_of(workspace) {
                engine.ask_standing(&door.settings.id).await;
                if *app.stopping.borrow() {
                    return;
                }
            }
        }
    }
}
