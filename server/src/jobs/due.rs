//! Tells whoever a task falls to that its day has come, once for each day it is given; a promise is kept by its task.

use std::time::Duration;

use domain::ports::{AlertKind, ConversationFilter, StoreError, TaskRow};
use domain::{ConversationId, Timestamp, WorkspaceId};

use crate::app::{App, Shared};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(15);
/// What fell due while no server ran is told when one starts again; what is older stands under what is overdue.
const BACK: Duration = Duration::from_hours(24);
/// Tasks looked at in one go.
const PAGE: usize = 100;

/// Runs until the server stops.
pub async fn run(app: App) {
    let mut looked = app.now().before(BACK);
    loop {
        let now = app.now();
        match round(&app, looked, now).await {
            Ok(()) => looked = now,
            Err(error) => tracing::warn!(%error, "tasks that are due could not be looked for, trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped() => return,
        }
    }
}

/// Tells once of whatever fell due between two moments.
pub async fn round(app: &Shared, after: Timestamp, by: Timestamp) -> Result<(), StoreError> {
    for workspace in &app.wired.load_full().workspaces {
        let mut from = after;
        loop {
            let due = app.store().tasks_due(workspace, from, by, PAGE).await?;
            for row in &due {
                tell(app, workspace, row).await?;
            }
            // The last one's own moment is looked at again, as far as that moves on: others may be due in the same.
            let last = due.last().and_then(|row| row.task.due_at).filter(|_| due.len() == PAGE);
            match last.map(|at| at.before(Duration::from_micros(1))).filter(|at| *at > from) {
                Some(next) => from = next,
                None => break,
            }
        }
    }
    Ok(())
}

async fn tell(app: &Shared, workspace: &WorkspaceId, row: &TaskRow) -> Result<(), StoreError> {
    let Some(due_at) = row.task.due_at else { return Ok(()) };
    let Some(conversation) = about(app, workspace, row).await? else { return Ok(()) };
    let name = format!("due-{}-{}", row.task.id, due_at.as_micros());
    if app.store().raise(workspace, &name, AlertKind::Due, conversation, row.task.assignee, due_at).await? {
        tracing::info!(%workspace, task = %row.task.id, "a task is due");
    }
    Ok(())
}

/// Where it came up, else where the customer was heard of last. Of somebody who never wrote there is nothing to open.
async fn about(app: &Shared, workspace: &WorkspaceId, row: &TaskRow) -> Result<Option<ConversationId>, StoreError> {
    if row.task.conversation.is_some() {
        return Ok(row.task.conversation);
    }
    let theirs = ConversationFilter { customer: Some(row.task.customer), ..ConversationFilter::default() };
    Ok(app.store().conversations(workspace, &theirs, None, 1).await?.items.first().map(|row| row.conversation.id))
}
