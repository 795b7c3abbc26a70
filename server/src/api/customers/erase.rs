//! `DELETE /customers/{id}` and `POST /customers/{id}/keep`: taking a person away, and the ten minutes to think again.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::CustomerId;
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Asked, Body, Nothing, id, ok, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    now: Option<bool>,
}

/// Handles it: at once with `now=true`, else in ten minutes. An erased id answers as it did the first time.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, Asked(query): Asked<Query>) -> Answer {
    let workspace = &caller.workspace;
    let customer: CustomerId = id(&written)?;
    let holdings = app.store().holdings(workspace, customer).await?;
    let Some(holdings) = holdings else {
        let erasure = app.store().erasure_of(workspace, customer).await?.ok_or_else(Problem::not_found)?;
        return ok(
            &json!({ "customer": erasure.customer, "erased": true, "erased_at": erasure.at, "erase_at": null, "holds": null, "alike": [] }),
        );
    };
    let alike = app.store().alike(workspace, customer).await?;
    if query.now == Some(true) {
        let erasure = app.engine().erase(workspace, customer).await?.ok_or_else(Problem::not_found)?;
        tracing::info!(%workspace, customer = %erasure.customer, by = caller.by(), "customer.erase asked for");
        let at = erasure.at;
        let view =
            json!({ "customer": erasure.customer, "erased": true, "erased_at": at, "erase_at": null, "holds": holdings, "alike": alike });
        return ok(&view);
    }
    let due = app.engine().erase_soon(workspace, customer).await?.ok_or_else(Problem::not_found)?;
    tracing::info!(%workspace, %customer, by = caller.by(), "customer.erase put off for ten minutes");
    let view = json!({ "customer": customer, "erased": false, "erased_at": null, "erase_at": due, "holds": holdings, "alike": alike });
    with(StatusCode::ACCEPTED, &view)
}

/// Takes an erasure back that has not happened yet.
pub async fn keep(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let customer = super::find(&app, &caller.workspace, &written).await?;
    if !app.engine().keep(&caller.workspace, customer.id).await? {
        return Err(Problem::conflict("nothing_to_keep", "No erasure of this customer is waiting."));
    }
    ok(&json!({ "customer": customer.id, "kept": true }))
}
