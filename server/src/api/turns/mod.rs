//! `GET /turns/{id}`: how it was decided.

use axum::extract::{Path, State};
use domain::TurnId;
use serde_json::{Value, json};

use super::answer::{Answer, id, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;
use domain::WorkspaceId;

/// A turn's record with its id.
pub async fn find(app: &Shared, workspace: &WorkspaceId, turn: TurnId) -> Result<Option<Value>, Problem> {
    let Some(mut record) = app.store().turn(workspace, turn).await? else { return Ok(None) };
    if let Some(fields) = record.as_object_mut() {
        fields.entry("id").or_insert_with(|| json!(turn));
    }
    Ok(Some(record))
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let turn = id(&written)?;
    let record = find(&app, &caller.workspace, turn).await?.ok_or_else(Problem::not_found)?;
    ok(&record)
}
