//! `/healthz` and `/readyz`.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::problem::Problem;

/// Sources are waited for this long.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub async fn live() -> &'static str {
    "ok"
}

/// Webhooks are accepted, and the first sync of the sources is done or two seconds have passed.
pub async fn ready(State(app): State<App>) -> Response {
    let is_synced = *app.synced.borrow() || app.started.elapsed() >= PATIENCE;
    if *app.stopping.borrow() {
        return Problem::unavailable("The server is stopping.").into_response();
    }
    if !is_synced {
        return Problem::unavailable("The sources are being read.").into_response();
    }
    match app.store().note("ready").await {
        Ok(_) => (StatusCode::OK, "ready").into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}
