//! `POST /setup`: the first owner, by a single-use token that lasts 72 hours.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::ports::Monotonic;
use domain::{Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::api::answer::{Answer, Body};
use crate::api::teammates;
use crate::app::{App, Shared};
use crate::auth::peer::{self, Peer};
use crate::auth::{cookie, hash, is_same};
use crate::problem::Problem;
use crate::time::real_now;

/// How long a set-up link lasts.
const LASTS: Duration = Duration::from_hours(72);

/// Who the first owner is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    token: String,
    name: String,
    email: String,
    password: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    hash: String,
    until: Timestamp,
}

fn note(workspace: &WorkspaceId) -> String {
    format!("setup.{workspace}")
}

/// Makes the set-up link of a workspace that has no teammate; the earlier one no longer works.
pub async fn link(app: &Shared, workspace: &WorkspaceId) -> anyhow::Result<Option<String>> {
    if !app.store().teammates(workspace).await?.is_empty() {
        return Ok(None);
    }
    let token = app.unguessable();
    let waiting = Waiting { hash: hash(&token), until: real_now().after(LASTS) };
    app.store().put_note(&note(workspace), Some(&serde_json::to_string(&waiting)?)).await?;
    Ok(Some(format!("{}/setup#{token}", app.settings.public_url)))
}

/// Handles it; after set-up there is nothing here.
pub async fn handle(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap, Body(setup): Body<Setup>) -> Answer {
    if !cookie::is_own_origin(&headers, &app.settings.public_url) {
        return Err(Problem::forbidden("The request did not come from the console."));
    }
    let address = peer::address(peer.0, &headers, &app.settings).to_string();
    if let Some(seconds) = app.limits.sign_ins.count(&address, app.monotonic.now()) {
        return Err(Problem::slow_down(seconds));
    }
    let workspaces = app.wired.load().workspaces.clone();
    for workspace in &workspaces {
        let Some(kept) = app.store().note(&note(workspace)).await? else { continue };
        let Ok(waiting) = serde_json::from_str::<Waiting>(&kept) else { continue };
        if !is_same(&waiting.hash, &hash(&setup.token)) || waiting.until <= real_now() {
            continue;
        }
        if !app.store().teammates(workspace).await?.is_empty() {
            return Err(Problem::not_found());
        }
        let owner = teammates::add(&app, workspace, &setup.name, &setup.email, "owner", &setup.password).await?;
        // Two at once: only the first one uses the link.
        app.store().put_note(&note(workspace), None).await?;
        return super::open(&app, &owner, StatusCode::CREATED).await;
    }
    Err(Problem::not_found())
}
