//! `GET /customers/{id}`.

use axum::extract::{Path, State};

use crate::api::answer::{Answer, ok};
use crate::app::App;
use crate::auth::caller::Caller;

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let customer = super::find(&app, &caller.workspace, &written).await?;
    ok(&super::view(&app, &caller.workspace, &customer).await?)
}
