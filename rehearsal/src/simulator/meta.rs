//! Messenger and Instagram, sending side: <https://developers.facebook.com/docs/messenger-platform/reference/send-api>.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use domain::message::Button;
use serde_json::{Value, json};

use super::Shared;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/messenger/v23.0/{page}/messages", post(page)).route("/instagram/v23.0/{account}/messages", post(account))
}

type Answer = (StatusCode, Json<Value>);

async fn page(State(shared): State<Arc<Shared>>, Path(page): Path<String>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    send(&shared, "messenger", page == shared.secrets.page_id, &headers, &body)
}

async fn account(State(shared): State<Arc<Shared>>, Path(account): Path<String>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    send(&shared, "instagram", account == shared.secrets.instagram_id, &headers, &body)
}

fn send(shared: &Shared, channel: &'static str, is_ours: bool, headers: &HeaderMap, body: &Value) -> Answer {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if bearer != format!("Bearer {}", shared.secrets.page_token) {
        return refuse(shared, channel, StatusCode::UNAUTHORIZED, 190, "Error validating access token");
    }
    let to = body["recipient"]["id"].as_str().unwrap_or_default();
    if !is_ours || to.is_empty() || !to.bytes().all(|byte| byte.is_ascii_digit()) {
        return refuse(shared, channel, StatusCode::BAD_REQUEST, 100, "No matching user found");
    }
    if let Some(action) = body["sender_action"].as_str() {
        return match action {
            "typing_on" | "typing_off" | "mark_seen" if body["message"].is_null() => (StatusCode::OK, Json(json!({"recipient_id": to}))),
            _ => refuse(shared, channel, StatusCode::BAD_REQUEST, 100, "unknown sender_action"),
        };
    }
    let is_answer = body["messaging_type"] == "RESPONSE" && body["tag"].is_null();
    let is_persons = body["messaging_type"] == "MESSAGE_TAG" && body["tag"] == "HUMAN_AGENT";
    if !is_answer && !is_persons {
        return refuse(shared, channel, StatusCode::BAD_REQUEST, 100, "messaging_type or tag is wrong");
    }
    match content(channel, &body["message"]) {
        Ok((text, buttons)) => {
            let id = format!("m_{}", shared.keep(channel, to.to_owned(), text, buttons, false));
            (StatusCode::OK, Json(json!({"recipient_id": to, "message_id": id})))
        }
        Err(why) => refuse(shared, channel, StatusCode::BAD_REQUEST, 100, why),
    }
}

fn content(channel: &str, message: &Value) -> Result<(String, Vec<Button>), &'static str> {
    let text = match &message["attachment"] {
        Value::Null => message["text"].as_str().filter(|text| !text.is_empty()).ok_or("message.text is required")?.to_owned(),
        template if message["text"].is_null() => cards(template)?,
        _ => return Err("a message has a text or an attachment"),
    };
    let fits = if channel == "instagram" { text.len() <= 1_000 } else { text.chars().count() <= 2_000 };
    if !fits {
        return Err("message.text is too long");
    }
    let replies = message["quick_replies"].as_array().map_or(&[][..], Vec::as_slice);
    if replies.len() > 13 || (replies.is_empty() && !message["quick_replies"].is_null()) {
        return Err("one to thirteen quick replies");
    }
    let mut buttons = Vec::with_capacity(replies.len());
    for reply in replies {
        let (title, payload) = (reply["title"].as_str().unwrap_or_default(), reply["payload"].as_str().unwrap_or_default());
        let is_right = reply["content_type"] == "text" && (1..=20).contains(&title.chars().count()) && (1..=1_000).contains(&payload.len());
        if !is_right {
            return Err("a quick reply lacks something or is too long");
        }
        buttons.push(Button { title: title.to_owned(), payload: payload.to_owned() });
    }
    Ok((text, buttons))
}

/// What stands on a generic template, a line for each card.
fn cards(template: &Value) -> Result<String, &'static str> {
    let is_generic = template["type"] == "template" && template["payload"]["template_type"] == "generic";
    let elements = template["payload"]["elements"].as_array().filter(|_| is_generic).ok_or("no template that is known here")?;
    if !(1..=10).contains(&elements.len()) {
        return Err("one to ten cards");
    }
    let mut lines = Vec::with_capacity(elements.len());
    for element in elements {
        let of = |name: &str| element[name].as_str().unwrap_or_default();
        let (title, subtitle) = (of("title"), of("subtitle"));
        let is_more = element.as_object().is_some_and(|fields| fields.len() > 1);
        if title.is_empty() || title.chars().count() > 80 || subtitle.chars().count() > 80 || !is_more {
            return Err("a card lacks something or is too long");
        }
        lines.push(if subtitle.is_empty() { title.to_owned() } else { format!("{title}: {subtitle}") });
    }
    Ok(lines.join("\n"))
}

fn refuse(shared: &Shared, channel: &'static str, status: StatusCode, code: i64, why: &str) -> Answer {
    shared.refuse(channel, why);
    (status, Json(json!({"error": {"message": why, "type": "OAuthException", "code": code, "fbtrace_id": "sim"}})))
}
