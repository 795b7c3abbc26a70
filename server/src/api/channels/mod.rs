//! `GET /channels`: the configured doors and how they are.

use axum::extract::State;
use domain::Timestamp;
use domain::settings::{ConnectionSettings, Mode};
use serde_json::{Value, json};

use super::answer::{Answer, ok};
use crate::app::App;
use crate::auth::caller::Caller;

/// Handles it. Secrets are never among what is shown.
pub async fn handle(State(app): State<App>, caller: Caller) -> Answer {
    let health = app.store().door_health(&caller.workspace).await?;
    let engine = app.engine();
    let items: Vec<Value> = engine
        .doors_of(&caller.workspace)
        .into_iter()
        .map(|door| {
            let seen = health.iter().find(|(connection, _, _)| *connection == door.settings.id);
            let (last_in, last_out) = seen.map_or((None, None), |(_, last_in, last_out)| (*last_in, *last_out));
            shown(&door.settings, last_in, last_out)
        })
        .collect();
    ok(&json!({ "items": items, "next": null }))
}

fn shown(settings: &ConnectionSettings, last_in: Option<Timestamp>, last_out: Option<Timestamp>) -> Value {
    let (health, detail) = match (settings.mode, last_in) {
        (Mode::Off, _) => ("warn", "Switched off: the AI says nothing here."),
        (_, None) => ("ok", "Ready. Nothing has come in yet."),
        (Mode::Draft, Some(_)) => ("ok", "Working. Replies wait for a teammate."),
        (Mode::OutOfHours, Some(_)) => ("ok", "Working. The AI answers outside business hours."),
        (Mode::Answer, Some(_)) => ("ok", "Working."),
    };
    json!({
        "id": settings.id,
        "channel": settings.channel,
        "mode": settings.mode,
        "label": settings.text("label").unwrap_or(settings.channel.label()),
        "health": health,
        "detail": detail,
        "last_in": last_in,
        "last_out": last_out,
        "hook": format!("{}/hooks/{}", settings.public_url, settings.id),
    })
}
