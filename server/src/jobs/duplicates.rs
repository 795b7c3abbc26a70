//! Looks through everybody for customers who may be one person and puts them into the review queue.
//!
//! It unseals names, numbers and addresses of a whole workspace at once: that is said in the log, with counts and no values,
//! held to [`MOST`] customers, and gone from memory when the round is over. A pair that was ever proposed, or that a
//! teammate parted, is not proposed again.

use std::time::{Duration, Instant};

use anyhow::Context;
use domain::WorkspaceId;
use domain::turn::IdentityChange;
use engine::identity::suggest::{self, Known};

use crate::app::App;

/// First round after a start.
const FIRST: Duration = Duration::from_secs(60);
/// Between two rounds, and at least so many times as long as a round took.
const EVERY: Duration = Duration::from_mins(15);
const REST: u32 = 60;
/// Customers read at once.
const PAGE: usize = 1_000;
/// The budget: so many customers, newest first, stay well below half a gigabyte.
const MOST: usize = 100_000;

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stopped() => return,
        }
        let begun = Instant::now();
        let workspaces = app.wired.load().workspaces.clone();
        for workspace in workspaces {
            if let Err(error) = round(&app, &workspace).await {
                tracing::error!(%workspace, error = format!("{error:#}"), "looking for customers who may be one person failed, trying again later");
            }
        }
        wait = EVERY.max(begun.elapsed() * REST);
    }
}

/// One look through a workspace; tells how many pairs it found. Those that were proposed before are not put there again.
pub async fn round(app: &App, workspace: &WorkspaceId) -> anyhow::Result<usize> {
    let Some(everybody) = everybody(app, workspace).await? else { return Ok(0) };
    let (customers, region) = (everybody.len(), app.workspace(workspace).map(|settings| settings.region.clone()).unwrap_or_default());
    // One processor: turns go first.
    let found = tokio::task::spawn_blocking(move || suggest::likely(&everybody, &region, 1)).await.context("the linkage stopped")?;
    let mut changes: Vec<IdentityChange> = Vec::new();
    for pair in found {
        let (a, b) = (pair.0, pair.1);
        if app.store().is_blocked(workspace, a, b).await? {
            continue;
        }
        changes.push(suggest::change(pair, app.now(), &*app.random));
    }
    let found = changes.len();
    if found > 0 {
        app.store().change_identity(workspace, None, changes, app.now()).await?;
    }
    tracing::info!(%workspace, customers, found, "names and addresses of all customers were compared for the review queue");
    Ok(found)
}

/// What tells the people of a workspace; `None` when the server stops meanwhile.
async fn everybody(app: &App, workspace: &WorkspaceId) -> anyhow::Result<Option<Vec<Known>>> {
    let (mut known, mut cursor) = (Vec::new(), None);
    loop {
        if *app.stopping.borrow() {
            return Ok(None);
        }
        let page = app.store().search_customers(workspace, "", cursor.as_deref(), PAGE).await?;
        known.extend(page.items.iter().filter_map(Known::of));
        if known.len() >= MOST {
            tracing::warn!(%workspace, most = MOST, "more customers than are compared at once: only the newest are");
            return Ok(Some(known));
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(Some(known));
        }
    }
}
