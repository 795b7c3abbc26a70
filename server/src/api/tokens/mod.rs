//! `GET`, `POST` and `DELETE /tokens`: programs' access, shown once, stored hashed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ports::{ApiToken, Random};
use domain::{Timestamp, TokenId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, id, nothing, ok, said, time, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::hash;
use crate::auth::scope::Scope;
use crate::problem::Problem;
use crate::time::real_now;

/// A new token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    scopes: Vec<String>,
    expires_at: Option<String>,
}

fn shown(token: &ApiToken) -> Value {
    json!({ "id": token.id, "name": token.name, "scopes": token.scopes, "expires_at": token.expires_at })
}

/// All tokens, without what opens.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let tokens = app.store().tokens(&caller.workspace).await?;
    ok(&json!({ "items": tokens.iter().map(shown).collect::<Vec<_>>(), "next": null }))
}

/// Makes one; its value is in this answer only.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<New>) -> Answer {
    let name = said(&body.name, "name", 100)?;
    let mut scopes = Vec::new();
    for word in &body.scopes {
        let scope = Scope::parse(word)
            .ok_or_else(|| Problem::bad_request(format!("There is no scope {word:?}; use read, write, admin, privacy, metrics or mcp.")))?;
        // Nobody hands out a right that they do not have; what other tools may read, an administrator may.
        let is_theirs = caller.has(scope) || scope == Scope::Mcp && caller.has(Scope::Admin);
        if !is_theirs {
            return Err(Problem::forbidden(format!("This needs the right {word:?}.")));
        }
        scopes.push(word.clone());
    }
    if scopes.is_empty() {
        return Err(Problem::unprocessable("empty", "scopes is empty."));
    }
    let expires_at: Option<Timestamp> = body.expires_at.as_deref().map(|text| time(text, "expires_at")).transpose()?;
    if expires_at.is_some_and(|at| at <= real_now()) {
        return Err(Problem::unprocessable("in_the_past", "expires_at lies in the past."));
    }
    let value = format!("rap_{}{}", app.unguessable(), app.unguessable());
    let token = ApiToken { id: TokenId::new(real_now(), app.random.bits()), name, workspace: caller.workspace.clone(), scopes, expires_at };
    app.store().put_token(&token, &hash(&value), real_now()).await?;
    tracing::info!(token = %token.id, workspace = %caller.workspace, "an API token was made");
    let mut view = shown(&token);
    view["token"] = json!(value);
    with(StatusCode::CREATED, &view)
}

/// Ends one.
pub async fn delete(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let token: TokenId = id(&written)?;
    if !app.store().delete_token(&caller.workspace, token).await? {
        return Err(Problem::not_found());
    }
    tracing::info!(%token, workspace = %caller.workspace, "an API token was ended");
    nothing()
}
