//! What Twilio's form means: a message of a person, or the state of one of ours.

use std::collections::BTreeMap;

use domain::event::{Ignored, InboundEvent, InboundMessage, Location, Media, StatusEvent};
use domain::ports::{HookRequest, Refusal};
use serde_json::Value;

use super::client::{RCS, is_retryable};
use crate::json;
use crate::keyword::{Keyword, carrier_keyword};
use crate::text;

/// More fields than any form of Twilio has.
const MOST_FIELDS: usize = 1_000;

/// More attachments than Twilio puts into one message.
const MOST_MEDIA: usize = 10;

pub(crate) type Form = BTreeMap<String, String>;

/// The events of one form.
pub(crate) fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    let form = form(request)?;
    let field = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let id = field("MessageSid").or_else(|| field("SmsSid"));
    let id = id.and_then(text::id);
    let Some(id) = id.as_deref() else {
        return Err(Refusal::Unreadable("no MessageSid".to_owned()));
    };
    let status = field("MessageStatus").or_else(|| field("SmsStatus")).unwrap_or("received");
    let event = if matches!(status, "received" | "receiving") { message(&form, id) } else { state(&form, id, status, request.query) };
    Ok(vec![event])
}

/// The fields of the body, each once: with a field that is there twice nobody could say which one counts.
pub(crate) fn form(request: &HookRequest<'_>) -> Result<Form, Refusal> {
    if request.body.first() == Some(&b'{') {
        return form_in_json(request.body);
    }
    if request.body.len() > json::LARGEST {
        return Err(Refusal::TooLarge);
    }
    let mut form = Form::new();
    for (key, value) in url::form_urlencoded::parse(request.body) {
        if form.len() >= MOST_FIELDS {
            return Err(Refusal::TooLarge);
        }
        if form.insert(key.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::Unreadable("a field is there twice".to_owned()));
        }
    }
    Ok(form)
}

fn form_in_json(body: &[u8]) -> Result<Form, Refusal> {
    json::bounded(body, json::LARGEST)?;
    let unreadable = |why: String| Refusal::Unreadable(why);
    let Value::Object(fields) = json::strict(body).map_err(|error| unreadable(error.to_string()))? else {
        return Err(unreadable("the body is no object".to_owned()));
    };
    let text = |(key, value)| match value {
        Value::String(text) => Some((key, text)),
        Value::Number(number) => Some((key, number.to_string())),
        _ => None,
    };
    Ok(fields.into_iter().filter_map(text).collect())
}

/// A person's address without the prefix of its channel: the number.
fn bare(address: &str) -> &str {
    let address = address.trim();
    address.strip_prefix(RCS).unwrap_or(address)
}

/// The way a message took, as the prefix of an address tells.
fn way(address: &str) -> &'static str {
    if address.starts_with(RCS) { "rcs" } else { "sms" }
}

fn message(form: &Form, id: &str) -> InboundEvent {
    let field = |name: &str| form.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let from = field("From").unwrap_or_default();
    let sender = bare(from).to_owned();
    let connection = field("To").and_then(text::id);
    let answerable = sender.strip_prefix('+').unwrap_or(&sender);
    if answerable.is_empty() || !answerable.bytes().all(|b| b.is_ascii_digit()) {
        let reason = "an alphanumeric sender cannot be answered".to_owned();
        return InboundEvent::Ignored(Ignored { reason, sender: Some(sender), connection });
    }
    let mut decoded = InboundMessage {
        sender_e164: text::e164(&sender),
        sender,
        sender_name: field("ProfileName").and_then(text::written),
        text: field("Body").and_then(text::written),
        media: media(form),
        location: location(form),
        provider_message_id: Some(id.to_owned()),
        reply_to: field("OriginalRepliedMessageSid").map(str::to_owned),
        connection,
        ..InboundMessage::default()
    };
    decoded.more.insert("channel".to_owned(), way(from).into());
    let place = [field("Label"), field("Address")].map(|part| part.and_then(text::written));
    if decoded.location.is_some() && place.iter().any(Option::is_some) {
        decoded.more.insert("place".to_owned(), serde_json::json!({ "name": place[0], "address": place[1] }));
    }
    if let Some(payload) = field("ButtonPayload") {
        decoded.payload = Some(payload.to_owned());
        decoded.text = field("ButtonText").and_then(text::written).or(decoded.text);
        return InboundEvent::Postback(decoded);
    }
    // Advanced Opt-Out names the keyword, also when the business chose its own words.
    let keyword = match field("OptOutType") {
        Some("STOP") => Some(Keyword::Stop),
        Some("START") => Some(Keyword::Start),
        Some("HELP") => Some(Keyword::Help),
        _ if decoded.media.is_empty() => decoded.text.as_deref().and_then(carrier_keyword),
        _ => None,
    };
    match keyword {
        Some(Keyword::Stop) => InboundEvent::OptOut(InboundMessage { opt_out: true, ..decoded }),
        Some(Keyword::Start) => InboundEvent::OptIn(decoded),
        Some(Keyword::Help) => InboundEvent::Ignored(Ignored {
            reason: "a help word, which the carrier has answered".to_owned(),
            sender: Some(decoded.sender),
            connection: decoded.connection,
        }),
        None => InboundEvent::Message(decoded),
    }
}

fn media(form: &Form) -> Vec<Media> {
    // What is named is there, whatever the count says.
    let count = (0..MOST_MEDIA).take_while(|place| form.contains_key(&format!("MediaUrl{place}"))).count();
    (0..count)
        .filter_map(|place| {
            let url = form.get(&format!("MediaUrl{place}"))?.clone();
            let mime = form.get(&format!("MediaContentType{place}")).and_then(|mime| text::mime(mime));
            let id = url.rsplit('/').next().filter(|id| id.starts_with("ME")).map(str::to_owned);
            let kind = text::kind_of_mime(mime.as_deref()).to_owned();
            Some(Media { kind, provider_id: id, mime, url: Some(url), ..Media::default() })
        })
        .collect()
}

fn location(form: &Form) -> Option<Location> {
    let degrees = |name: &str| form.get(name)?.trim().parse().ok().filter(|degrees: &f64| degrees.is_finite());
    Some(Location { lat: degrees("Latitude")?, lon: degrees("Longitude")? })
}

fn state(form: &Form, id: &str, status: &str, query: &str) -> InboundEvent {
    let field = |name: &str| form.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let (sender, connection) = (field("To").map(bare), field("From").filter(|from| text::id(from).is_some()));
    let status = match status {
        "queued" | "accepted" | "scheduled" | "sending" => "queued",
        "sent" => "sent",
        "delivered" | "partially_delivered" => "delivered",
        "read" => "read",
        "undelivered" | "failed" | "canceled" => "failed",
        other => {
            return InboundEvent::Ignored(Ignored {
                reason: format!("status {:?} is not known", text::within_bytes(other, 40)),
                sender: sender.map(str::to_owned),
                connection: connection.map(str::to_owned),
            });
        }
    };
    let code = field("ErrorCode").filter(|_| status == "failed");
    // Our own id comes back in the query of the callback we named.
    let opaque = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "delivery");
    InboundEvent::Status(StatusEvent {
        provider_message_id: Some(id.to_owned()),
        opaque: opaque.map(|(_, value)| value.into_owned()),
        status: status.to_owned(),
        error_code: code.map(str::to_owned),
        retryable: code.map(|code| code.parse().is_ok_and(is_retryable)),
        // A message that leaves over RCS may arrive as an SMS: the address it really came from tells.
        delivered_as: connection.filter(|_| matches!(status, "sent" | "delivered" | "read")).map(|from| way(from).to_owned()),
        sender: sender.map(str::to_owned),
        connection: connection.map(str::to_owned),
        ..StatusEvent::default()
    })
}
