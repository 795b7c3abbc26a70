//! What the webhook of a page or an Instagram account means.
//!
//! <https://developers.facebook.com/docs/messenger-platform/reference/webhook-events>
//! <https://developers.facebook.com/docs/instagram-platform/webhooks>

use domain::Timestamp;
use domain::event::{Ignored, InboundEvent, InboundMessage, Referral, StatusEvent, TargetedEvent, VendorError};
use domain::ports::{HookRequest, Refusal};
use serde_json::{Map, Value, json};

use super::attachment;
use crate::json::{self, Field};
use crate::{UNREADABLE_ITEM, hub, keyword, text};

/// Parts of an event that name its sides and its time rather than what happened.
const ENVELOPE: [&str; 5] = ["sender", "recipient", "timestamp", "hop_context", "is_self"];

/// Times from here on are milliseconds; as seconds they would lie in the sixth millennium.
const FIRST_MILLISECOND: i64 = 100_000_000_000;

/// Webhooks of a page.
pub(crate) fn messenger(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    decode(request, "page")
}

/// Webhooks of an Instagram account.
pub(crate) fn instagram(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    decode(request, "instagram")
}

/// The events of a body, in the order in which Meta wrote them.
fn decode(request: &HookRequest<'_>, object: &str) -> Result<Vec<InboundEvent>, Refusal> {
    if request.method == "GET" {
        return Ok(Vec::new());
    }
    json::bounded(request.body, hub::LARGEST)?;
    let body = json::strict(request.body).map_err(|error| Refusal::Quarantine(error.to_string()))?;
    if !body.is_object() {
        return Err(Refusal::Quarantine("the body is no object".to_owned()));
    }
    if body.raw(&["object"]) != Some(object) {
        let reason = format!("another object than {object:?}");
        return Ok(vec![InboundEvent::Ignored(Ignored { reason, sender: None, connection: None })]);
    }
    if !body.at(&["entry"]).is_some_and(Value::is_array) {
        return Err(Refusal::Quarantine("entry is missing".to_owned()));
    }
    let mut events = Vec::new();
    for entry in body.items(&["entry"]) {
        let account = entry.id(&["id"]);
        let account = account.as_deref();
        events.extend(entry.items(&["messaging"]).iter().map(|item| decode_item(item, account, Thread::Ours)));
        events.extend(entry.items(&["standby"]).iter().map(|item| decode_item(item, account, Thread::Elsewhere)));
        // Accounts connected by Instagram's own login get the same items one level further down.
        events.extend(entry.items(&["changes"]).iter().map(|change| decode_change(change, account)));
    }
    Ok(events)
}

fn decode_change(change: &Value, account: Option<&str>) -> InboundEvent {
    let field = change.raw(&["field"]).unwrap_or_default();
    match change.at(&["value"]) {
        Some(value) if value.at(&["sender"]).is_some() || value.at(&["recipient"]).is_some() => {
            let thread = if field == "standby" { Thread::Elsewhere } else { Thread::Ours };
            decode_item(value, account, thread)
        }
        _ => Sides { account, ..Sides::default() }.ignored(&format!("field {field:?}")),
    }
}

/// Who holds the thread with this person.
#[derive(Clone, Copy, PartialEq)]
enum Thread {
    /// We do.
    Ours,
    /// Another app does: what is said is kept and not answered.
    Elsewhere,
}

/// The two sides of an event and its time.
#[derive(Default)]
struct Sides<'a> {
    customer: Option<String>,
    connection: Option<String>,
    account: Option<&'a str>,
    from_us: bool,
    to_itself: bool,
    at: Option<Timestamp>,
}

impl<'a> Sides<'a> {
    /// An echo, and whatever else the page itself did, has the sides swapped.
    fn of(item: &Value, account: Option<&'a str>) -> Self {
        let sender = item.id(&["sender", "id"]);
        let recipient = item.id(&["recipient", "id"]);
        let to_itself = sender.is_some() && sender == recipient || item.is_true(&["message", "is_self"]);
        let by_account = sender.is_some() && sender.as_deref() == account && recipient.is_some();
        let from_us = item.is_true(&["message", "is_echo"]) || by_account;
        let (customer, connection) = if from_us { (recipient, sender) } else { (sender, recipient) };
        let connection = connection.or_else(|| account.map(str::to_owned));
        Self { customer, connection, account, from_us, to_itself, at: moment(item, &["timestamp"]) }
    }

    fn connection(&self) -> Option<String> {
        self.connection.clone().or_else(|| self.account.map(str::to_owned))
    }

    fn message(&self) -> InboundMessage {
        InboundMessage {
            sender: self.customer.clone().unwrap_or_default(),
            timestamp: self.at,
            connection: self.connection(),
            ..InboundMessage::default()
        }
    }

    fn targeted(&self, target: Option<String>) -> TargetedEvent {
        TargetedEvent {
            sender: self.customer.clone().unwrap_or_default(),
            target,
            connection: self.connection(),
            timestamp: self.at,
            ..TargetedEvent::default()
        }
    }

    fn ignored(&self, reason: &str) -> InboundEvent {
        let reason = text::within_bytes(reason, 120).to_owned();
        InboundEvent::Ignored(Ignored { reason, sender: self.customer.clone(), connection: self.connection() })
    }
}

/// Seconds or milliseconds, as a number or in quotes: Meta uses all four.
fn moment(value: &Value, path: &[&str]) -> Option<Timestamp> {
    let number = value.integer(path).filter(|number| *number >= 0)?;
    if number < FIRST_MILLISECOND {
        return Some(Timestamp::from_secs(number));
    }
    number.checked_mul(1_000).filter(|micros| *micros < 253_402_300_800_000_000).map(Timestamp::from_micros)
}

fn decode_item(item: &Value, account: Option<&str>, thread: Thread) -> InboundEvent {
    let sides = Sides::of(item, account);
    let Some(kind) = item.as_object().and_then(kind_of) else {
        return sides.ignored("an event of nothing");
    };
    if sides.customer.is_none() && !matches!(kind, "app_roles" | "policy_enforcement" | "policy-enforcement") {
        return sides.ignored(if kind == "message" { "unreadable: a message without sender" } else { "an event without a person" });
    }
    let part = item.at(&[kind]).unwrap_or(&Value::Null);
    match kind {
        "message" => decode_message(part, &sides, thread),
        "delivery" => status("delivered", part, &sides),
        "read" => status("read", part, &sides),
        "pass_thread_control" | "take_thread_control" | "request_thread_control" | "app_roles" => thread_control(kind, part, &sides),
        "policy_enforcement" | "policy-enforcement" => InboundEvent::Error(VendorError {
            code: part.id(&["action"]).unwrap_or_else(|| "policy".to_owned()),
            message: part.written(&["reason"]),
            connection: sides.connection(),
        }),
        // What the page itself reacted to, edited or opened says nothing of the customer.
        _ if sides.from_us => sides.ignored(&format!("our own side: {kind}")),
        "message_edit" => InboundEvent::Edited(TargetedEvent { text: part.written(&["text"]), ..sides.targeted(part.id(&["mid"])) }),
        "reaction" => decode_reaction(part, &sides),
        "postback" => {
            let mut decoded = sides.message();
            decoded.provider_message_id = part.id(&["mid"]);
            decoded.text = part.written(&["title"]);
            decoded.payload = part.raw(&["payload"]).map(str::to_owned);
            decoded.referral = part.at(&["referral"]).map(|found| referral(found, &mut decoded.more));
            stand_by(&mut decoded, thread);
            InboundEvent::Postback(decoded)
        }
        "referral" => {
            let mut decoded = sides.message();
            decoded.referral = Some(referral(part, &mut decoded.more));
            stand_by(&mut decoded, thread);
            InboundEvent::Referral(decoded)
        }
        "optin" => decode_opt_in(part, &sides),
        "messaging_feedback" | "messaging_customer_information" => {
            let mut decoded = sides.message();
            decoded.structured = Some(part.clone());
            InboundEvent::Message(decoded)
        }
        other => sides.ignored(&format!("event {other:?}")),
    }
}

/// What happened: the one key beside the sides and the time.
fn kind_of(item: &Map<String, Value>) -> Option<&str> {
    let mut kinds = item.iter().filter(|(key, value)| !ENVELOPE.contains(&key.as_str()) && !value.is_null());
    kinds.find(|(_, value)| value.is_object()).map(|(key, _)| key.as_str())
}

fn decode_message(message: &Value, sides: &Sides<'_>, thread: Thread) -> InboundEvent {
    let Some(id) = message.id(&["mid"]) else {
        return sides.ignored(&format!("{UNREADABLE_ITEM}: a message without id"));
    };
    if sides.to_itself {
        return sides.ignored("the account wrote to itself");
    }
    if message.is_true(&["is_deleted"]) {
        return InboundEvent::Deleted(sides.targeted(Some(id)));
    }
    let mut decoded = sides.message();
    decoded.provider_message_id = Some(id);
    decoded.text = message.written(&["text"]);
    decoded.reply_to = message.id(&["reply_to", "mid"]);
    if let Some(story) = message.at(&["reply_to", "story"]) {
        decoded.more.insert("story".to_owned(), json!({"id": story.id(&["id"]), "url": story.raw(&["url"])}));
    }
    for attached in message.items(&["attachments"]).iter().take(attachment::MOST) {
        attachment::add(&mut decoded, attached);
    }
    if let Some(found) = message.at(&["referral"]) {
        let found = referral(found, &mut decoded.more);
        decoded.referral = Some(found);
    }
    if message.is_true(&["is_unsupported"]) {
        decoded.unsupported = Some("unsupported".to_owned());
    }
    for (key, value) in [("app_id", message.id(&["app_id"])), ("metadata", message.written(&["metadata"]))] {
        if let Some(value) = value {
            decoded.more.insert(key.to_owned(), value.into());
        }
    }
    if sides.from_us {
        return InboundEvent::Echo(decoded);
    }
    stand_by(&mut decoded, thread);
    if let Some(payload) = message.raw(&["quick_reply", "payload"]) {
        decoded.payload = Some(payload.to_owned());
        return InboundEvent::Postback(decoded);
    }
    let is_plain = decoded.media.is_empty();
    decoded.opt_out = is_plain && decoded.text.as_deref().is_some_and(keyword::is_stop_on_a_messenger);
    if says_nothing(&decoded) {
        decoded.unsupported = Some("unknown".to_owned());
    }
    InboundEvent::Message(decoded)
}

fn says_nothing(decoded: &InboundMessage) -> bool {
    decoded.text.is_none()
        && decoded.media.is_empty()
        && decoded.location.is_none()
        && decoded.structured.is_none()
        && decoded.referral.is_none()
        && decoded.unsupported.is_none()
}

/// What another app's thread holds is stored and never answered, as automatic mail is.
fn stand_by(decoded: &mut InboundMessage, thread: Thread) {
    if thread == Thread::Elsewhere {
        decoded.more.insert("standby".to_owned(), true.into());
    }
}

/// Messenger tells what was delivered by ids or by a time up to which, what was read by a time; Instagram by an id.
fn status(state: &str, part: &Value, sides: &Sides<'_>) -> InboundEvent {
    let ids: Vec<String> = part.items(&["mids"]).iter().filter_map(|id| id.id(&[])).collect();
    let id = part.id(&["mid"]);
    let watermark = moment(part, &["watermark"]);
    if ids.is_empty() && id.is_none() && watermark.is_none() {
        return sides.ignored("a receipt for nothing");
    }
    if sides.from_us {
        return sides.ignored("our own side: a receipt");
    }
    InboundEvent::Status(StatusEvent {
        provider_message_id: id,
        provider_message_ids: ids,
        watermark,
        status: state.to_owned(),
        sender: sides.customer.clone(),
        connection: sides.connection(),
        timestamp: sides.at,
        ..StatusEvent::default()
    })
}

fn decode_reaction(part: &Value, sides: &Sides<'_>) -> InboundEvent {
    let given = part.raw(&["action"]) != Some("unreact");
    let emoji = part.written(&["emoji"]).or_else(|| part.raw(&["reaction"]).and_then(emoji_of));
    InboundEvent::Reaction(TargetedEvent { emoji: emoji.filter(|_| given), ..sides.targeted(part.id(&["mid"])) })
}

/// Older events name a reaction only by a word.
fn emoji_of(word: &str) -> Option<String> {
    let emoji = match word {
        "smile" => "😆",
        "angry" => "😠",
        "sad" => "😢",
        "wow" => "😮",
        "love" => "❤",
        "like" => "👍",
        "dislike" => "👎",
        other => return text::written(other),
    };
    Some(emoji.to_owned())
}

/// Where a person came from: a link with a reference, an ad, a product.
fn referral(value: &Value, more: &mut Map<String, Value>) -> Referral {
    for (key, path) in
        [("referer_uri", &["referer_uri"][..]), ("ad_title", &["ads_context_data", "ad_title"]), ("referral_type", &["type"])]
    {
        if let Some(found) = value.written(path) {
            more.insert(key.to_owned(), found.into());
        }
    }
    Referral {
        reference: value.id(&["ref"]),
        source: value.id(&["source"]),
        ad_id: value.id(&["ad_id"]),
        product_id: value.id(&["product", "id"]).or_else(|| value.id(&["ads_context_data", "product_id"])),
    }
}

/// A person asked for messages, or took that back. None of these is a word in the conversation.
fn decode_opt_in(part: &Value, sides: &Sides<'_>) -> InboundEvent {
    let mut decoded = sides.message();
    decoded.payload = part.raw(&["payload"]).map(str::to_owned);
    if part.at(&["ref"]).is_some() {
        decoded.referral = Some(referral(part, &mut decoded.more));
    }
    let kind = part.raw(&["type"]).unwrap_or_default();
    if kind.starts_with("notification_messages") || kind.starts_with("one_time_notif") {
        decoded.more.insert("scope".to_owned(), "marketing".into());
    }
    let tokens =
        ["notification_messages_token", "one_time_notif_token", "notification_messages_timezone", "user_token_status", "title", "topic"];
    for key in tokens {
        if let Some(found) = part.written(&[key]) {
            decoded.more.insert(key.to_owned(), found.into());
        }
    }
    if let Some(expiry) = moment(part, &["token_expiry_timestamp"]) {
        decoded.more.insert("token_expiry".to_owned(), json!(expiry));
    }
    match part.raw(&["notification_messages_status"]) {
        Some("STOP_NOTIFICATIONS" | "STOP NOTIFICATIONS") => InboundEvent::OptOut(InboundMessage { opt_out: true, ..decoded }),
        _ => InboundEvent::OptIn(decoded),
    }
}

/// Which app answers this person has changed.
fn thread_control(kind: &str, part: &Value, sides: &Sides<'_>) -> InboundEvent {
    let action = match kind {
        "pass_thread_control" => "pass",
        "take_thread_control" => "take",
        "request_thread_control" => "request",
        _ => "roles",
    };
    let new_owner = part.id(&["new_owner_app_id"]).or_else(|| part.id(&["requested_owner_app_id"]));
    InboundEvent::ThreadControl(json!({
        "action": action,
        "sender": sides.customer,
        "connection": sides.connection(),
        "timestamp": sides.at,
        "new_owner": new_owner,
        "previous_owner": part.id(&["previous_owner_app_id"]),
        "metadata": part.written(&["metadata"]),
        "provider_message_id": null,
    }))
}
