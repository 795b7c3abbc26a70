//! `GET /turns/{id}`: how it was decided. `POST /turns/{id}/replay`: what it would come to today.

use axum::extract::{Path, State};
use domain::TurnId;
use serde_json::{Value, json};

use super::answer::{Answer, Body, Nothing, id, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;
use domain::WorkspaceId;

/// A turn's record with its id, and with the words of the messages behind it as they are now.
pub async fn find(app: &Shared, workspace: &WorkspaceId, turn: TurnId) -> Result<Option<Value>, Problem> {
    let Some(mut record) = app.store().turn(workspace, turn).await? else { return Ok(None) };
    if let Some(fields) = record.as_object_mut() {
        fields.remove("memo");
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

/// Runs the turn once more with the sources, rules and models of today. Nothing is written or sent; where models are asked,
/// they cost what an answer costs.
pub async fn replay(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let turn = id(&written)?;
    let record = find(&app, &caller.workspace, turn).await?.ok_or_else(Problem::not_found)?;
    let come_to = app.engine().replay(&caller.workspace, turn).await?;
    let come_to = come_to.ok_or_else(|| Problem::conflict("nothing_left", "Nothing is left of this turn that could be answered again."))?;
    let fired: Vec<&Value> = record["rules"].as_array().into_iter().flatten().filter(|rule| rule["fired"] == true).collect();
    let then = json!({
        "decision": record["decision"],
        "text": record["reply"],
        "rules": fired.iter().map(|rule| &rule["rule"]).collect::<Vec<_>>(),
        "asked": record["asked"],
        "sources": sources(&record["passages"]),
    });
    let now = json!({
        "decision": come_to.decision,
        "text": (!come_to.text.is_empty()).then_some(&come_to.text),
        "rules": come_to.rules,
        "asked": come_to.asked,
        "sources": come_to.cited,
    });
    let same = ["decision", "text", "rules"].iter().all(|part| then[*part] == now[*part]);
    ok(&json!({ "turn": turn, "at": record["at"], "then": then, "now": now, "same": same, "language": come_to.language }))
}

/// Where passages stand, each once.
fn sources(passages: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for passage in passages.as_array().into_iter().flatten() {
        let source = json!({ "source": passage["source"], "heading": passage["heading"] });
        if !all.contains(&source) {
            all.push(source);
        }
    }
    all
}
