//! `GET /actions`, `POST /actions/{id}/{approve|decline}`: what the assistant may not do by itself.

use axum::extract::{Path, State};
use domain::ActionId;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Asked, Body, Nothing, id, limit, ok};
use super::views;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    limit: Option<String>,
}

fn settled() -> Problem {
    Problem::conflict("not_waiting", "This waits for nobody any more: it was decided before.")
}

/// Those that wait.
pub async fn list(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let waiting = app.engine().waiting_actions(&caller.workspace, limit(query.limit.as_deref())?).await?;
    let items: Vec<_> = waiting
        .iter()
        .map(|(customer, action)| {
            let mut view = views::action(action);
            view["customer"] = json!(customer);
            view
        })
        .collect();
    ok(&json!({ "items": items, "next": null }))
}

/// Has it done.
pub async fn approve(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let action: ActionId = id(&written)?;
    app.store().action(&caller.workspace, action).await?.ok_or_else(Problem::not_found)?;
    let done = app.engine().approve_action(&caller.workspace, action, &caller.name()).await?.ok_or_else(settled)?;
    match done {
        Ok(done) => ok(&views::action(&done)),
        Err(error) => {
            Err(Problem::conflict("tool_failed", &format!("The tool did not do it ({error}). It waits on, and can be approved again.")))
        }
    }
}

/// Leaves it undone.
pub async fn decline(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let action: ActionId = id(&written)?;
    app.store().action(&caller.workspace, action).await?.ok_or_else(Problem::not_found)?;
    let left = app.engine().decline_action(&caller.workspace, action, &caller.name()).await?.ok_or_else(settled)?;
    ok(&views::action(&left))
}
