//! `POST /messages`: the API channel; `GET /messages`: what was said back, or what is found by words.

use axum::Extension;
use axum::body::Body as RawBody;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use domain::message::{DeliveryState, Direction};
use domain::ports::{HookRequest, Received};
use domain::{ChannelKind, ConnectionId, ConversationId, MessageId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Asked, Body, Nothing, id, limit, ok, with};
use super::search;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::peer::{self, Peer};
use crate::hooks::{self, flat_headers, read_body};
use crate::problem::Problem;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    conversation: Option<String>,
    q: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Addressed {
    connection: String,
}

/// A message through the API channel, signed with the connection's secret.
pub async fn receive(State(app): State<App>, Extension(peer): Extension<Peer>, uri: Uri, headers: HeaderMap, body: RawBody) -> Answer {
    let address = peer::address(peer.0, &headers, &app.settings);
    if let Some(seconds) = app.limits.signatures.is_over(&address.to_string(), app.steady()) {
        return Err(Problem::slow_down(seconds));
    }
    let bytes = read_body(&headers, body).await?;
    // Only the address is read before the signature is checked; an unknown one is refused like a wrong signature.
    let connection = serde_json::from_slice::<Addressed>(&bytes).ok().map(|found| ConnectionId(found.connection));
    let engine = app.engine();
    let door = connection.as_ref().and_then(|id| engine.door(id)).filter(|door| door.settings.channel == ChannelKind::Api);
    let (Some(connection), Some(door)) = (&connection, door) else {
        app.limits.signatures.count(&address.to_string(), app.steady());
        return Err(Problem::unauthorized());
    };
    let flat = flat_headers(&headers)?;
    let url = format!("{}{}", door.settings.public_url, uri.path_and_query().map_or("", |path| path.as_str()));
    let request = HookRequest { method: "POST", url: &url, query: uri.query().unwrap_or_default(), headers: &flat, body: &bytes };
    let received = match door.channel.receive(&request, hooks::real_seconds()) {
        Ok(received) => received,
        Err(refusal) => {
            return Err(hooks::refused(&app, door, &refusal, &bytes, &address.to_string())
                .await?
                .unwrap_or_else(|| Problem::bad_request("The message cannot be read.")));
        }
    };
    let Received::Events { events, .. } = received else {
        return Err(Problem::bad_request("The message cannot be read."));
    };
    let taken = engine.receive(connection, events).await?;
    app.storage.work.notify_one();
    let Some(first) = taken.first() else { return Err(Problem::bad_request("The message says nothing.")) };
    let status = if first.duplicate { StatusCode::OK } else { StatusCode::ACCEPTED };
    with(status, &json!({ "message": first.message, "conversation": first.conversation, "customer": first.customer }))
}

/// Outbound entries of a conversation, or what a search finds.
pub async fn list(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let Some(conversation) = query.conversation else {
        let asked = search::Query { q: query.q, cursor: query.cursor, limit: query.limit, ..search::Query::default() };
        return search::find(&app, &caller, asked).await;
    };
    if query.q.is_some() {
        return Err(Problem::bad_request("Name a conversation or the words to look for, not both."));
    }
    let size = limit(query.limit.as_deref())?;
    let conversation: ConversationId = id(&conversation)?;
    if app.store().conversation(&caller.workspace, conversation).await?.is_none() {
        return Err(Problem::not_found());
    }
    let found = app.store().conversation_messages(&caller.workspace, conversation, size).await?;
    let items: Vec<Value> = found
        .iter()
        .filter(|message| message.direction == Direction::Out)
        .map(|message| {
            json!({
                "id": message.id,
                "conversation": message.conversation,
                "at": message.at,
                "author": message.author,
                "author_name": message.author_name,
                "text": message.text,
                "buttons": message.buttons,
                "channel": message.channel,
                "turn": message.turn,
                "delivery": message.delivery,
            })
        })
        .collect();
    ok(&json!({ "items": items, "next": null }))
}

/// Tries once more what failed, was refused or is of unknown outcome. A teammate decides: it may have arrived.
pub async fn resend(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let message: MessageId = id(&written)?;
    let found = app.store().message(&caller.workspace, message).await?.ok_or_else(Problem::not_found)?;
    let may = matches!(found.delivery, Some(DeliveryState::Failed | DeliveryState::Refused | DeliveryState::Unknown));
    if !may || !app.store().resend(&caller.workspace, message).await? {
        return Err(Problem::conflict("not_failed", "Only what failed can be sent again."));
    }
    ok(&json!({ "id": message, "delivery": "queued" }))
}
