//! `GET /ledger` and `POST /ledger/{id}/replay`: was anything lost?

use axum::extract::{Path, State};
use domain::MessageId;
use domain::message::InboundState;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Asked, Body, Nothing, id, limit, ok};
use super::views;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::jobs::backups::standing;
use crate::problem::Problem;
use crate::time::real_now;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Counts by state, and items.
pub async fn list(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let size = limit(query.limit.as_deref())?;
    let state: Option<InboundState> = query
        .state
        .as_deref()
        .map(|word| word.parse().map_err(|_| Problem::bad_request("state is no state of an inbound message.")))
        .transpose()?;
    let settings = app.settings.clone();
    let up = app.started.elapsed();
    let backup = tokio::task::spawn_blocking(move || {
        // PostgreSQL's copies are none of ours.
        settings.database_url.is_none().then(|| standing(&settings, real_now(), up))
    });
    let (counts, page) = app.store().ledger(&caller.workspace, state, query.cursor.as_deref(), size).await?;
    ok(&json!({
        "counts": {
            "open": counts.open,
            "answered": counts.answered,
            "handed_over": counts.handed_over,
            "ignored_by_rule": counts.ignored_by_rule,
            "quarantined": counts.quarantined,
        },
        "accepted": counts.accepted,
        "queued": counts.queued,
        "backup": backup.await.map_err(|_| Problem::unavailable("The backups could not be looked at."))?,
        "items": page.items.iter().map(views::ledger_item).collect::<Vec<_>>(),
        "next": page.next,
    }))
}

/// Puts a quarantined message back into its customer's queue.
pub async fn replay(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let message: MessageId = id(&written)?;
    if !app.store().replay(&caller.workspace, message, app.steady()).await? {
        return match app.store().message(&caller.workspace, message).await? {
            Some(_) => Err(Problem::conflict("not_quarantined", "Only a quarantined message can be put back.")),
            None => Err(Problem::not_found()),
        };
    }
    app.storage.work.notify_one();
    ok(&json!({ "id": message, "state": InboundState::Open }))
}
