//! `GET`, `POST`, `PATCH` and `DELETE /canned`: texts that the team says often.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::CannedId;
use domain::ports::{Canned, Random, Step};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, id, nothing, ok, said, with};
use super::conversations::act::{LONGEST_REPLY, label};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::time::real_now;

/// Most steps of one.
const MOST_STEPS: usize = 10;
/// Longest time for which one puts a conversation off: a year.
const LONGEST_SNOOZE: u32 = 366 * 24 * 60;
/// Most canned replies of a workspace.
const MOST: usize = 500;

/// A canned reply as it is written. Gaps such as `{name}` are filled where it is used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    name: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    steps: Vec<Step>,
}

fn shown(canned: &Canned) -> Value {
    json!({ "id": canned.id, "name": canned.name, "text": canned.text, "steps": canned.steps })
}

/// Steps that can be done: known teammates, labels about the matter.
async fn steps(app: &Shared, caller: &Caller, written: &Written) -> Result<Vec<Step>, Problem> {
    if written.steps.len() > MOST_STEPS {
        return Err(Problem::unprocessable("too_many_steps", format!("A canned reply does at most {MOST_STEPS} things.")));
    }
    let mut checked = Vec::with_capacity(written.steps.len());
    for step in &written.steps {
        checked.push(match step {
            Step::Tag { tag } => Step::Tag { tag: label(tag)? },
            Step::Assign { teammate: Some(to) } => {
                if !app.store().teammates(&caller.workspace).await?.iter().any(|teammate| teammate.id == *to) {
                    return Err(Problem::unprocessable("unknown_teammate", "steps names a teammate who is not in this workspace."));
                }
                step.clone()
            }
            Step::Snooze { minutes } if !(1..=LONGEST_SNOOZE).contains(minutes) => {
                return Err(Problem::unprocessable("minutes", format!("minutes must be from 1 to {LONGEST_SNOOZE}.")));
            }
            Step::Assign { teammate: None } | Step::Snooze { .. } | Step::Return | Step::Resolve => step.clone(),
        });
    }
    Ok(checked)
}

/// Checks a name and a text; the name is one of a kind.
fn checked(written: &Written, steps: Vec<Step>, id: CannedId, others: &[Canned]) -> Result<Canned, Problem> {
    let name = said(&written.name, "name", 60)?;
    let is_silent = written.text.trim().is_empty() && !steps.is_empty();
    let text = if is_silent { String::new() } else { said(&written.text, "text", LONGEST_REPLY)? };
    if others.iter().any(|other| other.id != id && other.name.to_lowercase() == name.to_lowercase()) {
        return Err(Problem::conflict("known_name", "Another canned reply has this name."));
    }
    Ok(Canned { id, name, text, steps })
}

/// All of them by name.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let all = app.store().canned(&caller.workspace).await?;
    ok(&json!({ "items": all.iter().map(shown).collect::<Vec<_>>(), "next": null }))
}

/// Adds one.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<Written>) -> Answer {
    let others = app.store().canned(&caller.workspace).await?;
    if others.len() >= MOST {
        return Err(Problem::unprocessable("too_many", format!("A workspace has at most {MOST} canned replies.")));
    }
    let steps = steps(&app, &caller, &body).await?;
    let canned = checked(&body, steps, CannedId::new(real_now(), app.random.bits()), &others)?;
    app.store().put_canned(&caller.workspace, &canned, real_now()).await?;
    with(StatusCode::CREATED, &shown(&canned))
}

/// Changes one.
pub async fn change(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Written>) -> Answer {
    let (one, others) = find(&app, &caller, &written).await?;
    let steps = steps(&app, &caller, &body).await?;
    let canned = checked(&body, steps, one, &others)?;
    app.store().put_canned(&caller.workspace, &canned, real_now()).await?;
    ok(&shown(&canned))
}

/// Takes one away.
pub async fn delete(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    if !app.store().drop_canned(&caller.workspace, id(&written)?).await? {
        return Err(Problem::not_found());
    }
    nothing()
}

async fn find(app: &Shared, caller: &Caller, written: &str) -> Result<(CannedId, Vec<Canned>), Problem> {
    let wanted: CannedId = id(written)?;
    let all = app.store().canned(&caller.workspace).await?;
    if all.iter().any(|canned| canned.id == wanted) { Ok((wanted, all)) } else { Err(Problem::not_found()) }
}
