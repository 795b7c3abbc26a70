//! `GET`, `POST` and `DELETE /views`: views of the inbox under names of the team's own, each with its count.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ports::{ConversationFilter, Random, SavedView};
use domain::{ChannelKind, SavedViewId, TeamId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, id, nothing, ok, said, with};
use super::conversations::act::label;
use super::conversations::list::of_view;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::time::real_now;

/// Most saved views that one teammate sees.
const MOST: usize = 50;
/// Longest name.
const LONGEST_NAME: usize = 40;

/// A view to save.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    view: String,
    tag: Option<String>,
    channel: Option<String>,
    team: Option<String>,
    #[serde(default)]
    shared: bool,
}

async fn shown(app: &Shared, caller: &Caller, saved: &SavedView) -> Result<Value, Problem> {
    let mut filter =
        ConversationFilter { tag: saved.tag.clone(), channel: saved.channel, team: saved.team, ..ConversationFilter::default() };
    let me = caller.teammate().map(|teammate| teammate.id);
    // Nobody's own view counts nothing for a program.
    let count = match of_view(&mut filter, &saved.view, me) {
        Ok(()) => app.store().count_conversations(&caller.workspace, &filter).await?,
        Err(_) => 0,
    };
    Ok(json!({
        "id": saved.id,
        "name": saved.name,
        "shared": saved.teammate.is_none(),
        "view": saved.view,
        "tag": saved.tag,
        "channel": saved.channel,
        "team": saved.team,
        "count": count,
    }))
}

/// The team's and one's own.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let me = caller.teammate().map(|teammate| teammate.id);
    let mut items = Vec::new();
    for saved in app.store().saved_views(&caller.workspace, me).await? {
        items.push(shown(&app, &caller, &saved).await?);
    }
    ok(&json!({ "items": items, "next": null }))
}

/// Saves one. What a program saves is the whole team's.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<New>) -> Answer {
    let me = caller.teammate().map(|teammate| teammate.id);
    let name = said(&body.name, "name", LONGEST_NAME)?;
    let tag = body.tag.as_deref().map(label).transpose()?;
    let channel: Option<ChannelKind> =
        body.channel.as_deref().map(|word| word.parse().map_err(|_| Problem::bad_request("channel is no channel."))).transpose()?;
    let team: Option<TeamId> = body.team.as_deref().map(id).transpose()?;
    of_view(&mut ConversationFilter::default(), &body.view, me)?;
    let others = app.store().saved_views(&caller.workspace, me).await?;
    if others.len() >= MOST {
        return Err(Problem::unprocessable("too_many_views", format!("There are {MOST} saved views already.")));
    }
    if others.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
        return Err(Problem::conflict("known_name", "Another saved view has this name."));
    }
    let saved = SavedView {
        id: SavedViewId::new(real_now(), app.random.bits()),
        teammate: me.filter(|_| !body.shared),
        name,
        view: body.view,
        tag,
        channel,
        team,
    };
    app.store().save_view(&caller.workspace, &saved, real_now()).await?;
    with(StatusCode::CREATED, &shown(&app, &caller, &saved).await?)
}

/// Takes away one of the team's or one's own.
pub async fn delete(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let wanted: SavedViewId = id(&written)?;
    let me = caller.teammate().map(|teammate| teammate.id);
    if app.store().drop_view(&caller.workspace, wanted, me).await? { nothing() } else { Err(Problem::not_found()) }
}
