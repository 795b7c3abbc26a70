//! What we send to Telegram, and which of the outcomes its answer is.

use std::time::Duration;

use domain::attachment;
use domain::message::{Button, Delivery, Enclosure};
use domain::ports::{SendError, Sent};
use serde_json::{Value, json};

use super::html;
use super::receive::VIA;
use crate::call::{self, Answer};
use crate::json::Field;
use crate::multipart::Form;
use crate::pace::Readers;
use crate::text;

/// The parameters of `sendMessage`.
pub(super) fn message(delivery: &Delivery, contact_button: Option<&str>) -> Value {
    let rendered = &delivery.rendered;
    let mut parameters = json!({
        "chat_id": chat_id(&delivery.address),
        "text": html::well_formed(&rendered.text),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": true},
    });
    let account = business_connection(&delivery.address);
    if let Some(account) = account {
        parameters["business_connection_id"] = account.into();
    }
    // What is sent for a business account has no keyboard in place of the person's own, so nobody is asked for a number there.
    // <https://core.telegram.org/bots/api#replykeyboardmarkup>
    let (asking, others): (Vec<&Button>, Vec<&Button>) = rendered.buttons.iter().partition(|button| button.payload == SHARE);
    // A message has one keyboard: beside the contact button the others are plain answers.
    let keyboard = if rendered.request_contact && account.is_none() {
        let title = contact_button.or(asking.first().map(|button| button.title.as_str())).unwrap_or("Share my phone number");
        Some(contact_keyboard(&others, title))
    } else if others.is_empty() {
        None
    } else {
        Some(json!({"inline_keyboard": others.into_iter().map(|button| vec![inline(button)]).collect::<Vec<_>>()}))
    };
    if let Some(keyboard) = keyboard {
        parameters["reply_markup"] = keyboard;
    }
    parameters
}

/// What the button carries that stands for the person's own contact.
const SHARE: &str = "share_contact";

/// Larger pictures leave as documents.
const LARGEST_PHOTO: usize = 10_000_000;

/// A file with the text beside it: the method and its parameters.
pub(super) fn with_file(delivery: &Delivery, file: &Enclosure) -> (&'static str, Form) {
    let is_photo = matches!(file.mime.as_str(), "image/jpeg" | "image/png") && file.content.0.len() <= LARGEST_PHOTO;
    let (method, field) = match attachment::kind_of(&file.mime) {
        "image" if is_photo => ("sendPhoto", "photo"),
        "video" if file.mime == "video/mp4" => ("sendVideo", "video"),
        "audio" if matches!(file.mime.as_str(), "audio/mpeg" | "audio/mp4") => ("sendAudio", "audio"),
        _ => ("sendDocument", "document"),
    };
    let chat = delivery.address.split_once(VIA).map_or(delivery.address.as_str(), |(chat, _)| chat);
    let mut form = Form::new(&delivery.id.to_string()).field("chat_id", chat);
    if let Some(account) = business_connection(&delivery.address) {
        form = form.field("business_connection_id", account);
    }
    if !delivery.rendered.text.trim().is_empty() {
        form = form.field("caption", &html::well_formed(&delivery.rendered.text)).field("parse_mode", "HTML");
    }
    (method, form.file(field, file))
}

fn inline(button: &Button) -> Value {
    let payload = if button.payload.is_empty() { &button.title } else { &button.payload };
    json!({"text": button.title, "callback_data": text::within_bytes(payload, 64)})
}

fn contact_keyboard(buttons: &[&Button], contact_button: &str) -> Value {
    let mut rows = vec![vec![json!({"text": contact_button, "request_contact": true})]];
    rows.extend(buttons.iter().map(|button| vec![json!({"text": button.title})]));
    json!({"keyboard": rows, "resize_keyboard": true, "one_time_keyboard": true})
}

/// The business account for which the bot answers in this chat.
pub(super) fn business_connection(address: &str) -> Option<&str> {
    address.split_once(VIA).map(|(_, connection)| connection)
}

/// Chats are numbers; a name of a public chat stays text.
pub(super) fn chat_id(address: &str) -> Value {
    let address = address.split_once(VIA).map_or(address, |(chat, _)| chat);
    address.parse::<i64>().map_or_else(|_| address.into(), Into::into)
}

/// Groups and channels have negative numbers.
pub(super) fn readers(address: &str) -> Readers {
    if address.starts_with('-') { Readers::Many } else { Readers::One }
}

/// Which of the outcomes an answer is.
pub(super) fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    outcome_at(answer, "")
}

/// The same for a chat: a business account numbers its messages apart from the bot.
pub(super) fn outcome_at(answer: &Answer, address: &str) -> Result<Sent, SendError> {
    if answer.is_success() && answer.body.is_true(&["ok"]) {
        return match answer.body.id(&["result", "message_id"]) {
            Some(id) => {
                let named = business_connection(address).map_or(id.clone(), |account| format!("{account}/{id}"));
                Ok(Sent { provider_message_id: Some(named) })
            }
            None => Err(SendError::Unknown("Telegram's answer holds no message id".to_owned())),
        };
    }
    let said = answer.body.written(&["description"]).unwrap_or_default();
    let code = answer.body.integer(&["error_code"]).unwrap_or(i64::from(answer.status));
    Err(match code {
        429 => {
            let seconds = answer.body.integer(&["parameters", "retry_after"]).and_then(|s| u64::try_from(s).ok());
            SendError::RateLimited(seconds.map(Duration::from_secs).or(answer.retry_after))
        }
        401 | 404 => call::refused(code.to_string(), "Telegram does not know this bot: renew the bot token"),
        403 if said.contains("can't initiate") => {
            call::refused("403", "this person has never started the bot, and a bot cannot write first")
        }
        403 => call::refused_for_good("403", format!("this person can no longer be written to ({said})")),
        400 if said.contains("chat not found") => call::refused("400", "Telegram does not know this chat"),
        400..=499 => call::refused(code.to_string(), format!("Telegram refused the message ({said})")),
        // Bot API servers answer so while they restart, before they look at the call.
        500 if said.contains("restart") => SendError::NotSent("Telegram is restarting".to_owned()),
        _ => SendError::Unknown(format!("Telegram answered {code}")),
    })
}
