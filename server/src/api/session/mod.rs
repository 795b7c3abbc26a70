//! Sign-in of teammates, and the first owner's set-up.

pub mod forgot;
pub mod second;
pub mod setup;
pub mod sso;

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::ports::{Monotonic, Teammate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, nothing, ok, with};
use super::teammates;
use crate::app::{App, Shared};
use crate::auth::caller::{Caller, Who, identify};
use crate::auth::peer::{self, Peer};
use crate::auth::{audit, cookie, hash, password};
use crate::problem::Problem;
use crate::time::real_now;

/// How long a session lasts.
const LASTS: Duration = Duration::from_hours(7 * 24);

/// How the audit log names it.
const SIGN_IN: &str = "POST /api/v1/session";

/// Email and password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    email: String,
    password: String,
    /// Of the second factor, where one is on.
    code: Option<String>,
}

async fn shown(app: &Shared, teammate: &Teammate, csrf: &str) -> Result<Value, Problem> {
    let workspace = app.workspace(&teammate.workspace);
    Ok(json!({
        "teammate": teammates::shown(app, teammate).await?,
        "workspace": {
            "id": teammate.workspace,
            "name": workspace.as_ref().map(|settings| settings.name.clone()),
            "currency": workspace.as_ref().map(|settings| settings.currency.clone()),
            "timezone": workspace.as_ref().map(|settings| settings.timezone.clone()),
            "locale": workspace.as_ref().map(|settings| settings.locale.clone()),
        },
        "csrf": csrf,
        "demo": app.playground.is_some(),
    }))
}

/// Opens a session and answers with its cookie.
pub async fn open(app: &Shared, teammate: &Teammate, status: StatusCode) -> Answer {
    let (csrf, value) = begin(app, teammate).await?;
    let mut response: Response = with(status, &shown(app, teammate, &csrf).await?)?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

/// Opens a session: what its changes carry, and its cookie.
async fn begin(app: &Shared, teammate: &Teammate) -> Result<(String, HeaderValue), Problem> {
    let token = app.unguessable();
    let csrf = app.unguessable();
    let now = real_now();
    app.store().open_session(&hash(&token), teammate.id, &csrf, now, now.after(LASTS)).await?;
    Ok((csrf, cookie::set(&token, &app.settings.public_url, LASTS.as_secs())))
}

/// The audit log's line of a try to sign in.
async fn write_down(app: &Shared, teammate: &Teammate, outcome: StatusCode) -> Result<(), Problem> {
    audit::keep(app, &teammate.workspace, format!("teammate:{}", teammate.id), SIGN_IN.to_owned(), Vec::new(), outcome.as_u16()).await
}

/// `POST /session`.
pub async fn sign_in(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap, Body(login): Body<Login>) -> Answer {
    if !cookie::is_own_origin(&headers, &app.settings.public_url) {
        return Err(Problem::forbidden("The request did not come from the console."));
    }
    if login.password.len() > password::LONGEST || login.email.len() > 254 {
        return Err(Problem::wrong_login());
    }
    let address = peer::address(peer.0, &headers, &app.settings).to_string();
    let email = login.email.trim().to_lowercase();
    let now = app.monotonic.now();
    if let Some(seconds) = app.limits.sign_ins.count(&address, now).or(app.limits.accounts.count(&hash(&email), now)) {
        tracing::warn!("too many sign-ins from one source, asking it to wait");
        return Err(Problem::slow_down(seconds));
    }
    let found = app.store().teammate_by_email(&email).await?;
    let stored = found.as_ref().map(|teammate| teammate.password_hash.as_str());
    let is_right = app.passwords.is_right(&login.password, stored).await;
    match found {
        Some(teammate) if is_right && app.workspace(&teammate.workspace).is_some() => {
            if let Err(problem) = second::check(&app, &teammate, login.code.as_deref()).await {
                // A page that has yet to ask for the code was no try.
                if login.code.is_some_and(|code| !code.trim().is_empty()) {
                    tokio::spawn(async move { drop(write_down(&app, &teammate, StatusCode::UNAUTHORIZED).await) });
                }
                return Err(problem);
            }
            tracing::info!(teammate = %teammate.id, "a teammate signed in");
            write_down(&app, &teammate, StatusCode::OK).await?;
            open(&app, &teammate, StatusCode::OK).await
        }
        Some(teammate) => {
            // Written beside the answer, whose time must not tell a known address from an unknown one.
            tokio::spawn(async move { drop(write_down(&app, &teammate, StatusCode::UNAUTHORIZED).await) });
            Err(Problem::wrong_login())
        }
        None => Err(Problem::wrong_login()),
    }
}

/// `GET /session`.
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Answer {
    match identify(&app, &headers).await? {
        Some(Caller { who: Who::Teammate { teammate, csrf }, .. }) => ok(&shown(&app, &teammate, &csrf).await?),
        Some(_) | None => Err(Problem::unauthorized()),
    }
}

/// `DELETE /session`.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Answer {
    if let Some(token) = cookie::token(&headers) {
        app.store().end_session(&hash(token)).await?;
    }
    let mut response = nothing()?;
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear());
    Ok(response)
}

/// `DELETE /sessions`: out on every device.
pub async fn sign_out_everywhere(State(app): State<App>, caller: Caller) -> Answer {
    let Some(teammate) = caller.teammate() else { return Err(Problem::forbidden("This is for signed-in teammates.")) };
    app.store().end_sessions(teammate.id).await?;
    tracing::info!(teammate = %teammate.id, "a teammate signed out everywhere");
    let mut response = nothing()?;
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear());
    Ok(response)
}
