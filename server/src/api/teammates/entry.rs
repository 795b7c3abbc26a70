//! `POST /teammates/{id}/link` and `POST /join`: a single-use link with which a teammate sets a password, the first or a new one.

use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use domain::ports::{Monotonic, Random, Teammate};
use domain::{TeammateId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{check_password, find, guard_owner};
use crate::api::answer::{Answer, Body, Nothing, ok};
use crate::api::session::{self, second};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::peer::{self, Peer};
use crate::auth::{cookie, hash};
use crate::problem::Problem;
use crate::time::real_now;

/// How long a link lasts.
const LASTS: Duration = Duration::from_hours(72);

/// The token of a link, and the password wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    token: String,
    password: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    workspace: WorkspaceId,
    teammate: TeammateId,
    until: Timestamp,
}

fn note(token_hash: &str) -> String {
    format!("join.{token_hash}")
}

fn newest(teammate: TeammateId) -> String {
    format!("join.of.{teammate}")
}

/// Makes a link; the one before no longer works.
pub async fn link(app: &Shared, teammate: &Teammate) -> Result<String, Problem> {
    let token = app.unguessable();
    let token_hash = hash(&token);
    let waiting = Waiting { workspace: teammate.workspace.clone(), teammate: teammate.id, until: real_now().after(LASTS) };
    let value = serde_json::to_string(&waiting).map_err(|_| Problem::internal())?;
    if let Some(before) = app.store().note(&newest(teammate.id)).await? {
        app.store().put_note(&note(&before), None).await?;
    }
    app.store().put_note(&note(&token_hash), Some(&value)).await?;
    app.store().put_note(&newest(teammate.id), Some(&token_hash)).await?;
    Ok(format!("{}/join#{token}", app.settings.public_url))
}

/// A new link for a teammate who was invited or has lost the password.
pub async fn make(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let teammate = find(&app, &caller, &written).await?;
    let is_self = caller.teammate().is_some_and(|me| me.id == teammate.id);
    if !is_self && teammate.role == "owner" && caller.teammate().is_some_and(|me| me.role != "owner") {
        guard_owner(&app, &caller, &teammate).await?;
    }
    let link = link(&app, &teammate).await?;
    tracing::info!(teammate = %teammate.id, workspace = %caller.workspace, "a link to set a password was made");
    ok(&json!({ "link": link }))
}

/// Sets the password, ends every other session and opens one.
pub async fn join(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap, Body(join): Body<Join>) -> Answer {
    if !cookie::is_own_origin(&headers, &app.settings.public_url) {
        return Err(Problem::forbidden("The request did not come from the console."));
    }
    let address = peer::address(peer.0, &headers, &app.settings).to_string();
    if let Some(seconds) = app.limits.sign_ins.count(&address, app.monotonic.now()) {
        return Err(Problem::slow_down(seconds));
    }
    check_password(&join.password)?;
    let key = note(&hash(&join.token));
    let kept = app.store().note(&key).await?.ok_or_else(Problem::not_found)?;
    let waiting: Waiting = serde_json::from_str(&kept).map_err(|_| Problem::not_found())?;
    let all = app.store().teammates(&waiting.workspace).await?;
    let found = all.into_iter().find(|teammate| teammate.id == waiting.teammate);
    let Some(mut teammate) = found.filter(|_| waiting.until > real_now()) else { return Err(Problem::not_found()) };
    // Two at once: only the first one uses the link.
    if !app.store().use_once("join", &hash(&join.token), real_now()).await? {
        return Err(Problem::not_found());
    }
    app.store().put_note(&key, None).await?;
    app.store().put_note(&newest(teammate.id), None).await?;
    teammate.password_hash = app.passwords.hash(&join.password, app.random.bits()).await;
    app.store().put_teammate(&teammate, real_now()).await?;
    app.store().end_sessions(teammate.id).await?;
    tracing::info!(teammate = %teammate.id, "a teammate set a password");
    if second::is_on(&teammate) {
        // A link is one factor; the other one is asked for at sign-in.
        return ok(&json!({ "sign_in": true }));
    }
    session::open(&app, &teammate, StatusCode::CREATED).await
}
