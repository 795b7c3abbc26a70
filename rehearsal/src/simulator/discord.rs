//! Discord: the calls a bot makes, and the gateway that tells it what people write.
//! <https://discord.com/developers/docs/reference>

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{any, get, patch, post};
use axum::{Json, Router};
use domain::message::Button;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::form::Form;
use super::{File, Shared};

/// The application, and so the bot.
pub const APPLICATION: &str = "1457469483726668048";

/// What the gateway has yet to tell.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    untold: Mutex<VecDeque<Value>>,
    sequence: Mutex<u64>,
    bell: Notify,
}

impl Gateway {
    /// An event; told once a bot listens.
    pub(super) fn tell(&self, kind: &str, event: Value) {
        let mut sequence = self.sequence.lock().unwrap_or_else(PoisonError::into_inner);
        *sequence += 1;
        let payload = json!({"op": 0, "s": *sequence + 1, "t": kind, "d": event});
        drop(sequence);
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).push_back(payload);
        self.bell.notify_one();
    }

    fn next(&self) -> Option<Value> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn put_back(&self, payload: Value) {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).push_front(payload);
    }
}

/// The direct channel of a person.
pub fn channel_of(user: &str) -> String {
    format!("{user}1")
}

fn user_of(channel: &str) -> &str {
    channel.strip_suffix('1').unwrap_or(channel)
}

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/discord/channels/{channel}/messages", post(send))
        .route("/discord/channels/{channel}/typing", post(typing))
        .route("/discord/applications/{application}/commands", post(command))
        .route("/discord/webhooks/{application}/{token}/messages/@original", patch(answer))
        .route("/discord/webhooks/{application}/{token}", post(answer))
        .route("/discord/interactions/{id}/{token}/callback", post(callback))
        .route("/discord/gateway/", any(gateway))
        .route("/discord/gateway/bot", get(plan))
}

type Answer = (StatusCode, Json<Value>);

fn refuse(shared: &Shared, status: StatusCode, code: u32, why: &str) -> Answer {
    shared.refuse("discord", why);
    (status, Json(json!({"message": why, "code": code})))
}

fn is_known(shared: &Shared, headers: &HeaderMap) -> bool {
    let wanted = format!("Bot {}", shared.secrets.discord_token);
    let named = headers.get("user-agent").and_then(|value| value.to_str().ok()).is_some_and(|name| name.starts_with("DiscordBot ("));
    named && headers.get("authorization").and_then(|value| value.to_str().ok()) == Some(wanted.as_str())
}

async fn send(State(shared): State<Arc<Shared>>, Path(channel): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    if !is_known(&shared, &headers) {
        return refuse(&shared, StatusCode::UNAUTHORIZED, 0, "401: Unauthorized");
    }
    let (body, files) = read(&headers, &bytes);
    if !channel.bytes().all(|byte| byte.is_ascii_digit()) {
        return refuse(&shared, StatusCode::BAD_REQUEST, 50_035, "the channel is no snowflake");
    }
    show(&shared, user_of(&channel), &body, files)
}

/// A message, as JSON or as a form with files. <https://discord.com/developers/docs/reference#uploading-files>
fn read(headers: &HeaderMap, bytes: &[u8]) -> (Value, Vec<File>) {
    match Form::read(headers, bytes) {
        Some(form) => {
            let body = form.field("payload_json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            (body, form.files.into_iter().map(|(_, file)| file).collect())
        }
        None => (serde_json::from_slice(bytes).unwrap_or_default(), Vec::new()),
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path((application, token)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    let (body, files) = read(&headers, &bytes);
    if application != APPLICATION {
        return refuse(&shared, StatusCode::NOT_FOUND, 10_015, "Unknown Webhook");
    }
    show(&shared, token.trim_start_matches("tok").split('-').next().unwrap_or_default(), &body, files)
}

/// Shows a message on the person's screen, if Discord would.
fn show(shared: &Shared, user: &str, body: &Value, files: Vec<File>) -> Answer {
    let invalid = |why: &str| refuse(shared, StatusCode::BAD_REQUEST, 50_035, why);
    if files.iter().any(|file| file.bytes > 10 * 1024 * 1024) || files.len() > 10 {
        return invalid("files: at most ten of 10 MiB");
    }
    let Some(content) = body["content"].as_str().filter(|content| !content.is_empty() || !files.is_empty()) else {
        return invalid("Cannot send an empty message");
    };
    if content.chars().count() > 2_000 {
        return invalid("content: must be 2000 or fewer in length");
    }
    if body["allowed_mentions"]["parse"] != json!([]) {
        return invalid("this text could call everybody");
    }
    if body["nonce"].as_str().is_some_and(|nonce| nonce.len() > 25) {
        return invalid("nonce: must be 25 or fewer in length");
    }
    let rows = body["components"].as_array().map_or(&[][..], Vec::as_slice);
    let mut buttons = Vec::new();
    for row in rows {
        let items = row["components"].as_array().map_or(&[][..], Vec::as_slice);
        if row["type"] != 1 || items.is_empty() || items.len() > 5 {
            return invalid("components: a row holds one to five buttons");
        }
        for item in items {
            let (label, id) = (item["label"].as_str().unwrap_or_default(), item["custom_id"].as_str().unwrap_or_default());
            if label.is_empty() || label.chars().count() > 80 || id.is_empty() || id.chars().count() > 100 {
                return invalid("components: label 80, custom_id 100");
            }
            if buttons.iter().any(|known: &Button| known.payload == id) {
                return invalid("components: custom ids must differ");
            }
            buttons.push(Button { title: label.to_owned(), payload: id.to_owned() });
        }
    }
    if rows.len() > 5 {
        return invalid("components: five rows at most");
    }
    let id = shared.keep_with("discord", user.to_owned(), content.to_owned(), (buttons, false), files);
    (StatusCode::OK, Json(json!({"id": id, "content": content, "type": 0})))
}

async fn typing(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> StatusCode {
    if is_known(&shared, &headers) { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }
}

async fn command(State(shared): State<Arc<Shared>>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    if !is_known(&shared, &headers) {
        return refuse(&shared, StatusCode::UNAUTHORIZED, 0, "401: Unauthorized");
    }
    let named = body["name"].as_str().is_some_and(|name| !name.is_empty() && name.len() <= 32);
    let described = body["description"].as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 100);
    if !named || !described {
        return refuse(&shared, StatusCode::BAD_REQUEST, 50_035, "a command needs a name and a description");
    }
    (StatusCode::CREATED, Json(json!({"id": "1"})))
}

async fn callback(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> StatusCode {
    if body["type"].as_u64().is_some_and(|kind| (1..=12).contains(&kind)) {
        return StatusCode::NO_CONTENT;
    }
    shared.refuse("discord", "an interaction was answered with an unknown type");
    StatusCode::BAD_REQUEST
}

/// How many connections the bot should keep.
async fn plan(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    if !is_known(&shared, &headers) {
        return refuse(&shared, StatusCode::UNAUTHORIZED, 0, "401: Unauthorized");
    }
    let limit = json!({"total": 1_000, "remaining": 1_000, "reset_after": 0, "max_concurrency": 1});
    (StatusCode::OK, Json(json!({"url": shared.gateway_url(), "shards": 1, "session_start_limit": limit})))
}

async fn gateway(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| talk(shared, socket))
}

/// One connection of a bot.
async fn talk(shared: Arc<Shared>, mut socket: WebSocket) {
    if say(&mut socket, &json!({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": null, "t": null})).await.is_err() {
        return;
    }
    let mut is_identified = false;
    loop {
        if is_identified {
            while let Some(payload) = shared.gateway.next() {
                if say(&mut socket, &payload).await.is_err() {
                    shared.gateway.put_back(payload);
                    shared.gateway.bell.notify_one();
                    return;
                }
            }
        }
        let heard = tokio::select! {
            heard = socket.recv() => heard,
            () = shared.gateway.bell.notified(), if is_identified => continue,
        };
        let Some(Ok(heard)) = heard else { return };
        let Message::Text(text) = heard else { continue };
        let Ok(payload) = serde_json::from_str::<Value>(&text) else { return };
        let told = match payload["op"].as_u64() {
            Some(1) => json!({"op": 11}),
            Some(2) if payload["d"]["token"] == format!("Bot {}", shared.secrets.discord_token) => {
                is_identified = true;
                let address = shared.gateway_url();
                json!({"op": 0, "s": 1, "t": "READY", "d": {"v": 10, "user": {"id": APPLICATION, "username": "shopbot", "bot": true},
                    "guilds": [], "session_id": "simulated", "resume_gateway_url": address, "application": {"id": APPLICATION, "flags": 0}}})
            }
            // A simulator keeps no sessions: whoever resumes begins anew.
            Some(6) => json!({"op": 9, "d": false}),
            Some(2) => {
                shared.refuse("discord", "the gateway does not know this token");
                return;
            }
            _ => continue,
        };
        if say(&mut socket, &told).await.is_err() {
            return;
        }
    }
}

async fn say(socket: &mut WebSocket, payload: &Value) -> Result<(), axum::Error> {
    socket.send(Message::text(payload.to_string())).await
}
