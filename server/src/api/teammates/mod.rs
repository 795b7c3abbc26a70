//! `/teammates`: who works here, with which role, and how they come in.

pub mod entry;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::TeammateId;
use domain::WorkspaceId;
use domain::ports::{Random, Teammate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, id, nothing, ok, said, with};
use super::session::second;
use crate::alerting::{self, Switches};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::password::{LONGEST, SHORTEST};
use crate::problem::Problem;
use crate::time::real_now;

/// A new teammate; without a password an invitation is made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    email: String,
    role: String,
    password: Option<String>,
}

/// What may change about a teammate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    name: Option<String>,
    role: Option<String>,
    away: Option<bool>,
    alerts: Option<Switches>,
}

fn away_note(id: TeammateId) -> String {
    format!("away.{id}")
}

/// A teammate as the API shows one.
pub async fn shown(app: &Shared, teammate: &Teammate) -> Result<Value, Problem> {
    Ok(json!({
        "id": teammate.id,
        "name": teammate.name,
        "email": teammate.email,
        "role": teammate.role,
        "invited": teammate.password_hash.is_empty() && !teammate.sso,
        "sso": teammate.sso,
        "second_factor": second::is_on(teammate),
        "alerts": alerting::switches(app, teammate.id).await?,
        "away": app.store().note(&away_note(teammate.id)).await?.is_some(),
    }))
}

/// All of them.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let mut items = Vec::new();
    for teammate in app.store().teammates(&caller.workspace).await? {
        items.push(shown(&app, &teammate).await?);
    }
    ok(&json!({ "items": items, "next": null }))
}

/// Adds one, with a password or with an invitation whose link is in this answer only.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<New>) -> Answer {
    let role = role(&caller, &body.role)?;
    let teammate = match &body.password {
        Some(password) => add(&app, &caller.workspace, &body.name, &body.email, role, password).await?,
        None => put(&app, &caller.workspace, &body.name, &body.email, role, String::new()).await?,
    };
    let mut view = shown(&app, &teammate).await?;
    if body.password.is_none() {
        view["link"] = json!(entry::link(&app, &teammate).await?);
    }
    with(StatusCode::CREATED, &view)
}

/// Changes name, role or whether they are away; about oneself everybody may say the first and the last.
pub async fn change(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Change>) -> Answer {
    let mut teammate = find(&app, &caller, &written).await?;
    let is_self = caller.teammate().is_some_and(|me| me.id == teammate.id);
    let is_admin = caller.has(crate::auth::scope::Scope::Admin);
    if !is_admin && (!is_self || body.role.is_some()) {
        return Err(Problem::forbidden("Only an owner or an admin changes others."));
    }
    if let Some(wanted) = &body.role
        && *wanted != teammate.role
    {
        role(&caller, wanted)?;
        guard_owner(&app, &caller, &teammate).await?;
        teammate.role.clone_from(wanted);
    }
    if let Some(name) = &body.name {
        teammate.name = said(name, "name", 100)?;
    }
    app.store().put_teammate(&teammate, real_now()).await?;
    if let Some(away) = body.away {
        app.store().put_note(&away_note(teammate.id), away.then_some("1")).await?;
    }
    if let Some(switches) = body.alerts {
        if !is_self {
            return Err(Problem::forbidden("Everybody switches their own alerts."));
        }
        alerting::switch(&app, teammate.id, Some(switches)).await?;
    }
    tracing::info!(teammate = %teammate.id, workspace = %caller.workspace, "a teammate was changed");
    ok(&shown(&app, &teammate).await?)
}

/// Takes one away. What they said stays; what they had is nobody's.
pub async fn delete(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let teammate = find(&app, &caller, &written).await?;
    if caller.teammate().is_some_and(|me| me.id == teammate.id) {
        return Err(Problem::conflict("oneself", "Nobody takes themselves away."));
    }
    guard_owner(&app, &caller, &teammate).await?;
    app.store().drop_teammate(&caller.workspace, teammate.id, app.now()).await?;
    app.store().put_note(&away_note(teammate.id), None).await?;
    alerting::switch(&app, teammate.id, None).await?;
    tracing::info!(teammate = %teammate.id, workspace = %caller.workspace, "a teammate was taken away");
    nothing()
}

async fn find(app: &Shared, caller: &Caller, written: &str) -> Result<Teammate, Problem> {
    let wanted: TeammateId = id(written)?;
    let all = app.store().teammates(&caller.workspace).await?;
    all.into_iter().find(|teammate| teammate.id == wanted).ok_or_else(Problem::not_found)
}

/// A role that this caller may give: only an owner, or the operator, makes owners.
fn role<'a>(caller: &Caller, wanted: &'a str) -> Result<&'a str, Problem> {
    if !matches!(wanted, "owner" | "admin" | "teammate" | "analyst") {
        return Err(Problem::bad_request("role must be owner, admin, teammate or analyst."));
    }
    if wanted == "owner" && caller.teammate().is_some_and(|teammate| teammate.role != "owner") {
        return Err(Problem::forbidden("Only an owner adds owners."));
    }
    Ok(wanted)
}

/// An owner is changed by an owner only, and the last one stays.
async fn guard_owner(app: &Shared, caller: &Caller, teammate: &Teammate) -> Result<(), Problem> {
    if teammate.role != "owner" {
        return Ok(());
    }
    if caller.teammate().is_some_and(|me| me.role != "owner") {
        return Err(Problem::forbidden("Only an owner changes owners."));
    }
    let owners = app.store().teammates(&teammate.workspace).await?.into_iter().filter(|other| other.role == "owner").count();
    if owners < 2 {
        return Err(Problem::conflict("last_owner", "The last owner stays."));
    }
    Ok(())
}

/// A password that may be set.
pub fn check_password(password: &str) -> Result<(), Problem> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(Problem::unprocessable("password_length", format!("The password needs {SHORTEST} to {LONGEST} characters.")));
    }
    Ok(())
}

/// Checks and stores a teammate with a password.
pub async fn add(app: &Shared, workspace: &WorkspaceId, name: &str, email: &str, role: &str, password: &str) -> Result<Teammate, Problem> {
    check_password(password)?;
    let password_hash = app.passwords.hash(password, app.random.bits()).await;
    put(app, workspace, name, email, role, password_hash).await
}

/// Stores one whom nobody has this address of yet; without a password they come in by a link or through a provider.
pub(super) async fn put(
    app: &Shared,
    workspace: &WorkspaceId,
    name: &str,
    email: &str,
    role: &str,
    password_hash: String,
) -> Result<Teammate, Problem> {
    let name = said(name, "name", 100)?;
    let email = said(email, "email", 254)?.to_lowercase();
    let is_address = email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !email.contains(' '));
    if !is_address {
        return Err(Problem::unprocessable("no_address", "email is no email address."));
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
        password_hash,
        second: None,
        sso: false,
    };
    app.store().put_teammate(&teammate, real_now()).await?;
    tracing::info!(teammate = %teammate.id, %workspace, role, "a teammate was added");
    Ok(teammate)
}
