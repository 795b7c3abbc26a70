//! `GET /channels`: the configured doors and how they are. `PATCH /channels/{id}`: the trust dial.

pub mod templates;

use axum::extract::{Path, State};
use domain::settings::{ConnectionSettings, Mode};
use domain::{ChannelKind, ConnectionId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, Nothing, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::jobs::listening::Ear;
use crate::problem::Problem;
use crate::time::real_now;
use engine::standing::{Known, Lease};

/// The trust dial; null: as configured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    mode: Option<Mode>,
}

fn note(settings: &ConnectionSettings) -> String {
    format!("dial:{}:{}", settings.workspace, settings.id)
}

/// Turns the dials to where teammates left them; after every wiring.
pub async fn restore(app: &Shared) -> Result<(), domain::ports::StoreError> {
    let engine = app.engine();
    for workspace in &app.wired.load_full().workspaces {
        for door in engine.doors_of(workspace) {
            let kept = app.store().note(&note(&door.settings)).await?;
            let mode = kept.and_then(|word| serde_json::from_value(Value::String(word)).ok());
            engine.turn_dial(&door.settings.id, mode);
        }
    }
    Ok(())
}

/// Turns the trust dial of a door.
pub async fn change(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Change>) -> Answer {
    let engine = app.engine();
    let found = engine.doors_of(&caller.workspace).into_iter().find(|door| door.settings.id.as_str() == written);
    let settings = &found.ok_or_else(Problem::not_found)?.settings;
    let chosen = body.mode.filter(|mode| *mode != settings.mode);
    let word = chosen.map(|mode| json!(mode).as_str().unwrap_or_default().to_owned());
    app.store().put_note(&note(settings), word.as_deref()).await?;
    engine.turn_dial(&settings.id, chosen);
    tracing::info!(connection = %settings.id, mode = ?engine.mode(settings), "a trust dial was turned");
    let health = app.store().door_health(&caller.workspace).await?;
    let seen = health.into_iter().find(|(connection, _, _)| *connection == settings.id);
    let (last_in, last_out) = seen.map_or((None, None), |(_, last_in, last_out)| (last_in, last_out));
    let known = engine.standing(&settings.id);
    let waiting = waiting(&app.store().waiting_by_door(&caller.workspace).await?, settings);
    let pulse = Pulse { last_in, last_out, waiting };
    ok(&shown(settings, engine.mode(settings), pulse, app.ears.of(&settings.id).as_ref(), &known))
}

/// Asks the vendor now whether it lets us in.
pub async fn check(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let engine = app.engine();
    let found = engine.doors_of(&caller.workspace).into_iter().find(|door| door.settings.id.as_str() == written);
    let id = &found.ok_or_else(Problem::not_found)?.settings.id;
    let known = engine.ask_standing(id).await.ok_or_else(Problem::not_found)?;
    let mut view = standing(&known);
    view["id"] = json!(id);
    let is_admitted = known.trouble.is_none() && known.lease(real_now()) == Lease::Lasts;
    view["ok"] = json!(is_admitted && known.standing.as_ref().is_some_and(|standing| standing.to_do.is_empty()));
    ok(&view)
}

/// What is entered at the vendor for a door that is configured: the addresses it calls, and the word it shows us first.
pub async fn setup(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let engine = app.engine();
    let found = engine.doors_of(&caller.workspace).into_iter().find(|door| door.settings.id.as_str() == written);
    let settings = &found.ok_or_else(Problem::not_found)?.settings;
    ok(&json!({
        "id": settings.id,
        "channel": settings.channel,
        "hook": hook(settings),
        "status_hook": (settings.channel == ChannelKind::Voice).then(|| format!("{}/voice/{}/status", settings.public_url, settings.id)),
        "verify_token": settings.secret("verify_token"),
    }))
}

fn hook(settings: &ConnectionSettings) -> String {
    match settings.channel {
        ChannelKind::Voice => format!("{}/voice/{}/call", settings.public_url, settings.id),
        _ => format!("{}/hooks/{}", settings.public_url, settings.id),
    }
}

fn standing(known: &Known) -> Value {
    json!({
        "name": known.standing.as_ref().and_then(|standing| standing.name.as_ref()),
        "quality": known.standing.as_ref().and_then(|standing| standing.quality.as_ref()),
        "to_do": known.standing.as_ref().map_or(&[][..], |standing| &standing.to_do),
        "ends_at": known.standing.as_ref().and_then(|standing| standing.ends_at),
        "asked_at": known.asked_at,
        "trouble": known.trouble.as_ref().map(|trouble| json!({ "code": trouble.code, "why": trouble.why, "at": trouble.at, "alarm": trouble.is_alarm })),
    })
}

/// Handles it. Secrets are never among what is shown.
pub async fn handle(State(app): State<App>, caller: Caller) -> Answer {
    let health = app.store().door_health(&caller.workspace).await?;
    let queued = app.store().waiting_by_door(&caller.workspace).await?;
    let engine = app.engine();
    let items: Vec<Value> = engine
        .doors_of(&caller.workspace)
        .into_iter()
        .map(|door| {
            let seen = health.iter().find(|(connection, _, _)| *connection == door.settings.id);
            let (last_in, last_out) = seen.map_or((None, None), |(_, last_in, last_out)| (*last_in, *last_out));
            let known = engine.standing(&door.settings.id);
            let pulse = Pulse { last_in, last_out, waiting: waiting(&queued, &door.settings) };
            shown(&door.settings, engine.mode(&door.settings), pulse, app.ears.of(&door.settings.id).as_ref(), &known)
        })
        .collect();
    ok(&json!({ "items": items, "public_url": app.settings.public_url, "next": null }))
}

/// What went through a door, and what waits to.
struct Pulse {
    last_in: Option<Timestamp>,
    last_out: Option<Timestamp>,
    waiting: usize,
}

fn waiting(queued: &[(ConnectionId, usize)], settings: &ConnectionSettings) -> usize {
    queued.iter().find(|(connection, _)| *connection == settings.id).map_or(0, |(_, count)| *count)
}

fn shown(settings: &ConnectionSettings, mode: Mode, pulse: Pulse, ear: Option<&Ear>, known: &Known) -> Value {
    let to_do = known.standing.as_ref().and_then(|standing| standing.to_do.first());
    let trouble = ear.and_then(|ear| ear.trouble.as_deref());
    let lease = known.lease(real_now());
    let ends = |at: Timestamp, urgency: &str| format!("The access token ends on {}: make a new one{urgency}.", at.to_rfc3339());
    let ending = match lease {
        Lease::Lasts => String::new(),
        Lease::Ends(at) => ends(at, ""),
        Lease::EndsSoon(at) => ends(at, " now"),
    };
    let (health, detail) = match (mode, pulse.last_in) {
        _ if ear.is_some_and(Ear::is_alarming) => ("error", trouble.unwrap_or("Nothing has been fetched for a while.")),
        _ if known.trouble.as_ref().is_some_and(|trouble| trouble.is_alarm) => {
            ("error", known.trouble.as_ref().map_or("", |trouble| trouble.why.as_str()))
        }
        _ if matches!(lease, Lease::EndsSoon(_)) => ("error", ending.as_str()),
        _ if trouble.is_some() => ("warn", trouble.unwrap_or_default()),
        _ if known.trouble.is_some() => ("warn", known.trouble.as_ref().map_or("", |trouble| trouble.why.as_str())),
        _ if lease != Lease::Lasts => ("warn", ending.as_str()),
        _ if to_do.is_some() => ("warn", to_do.map_or("", String::as_str)),
        (Mode::Off, _) => ("warn", "Switched off: the AI says nothing here."),
        (_, None) => ("ok", "Ready. Nothing has come in yet."),
        (Mode::Draft, Some(_)) => ("ok", "Working. Replies wait for a teammate."),
        (Mode::OutOfHours, Some(_)) => ("ok", "Working. The AI answers outside business hours."),
        (Mode::Answer, Some(_)) => ("ok", "Working."),
    };
    json!({
        "id": settings.id,
        "channel": settings.channel,
        "mode": mode,
        "configured_mode": settings.mode,
        "label": settings.text("label").unwrap_or(settings.channel.label()),
        "health": health,
        "detail": detail,
        "last_in": pulse.last_in,
        "last_out": pulse.last_out,
        "waiting": pulse.waiting,
        "last_fetch": ear.and_then(|ear| ear.heard_at),
        "standing": standing(known),
        "hook": hook(settings),
    })
}
