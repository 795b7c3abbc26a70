//! `GET /channels/{id}/templates`: what the vendor approved, kept for a few minutes.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use domain::ConnectionId;
use domain::ports::SendError;
use domain::template::Template;
use serde_json::{Value, json};

use crate::api::answer::{Answer, ok};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// So long a list is good.
const FRESH: Duration = Duration::from_mins(5);

/// Handles it.
pub async fn list(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let engine = app.engine();
    let found = engine.doors_of(&caller.workspace).into_iter().find(|door| door.settings.id.as_str() == written);
    let id = found.ok_or_else(Problem::not_found)?.settings.id.clone();
    let items: Vec<Value> = of(&app, &id).await?.iter().map(shown).collect();
    ok(&json!({ "items": items, "next": null }))
}

fn shown(template: &Template) -> Value {
    let mut view = json!(template);
    view["variables"] = json!(template.gaps());
    view
}

/// The templates of a connection; asked for again when the list has grown old.
pub async fn of(app: &App, id: &ConnectionId) -> Result<Arc<[Template]>, Problem> {
    let known = app.templates.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
    if let Some((at, list)) = known.filter(|(at, _)| at.elapsed() < FRESH) {
        let _: Instant = at;
        return Ok(list);
    }
    let engine = app.engine();
    let door = engine.door(id).ok_or_else(Problem::not_found)?;
    match door.channel.templates().await {
        Ok(Some(list)) => {
            let list: Arc<[Template]> = list.into();
            app.templates.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), (Instant::now(), Arc::clone(&list)));
            Ok(list)
        }
        Ok(None) => Ok(Arc::new([])),
        Err(error) => Err(said(&error)),
    }
}

fn said(error: &SendError) -> Problem {
    let why = match error {
        SendError::Refused { why, .. } => why.clone(),
        SendError::RateLimited(_) | SendError::NotYet(_) | SendError::NotSent(_) | SendError::Unknown(_) => "it did not answer".to_owned(),
    };
    Problem::conflict("vendor", format!("The vendor does not list its templates now: {why}."))
}
