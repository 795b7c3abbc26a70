//! Twilio Messages, sending side: <https://www.twilio.com/docs/messaging/api/message-resource>.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Form, Json, Router};
use base64::Engine as _;
use serde_json::{Value, json};

use super::Shared;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/2010-04-01/Accounts/{account}/Messages.json", post(send))
}

async fn send(
    State(shared): State<Arc<Shared>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> (StatusCode, Json<Value>) {
    let expected =
        base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", shared.secrets.twilio_account, shared.secrets.twilio_token));
    let basic = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if account != shared.secrets.twilio_account || basic != format!("Basic {expected}") {
        return refuse(&shared, StatusCode::UNAUTHORIZED, 20_003, "Authenticate");
    }
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let (to, from, body) = (field("To"), field("From"), field("Body"));
    if to.is_empty() {
        return refuse(&shared, StatusCode::BAD_REQUEST, 21_604, "A 'To' phone number is required.");
    }
    if !to.starts_with('+') || !to[1..].chars().all(|digit| digit.is_ascii_digit()) {
        return refuse(&shared, StatusCode::BAD_REQUEST, 21_211, "Invalid 'To' Phone Number");
    }
    if from != shared.secrets.twilio_from && field("MessagingServiceSid").is_empty() {
        return refuse(&shared, StatusCode::BAD_REQUEST, 21_603, "A 'From' phone number is required.");
    }
    if body.is_empty() && field("MediaUrl").is_empty() {
        return refuse(&shared, StatusCode::BAD_REQUEST, 21_602, "Message body is required.");
    }
    if body.chars().count() > 1_600 {
        return refuse(&shared, StatusCode::BAD_REQUEST, 21_617, "The concatenated message body exceeds the 1600 character limit");
    }
    let id = shared.keep("sms", to.to_owned(), body.to_owned(), Vec::new(), false);
    let number: u64 = id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    (
        StatusCode::CREATED,
        Json(
            json!({"sid": format!("SM{number:032x}"), "status": "queued", "to": to, "from": from, "body": body, "num_segments": "1", "error_code": null}),
        ),
    )
}

fn refuse(shared: &Shared, status: StatusCode, code: i64, why: &str) -> (StatusCode, Json<Value>) {
    shared.refuse("sms", why);
    (
        status,
        Json(
            json!({"code": code, "message": why, "status": status.as_u16(), "more_info": format!("https://www.twilio.com/docs/errors/{code}")}),
        ),
    )
}
