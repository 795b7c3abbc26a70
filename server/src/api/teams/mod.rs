//! `GET`, `POST`, `PATCH` and `DELETE /teams`: some of the teammates under a name, to whom conversations go.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ports::{ConversationFilter, Hands, Random, WorkTeam};
use domain::{TeamId, TeammateId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, id, nothing, ok, said, with};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::choices;
use crate::config::hours;
use crate::problem::Problem;
use crate::time::real_now;

/// Most teams of a workspace.
const MOST: usize = 100;
/// Longest name.
const LONGEST_NAME: usize = 60;

/// A team as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    name: String,
    #[serde(default)]
    members: Vec<String>,
    lead: Option<String>,
    /// Spans by day; absent or null: as the business is open.
    hours: Option<BTreeMap<String, Vec<String>>>,
}

/// With how many wait for somebody of it, and how many its people have.
async fn shown(app: &Shared, caller: &Caller, team: &WorkTeam) -> Result<Value, Problem> {
    let count = async |hands| {
        let filter = ConversationFilter { team: Some(team.id), hands: Some(hands), ..ConversationFilter::default() };
        app.store().count_conversations(&caller.workspace, &filter).await
    };
    Ok(json!({
        "id": team.id,
        "name": team.name,
        "lead": team.lead,
        "members": team.members,
        "hours": team.hours.as_ref().map(hours::in_words),
        "waiting": count(Hands::Nobody).await?,
        "answering": count(Hands::Teammate).await?,
    }))
}

/// All of them.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let mut items = Vec::new();
    for team in app.store().teams(&caller.workspace).await? {
        items.push(shown(&app, &caller, &team).await?);
    }
    ok(&json!({ "items": items, "next": null }))
}

/// Checks what was written: a name of its own, people who work here and answer customers, hours that can be read.
async fn checked(app: &Shared, caller: &Caller, written: &Written, id: TeamId, others: &[WorkTeam]) -> Result<WorkTeam, Problem> {
    let name = said(&written.name, "name", LONGEST_NAME)?;
    if others.iter().any(|other| other.id != id && other.name.to_lowercase() == name.to_lowercase()) {
        return Err(Problem::conflict("known_name", "Another team has this name."));
    }
    if domain::settings::Way::of(&name).is_some() {
        return Err(Problem::unprocessable("name", "This name is a way of answering in the rules of the configuration. Choose another."));
    }
    let teammates = app.store().teammates(&caller.workspace).await?;
    let known = |word: &String| -> Result<TeammateId, Problem> {
        let found = word.parse().ok().and_then(|id: TeammateId| teammates.iter().find(|teammate| teammate.id == id));
        match found {
            Some(teammate) if teammate.role != "analyst" => Ok(teammate.id),
            Some(_) => Err(Problem::unprocessable("analyst", "An analyst answers nobody, and so is in no team.")),
            None => Err(Problem::unprocessable("unknown_teammate", "members names somebody who is not in this workspace.")),
        }
    };
    let mut members: Vec<TeammateId> = Vec::new();
    let lead = written.lead.as_ref().map(known).transpose()?;
    for member in written.members.iter().map(known).chain(lead.map(Ok)) {
        let member = member?;
        if !members.contains(&member) {
            members.push(member);
        }
    }
    let hours = written.hours.as_ref().map(hours::of_words).transpose();
    let hours = hours.map_err(|why| Problem::unprocessable("hours", format!("hours: {why}.")))?;
    Ok(WorkTeam { id, name, lead, members, hours })
}

async fn kept(app: &Shared, caller: &Caller, team: &WorkTeam) -> Result<Value, Problem> {
    app.store().put_team(&caller.workspace, team, real_now()).await?;
    choices::restore_one(app, &caller.workspace).await?;
    let teams = app.store().teams(&caller.workspace).await?;
    let team = teams.iter().find(|known| known.id == team.id).ok_or_else(Problem::not_found)?;
    shown(app, caller, team).await
}

/// Adds one.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<Written>) -> Answer {
    let others = app.store().teams(&caller.workspace).await?;
    if others.len() >= MOST {
        return Err(Problem::unprocessable("too_many", format!("A workspace has at most {MOST} teams.")));
    }
    let team = checked(&app, &caller, &body, TeamId::new(real_now(), app.random.bits()), &others).await?;
    with(StatusCode::CREATED, &kept(&app, &caller, &team).await?)
}

/// Changes one: what is written takes the place of what was there.
pub async fn change(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Written>) -> Answer {
    let wanted: TeamId = id(&written)?;
    let others = app.store().teams(&caller.workspace).await?;
    if !others.iter().any(|team| team.id == wanted) {
        return Err(Problem::not_found());
    }
    let team = checked(&app, &caller, &body, wanted, &others).await?;
    ok(&kept(&app, &caller, &team).await?)
}

/// Takes one away; what it had is everybody's.
pub async fn delete(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    if !app.store().drop_team(&caller.workspace, id(&written)?, real_now()).await? {
        return Err(Problem::not_found());
    }
    choices::restore_one(&app, &caller.workspace).await?;
    nothing()
}
