//! `/sso`: sign-in through the business's identity provider. Everything ends on the sign-in page, in words, or in the console.

use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::TeammateId;
use domain::ports::Teammate;
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Asked, id, nothing, ok};
use crate::api::teammates;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::oidc::{Attempt, OidcError, Person, Provider};
use crate::auth::peer::{self, Peer};
use crate::auth::{cookie, hash, is_same};
use crate::problem::Problem;
use crate::time::real_now;

/// How long somebody may take at the provider.
const LASTS: Duration = Duration::from_mins(15);
/// What the browser keeps meanwhile.
const COOKIE: &str = "rapport_sso";
/// Where it is sent.
const FOLDER: &str = "/api/v1/sso";

/// What the provider sends back.
#[derive(Debug, Deserialize)]
pub struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Why somebody did not come in; the sign-in page has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// They or the provider said no.
    Refused,
    /// It took too long, was begun elsewhere, or was used already.
    Expired,
    /// The provider cannot be used.
    Unavailable,
    /// No teammate has this address.
    Unknown,
    /// The provider does not say that the address is theirs.
    Unverified,
    /// The address belongs to none of the business's domains.
    Domain,
    /// The teammate of this address signs in with another account.
    Taken,
    /// Too many tries.
    SlowDown,
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
            Self::Unverified => "unverified",
            Self::Domain => "domain",
            Self::Taken => "taken",
            Self::SlowDown => "slow_down",
        }
    }
}

fn callback_url(app: &Shared) -> String {
    format!("{}{FOLDER}/callback", app.settings.public_url)
}

/// `GET /sso`: is it there, and what does the button say?
pub async fn show(State(app): State<App>) -> Answer {
    let offered = app.oidc.as_ref();
    ok(&json!({
        "label": offered.map(|provider| provider.settings.label.clone()),
        "url": offered.map(|_| format!("{}{FOLDER}/start", app.settings.public_url)),
    }))
}

/// `GET /sso/start`: off to the provider.
pub async fn start(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap) -> Answer {
    let Some(provider) = &app.oidc else { return Err(Problem::not_found()) };
    if is_too_often(&app, peer, &headers) {
        return Ok(back_to_sign_in(&app, Why::SlowDown));
    }
    let kept = format!("{}{}", app.unguessable(), app.unguessable());
    match provider.entrance(&Attempt::of(&kept), &callback_url(&app)).await {
        Ok(url) => {
            let mut response = to(url.as_str());
            response.headers_mut().insert(header::SET_COOKIE, kept_cookie(&app, &kept, LASTS.as_secs()));
            Ok(response)
        }
        Err(error) => Ok(back_to_sign_in(&app, told(&error))),
    }
}

/// `GET /sso/callback`: back from the provider, with a code or without.
pub async fn callback(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap, Asked(back): Asked<Back>) -> Answer {
    let Some(provider) = &app.oidc else { return Err(Problem::not_found()) };
    if is_too_often(&app, peer, &headers) {
        return Ok(back_to_sign_in(&app, Why::SlowDown));
    }
    let mut response = match enter(&app, provider, &headers, &back).await? {
        Ok(teammate) => {
            tracing::info!(teammate = %teammate.id, "a teammate signed in through the identity provider");
            super::write_down(&app, &teammate, StatusCode::OK).await?;
            let (_, session) = super::begin(&app, &teammate).await?;
            let mut response = to(&format!("{}/", app.settings.public_url));
            response.headers_mut().append(header::SET_COOKIE, session);
            response
        }
        Err(why) => back_to_sign_in(&app, why),
    };
    response.headers_mut().append(header::SET_COOKIE, kept_cookie(&app, "", 0));
    Ok(response)
}

/// `DELETE /teammates/{id}/sso`: the next sign-in through the provider finds them by their address again.
pub async fn unlink(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let wanted: TeammateId = id(&written)?;
    let all = app.store().teammates(&caller.workspace).await?;
    let teammate = all.into_iter().find(|teammate| teammate.id == wanted).ok_or_else(Problem::not_found)?;
    if teammate.role == "owner" && caller.teammate().is_some_and(|me| me.role != "owner") {
        return Err(Problem::forbidden("Only an owner changes owners."));
    }
    app.store().unlink_sso(&caller.workspace, teammate.id).await?;
    app.store().end_sessions(teammate.id).await?;
    tracing::info!(teammate = %teammate.id, workspace = %caller.workspace, "a teammate was parted from their account at the provider");
    nothing()
}

async fn enter(app: &Shared, provider: &Provider, headers: &HeaderMap, back: &Back) -> Result<Result<Teammate, Why>, Problem> {
    let Some(kept) = cookie::named(headers, COOKIE) else { return Ok(Err(Why::Expired)) };
    let attempt = Attempt::of(kept);
    // Whatever else the answer says, it must answer what this browser asked.
    if !back.state.as_deref().is_some_and(|state| is_same(state, &attempt.state())) {
        return Ok(Err(Why::Expired));
    }
    if let Some(error) = &back.error {
        tracing::info!(error = %error.chars().take(60).collect::<String>(), "the identity provider let nobody in");
        return Ok(Err(Why::Refused));
    }
    let Some(code) = back.code.as_deref().filter(|code| code.len() <= 4_096) else { return Ok(Err(Why::Refused)) };
    if !app.store().use_once("sso", &hash(kept), real_now()).await? {
        return Ok(Err(Why::Expired));
    }
    let now = real_now().as_micros() / 1_000_000;
    match provider.person(&attempt, code, back.iss.as_deref(), &callback_url(app), now).await {
        Ok(person) => whoever_it_is(app, provider, &person).await,
        Err(error) => Ok(Err(told(&error))),
    }
}

/// By the provider's own id of them; the first time by an address that the provider vouches for.
async fn whoever_it_is(app: &Shared, provider: &Provider, person: &Person) -> Result<Result<Teammate, Why>, Problem> {
    let settings = &provider.settings;
    let is_allowed = |email: &str| {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        settings.allowed_domains.is_empty() || settings.allowed_domains.iter().any(|allowed| allowed == domain)
    };
    let email = person.email.as_deref().filter(|_| person.is_verified);
    if !settings.allowed_domains.is_empty() && !email.is_some_and(is_allowed) {
        return Ok(Err(if email.is_some() { Why::Domain } else { Why::Unverified }));
    }
    if let Some(known) = app.store().teammate_by_sso(&settings.issuer, &person.subject).await? {
        return Ok(Ok(known));
    }
    let Some(email) = email else { return Ok(Err(Why::Unverified)) };
    let found = app.store().teammate_by_email(email).await?.filter(|teammate| app.workspace(&teammate.workspace).is_some());
    let teammate = match (found, &settings.default_role) {
        (Some(teammate), _) => teammate,
        (None, Some(role)) => {
            let name = person.name.as_deref().unwrap_or_else(|| email.split_once('@').map_or(email, |(name, _)| name));
            let name: String = name.chars().take(100).collect();
            teammates::put(app, &app.first_workspace(), &name, email, role, String::new()).await?
        }
        (None, None) => return Ok(Err(Why::Unknown)),
    };
    if !app.store().link_sso(&teammate.workspace, teammate.id, &settings.issuer, &person.subject).await? {
        return Ok(Err(Why::Taken));
    }
    tracing::info!(teammate = %teammate.id, "a teammate is now known by their account at the identity provider");
    Ok(Ok(Teammate { sso: true, ..teammate }))
}

fn told(error: &OidcError) -> Why {
    tracing::warn!(%error, "nobody was let in through the identity provider");
    Why::Unavailable
}

fn is_too_often(app: &Shared, peer: Peer, headers: &HeaderMap) -> bool {
    let address = peer::address(peer.0, headers, &app.settings).to_string();
    app.limits.sign_ins.count(&address, app.steady()).is_some()
}

fn back_to_sign_in(app: &Shared, why: Why) -> Response {
    to(&format!("{}/sign-in?sso={}", app.settings.public_url, why.word()))
}

fn to(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Sent to this folder only, also when the provider's page leads here.
fn kept_cookie(app: &Shared, kept: &str, seconds: u64) -> HeaderValue {
    cookie::made(COOKIE, kept, FOLDER, &app.settings.public_url, seconds)
}
