//! WhatsApp Cloud API, sending side: <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::message::Button;
use serde_json::{Value, json};

use super::form::Form;
use super::{File, Shared};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v23.0/{number}/messages", post(send))
        .route("/v23.0/{number}/media", post(upload))
        .route("/v23.0/{account}/message_templates", get(list_templates))
}

async fn send(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if let Some(refused) = refused(&shared, &number, &headers) {
        return refused;
    }
    if body["messaging_product"] != "whatsapp" {
        return refuse(&shared, StatusCode::BAD_REQUEST, 100, "messaging_product is required");
    }
    if body["status"] == "read" {
        return (StatusCode::OK, Json(json!({"success": true})));
    }
    let to = body["to"].as_str().or(body["recipient"].as_str()).unwrap_or_default();
    if to.is_empty() {
        return refuse(&shared, StatusCode::BAD_REQUEST, 100, "to or recipient is required");
    }
    let (text, buttons, files) = match content(&shared, &body) {
        Ok(content) => content,
        Err(why) => return refuse(&shared, StatusCode::BAD_REQUEST, 100, why),
    };
    let id = shared.keep_with("whatsapp", to.trim_start_matches('+').to_owned(), text, (buttons, false), files);
    let id = format!("wamid.{id}");
    (
        StatusCode::OK,
        Json(
            json!({"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to.trim_start_matches('+')}], "messages": [{"id": id}]}),
        ),
    )
}

fn refused(shared: &Shared, number: &str, headers: &HeaderMap) -> Option<(StatusCode, Json<Value>)> {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if bearer != format!("Bearer {}", shared.secrets.whatsapp_token) {
        return Some(refuse(shared, StatusCode::UNAUTHORIZED, 190, "Invalid OAuth access token"));
    }
    (number != shared.secrets.whatsapp_number_id).then(|| refuse(shared, StatusCode::BAD_REQUEST, 100, "unknown phone number id"))
}

/// The business account behind the number.
pub const ACCOUNT: &str = "102290129340398";

/// Name, language, text, and how many gaps it has.
const TEMPLATES: [(&str, &str, &str, usize); 3] = [
    ("follow_up", "en", "Hello {{1}}, you asked us about {{2}}. May we go on with it here?", 2),
    ("follow_up", "fr", "Bonjour {{1}}, vous nous avez interrogés sur {{2}}. Pouvons-nous continuer ici ?", 2),
    ("order_ready", "en", "Good news: your order {{1}} is ready.", 1),
];

/// <https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates/>
async fn list_templates(State(shared): State<Arc<Shared>>, Path(account): Path<String>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let number = shared.secrets.whatsapp_number_id.clone();
    if let Some(refused) = refused(&shared, &number, &headers) {
        return refused;
    }
    if account != ACCOUNT {
        return refuse(&shared, StatusCode::BAD_REQUEST, 100, "unknown business account");
    }
    let listed = |(name, language, text, _): &(&str, &str, &str, usize)| {
        json!({"name": name, "language": language, "status": "APPROVED", "category": "UTILITY", "id": format!("{name}_{language}"),
            "components": [{"type": "BODY", "text": text}, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "OK"}]}]})
    };
    let mut data: Vec<Value> = TEMPLATES.iter().map(listed).collect();
    data.push(json!({"name": "in_review", "language": "en", "status": "PENDING", "category": "MARKETING", "components": [{"type": "BODY", "text": "Sale!"}]}));
    (StatusCode::OK, Json(json!({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})))
}

/// What a template reads like, as WhatsApp would write it.
fn written(body: &Value) -> Result<String, &'static str> {
    let (name, language) = (body["name"].as_str().unwrap_or_default(), body["language"]["code"].as_str().unwrap_or_default());
    let known = TEMPLATES.iter().find(|(known, code, ..)| *known == name && *code == language);
    let (_, _, text, gaps) = known.ok_or("template name does not exist in the translation")?;
    let parameters = body["components"][0]["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if parameters.len() != *gaps || (*gaps > 0 && body["components"][0]["type"] != "body") {
        return Err("number of parameters does not match the expected number of params");
    }
    let mut shown = (*text).to_owned();
    for (place, parameter) in parameters.iter().enumerate() {
        let value = parameter["text"].as_str().filter(|value| !value.is_empty() && !value.contains(['\n', '\t']));
        let value =
            value.filter(|_| parameter["type"] == "text").ok_or("parameter format does not match format in the created template")?;
        shown = shown.replace(&format!("{{{{{}}}}}", place + 1), value);
    }
    Ok(shown)
}

/// Leaves a file: <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media>.
async fn upload(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    if let Some(refused) = refused(&shared, &number, &headers) {
        return refused;
    }
    let Some(form) = Form::read(&headers, &body) else {
        return refuse(&shared, StatusCode::BAD_REQUEST, 100, "no multipart form");
    };
    let Some((_, file)) = form.files.iter().find(|(name, _)| name == "file") else {
        return refuse(&shared, StatusCode::BAD_REQUEST, 100, "file is required");
    };
    if form.field("messaging_product") != Some("whatsapp") || form.field("type") != Some(file.mime.as_str()) {
        return refuse(&shared, StatusCode::BAD_REQUEST, 100, "messaging_product and the file's type are required");
    }
    let kinds = ["image/jpeg", "image/png", "video/mp4", "audio/", "text/plain", "application/pdf", "application/ms", "application/vnd."];
    if !kinds.iter().any(|kind| file.mime.starts_with(kind)) {
        return refuse(&shared, StatusCode::BAD_REQUEST, 131_053, "unsupported media type");
    }
    let largest = if file.mime.starts_with("image/") { 5_000_000 } else { 100_000_000 };
    if file.bytes == 0 || file.bytes > largest {
        return refuse(&shared, StatusCode::BAD_REQUEST, 131_052, "the file is empty or too large");
    }
    let mut media = shared.media.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let id = format!("media{}", media.len() + 1);
    media.insert(id.clone(), file.clone());
    (StatusCode::OK, Json(json!({ "id": id })))
}

type Content = (String, Vec<Button>, Vec<File>);

fn content(shared: &Shared, body: &Value) -> Result<Content, &'static str> {
    let kind = body["type"].as_str().unwrap_or("text");
    if let "image" | "video" | "document" | "audio" = kind {
        let media = shared.media.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut file = body[kind]["id"].as_str().and_then(|id| media.get(id)).cloned().ok_or("the media id is unknown")?;
        let fits = file.mime.starts_with(kind) || (kind == "document" && !file.mime.starts_with("image/"));
        if !fits {
            return Err("the media is of another type");
        }
        let caption = body[kind]["caption"].as_str().unwrap_or_default();
        if caption.chars().count() > 1_024 || (kind == "audio" && !caption.is_empty()) {
            return Err("caption must have at most 1024 characters, and none beside a sound");
        }
        if let Some(name) = body[kind]["filename"].as_str() {
            name.clone_into(&mut file.name);
        }
        return Ok((caption.to_owned(), Vec::new(), vec![file]));
    }
    if kind == "template" {
        let buttons = vec![Button { title: "OK".to_owned(), payload: "OK".to_owned() }];
        return Ok((written(&body["template"])?, buttons, Vec::new()));
    }
    let (text, buttons) = words(body)?;
    Ok((text, buttons, Vec::new()))
}

fn words(body: &Value) -> Result<(String, Vec<Button>), &'static str> {
    match body["type"].as_str().unwrap_or("text") {
        "text" => {
            let text = body["text"]["body"].as_str().ok_or("text.body must be a string")?;
            match text.chars().count() {
                0 => Err("text.body is empty"),
                1..=4096 => Ok((text.to_owned(), Vec::new())),
                _ => Err("text.body is longer than 4096 characters"),
            }
        }
        "interactive" => interactive(&body["interactive"]),
        _ => Err("unsupported type"),
    }
}

fn interactive(body: &Value) -> Result<(String, Vec<Button>), &'static str> {
    let text = body["body"]["text"].as_str().ok_or("interactive.body.text is required")?;
    if text.is_empty() || text.chars().count() > 1_024 {
        return Err("interactive.body.text must have 1 to 1024 characters");
    }
    let mut buttons = Vec::new();
    match body["type"].as_str() {
        Some("button") => {
            let listed = body["action"]["buttons"].as_array().ok_or("action.buttons is required")?;
            if listed.is_empty() || listed.len() > 3 {
                return Err("one to three buttons");
            }
            for button in listed {
                buttons.push(reply(&button["reply"], 20, 256)?);
            }
        }
        Some("list") => {
            let label = body["action"]["button"].as_str().unwrap_or_default();
            if label.is_empty() || label.chars().count() > 20 {
                return Err("action.button must have 1 to 20 characters");
            }
            for section in body["action"]["sections"].as_array().ok_or("action.sections is required")? {
                for row in section["rows"].as_array().ok_or("rows are required")? {
                    buttons.push(reply(row, 24, 200)?);
                }
            }
            if buttons.is_empty() || buttons.len() > 10 {
                return Err("one to ten rows");
            }
        }
        _ => return Err("unsupported interactive type"),
    }
    Ok((text.to_owned(), buttons))
}

fn reply(value: &Value, longest_title: usize, longest_id: usize) -> Result<Button, &'static str> {
    let title = value["title"].as_str().unwrap_or_default();
    let id = value["id"].as_str().unwrap_or_default();
    if title.is_empty() || title.chars().count() > longest_title || id.is_empty() || id.len() > longest_id {
        return Err("button id or title is missing or too long");
    }
    Ok(Button { title: title.to_owned(), payload: id.to_owned() })
}

fn refuse(shared: &Shared, status: StatusCode, code: i64, why: &str) -> (StatusCode, Json<Value>) {
    shared.refuse("whatsapp", why);
    (status, Json(json!({"error": {"message": why, "type": "OAuthException", "code": code, "fbtrace_id": "sim"}})))
}
