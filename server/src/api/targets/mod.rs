//! `GET` and `PATCH /targets`: by when people of the team answer.

use std::time::Duration;

use axum::extract::State;
use domain::settings::{Priority, SlaSettings};
use serde_json::{Value, json};

use super::answer::{Answer, Body, ok, said};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::choices::{self, Target, Targets};
use crate::problem::Problem;

/// Most targets of a workspace.
const MOST: usize = 50;
/// Longest name.
const LONGEST_NAME: usize = 60;
/// Longest target: a quarter of a year.
const LONGEST: u32 = 92 * 24 * 60;

fn minutes(span: Duration) -> u64 {
    span.as_secs() / 60
}

fn configured(policy: &SlaSettings) -> Value {
    json!({
        "name": policy.name,
        "channel": policy.channel,
        "team": policy.team,
        "rule": policy.rule,
        "escalated": policy.priority.map(|priority| priority == Priority::Urgent),
        "first_reply": policy.first_reply.map(minutes),
        "resolution": policy.resolution.map(minutes),
        "always": policy.is_always_on,
    })
}

async fn shown(app: &Shared, caller: &Caller) -> Answer {
    let chosen: Targets = choices::chosen(app, &caller.workspace).await?;
    let of_file = app.engine().configured(&caller.workspace).ok_or_else(Problem::not_found)?;
    ok(&json!({
        "items": chosen.items,
        "configured": of_file.sla.iter().map(configured).collect::<Vec<_>>(),
        "next": null,
    }))
}

/// Those of the console, which are asked first, and those of the configuration.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    shown(&app, &caller).await
}

/// What is written takes the place of all targets of the console, in this order.
pub async fn change(State(app): State<App>, caller: Caller, Body(body): Body<Targets>) -> Answer {
    if body.items.len() > MOST {
        return Err(Problem::unprocessable("too_many", format!("A workspace has at most {MOST} targets.")));
    }
    let mut items: Vec<Target> = Vec::with_capacity(body.items.len());
    for target in body.items {
        let name = said(&target.name, "name", LONGEST_NAME)?;
        if items.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            return Err(Problem::unprocessable("known_name", format!("Two targets are called {name}.")));
        }
        let spans = [target.first_reply, target.resolution];
        if spans.iter().all(Option::is_none) || spans.iter().flatten().any(|minutes| !(1..=LONGEST).contains(minutes)) {
            return Err(Problem::unprocessable(
                "span",
                format!("The target {name} needs first_reply or resolution, from one minute to 92 days."),
            ));
        }
        items.push(Target { name, ..target });
    }
    let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
    if let Some(unknown) = items.iter().filter_map(|target| target.team.as_deref()).find(|team| settings.team(team).is_none()) {
        return Err(Problem::unprocessable("unknown_team", format!("There is no team {unknown}.")));
    }
    let known = super::rules::of_workspace(&app, &caller.workspace);
    if let Some(unknown) = items.iter().filter_map(|target| target.rule.as_deref()).find(|rule| !known.iter().any(|(name, _)| name == rule))
    {
        return Err(Problem::unprocessable("unknown_rule", format!("There is no rule {unknown}.")));
    }
    choices::change(&app, &caller, |chosen: &mut Targets| {
        chosen.items = items;
        Ok(())
    })
    .await?;
    shown(&app, &caller).await
}
