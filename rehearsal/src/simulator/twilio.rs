//! Twilio Messages, sending side: <https://www.twilio.com/docs/messaging/api/message-resource>.

use std::sync::{Arc, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Form, Json, Router};
use base64::Engine as _;
use domain::message::Button;
use serde_json::{Value, json};

use super::Shared;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(send))
        .route("/2010-04-01/Accounts/{account}/Calls/{call}", post(change_call))
        .route("/v1/Content", post(template))
}

/// Ends a call. Whoever is on it is told by the line itself. <https://www.twilio.com/docs/voice/api/call-resource>
async fn change_call(
    State(shared): State<Arc<Shared>>,
    Path((account, call)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> (StatusCode, Json<Value>) {
    if account != shared.secrets.twilio_account || !is_ours(&shared, &headers) {
        return refuse(&shared, "voice", StatusCode::UNAUTHORIZED, 20_003, "Authenticate");
    }
    let Some(sid) = call.strip_suffix(".json").filter(|sid| sid.len() == 34 && sid.starts_with("CA")) else {
        return refuse(&shared, "voice", StatusCode::NOT_FOUND, 20_404, "The requested resource was not found");
    };
    if form != [("Status".to_owned(), "completed".to_owned())] {
        return refuse(&shared, "voice", StatusCode::BAD_REQUEST, 21_218, "Invalid Status");
    }
    (StatusCode::OK, Json(json!({ "sid": sid, "account_sid": account, "status": "completed" })))
}

fn is_ours(shared: &Shared, headers: &HeaderMap) -> bool {
    let expected =
        base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", shared.secrets.twilio_account, shared.secrets.twilio_token));
    headers.get("authorization").and_then(|value| value.to_str().ok()) == Some(&format!("Basic {expected}"))
}

async fn send(
    State(shared): State<Arc<Shared>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> (StatusCode, Json<Value>) {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    // A messaging service is ours for RCS only; the number is for SMS.
    let service = field("MessagingServiceSid");
    let channel = if service.is_empty() { "sms" } else { "rcs" };
    let refuse = |status, code, why| refuse(&shared, channel, status, code, why);
    if account != shared.secrets.twilio_account || !is_ours(&shared, &headers) {
        return refuse(StatusCode::UNAUTHORIZED, 20_003, "Authenticate");
    }
    let (to, from, body) = (field("To"), field("From"), field("Body"));
    if to.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, 21_604, "A 'To' phone number is required.");
    }
    if !to.starts_with('+') || !to[1..].chars().all(|digit| digit.is_ascii_digit()) {
        return refuse(StatusCode::BAD_REQUEST, 21_211, "Invalid 'To' Phone Number");
    }
    if from != shared.secrets.twilio_from && service != shared.secrets.rcs_service {
        return refuse(StatusCode::BAD_REQUEST, 21_603, "A 'From' phone number is required.");
    }
    let template = field("ContentSid");
    let (body, buttons) = if template.is_empty() {
        (body.to_owned(), Vec::new())
    } else {
        let templates = shared.templates.lock().unwrap_or_else(PoisonError::into_inner);
        let variables: Value = serde_json::from_str(field("ContentVariables")).unwrap_or_default();
        match (templates.get(template), variables["1"].as_str()) {
            (Some(buttons), Some(text)) => (text.to_owned(), buttons.clone()),
            _ => return refuse(StatusCode::BAD_REQUEST, 21_655, "The ContentSid or its variables are invalid"),
        }
    };
    if body.is_empty() && field("MediaUrl").is_empty() {
        return refuse(StatusCode::BAD_REQUEST, 21_602, "Message body is required.");
    }
    if body.chars().count() > 1_600 {
        return refuse(StatusCode::BAD_REQUEST, 21_617, "The concatenated message body exceeds the 1600 character limit");
    }
    let id = shared.keep(channel, to.to_owned(), body.clone(), buttons, false);
    let number: u64 = id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    (
        StatusCode::CREATED,
        Json(
            json!({"sid": format!("SM{number:032x}"), "status": "queued", "to": to, "from": from, "body": body, "num_segments": "1", "error_code": null}),
        ),
    )
}

/// <https://www.twilio.com/docs/content/twilio-quick-reply>
async fn template(State(shared): State<Arc<Shared>>, headers: HeaderMap, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    if !is_ours(&shared, &headers) {
        return refuse(&shared, "rcs", StatusCode::UNAUTHORIZED, 20_003, "Authenticate");
    }
    let reply = &body["types"]["twilio/quick-reply"];
    let actions = reply["actions"].as_array().map_or(&[][..], Vec::as_slice);
    let button = |action: &Value| {
        let (title, payload) = (action["title"].as_str()?, action["id"].as_str()?);
        let fits = (1..=20).contains(&title.chars().count()) && (1..=200).contains(&payload.len());
        fits.then(|| Button { title: title.to_owned(), payload: payload.to_owned() })
    };
    let buttons: Option<Vec<Button>> = actions.iter().map(button).collect();
    let Some(buttons) = buttons.filter(|buttons| (1..=10).contains(&buttons.len()) && reply["body"].is_string()) else {
        return refuse(&shared, "rcs", StatusCode::BAD_REQUEST, 20_001, "invalid content");
    };
    let mut templates = shared.templates.lock().unwrap_or_else(PoisonError::into_inner);
    let id = format!("HX{:032x}", templates.len() + 1);
    templates.insert(id.clone(), buttons);
    (StatusCode::CREATED, Json(json!({"sid": id, "language": body["language"]})))
}

fn refuse(shared: &Shared, channel: &'static str, status: StatusCode, code: i64, why: &str) -> (StatusCode, Json<Value>) {
    shared.refuse(channel, why);
    (
        status,
        Json(
            json!({"code": code, "message": why, "status": status.as_u16(), "more_info": format!("https://www.twilio.com/docs/errors/{code}")}),
        ),
    )
}
