//! `GET` and `POST /clock`: moves business time in rehearsals.

use std::time::Duration;

use axum::extract::State;
use domain::ports::Clock;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Body, ok};
use crate::app::{App, Shared};
use crate::auth::caller::{Caller, Who};
use crate::problem::Problem;

/// Farthest that one request moves the clock.
const FARTHEST: u64 = 10 * 366 * 86_400;
/// Name of the kept offset.
pub const NOTE: &str = "clock.offset_micros";

/// By how much.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    advance_s: u64,
}

fn allow(app: &Shared, caller: &Caller) -> Result<(), Problem> {
    if !app.settings.virtual_clock {
        return Err(Problem::not_found());
    }
    match caller.who {
        Who::Operator => Ok(()),
        Who::Program { .. } | Who::Teammate { .. } => Err(Problem::forbidden("Only the admin token moves the clock.")),
    }
}

/// Tells business time.
pub async fn show(State(app): State<App>, caller: Caller) -> Answer {
    allow(&app, &caller)?;
    ok(&json!({ "now": app.now(), "offset_s": app.clock.offset().as_secs() }))
}

/// Moves business time and runs every timer due, each at its own time.
pub async fn handle(State(app): State<App>, caller: Caller, Body(body): Body<Advance>) -> Answer {
    allow(&app, &caller)?;
    let ran = advance(&app, body.advance_s).await?;
    ok(&json!({ "now": app.now(), "ran": ran }))
}

/// See [`handle`].
pub async fn advance(app: &Shared, seconds: u64) -> Result<usize, Problem> {
    if seconds > FARTHEST {
        return Err(Problem::unprocessable("too_far", "advance_s is more than ten years."));
    }
    let began = app.now();
    let target = began.after(Duration::from_secs(seconds));
    let mut ran = 0;
    // A timer may set another one, so the next is asked for after each.
    while let Some(due) = app.store().next_timer().await?.filter(|due| *due <= target) {
        let now = app.now();
        app.clock.advance(due.since(now));
        let count = app.engine().run_timers().await?;
        if count == 0 {
            break;
        }
        ran += count;
        // What a timer says leaves at its own time, not at the end of the journey.
        while app.engine().run_delivery().await? {}
    }
    app.clock.advance(target.since(app.clock.now()));
    ran += app.engine().run_timers().await?;
    let offset = app.clock.offset().as_micros().to_string();
    app.store().put_note(NOTE, Some(&offset)).await?;
    tracing::info!(seconds, ran, "business time was moved");
    app.storage.ticks.notify_one();
    app.storage.work.notify_one();
    app.storage.post.notify_one();
    crate::jobs::sla::round(app).await?;
    crate::jobs::due::round(app, began, app.now()).await?;
    Ok(ran)
}
