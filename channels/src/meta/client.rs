//! What we send to a page's or an account's people, and which of the outcomes Meta's answer is.
//!
//! <https://developers.facebook.com/docs/messenger-platform/reference/send-api>
//! <https://developers.facebook.com/docs/messenger-platform/error-codes>

use domain::attachment;
use domain::channel::ChannelKind;
use domain::message::{Button, Card, Delivery, ServiceWindow};
use domain::ports::{SendError, Sent};
use serde_json::{Map, Value, json};

use crate::call::{self, Answer};
use crate::json::Field;
use crate::text;

/// Most quick replies under one message.
pub(super) const MOST_REPLIES: usize = 13;
/// Longest title of one, in characters.
pub(super) const LONGEST_TITLE: usize = 20;
/// Longest payload of one, in bytes.
pub(super) const LONGEST_PAYLOAD: usize = 1_000;
/// Most cards beside each other.
const MOST_CARDS: usize = 10;
/// Longest title of a card, and longest line below it, in characters.
const LONGEST_LINE: usize = 80;

/// The words to one person. Where the vendor gives them back in the echo, they carry our id. Quick replies are seen below the
/// last message only: below the cards, where there are some.
pub(super) fn message(delivery: &Delivery, has_metadata: bool) -> Value {
    let mut message = Map::new();
    message.insert("text".to_owned(), delivery.rendered.text.as_str().into());
    body(delivery, message, has_metadata, delivery.rendered.cards.is_empty())
}

/// Largest file of a kind that Meta fetches; 0: it takes none of that kind.
/// <https://developers.facebook.com/docs/messenger-platform/send-messages#url>
/// <https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api>
pub(super) fn largest(door: ChannelKind, media_type: &str) -> usize {
    const MEGABYTE: usize = 1_000_000;
    match (door, media_type) {
        (_, "image/jpeg" | "image/png" | "image/gif") => 8 * MEGABYTE,
        (_, "video/mp4" | "audio/mpeg" | "audio/mp4" | "audio/wav") => 25 * MEGABYTE,
        (ChannelKind::Messenger, _) => 25 * MEGABYTE,
        _ => 0,
    }
}

/// A file by its link, as a message of its own; `None`: there is none.
pub(super) fn with_file(delivery: &Delivery, has_metadata: bool) -> Option<Value> {
    let file = delivery.files.first()?;
    let kind = match attachment::kind_of(&file.mime) {
        kind @ ("image" | "video" | "audio") => kind,
        _ => "file",
    };
    let attached = json!({"type": kind, "payload": {"url": file.link.as_deref()?, "is_reusable": false}});
    Some(body(delivery, Map::from_iter([("attachment".to_owned(), attached)]), has_metadata, true))
}

/// The cards that follow the words; `None`: there are none.
/// <https://developers.facebook.com/docs/messenger-platform/send-messages/template/generic>
pub(super) fn cards(delivery: &Delivery, pictures: Pictures) -> Option<Value> {
    let elements: Vec<Value> = delivery.rendered.cards.iter().filter_map(|one| card(one, pictures)).take(MOST_CARDS).collect();
    if elements.is_empty() {
        return None;
    }
    let template = json!({"type": "template", "payload": {"template_type": "generic", "elements": elements}});
    Some(body(delivery, Map::from_iter([("attachment".to_owned(), template)]), true, true))
}

/// Meta fetches a card's picture itself, and takes no card whose picture it cannot fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    Shown,
    Left,
}

/// A card wants more than its title.
fn card(card: &Card, pictures: Pictures) -> Option<Value> {
    let mut element = Map::from_iter([("title".to_owned(), text::shortened(&card.title, LONGEST_LINE).into())]);
    if !card.text.is_empty() {
        element.insert("subtitle".to_owned(), text::shortened(&card.text, LONGEST_LINE).into());
    }
    if let Some(picture) = card.picture.as_ref().filter(|_| pictures == Pictures::Shown) {
        element.insert("image_url".to_owned(), picture.as_str().into());
    }
    if let Some(url) = &card.url {
        element.insert("default_action".to_owned(), json!({"type": "web_url", "url": url}));
    }
    (element.len() > 1).then_some(Value::Object(element))
}

fn body(delivery: &Delivery, mut message: Map<String, Value>, has_metadata: bool, is_last: bool) -> Value {
    let rendered = &delivery.rendered;
    if is_last && !rendered.buttons.is_empty() {
        message.insert("quick_replies".to_owned(), rendered.buttons.iter().take(MOST_REPLIES).map(quick_reply).collect());
    }
    if has_metadata {
        message.insert("metadata".to_owned(), delivery.id.to_string().into());
    }
    let mut body = json!({"recipient": {"id": delivery.address}, "message": message});
    match delivery.window {
        ServiceWindow::Open => body["messaging_type"] = "RESPONSE".into(),
        // Only a person's own reply gets here: engine/src/delivery.rs refuses everything else.
        ServiceWindow::PeopleOnly => {
            body["messaging_type"] = "MESSAGE_TAG".into();
            body["tag"] = "HUMAN_AGENT".into();
        }
    }
    body
}

/// Shows that their message was read, or that we are writing.
pub(super) fn action(address: &str, action: &str) -> Value {
    json!({"recipient": {"id": address}, "sender_action": action})
}

fn quick_reply(button: &Button) -> Value {
    let payload = if button.payload.is_empty() { &button.title } else { &button.payload };
    json!({
        "content_type": "text",
        "title": text::shortened(&button.title, LONGEST_TITLE),
        "payload": text::within_bytes(payload, LONGEST_PAYLOAD),
    })
}

/// What one of Meta's codes asks of the sender.
enum Class {
    /// Slow down.
    SlowDown,
    /// It was not taken.
    NotTaken,
    /// Something went wrong inside Meta and nothing says how far it got.
    Unclear,
    /// Final.
    Final,
}

fn class(code: i64) -> Class {
    match code {
        // Too many calls of the app, the page, the business or the account.
        4 | 17 | 32 | 613 | 80_001 | 80_002 | 80_006 => Class::SlowDown,
        2 | 1_200 => Class::NotTaken,
        1 => Class::Unclear,
        _ => Class::Final,
    }
}

/// What a teammate reads for a code and its subcode.
fn words(code: i64, subcode: Option<i64>) -> Option<&'static str> {
    const CLOSED: &str = "window closed: the last message of the person is too old, and only they can open it again";
    Some(match (code, subcode) {
        (_, Some(2_018_278 | 2_534_022 | 2_018_065)) => CLOSED,
        (_, Some(2_018_108)) => "this person takes no message requests",
        (100, Some(2_018_001)) => "the page has no such person",
        (551, _) | (200, Some(1_545_041)) => "this person cannot be reached right now: they have blocked the page or left",
        (0 | 190, _) => "the access token is no longer valid: make a new one in the Meta app and update the connection",
        (3 | 10 | 200..=299, _) => "the app lacks a permission on this page or account",
        (368, _) => "Meta has blocked the page for a while: look into its page quality",
        (100, _) => "Meta did not understand the message",
        (10_303, _) => "this person's account is not linked",
        _ => return None,
    })
}

/// Which of the outcomes an answer is.
pub(super) fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    if answer.is_success() {
        return match answer.body.id(&["message_id"]) {
            Some(id) => Ok(Sent { provider_message_id: Some(id) }),
            None => Err(SendError::Unknown("Meta's answer holds no message id".to_owned())),
        };
    }
    let Some(code) = answer.body.integer(&["error", "code"]) else {
        return Err(without_code(answer));
    };
    let subcode = answer.body.integer(&["error", "error_subcode"]);
    let transient = answer.body.is_true(&["error", "is_transient"]);
    let why = || {
        let said = answer.body.written(&["error", "error_user_msg"]).or_else(|| answer.body.written(&["error", "message"]));
        words(code, subcode).map(str::to_owned).or(said).unwrap_or_else(|| "Meta refused the message".to_owned())
    };
    Err(match class(code) {
        Class::SlowDown => SendError::RateLimited(answer.retry_after),
        Class::NotTaken => SendError::NotSent(format!("Meta is not available (code {code})")),
        Class::Unclear => SendError::Unknown(format!("Meta had an error of its own (code {code})")),
        Class::Final if answer.status == 429 => SendError::RateLimited(answer.retry_after),
        Class::Final if answer.status >= 500 || transient => SendError::Unknown(format!("Meta had an error of its own (code {code})")),
        Class::Final => call::refused(code.to_string(), why()),
    })
}

fn without_code(answer: &Answer) -> SendError {
    match answer.status {
        429 => SendError::RateLimited(answer.retry_after),
        400..=407 | 409..=499 => call::refused(answer.status.to_string(), "Meta refused the message without a reason"),
        status => SendError::Unknown(format!("Meta answered {status}")),
    }
}
