//! Hands escalated conversations out to teammates who are here and have room, where a workspace wants that: when something changed,
//! when somebody came, and when somebody has ended something.

use std::time::Duration;

use domain::ports::StoreError;

use crate::alerting::is_away;
use crate::app::{App, Shared};

/// Longest sleep without a bell.
const LONGEST: Duration = Duration::from_secs(10);
/// Changes come in bursts; one look is enough for all of them.
const SETTLE: Duration = Duration::from_millis(150);

/// Runs until the server stops.
pub async fn run(app: App) {
    let (mut changes, mut presence) = (app.hub.bell(), app.presence.bell());
    while !*app.stopping.borrow() {
        changes.mark_unchanged();
        presence.mark_unchanged();
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "conversations could not be handed out, trying again");
        }
        tokio::select! {
            _ = changes.changed() => tokio::time::sleep(SETTLE).await,
            _ = presence.changed() => {}
            () = tokio::time::sleep(LONGEST) => {}
            () = app.stopped() => return,
        }
    }
}

async fn round(app: &Shared) -> Result<(), StoreError> {
    let workspaces = app.wired.load().workspaces.clone();
    for workspace in &workspaces {
        let Some(capacity) = app.workspace(workspace).and_then(|settings| settings.capacity) else { continue };
        let pages = app.presence.here(workspace);
        if pages.is_empty() {
            continue;
        }
        let mut here = Vec::new();
        for teammate in app.store().teammates(workspace).await? {
            if teammate.role != "analyst" && pages.contains(&teammate.id) && !is_away(app, teammate.id).await? {
                here.push(teammate.id);
            }
        }
        let teams = app.store().teams(workspace).await?;
        let given = app.engine().hand_out(workspace, &here, &teams, i64::from(capacity)).await?;
        if given > 0 {
            tracing::info!(%workspace, given, "escalated conversations were handed out");
        }
    }
    Ok(())
}
