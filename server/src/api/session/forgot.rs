//! `POST /forgot`: a link by mail that sets a new password. Says the same to everybody.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::ports::AlertKind;
use serde::Deserialize;

use crate::alerting;
use crate::api::answer::{Answer, Body};
use crate::app::App;
use crate::auth::peer::{self, Peer};
use crate::auth::{cookie, hash};
use crate::problem::Problem;
use crate::time::real_now;

/// One letter in so many seconds to one address.
const EVERY_SECS: i64 = 300;

/// Whose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgot {
    email: String,
}

/// Handles it. The letter is written by a job, so that neither answer nor time tell whether the address is known.
pub async fn handle(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap, Body(body): Body<Forgot>) -> Answer {
    if !cookie::is_own_origin(&headers, &app.settings.public_url) {
        return Err(Problem::forbidden("The request did not come from the console."));
    }
    let address = peer::address(peer.0, &headers, &app.settings).to_string();
    let email = body.email.trim().to_lowercase();
    let now = app.steady();
    if let Some(seconds) = app.limits.sign_ins.count(&address, now).or(app.limits.accounts.count(&hash(&format!("forgot {email}")), now)) {
        return Err(Problem::slow_down(seconds));
    }
    if let Some(teammate) = app.store().teammate_by_email(&email).await?.filter(|_| email.len() <= 254)
        && alerting::mailbox(&app, &teammate.workspace).is_some()
    {
        let name = format!("entry-{}-{}", teammate.id, real_now().as_micros() / 1_000_000 / EVERY_SECS);
        app.store().write_to(&teammate.workspace, &name, AlertKind::Entry, teammate.id, None, app.now()).await?;
        tracing::info!(teammate = %teammate.id, "a teammate asked for a new password");
    }
    Ok(StatusCode::ACCEPTED.into_response())
}
