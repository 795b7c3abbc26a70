//! `GET /conversations/{id}`.

use axum::extract::{Path, State};
use domain::Timestamp;
use domain::customer::ReachableDoor;
use domain::message::Author;
use serde_json::{Value, json};

use crate::api::answer::{Answer, ok};
use crate::api::views;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::scope::Scope;

/// Handles it. A teammate who looks has read it.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let mut row = super::find(&app, &caller.workspace, &written).await?;
    let id = row.conversation.id;
    if row.conversation.unread && caller.teammate().is_some() && caller.has(Scope::Write) {
        app.engine().read(&caller.workspace, id).await?;
        row.conversation.unread = false;
    }
    if let Some(teammate) = caller.teammate() {
        app.store().see_mentions(&caller.workspace, teammate.id, id).await?;
    }
    let teammates = app.store().teammates(&caller.workspace).await?;
    let escalations = app.store().escalations_of(&caller.workspace, id).await?;
    let doors = app.store().doors(&caller.workspace, row.conversation.customer).await?;
    let now = app.now();
    let mut view = views::conversation(&row, &teammates, app.workspace(&caller.workspace).as_deref());
    view["escalations"] =
        escalations.iter().map(|escalation| views::escalation(escalation, row.customer_name.as_deref())).collect::<Vec<_>>().into();
    if let Some(summary) = app.engine().summary(&caller.workspace, &row.conversation).await? {
        view["summary"] = json!({"text": summary.text, "messages": summary.messages});
    }
    let last = doors.iter().find(|door| door.connection == row.conversation.connection);
    view["connection"] = row.conversation.connection.to_string().into();
    view["window"] = window(&app, last, row.conversation.channel.as_str(), now);
    view["doors"] = doors.iter().map(|door| shown(&app, door, now)).collect::<Vec<_>>().into();
    ok(&view)
}

fn closes_at(app: &Shared, door: &ReachableDoor) -> Option<Timestamp> {
    engine::delivery::window_closes(app.engine().door(&door.connection)?, Author::Teammate, Some(door.last_inbound))
}

fn is_open(app: &Shared, door: &ReachableDoor, now: Timestamp) -> bool {
    !door.stopped && closes_at(app, door).is_none_or(|closes| closes > now)
}

fn window(app: &Shared, door: Option<&ReachableDoor>, channel: &str, now: Timestamp) -> Value {
    json!({
        "channel": channel,
        "open": door.is_none_or(|door| is_open(app, door, now)),
        "closes_at": door.and_then(|door| closes_at(app, door)),
    })
}

fn shown(app: &Shared, door: &ReachableDoor, now: Timestamp) -> Value {
    let engine = app.engine();
    let longest = engine.door(&door.connection).map(|open| open.channel.capabilities().text.longest);
    let label = engine
        .door(&door.connection)
        .and_then(|open| open.settings.text("label").map(str::to_owned))
        .unwrap_or_else(|| door.channel.label().to_owned());
    json!({
        "channel": door.channel,
        "connection": door.connection,
        "label": label,
        "open": is_open(app, door, now),
        "closes_at": closes_at(app, door),
        "longest": longest,
        "stopped": door.stopped,
    })
}
