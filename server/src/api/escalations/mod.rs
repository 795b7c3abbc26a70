//! `GET /escalations`.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Asked, limit, ok};
use super::views;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    status: Option<String>,
    limit: Option<String>,
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// Handles it: those that are not ended, unless all are asked for.
pub async fn handle(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let open_only = match query.status.as_deref() {
        None | Some("open") => true,
        Some("all") => false,
        Some(_) => return Err(Problem::bad_request("status must be open or all.")),
    };
    let size = limit(query.limit.as_deref())?;
    let found = app.store().escalations(&caller.workspace, open_only, size).await?;
    let mut items = Vec::with_capacity(found.len());
    for escalation in &found {
        let row = app.store().conversation(&caller.workspace, escalation.conversation).await?;
        let name = row.and_then(|row| row.customer_name);
        items.push(views::escalation(escalation, name.as_deref()));
    }
    ok(&json!({ "items": items, "next": null }))
}
