//! `GET /conversations`.

use axum::extract::State;
use domain::TeammateId;
use domain::conversation::StatusKind;
use domain::ports::{ConversationFilter, Hands};
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Asked, limit, ok};
use crate::api::views;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    view: Option<String>,
    status: Option<String>,
    customer: Option<String>,
    tag: Option<String>,
    channel: Option<String>,
    team: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let size = limit(query.limit.as_deref())?;
    let me = caller.teammate().map(|teammate| teammate.id);
    let mut filter = ConversationFilter::default();
    if let Some(word) = &query.status {
        filter.status = Some(word.parse().map_err(|_| Problem::bad_request("status is no status of a conversation."))?);
    }
    if let Some(written) = &query.customer {
        filter.customer = Some(super::super::answer::id(written)?);
    }
    if let Some(written) = &query.tag {
        filter.tag = Some(super::act::label(written)?);
    }
    if let Some(written) = &query.channel {
        filter.channel = Some(written.parse().map_err(|_| Problem::bad_request("channel is no channel."))?);
    }
    if let Some(written) = &query.team {
        filter.team = Some(super::super::answer::id(written)?);
    }
    of_view(&mut filter, query.view.as_deref().unwrap_or("all"), me)?;
    let page = app.store().conversations(&caller.workspace, &filter, query.cursor.as_deref(), size).await?;
    let (rows, cursor) = (page.items, page.next);
    let teammates = app.store().teammates(&caller.workspace).await?;
    let settings = app.workspace(&caller.workspace);
    let counts = app.store().view_counts(&caller.workspace, me).await?;
    ok(&json!({
        "items": rows.iter().map(|row| views::conversation(row, &teammates, settings.as_deref())).collect::<Vec<_>>(),
        "next": cursor,
        "counts": {
            "ai": counts.ai,
            "escalated": counts.escalated,
            "mine": counts.mine,
            "resolved": counts.resolved,
            "approval": counts.approval,
            "snoozed": counts.snoozed,
            "unassigned": counts.unassigned,
            "team": counts.team,
            "mentions": counts.mentions,
        },
    }))
}

/// Narrows a filter down to a view.
pub fn of_view(filter: &mut ConversationFilter, view: &str, me: Option<TeammateId>) -> Result<(), Problem> {
    match view {
        "all" => {}
        "ai" => {
            filter.escalated = Some(false);
            filter.hands = Some(Hands::Ai);
        }
        "unassigned" => filter.hands = Some(Hands::Nobody),
        "team" => filter.hands = Some(Hands::Teammate),
        "escalated" => filter.escalated = Some(true),
        "approval" => filter.drafted = Some(true),
        "snoozed" => filter.status = Some(StatusKind::Snoozed),
        "resolved" => filter.status = Some(StatusKind::Resolved),
        "mine" | "mentions" => match me {
            Some(me) if view == "mine" => {
                filter.assignee = Some(me);
                filter.hands = Some(Hands::Teammate);
            }
            Some(me) => filter.mentioned = Some(me),
            None => return Err(Problem::bad_request(format!("The view {view} is for signed-in teammates."))),
        },
        _ => {
            return Err(Problem::bad_request(
                "view must be ai, approval, escalated, mentions, mine, resolved, snoozed, team, unassigned or all.",
            ));
        }
    }
    Ok(())
}
