//! The caller of a request, worked out once before the handler runs.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ports::Teammate;
use domain::{TokenId, WorkspaceId};

use super::audit::{Act, witness};
use super::mask::masked;
use super::scope::{Need, Scope, of_role};
use super::{cookie, hash, is_same};
use crate::app::{App, Shared};
use crate::problem::Problem;
use crate::time::real_now;

/// Who is calling.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The workspace it works on.
    pub workspace: WorkspaceId,
    /// Who.
    pub who: Who,
}

/// See [`Caller`].
#[derive(Debug, Clone)]
pub enum Who {
    /// The operator, by the admin token.
    Operator,
    /// A program.
    Program {
        /// Its token's row.
        token: TokenId,
        /// Its name.
        name: String,
        /// Its rights.
        scopes: Vec<Scope>,
    },
    /// A signed-in teammate.
    Teammate {
        /// Who.
        teammate: Box<Teammate>,
        /// What its requests must carry.
        csrf: String,
    },
}

impl Caller {
    /// Has it this right?
    pub fn has(&self, scope: Scope) -> bool {
        match &self.who {
            Who::Operator => true,
            Who::Program { scopes, .. } => scopes.contains(&scope),
            Who::Teammate { teammate, .. } => of_role(&teammate.role).contains(&scope),
        }
    }

    /// The teammate, when one is signed in.
    pub fn teammate(&self) -> Option<&Teammate> {
        match &self.who {
            Who::Teammate { teammate, .. } => Some(teammate),
            Who::Operator | Who::Program { .. } => None,
        }
    }

    /// `teammate` or `api`: how the logs of the product name it.
    pub fn by(&self) -> &'static str {
        match &self.who {
            Who::Teammate { .. } => "teammate",
            Who::Operator | Who::Program { .. } => "api",
        }
    }

    /// The name shown beside what it writes.
    pub fn name(&self) -> String {
        match &self.who {
            Who::Operator => "Operator".to_owned(),
            Who::Program { name, .. } => name.clone(),
            Who::Teammate { teammate, .. } => teammate.name.clone(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthorized)
    }
}

/// Lets a request through to its handler when its caller has what the route needs.
pub async fn admit(State((app, need)): State<(App, Need)>, mut request: Request, next: Next) -> Response {
    match check(&app, need, request.method(), request.headers()).await {
        Ok(Some(caller)) => {
            let sees_people = caller.teammate().is_none_or(|teammate| teammate.role != "analyst");
            let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
            let act = Act::of(request.method(), route.as_deref(), request.uri());
            request.extensions_mut().insert(caller.clone());
            let response = next.run(request).await;
            let response = if matches!(need, Need::Scope(_)) { witness(&app, &caller, act, response).await } else { response };
            if sees_people { response } else { masked(response).await }
        }
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn check(app: &Shared, need: Need, method: &Method, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let scope = match need {
        Need::Nothing => return Ok(None),
        Need::Scope(scope) => Some(scope),
        Need::Teammate => None,
    };
    let caller = identify(app, headers).await?.ok_or_else(Problem::unauthorized)?;
    if let Who::Teammate { csrf, .. } = &caller.who {
        let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if changes {
            let sent = headers.get("x-rapport-csrf").and_then(|value| value.to_str().ok()).unwrap_or_default();
            if !is_same(sent, csrf) || !cookie::is_own_origin(headers, &app.settings.public_url) {
                return Err(Problem::forbidden("The request did not come from the console."));
            }
        }
    }
    match scope {
        Some(scope) if !caller.has(scope) => Err(Problem::forbidden(format!("This needs the right {:?}.", scope.as_str()))),
        None if caller.teammate().is_none() => Err(Problem::forbidden("This is for signed-in teammates.")),
        Some(_) | None => Ok(Some(caller)),
    }
}

/// Who sent these headers; `None`: nobody known.
pub async fn identify(app: &Shared, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    if let Some(written) = headers.get(header::AUTHORIZATION) {
        // A bearer token that is wrong is never helped out by a cookie.
        let token = written.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        return match token {
            Some(token) => by_token(app, token, headers).await,
            None => Ok(None),
        };
    }
    let Some(token) = cookie::token(headers) else { return Ok(None) };
    let Some((teammate, csrf)) = app.store().session(&hash(token), real_now()).await? else { return Ok(None) };
    Ok(Some(Caller { workspace: teammate.workspace.clone(), who: Who::Teammate { teammate: Box::new(teammate), csrf } }))
}

async fn by_token(app: &Shared, token: &str, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    // Every configured token is compared, so that the time does not tell which one was nearly right.
    let mut is_operator = false;
    for known in &app.settings.admin_tokens {
        is_operator |= is_same(known.expose(), token);
    }
    if is_operator {
        let workspace = match headers.get("x-rapport-workspace").and_then(|value| value.to_str().ok()) {
            Some(named) => {
                let named = WorkspaceId::from(named);
                if app.workspace(&named).is_none() {
                    return Err(Problem::not_found());
                }
                named
            }
            None => app.first_workspace(),
        };
        return Ok(Some(Caller { workspace, who: Who::Operator }));
    }
    let Some(row) = app.store().token(&hash(token), real_now()).await? else { return Ok(None) };
    let scopes = row.scopes.iter().filter_map(|word| Scope::parse(word)).collect();
    Ok(Some(Caller { workspace: row.workspace, who: Who::Program { token: row.id, name: row.name, scopes } }))
}
