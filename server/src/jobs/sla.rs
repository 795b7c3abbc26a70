//! Tells the team when one of its own targets was missed, and in particular whoever leads the team that has the conversation;
//! once for each target and wait.

use std::time::Duration;

use domain::WorkspaceId;
use domain::conversation::StatusKind;
use domain::ports::{AlertKind, ConversationFilter, StoreError};

use crate::api::views;
use crate::app::{App, Shared};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(15);
/// Conversations looked at in one go.
const PAGE: usize = 100;

/// Runs until the server stops.
pub async fn run(app: App) {
    loop {
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "missed targets could not be looked for, trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopped() => return,
        }
    }
}

/// Looks once at whatever a person has, where a workspace has targets.
pub async fn round(app: &Shared) -> Result<(), StoreError> {
    for workspace in &app.wired.load_full().workspaces {
        if app.workspace(workspace).is_some_and(|settings| !settings.sla.is_empty()) {
            look(app, workspace).await?;
        }
    }
    Ok(())
}

async fn look(app: &Shared, workspace: &WorkspaceId) -> Result<(), StoreError> {
    let Some(settings) = app.workspace(workspace) else { return Ok(()) };
    let filter = ConversationFilter { status: Some(StatusKind::WithTeammate), ..ConversationFilter::default() };
    let mut cursor = None;
    let teams = app.store().teams(workspace).await?;
    loop {
        let page = app.store().conversations(workspace, &filter, cursor.as_deref(), PAGE).await?;
        for row in &page.items {
            for clock in views::clocks(row, &settings).into_iter().filter(|clock| clock.due_at <= app.now()) {
                let id = row.conversation.id;
                let name = format!("sla-{id}-{}-{}", clock.target.as_str(), clock.due_at.as_micros());
                if app.store().raise(workspace, &name, AlertKind::Late, id, None, clock.due_at).await? {
                    tracing::info!(%workspace, conversation = %id, policy = %clock.policy, target = clock.target.as_str(), "a target was missed");
                }
                let lead = teams.iter().find(|team| Some(team.id) == row.team).and_then(|team| team.lead);
                // Whoever has it themselves is told like anybody.
                if let Some(lead) = lead.filter(|lead| row.conversation.assignee != Some(*lead)) {
                    app.store().raise(workspace, &format!("{name}-lead"), AlertKind::Late, id, Some(lead), clock.due_at).await?;
                }
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}
