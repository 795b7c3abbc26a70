//! What we send to Meta, and which of the outcomes its answer is.

use domain::attachment;
use domain::message::{Button, Delivery, Enclosure};
use domain::ports::{SendError, Sent};
use serde_json::{Map, Value, json};

use super::status::{self, Class};
use crate::call::{self, Answer};
use crate::json::Field;
use crate::pace::Slower;
use crate::text;

/// The longest text above buttons.
const LONGEST_BODY: usize = 1_024;

/// Largest file of a kind that WhatsApp carries; `None`: it does not carry it. Sounds have no words beside them there and
/// leave as links.
pub(super) fn largest(media_type: &str) -> Option<usize> {
    const MEGABYTE: usize = 1_000_000;
    match media_type {
        "image/jpeg" | "image/png" => Some(5 * MEGABYTE),
        "video/mp4" => Some(16 * MEGABYTE),
        "application/pdf"
        | "text/plain"
        | "application/msword"
        | "application/vnd.ms-excel"
        | "application/vnd.ms-powerpoint"
        | "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        | "application/vnd.openxmlformats-officedocument.presentationml.presentation" => Some(100 * MEGABYTE),
        _ => None,
    }
}

/// A file that lies with WhatsApp, with the text beside it.
pub(super) fn with_file(delivery: &Delivery, file: &Enclosure, id: &str) -> Value {
    let kind = attachment::kind_of(&file.mime);
    let mut content = Map::new();
    content.insert("id".to_owned(), id.into());
    let text = delivery.rendered.text.trim();
    if !text.is_empty() {
        content.insert("caption".to_owned(), text.into());
    }
    if kind == "document" {
        content.insert("filename".to_owned(), file.name.as_str().into());
    }
    let mut body = addressed(delivery);
    body.insert("type".to_owned(), kind.into());
    body.insert(kind.to_owned(), content.into());
    Value::Object(body)
}

/// A template with its gaps filled: the vendor writes the text.
pub(super) fn template(delivery: &Delivery) -> Value {
    let mut body = addressed(delivery);
    if let Some(filled) = &delivery.rendered.template {
        let parameters: Vec<Value> = filled
            .values
            .iter()
            .map(|(gap, value)| match gap.bytes().all(|byte| byte.is_ascii_digit()) {
                true => json!({"type": "text", "text": value}),
                false => json!({"type": "text", "parameter_name": gap, "text": value}),
            })
            .collect();
        let mut content = json!({"name": filled.name, "language": {"code": filled.language}});
        if !parameters.is_empty() {
            content["components"] = json!([{"type": "body", "parameters": parameters}]);
        }
        body.insert("type".to_owned(), "template".into());
        body.insert("template".to_owned(), content);
    }
    Value::Object(body)
}

/// What failed before the message itself was sent: it certainly did not arrive.
pub(super) fn not_sent(error: SendError) -> SendError {
    match error {
        SendError::Unknown(why) => SendError::NotSent(why),
        SendError::RateLimited(_) | SendError::NotYet(_) | SendError::NotSent(_) | SendError::Refused { .. } => error,
    }
}

pub(super) fn without_id() -> SendError {
    SendError::NotSent("WhatsApp took the file and named it not".to_owned())
}

/// One message to one person.
pub(super) fn message(delivery: &Delivery, list_button: &str) -> Value {
    let rendered = &delivery.rendered;
    let mut body = addressed(delivery);
    let fits_above_buttons = rendered.text.chars().count() <= LONGEST_BODY;
    let (kind, content) = match rendered.buttons.as_slice() {
        [] => ("text", plain(&rendered.text)),
        buttons if !fits_above_buttons => ("text", plain(&with_titles(&rendered.text, buttons))),
        buttons if buttons.len() <= 3 => ("interactive", reply_buttons(&rendered.text, buttons)),
        buttons => ("interactive", list(&rendered.text, buttons, list_button)),
    };
    body.insert("type".to_owned(), kind.into());
    body.insert(kind.to_owned(), content);
    Value::Object(body)
}

/// To whom, and under which id of ours.
fn addressed(delivery: &Delivery) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("messaging_product".to_owned(), "whatsapp".into());
    body.insert("recipient_type".to_owned(), "individual".into());
    // People without a visible number are written to by their business-scoped id.
    let key = if is_scoped_id(&delivery.address) { "recipient" } else { "to" };
    body.insert(key.to_owned(), delivery.address.as_str().into());
    body.insert("biz_opaque_callback_data".to_owned(), delivery.id.to_string().into());
    body
}

/// Marks a message as read and shows that we are writing, for up to 25 seconds.
pub(super) fn read_and_typing(message: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message,
        "typing_indicator": {"type": "text"},
    })
}

/// `CC.…`: a country and an id of this business's own.
fn is_scoped_id(address: &str) -> bool {
    matches!(address.as_bytes(), [a, b, b'.', _, ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase())
}

fn plain(text: &str) -> Value {
    json!({"body": text, "preview_url": false})
}

/// A text too long to stand above buttons carries their titles at its end, as far as there is room.
fn with_titles(text: &str, buttons: &[Button]) -> String {
    text::with_choices(text, buttons.iter().map(|button| button.title.as_str()), super::CAPABILITIES.text.longest)
}

fn reply_buttons(text: &str, buttons: &[Button]) -> Value {
    let replies: Vec<Value> = buttons
        .iter()
        .map(|button| json!({"type": "reply", "reply": {"id": payload(button, 256), "title": text::shortened(&button.title, 20)}}))
        .collect();
    json!({"type": "button", "body": {"text": text}, "action": {"buttons": replies}})
}

fn list(text: &str, buttons: &[Button], opener: &str) -> Value {
    let rows: Vec<Value> =
        buttons.iter().take(10).map(|button| json!({"id": payload(button, 200), "title": text::shortened(&button.title, 24)})).collect();
    let action = json!({"button": text::shortened(opener, 20), "sections": [{"rows": rows}]});
    json!({"type": "list", "body": {"text": text}, "action": action})
}

fn payload(button: &Button, longest: usize) -> &str {
    let payload = if button.payload.is_empty() { &button.title } else { &button.payload };
    text::within_bytes(payload, longest)
}

/// Which of the outcomes an answer is.
pub(super) fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    if answer.is_success() {
        let id = answer.body.items(&["messages"]).first().and_then(|message| message.id(&["id"]));
        return match id {
            Some(id) => Ok(Sent { provider_message_id: Some(id) }),
            None => Err(SendError::Unknown("WhatsApp's answer holds no message id".to_owned())),
        };
    }
    let Some(code) = answer.body.integer(&["error", "code"]) else {
        return Err(without_code(answer));
    };
    let class = status::class(code);
    let transient = answer.body.is_true(&["error", "is_transient"]);
    let why = || {
        let said = answer.body.written(&["error", "error_data", "details"]);
        let said = said.or_else(|| answer.body.written(&["error", "message"]));
        let known = status::words(code).map(str::to_owned);
        known.or(said).unwrap_or_else(|| "WhatsApp refused the message".to_owned())
    };
    Err(match class {
        Class::SlowDown(pause) => SendError::RateLimited(answer.retry_after.or(pause)),
        Class::NotTaken => SendError::NotSent(format!("WhatsApp is not available (code {code})")),
        Class::Unclear => SendError::Unknown(format!("WhatsApp had an error of its own (code {code})")),
        Class::Final if answer.status == 429 => SendError::RateLimited(answer.retry_after),
        Class::Final if answer.status >= 500 || transient => SendError::Unknown(format!("WhatsApp had an error of its own (code {code})")),
        Class::Final => call::refused(code.to_string(), why()),
    })
}

/// Whom Meta's wish to slow down is about; what is about one kind of message, or one person's patience, holds nothing else up.
pub(super) fn slower(answer: &Answer) -> Option<Slower> {
    match answer.body.integer(&["error", "code"]) {
        Some(131_056) => Some(Slower::Each),
        Some(131_048 | 131_049) => None,
        Some(_) | None => Some(Slower::All),
    }
}

fn without_code(answer: &Answer) -> SendError {
    match answer.status {
        429 => SendError::RateLimited(answer.retry_after),
        400..=407 | 409..=499 => call::refused(answer.status.to_string(), "WhatsApp refused the message without a reason"),
        status => SendError::Unknown(format!("WhatsApp answered {status}")),
    }
}
