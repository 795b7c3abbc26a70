//! `GET` and `POST /teammates`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::TeammateId;
use domain::ports::{Random, Teammate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, ok, said, with};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::password::{LONGEST, SHORTEST};
use crate::problem::Problem;
use crate::time::real_now;
use domain::WorkspaceId;

/// A new teammate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    email: String,
    role: String,
    password: String,
}

/// A teammate as the API shows one.
pub fn shown(teammate: &Teammate) -> Value {
    json!({ "id": teammate.id, "name": teammate.name, "email": teammate.email, "role": teammate.role })
}

/// All of them.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let teammates = app.store().teammates(&caller.workspace).await?;
    ok(&json!({ "items": teammates.iter().map(shown).collect::<Vec<_>>(), "next": null }))
}

/// Adds one.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<New>) -> Answer {
    if !matches!(body.role.as_str(), "owner" | "admin" | "teammate" | "analyst") {
        return Err(Problem::bad_request("role must be owner, admin, teammate or analyst."));
    }
    // Only an owner, or the operator, makes owners.
    if body.role == "owner" && caller.teammate().is_some_and(|teammate| teammate.role != "owner") {
        return Err(Problem::forbidden("Only an owner adds owners."));
    }
    let teammate = add(&app, &caller.workspace, &body.name, &body.email, &body.role, &body.password).await?;
    with(StatusCode::CREATED, &shown(&teammate))
}

/// Checks and stores a teammate with a password.
pub async fn add(app: &Shared, workspace: &WorkspaceId, name: &str, email: &str, role: &str, password: &str) -> Result<Teammate, Problem> {
    let name = said(name, "name", 100)?;
    let email = said(email, "email", 254)?.to_lowercase();
    let is_address = email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !email.contains(' '));
    if !is_address {
        return Err(Problem::unprocessable("no_address", "email is no email address."));
    }
    let length = password.chars().count();
    if length < SHORTEST || password.len() > LONGEST {
        return Err(Problem::unprocessable("password_length", format!("The password needs {SHORTEST} to {LONGEST} characters.")));
    }
    if app.store().teammate_by_email(&email).await?.is_some() {
        return Err(Problem::conflict("known_address", "Somebody signs in with this address already."));
    }
    let teammate = Teammate {
        id: TeammateId::new(real_now(), app.random.bits()),
        workspace: workspace.clone(),
        name,
        email,
        role: role.to_owned(),
        password_hash: app.passwords.hash(password, app.random.bits()).await,
    };
    app.store().put_teammate(&teammate, real_now()).await?;
    tracing::info!(teammate = %teammate.id, %workspace, role, "a teammate was added");
    Ok(teammate)
}
