//! `GET /audit` and `GET /audit/check`: who looked at what and who changed it.

use axum::extract::State;
use domain::ports::AuditFilter;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Asked, limit, ok, time};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    actor: Option<String>,
    subject: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// The newest entries first.
pub async fn list(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let moment = |written: &Option<String>, field| written.as_deref().map(|written| time(written, field)).transpose();
    let filter =
        AuditFilter { actor: query.actor, subject: query.subject, from: moment(&query.from, "from")?, to: moment(&query.to, "to")? };
    let unknown = |_| Problem::bad_request("cursor is not one that was given.");
    let before = query.cursor.map(|cursor| cursor.parse().map_err(unknown)).transpose()?;
    let page = app.store().audited(&caller.workspace, &filter, before, limit(query.limit.as_deref())?).await?;
    ok(&json!({ "items": page.items, "next": page.next }))
}

/// Is the chain whole?
pub async fn check(State(app): State<App>, caller: Caller) -> Answer {
    ok(&app.store().check_audit(&caller.workspace).await?)
}
