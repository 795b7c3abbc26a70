//! `GET /suggestions`, `POST /suggestions/{id}/{accept|reject}`: perhaps one person.

use axum::extract::{Path, State};
use domain::ports::Suggestion;
use domain::turn::IdentityChange;
use domain::{CustomerId, SuggestionId, WorkspaceId};
use serde_json::json;

use super::answer::{Answer, Body, Nothing, id, ok};
use super::views;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

async fn name(app: &Shared, workspace: &WorkspaceId, id: CustomerId) -> Result<Option<String>, Problem> {
    let customer = app.store().customer(workspace, id).await?;
    Ok(customer.and_then(|customer| customer.shown_name().map(str::to_owned)))
}

/// The review queue.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let mut items = Vec::new();
    for suggestion in app.store().suggestions(&caller.workspace).await? {
        let names = (name(&app, &caller.workspace, suggestion.a).await?, name(&app, &caller.workspace, suggestion.b).await?);
        items.push(views::suggestion(&suggestion, &names));
    }
    ok(&json!({ "items": items, "next": null }))
}

async fn open(app: &Shared, workspace: &WorkspaceId, written: &str) -> Result<Suggestion, Problem> {
    let wanted: SuggestionId = id(written)?;
    let all = app.store().suggestions(workspace).await?;
    let found = all.into_iter().find(|suggestion| suggestion.id == wanted).ok_or_else(Problem::not_found)?;
    if found.status == "open" { Ok(found) } else { Err(Problem::conflict("settled", "This suggestion is settled already.")) }
}

/// They are one person.
pub async fn accept(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let found = open(&app, &caller.workspace, &written).await?;
    let merge = app.engine().merge(&caller.workspace, found.a, found.b, caller.by()).await?;
    app.store().settle_suggestion(&caller.workspace, found.id, true, app.now()).await?;
    ok(&json!({ "id": found.id, "status": "accepted", "merge": merge, "customer": found.a }))
}

/// They are two; code never joins them again.
pub async fn reject(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let found = open(&app, &caller.workspace, &written).await?;
    let block = IdentityChange::Block { a: found.a, b: found.b };
    app.store().change_identity(&caller.workspace, None, vec![block], app.now()).await?;
    app.store().settle_suggestion(&caller.workspace, found.id, false, app.now()).await?;
    ok(&json!({ "id": found.id, "status": "rejected" }))
}
