//! Telegram Bot API, sending side: <https://core.telegram.org/bots/api#sendmessage>.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use domain::message::Button;
use serde_json::{Value, json};

use super::form::Form;
use super::{File, Shared};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/{bot}/{method}", post(call))
}

async fn call(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> (StatusCode, Json<Value>) {
    if bot != format!("bot{}", shared.secrets.telegram_token) {
        return refuse(&shared, StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let (body, files) = match Form::read(&headers, &bytes) {
        Some(form) => with_files(form),
        None => (serde_json::from_slice(&bytes).unwrap_or_default(), Vec::new()),
    };
    match method.as_str() {
        "sendPhoto" | "sendDocument" | "sendVideo" | "sendAudio" => send_file(&shared, &method, &body, files),
        "sendMessage" => send(&shared, &body),
        "sendChatAction" | "answerCallbackQuery" => done(json!(true)),
        "setWebhook" => {
            *shared.telegram_hook.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = body["url"].as_str().map(str::to_owned);
            done(json!(true))
        }
        "getMe" => done(json!({"id": 7_000_000_001_i64, "is_bot": true, "first_name": "Bot", "username": "simulated_bot"})),
        "getWebhookInfo" => {
            let hook = shared.telegram_hook.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone().unwrap_or_default();
            done(json!({"url": hook, "has_custom_certificate": false, "pending_update_count": 0}))
        }
        _ => refuse(&shared, StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// The fields of a form as parameters, and its files.
fn with_files(form: Form) -> (Value, Vec<(String, File)>) {
    (Value::Object(form.fields.into_iter().map(|(name, value)| (name, Value::from(value))).collect()), form.files)
}

/// <https://core.telegram.org/bots/api#senddocument>
fn send_file(shared: &Shared, method: &str, body: &Value, files: Vec<(String, File)>) -> (StatusCode, Json<Value>) {
    let wanted = method.trim_start_matches("send").to_ascii_lowercase();
    let Some((_, file)) = files.into_iter().find(|(name, _)| *name == wanted) else {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: there is no file in the request");
    };
    if file.bytes == 0 || file.bytes > 50_000_000 || (wanted == "photo" && file.bytes > 10_000_000) {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: file must be non-empty and not too large");
    }
    let caption = body["caption"].as_str().unwrap_or_default();
    let Some(shown) = (if body["parse_mode"] == "HTML" { plain(caption) } else { Some(caption.to_owned()) }) else {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: can't parse entities");
    };
    if shown.encode_utf16().count() > 1_024 {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: message caption is too long");
    }
    let chat = body["chat_id"].as_str().unwrap_or_default().to_owned();
    if chat.is_empty() {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: chat_id is empty");
    }
    let id = number(&shared.keep_with("telegram", chat.clone(), shown, (Vec::new(), false), vec![file]));
    let chat: i64 = chat.parse().unwrap_or_default();
    done(json!({"message_id": id, "date": 0, "chat": {"id": chat, "type": "private"}}))
}

/// Telegram's ids are numbers.
fn number(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn done(result: Value) -> (StatusCode, Json<Value>) {
    (StatusCode::OK, Json(json!({"ok": true, "result": result})))
}

fn send(shared: &Shared, body: &Value) -> (StatusCode, Json<Value>) {
    let chat = match &body["chat_id"] {
        Value::String(chat) => chat.clone(),
        Value::Number(chat) => chat.to_string(),
        _ => return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: chat_id is empty"),
    };
    let Some(text) = body["text"].as_str().filter(|text| !text.is_empty()) else {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: message text is empty");
    };
    let html = body["parse_mode"] == "HTML";
    let shown = if html {
        match plain(text) {
            Some(shown) => shown,
            None => return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: can't parse entities"),
        }
    } else {
        text.to_owned()
    };
    if shown.encode_utf16().count() > 4_096 {
        return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: message is too long");
    }
    let mut buttons = Vec::new();
    for button in rows(&body["reply_markup"]["inline_keyboard"]) {
        let payload = button["callback_data"].as_str().unwrap_or_default();
        if payload.is_empty() || payload.len() > 64 {
            return refuse(shared, StatusCode::BAD_REQUEST, "Bad Request: BUTTON_DATA_INVALID");
        }
        buttons.push(Button { title: button["text"].as_str().unwrap_or_default().to_owned(), payload: payload.to_owned() });
    }
    let keyboard = rows(&body["reply_markup"]["keyboard"]);
    let asks_contact = keyboard.iter().any(|button| button["request_contact"] == true);
    for button in keyboard.iter().filter(|button| button["request_contact"] != true) {
        let title = button["text"].as_str().unwrap_or_default().to_owned();
        buttons.push(Button { payload: title.clone(), title });
    }
    let id = number(&shared.keep("telegram", chat.clone(), shown.clone(), buttons, asks_contact));
    let chat: i64 = chat.parse().unwrap_or_default();
    (
        StatusCode::OK,
        Json(json!({"ok": true, "result": {"message_id": id, "date": 0, "chat": {"id": chat, "type": "private"}, "text": shown}})),
    )
}

fn rows(keyboard: &Value) -> Vec<&Value> {
    keyboard.as_array().into_iter().flatten().flat_map(|row| row.as_array().into_iter().flatten()).collect()
}

/// Telegram's HTML subset as a person reads it; `None` where Telegram could not parse it.
fn plain(html: &str) -> Option<String> {
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('<') {
            let end = rest.find('>')?;
            let name: String = rest[1..end].trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            if !["b", "strong", "i", "em", "u", "ins", "s", "del", "a", "code", "pre", "blockquote", "tg"].contains(&name.as_str()) {
                return None;
            }
            rest = &rest[end + 1..];
        } else {
            let end = rest.find(';')?;
            shown.push_str(match &rest[..=end] {
                "&amp;" => "&",
                "&lt;" => "<",
                "&gt;" => ">",
                "&quot;" => "\"",
                _ => return None,
            });
            rest = &rest[end + 1..];
        }
    }
    shown.push_str(rest);
    Some(shown)
}

fn refuse(shared: &Shared, status: StatusCode, why: &str) -> (StatusCode, Json<Value>) {
    shared.refuse("telegram", why);
    (status, Json(json!({"ok": false, "error_code": status.as_u16(), "description": why})))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::simulator::Secrets;

    #[test]
    fn html_that_telegram_cannot_parse_is_refused() {
        assert_eq!(plain("a <b>bold</b> &amp; fine").as_deref(), Some("a bold & fine"));
        assert_eq!(plain("a < b"), None);
        assert_eq!(plain("Fish & chips"), None);
        assert_eq!(plain("<script>x</script>"), None);
    }

    #[test]
    fn messages_that_arrive_together_have_ids_of_their_own() {
        let shared = Shared::new(Secrets::made_up());
        let ids = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for chat in 0..8 {
                let (shared, ids) = (&shared, &ids);
                scope.spawn(move || {
                    for _ in 0..2_000 {
                        let (_, Json(answer)) = send(shared, &json!({"chat_id": chat, "text": "Hello"}));
                        ids.lock().unwrap().push(answer["result"]["message_id"].as_u64().unwrap());
                    }
                });
            }
        });
        let mut ids = ids.into_inner().unwrap();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 16_000);
    }
}
