//! `GET` and `PATCH /manner`, `POST /manner/preview`: how the assistant speaks, on each door, and how that reads.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::ChannelKind;
use domain::settings::{DoorManner, Manner};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, ok, said};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::choices;
use crate::problem::Problem;

/// Longest name of the assistant.
const LONGEST_NAME: usize = 40;
/// Longest greeting or sign-off.
const LONGEST_WORDS: usize = 300;
/// Longest persona.
const LONGEST_PERSONA: usize = 2_000;
/// Longest question of a preview.
const LONGEST_QUESTION: usize = 500;

/// What is tried before it is kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    question: String,
    manner: Option<Manner>,
}

async fn shown(app: &Shared, caller: &Caller) -> Answer {
    let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
    let configured = app.engine().configured(&caller.workspace).ok_or_else(Problem::not_found)?;
    let chosen: Manner = choices::chosen(app, &caller.workspace).await?;
    ok(&json!({
        "name": chosen.name,
        "tone": chosen.tone,
        "persona": chosen.persona,
        "doors": chosen.doors,
        "configured_persona": configured.persona,
        "language": settings.locale,
        "channels": doors(app, caller),
    }))
}

/// Kinds of doors that are configured, each once.
fn doors(app: &Shared, caller: &Caller) -> Vec<ChannelKind> {
    let mut kinds: Vec<ChannelKind> = app.engine().doors_of(&caller.workspace).iter().map(|door| door.settings.channel).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// As it stands.
pub async fn show(State(app): State<App>, caller: Caller) -> Answer {
    shown(&app, &caller).await
}

/// Words that say something and fit, or none.
fn words(text: Option<&String>, field: &str, longest: usize) -> Result<Option<String>, Problem> {
    text.filter(|text| !text.trim().is_empty()).map(|text| said(text, field, longest)).transpose()
}

fn checked(manner: &Manner) -> Result<Manner, Problem> {
    let mut doors = BTreeMap::new();
    for (channel, door) in &manner.doors {
        let door = DoorManner {
            tone: door.tone,
            greeting: words(door.greeting.as_ref(), "greeting", LONGEST_WORDS)?,
            sign_off: words(door.sign_off.as_ref(), "sign_off", LONGEST_WORDS)?,
        };
        if door != DoorManner::default() {
            doors.insert(*channel, door);
        }
    }
    Ok(Manner {
        name: words(manner.name.as_ref(), "name", LONGEST_NAME)?,
        tone: manner.tone,
        persona: words(manner.persona.as_ref(), "persona", LONGEST_PERSONA)?,
        doors,
    })
}

/// Writes it anew; the next message obeys.
pub async fn change(State(app): State<App>, caller: Caller, Body(body): Body<Manner>) -> Answer {
    let manner = checked(&body)?;
    choices::change(&app, &caller, |chosen: &mut Manner| {
        *chosen = manner;
        Ok(())
    })
    .await?;
    shown(&app, &caller).await
}

/// How a question would be answered on every door, side by side, by the built-in engine to somebody who writes for the first time.
pub async fn preview(State(app): State<App>, caller: Caller, Body(body): Body<Preview>) -> Answer {
    let question = said(&body.question, "question", LONGEST_QUESTION)?;
    let manner = body.manner.as_ref().map(checked).transpose()?;
    let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
    let mut settings = (*settings).clone();
    if let Some(manner) = manner {
        manner.lay_over(&mut settings);
    }
    let engine = app.engine();
    let mut seen = Vec::new();
    let mut items: Vec<Value> = Vec::new();
    for door in engine.doors_of(&caller.workspace) {
        let channel = door.settings.channel;
        if seen.contains(&channel) {
            continue;
        }
        seen.push(channel);
        let plan = engine.preview(&settings, door, &question);
        let messages: Vec<&str> = plan.messages.iter().map(|message| message.text.as_str()).collect();
        items.push(json!({ "channel": channel, "text": plan.text, "messages": messages }));
    }
    ok(&json!({ "items": items, "next": null }))
}
