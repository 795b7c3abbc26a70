//! The second factor: set up by its teammate, asked for at sign-in, taken off with the password or by who may.

use axum::extract::{Path, State};
use domain::TeammateId;
use domain::ports::{SecondFactor, Teammate};
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Body, Nothing, nothing, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::{hash, totp};
use crate::problem::Problem;
use crate::time::real_now;

/// As long as the digest, as the standard recommends.
const KEY_BYTES: usize = 20;
/// Codes for the day the app is gone.
const RECOVERY_CODES: usize = 10;
/// Letters of one.
const RECOVERY_LENGTH: usize = 16;

/// A code of the app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    code: String,
}

/// The password once more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    password: String,
}

/// The teammate who asks, as stored now.
async fn me(app: &Shared, caller: &Caller) -> Result<Teammate, Problem> {
    let id = caller.teammate().map(|teammate| teammate.id).ok_or_else(|| Problem::forbidden("This is for signed-in teammates."))?;
    stored(app, caller, id).await
}

async fn stored(app: &Shared, caller: &Caller, id: TeammateId) -> Result<Teammate, Problem> {
    let all = app.store().teammates(&caller.workspace).await?;
    all.into_iter().find(|teammate| teammate.id == id).ok_or_else(Problem::not_found)
}

/// Gives an app what it needs. Nothing is asked for at sign-in before a code of it was confirmed.
pub async fn begin(State(app): State<App>, caller: Caller, _body: Body<Nothing>) -> Answer {
    let mut teammate = me(&app, &caller).await?;
    if is_on(&teammate) {
        return Err(Problem::conflict("second_factor_on", "Two-factor sign-in is on already."));
    }
    let key: Vec<u8> = hex_bytes(&format!("{}{}", app.unguessable(), app.unguessable())).into_iter().take(KEY_BYTES).collect();
    let secret = totp::base32(&key);
    teammate.second = Some(SecondFactor { secret: secret.clone(), is_confirmed: false, recovery: Vec::new() });
    app.store().put_teammate(&teammate, real_now()).await?;
    let business = app.workspace(&caller.workspace).map(|settings| settings.name.clone()).unwrap_or_default();
    let uri = totp::uri(&secret, &business, &teammate.email);
    ok(&json!({ "secret": secret, "qr": crate::widget::qr(&uri), "uri": uri }))
}

/// A code shows that the app has it; from now on one is asked for. The recovery codes are in this answer only.
pub async fn confirm(State(app): State<App>, caller: Caller, Body(body): Body<Confirm>) -> Answer {
    let mut teammate = me(&app, &caller).await?;
    wait(&app, &teammate)?;
    let Some(second) = teammate.second.clone().filter(|second| !second.is_confirmed) else {
        return Err(Problem::conflict("nothing_begun", "Begin the set-up first."));
    };
    let Some(step) = totp::step_of(&second.secret, &body.code, now_secs()) else { return Err(Problem::wrong_code()) };
    take_step(&app, &second.secret, step).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code(&app)).collect();
    let recovery = codes.iter().map(|code| recovery_hash(teammate.id, code)).collect();
    teammate.second = Some(SecondFactor { is_confirmed: true, recovery, ..second });
    app.store().put_teammate(&teammate, real_now()).await?;
    tracing::info!(teammate = %teammate.id, "a teammate switched two-factor sign-in on");
    ok(&json!({ "recovery": codes }))
}

/// Switches it off with the password.
pub async fn end(State(app): State<App>, caller: Caller, Body(body): Body<End>) -> Answer {
    let mut teammate = me(&app, &caller).await?;
    wait(&app, &teammate)?;
    if !app.passwords.is_right(&body.password, Some(&teammate.password_hash)).await {
        return Err(Problem::unprocessable("wrong_password", "The password is wrong."));
    }
    teammate.second = None;
    app.store().put_teammate(&teammate, real_now()).await?;
    tracing::info!(teammate = %teammate.id, "a teammate switched two-factor sign-in off");
    nothing()
}

/// For a teammate who has lost app and codes: off, and out everywhere.
pub async fn drop(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let mut teammate = stored(&app, &caller, crate::api::answer::id(&written)?).await?;
    if teammate.role == "owner" && caller.teammate().is_some_and(|me| me.role != "owner") {
        return Err(Problem::forbidden("Only an owner changes owners."));
    }
    teammate.second = None;
    app.store().put_teammate(&teammate, real_now()).await?;
    app.store().end_sessions(teammate.id).await?;
    tracing::info!(teammate = %teammate.id, workspace = %caller.workspace, "two-factor sign-in was taken off a teammate");
    nothing()
}

/// Is a code asked for?
pub fn is_on(teammate: &Teammate) -> bool {
    teammate.second.as_ref().is_some_and(|second| second.is_confirmed)
}

/// Checks what was written besides the password: a code of the app, or a recovery code; each counts once.
pub async fn check(app: &Shared, teammate: &Teammate, code: Option<&str>) -> Result<(), Problem> {
    let Some(second) = teammate.second.as_ref().filter(|second| second.is_confirmed) else { return Ok(()) };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else { return Err(Problem::second_factor()) };
    if let Some(step) = totp::step_of(&second.secret, code, now_secs()) {
        return take_step(app, &second.secret, step).await;
    }
    let hashed = recovery_hash(teammate.id, code);
    if second.recovery.contains(&hashed) && app.store().use_once("recovery", &hashed, real_now()).await? {
        tracing::info!(teammate = %teammate.id, "a teammate signed in with a recovery code");
        return Ok(());
    }
    Err(Problem::wrong_code())
}

/// A code that was seen over a shoulder is of no use any more.
async fn take_step(app: &Shared, secret: &str, step: u64) -> Result<(), Problem> {
    let mark = hash(&format!("{secret} {step}"));
    if app.store().use_once("totp", &mark, real_now()).await? { Ok(()) } else { Err(Problem::wrong_code()) }
}

/// Guesses cost time, also from a session that somebody left open.
fn wait(app: &Shared, teammate: &Teammate) -> Result<(), Problem> {
    let key = hash(&teammate.email.to_lowercase());
    app.limits.accounts.count(&key, app.steady()).map_or(Ok(()), |seconds| Err(Problem::slow_down(seconds)))
}

fn now_secs() -> u64 {
    u64::try_from(real_now().as_micros() / 1_000_000).unwrap_or(0)
}

fn hex_bytes(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .filter_map(|place| text.get(place * 2..place * 2 + 2))
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

/// Four groups of four letters: 80 bits.
fn recovery_code(app: &Shared) -> String {
    let letters = totp::base32(&hex_bytes(&app.unguessable())).to_lowercase();
    let letters: Vec<char> = letters.chars().take(RECOVERY_LENGTH).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn recovery_hash(teammate: TeammateId, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    hash(&format!("recovery {teammate} {plain}"))
}
