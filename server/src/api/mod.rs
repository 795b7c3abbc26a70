//! The REST API: one table of routes behind the router, the scope check and the description.

pub mod actions;
pub mod alerts;
pub mod analytics;
pub mod answer;
pub mod attachments;
pub mod audit;
pub mod calls;
pub mod canned;
pub mod channels;
pub mod clock;
pub mod conversations;
pub mod customers;
pub mod docs;
pub mod drafts;
pub mod escalations;
pub mod events;
pub mod imports;
pub mod knowledge;
pub mod ledger;
pub mod manner;
pub mod messages;
pub mod models;
pub mod openapi;
pub mod presence;
pub mod questions;
pub mod routes;
pub mod rules;
pub mod saved_views;
pub mod search;
pub mod session;
pub mod suggestions;
pub mod targets;
pub mod tasks;
pub mod teammates;
pub mod teams;
pub mod tokens;
pub mod turns;
pub mod views;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::app::App;
use crate::auth::caller::admit;
use crate::problem::Problem;

/// Largest body of a request; the API channel reads its own, up to its own limit.
const LARGEST_BODY: usize = 1024 * 1024;

/// The router over all routes of the table.
pub fn router(app: &App) -> Router<App> {
    let mut router = Router::new();
    for route in routes::ROUTES {
        let admitted = from_fn_with_state((App::clone(app), route.need), admit);
        router = router.route(&route.full_path(), (route.handler)().layer(admitted));
    }
    router
        .route("/api/openapi.json", axum::routing::get(openapi::handle))
        .route("/api/docs", axum::routing::get(docs::handle))
        .route("/api/{*rest}", axum::routing::any(|| async { Problem::not_found() }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}
