//! Conversations: the inbox and what teammates do there.

pub mod act;
pub mod draft;
pub mod list;
pub mod reword;
pub mod show;

use domain::ports::ConversationRow;
use domain::{ConversationId, WorkspaceId};

use super::answer::{Answer, ok};
use super::views;
use crate::app::Shared;
use crate::problem::Problem;

/// A conversation of the caller's workspace, or 404.
pub async fn find(app: &Shared, workspace: &WorkspaceId, written: &str) -> Result<ConversationRow, Problem> {
    let id: ConversationId = super::answer::id(written)?;
    app.store().conversation(workspace, id).await?.ok_or_else(Problem::not_found)
}

/// Answers with the conversation as it is now.
pub async fn answer_with(app: &Shared, workspace: &WorkspaceId, id: ConversationId) -> Answer {
    let row = app.store().conversation(workspace, id).await?.ok_or_else(Problem::not_found)?;
    let teammates = app.store().teammates(workspace).await?;
    ok(&views::conversation(&row, &teammates, app.workspace(workspace).as_deref()))
}
