//! `POST /conversations/{id}/draft`: what the AI would answer, for a teammate to send or to leave.

use axum::extract::{Path, State};
use serde_json::json;

use crate::api::answer::{Answer, Body, Nothing, ok};
use crate::app::App;
use crate::auth::caller::Caller;

/// Handles it. Nothing is written or sent; where models are asked, they cost what an answer costs.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let row = super::find(&app, &caller.workspace, &written).await?;
    let proposed = app.engine().propose(&caller.workspace, row.conversation.id).await?;
    ok(&match proposed {
        Some(proposed) => json!({
            "text": proposed.text,
            "answers": proposed.answers,
            "sources": proposed.sources,
            "language": proposed.language,
        }),
        None => json!({ "text": null, "answers": null, "sources": [], "language": null }),
    })
}
