//! `GET /customers/{id}`.

use axum::extract::{Path, State};
use domain::{Timestamp, WorkspaceId};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Asked, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    at: Option<String>,
}

/// Handles it: the record as it is, or as it was known at a moment.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, Asked(query): Asked<Query>) -> Answer {
    ok(&record(&app, &caller.workspace, &written, query.at.as_deref()).await?)
}

/// The record as it is; with `at`, as it was known then. What has no history of its own (attributes, lead) is not part of that.
pub async fn record(app: &Shared, workspace: &WorkspaceId, written: &str, at: Option<&str>) -> Result<serde_json::Value, Problem> {
    let customer = super::find(app, workspace, written).await?;
    let Some(at) = at else {
        let mut view = super::view(app, workspace, &customer).await?;
        view["messages"] = app.store().message_count(workspace, customer.id).await?.into();
        return Ok(view);
    };
    let at = moment(app, workspace, at)?;
    if customer.created_at > at {
        return Err(Problem::not_found());
    }
    let mut known = customer.as_known_at(at);
    known.lead = domain::customer::Lead::default();
    known.attributes.clear();
    let mut view = super::view(app, workspace, &known).await?;
    view["known_at"] = json!(at);
    Ok(view)
}

/// A moment: an RFC 3339 time, or a day of the workspace's calendar, which means its end.
fn moment(app: &Shared, workspace: &WorkspaceId, written: &str) -> Result<Timestamp, Problem> {
    if let Some(at) = Timestamp::parse_rfc3339(written) {
        return Ok(at);
    }
    let zone = app.workspace(workspace).map_or_else(|| "UTC".to_owned(), |settings| settings.timezone.clone());
    let end = written.parse::<Date>().ok().and_then(|day| day.tomorrow().ok()).and_then(|day| day.in_tz(&zone).ok());
    end.map(|end| Timestamp::from_micros(end.timestamp().as_microsecond() - 1))
        .ok_or_else(|| Problem::bad_request("at must be an RFC 3339 time or a day, as in 2027-03-03."))
}
