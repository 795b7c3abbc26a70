//! `GET /turns/{id}`: how it was decided.

use axum::extract::{Path, State};
use domain::TurnId;
use serde_json::{Value, json};

use super::answer::{Answer, id, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;
use domain::WorkspaceId;

/// A turn's record with its id, and with the words of the messages behind it as they are now.
pub async fn find(app: &Shared, workspace: &WorkspaceId, turn: TurnId) -> Result<Option<Value>, Problem> {
    let Some(mut record) = app.store().turn(workspace, turn).await? else { return Ok(None) };
    if let Some(fields) = record.as_object_mut() {
        fields.entry("id").or_insert_with(|| json!(turn));
    }
    if let Some(recalled) = record.get_mut("recalled").and_then(Value::as_array_mut) {
        for memory in recalled.iter_mut().filter(|memory| memory["kind"] == "message" && memory["text"].is_null()) {
            let id = memory["id"].as_str().and_then(|id| id.parse().ok());
            let message = match id {
                Some(id) => app.store().message(workspace, id).await?,
                None => None,
            };
            memory["text"] = json!(message.map(|message| message.text).unwrap_or_default());
        }
        // Whatever was taken away since is no longer shown.
        recalled.retain(|memory| memory["text"] != "");
    }
    Ok(Some(record))
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let turn = id(&written)?;
    let mut record = find(&app, &caller.workspace, turn).await?.ok_or_else(Problem::not_found)?;
    if let Some(id) = record["customer"].as_str().and_then(|id| id.parse().ok()) {
        let customer = app.store().customer(&caller.workspace, id).await?;
        record["person"] = json!({ "id": id, "name": customer.as_ref().and_then(|customer| customer.shown_name()) });
    }
    ok(&record)
}
