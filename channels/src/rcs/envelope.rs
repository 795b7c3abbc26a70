//! What Google posts: an envelope with the event inside, in base64.
//!
//! <https://developers.google.com/business-communications/rcs-business-messaging/guides/build/events/receive-events>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use domain::event::{Ignored, InboundEvent, InboundMessage, Location, Media, StatusEvent};
use domain::ports::Refusal;
use serde_json::Value;

use crate::json::{self, Field};
use crate::{keyword, text};

/// What a verified request holds.
pub(super) enum Envelope {
    /// The handshake of a new webhook: the word to give back, and the token that proves who asks.
    SetUp { client_token: String, secret: String },
    /// An event, as its bytes were signed.
    Event(Vec<u8>),
}

/// Could this be Google's rather than a form?
pub(super) fn is_one(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    first == Some(&b'{') && matches!(open(body), Ok(Some(_)))
}

/// Takes the event out of its envelope; `None` when it is another kind of body.
pub(super) fn open(body: &[u8]) -> Result<Option<Envelope>, Refusal> {
    json::bounded(body, json::LARGEST)?;
    let body = json::strict(body).map_err(|error| Refusal::Quarantine(error.to_string()))?;
    if let (Some(client_token), Some(secret)) = (body.raw(&["clientToken"]), body.raw(&["secret"])) {
        return Ok(Some(Envelope::SetUp { client_token: client_token.to_owned(), secret: secret.to_owned() }));
    }
    let Some(data) = body.raw(&["message", "data"]) else { return Ok(None) };
    let event = STANDARD.decode(data).map_err(|_| Refusal::Quarantine("message.data is no base64".to_owned()))?;
    Ok(Some(Envelope::Event(event)))
}

/// The events of an envelope; a handshake has none.
pub(super) fn decode(body: &[u8]) -> Result<Vec<InboundEvent>, Refusal> {
    match open(body)? {
        Some(Envelope::Event(event)) => event_in(&event),
        Some(Envelope::SetUp { .. }) => Ok(Vec::new()),
        None => Err(Refusal::Quarantine("no message.data".to_owned())),
    }
}

fn event_in(bytes: &[u8]) -> Result<Vec<InboundEvent>, Refusal> {
    json::bounded(bytes, json::LARGEST)?;
    let event = json::strict(bytes).map_err(|error| Refusal::Quarantine(error.to_string()))?;
    if !event.is_object() {
        return Err(Refusal::Quarantine("the event is no object".to_owned()));
    }
    Ok(vec![decode_event(&event)])
}

fn decode_event(event: &Value) -> InboundEvent {
    let sender = event.id(&["senderPhoneNumber"]).or_else(|| event.id(&["phoneNumber"]));
    let connection = event.id(&["agentId"]);
    let Some(sender) = sender else {
        return ignored("an event without a person", None, connection);
    };
    if let Some(kind) = event.raw(&["eventType"]) {
        return decode_state(event, kind, sender, connection);
    }
    let mut decoded = InboundMessage {
        sender_e164: text::e164(&sender),
        sender,
        provider_message_id: event.id(&["messageId"]).or_else(|| event.id(&["eventId"])),
        timestamp: moment(event),
        connection,
        ..InboundMessage::default()
    };
    decoded.more.insert("channel".to_owned(), "rcs".into());
    if let Some(response) = event.at(&["suggestionResponse"]) {
        decoded.text = response.written(&["text"]);
        decoded.payload = response.raw(&["postbackData"]).map(str::to_owned);
        return InboundEvent::Postback(decoded);
    }
    decoded.text = event.written(&["text"]);
    decoded.location = location(event);
    decoded.media = event.at(&["userFile"]).and_then(file).into_iter().collect();
    decoded.opt_out = decoded.media.is_empty() && decoded.text.as_deref().is_some_and(keyword::is_stop_on_a_messenger);
    if decoded.text.is_none() && decoded.location.is_none() && decoded.media.is_empty() {
        let known = ["senderPhoneNumber", "messageId", "eventId", "sendTime", "agentId", "context"];
        let kind = event.as_object().and_then(|all| all.keys().find(|key| !known.contains(&key.as_str())));
        decoded.unsupported = Some(kind.map_or("unknown", |kind| text::within_bytes(kind, 40)).to_owned());
    }
    InboundEvent::Message(decoded)
}

fn decode_state(event: &Value, kind: &str, sender: String, connection: Option<String>) -> InboundEvent {
    let status = |status: &str, code: Option<&str>, retryable: Option<bool>| {
        InboundEvent::Status(StatusEvent {
            provider_message_id: event.id(&["messageId"]),
            status: status.to_owned(),
            error_code: code.map(str::to_owned),
            retryable,
            delivered_as: code.is_none().then(|| "rcs".to_owned()),
            sender: Some(sender.clone()),
            connection: connection.clone(),
            timestamp: moment(event),
            ..StatusEvent::default()
        })
    };
    let consent = || {
        let mut decoded = InboundMessage {
            sender_e164: text::e164(&sender),
            sender: sender.clone(),
            dedupe: event.id(&["eventId"]),
            timestamp: moment(event),
            connection: connection.clone(),
            ..InboundMessage::default()
        };
        decoded.more.insert("channel".to_owned(), "rcs".into());
        decoded
    };
    match kind {
        "DELIVERED" => status("delivered", None, None),
        "READ" => status("read", None, None),
        // Taken back before it arrived: it may leave by another way, and never arrives twice.
        "TTL_EXPIRATION_REVOKED" => status("failed", Some(kind), Some(true)),
        // Neither delivered nor taken back in time: it may still arrive, so nothing else is sent.
        "TTL_EXPIRATION_REVOKE_FAILED" => status("delayed", Some(kind), Some(false)),
        "UNSUBSCRIBE" => InboundEvent::OptOut(InboundMessage { opt_out: true, ..consent() }),
        "SUBSCRIBE" => InboundEvent::OptIn(consent()),
        "IS_TYPING" => ignored("the person is typing", Some(sender), connection),
        other => ignored(&format!("event {other:?}"), Some(sender), connection),
    }
}

fn moment(event: &Value) -> Option<Timestamp> {
    event.raw(&["sendTime"]).and_then(Timestamp::parse_rfc3339)
}

fn location(event: &Value) -> Option<Location> {
    // Google leaves out a number that is zero: <https://protobuf.dev/programming-guides/json/>
    let place = event.at(&["location"])?;
    place.at(&["latitude"]).or_else(|| place.at(&["longitude"]))?;
    let degrees = |key| place.at(&[key]).map_or(Some(0.0), Value::as_f64).filter(|degrees| degrees.is_finite());
    Some(Location { lat: degrees("latitude")?, lon: degrees("longitude")? })
}

fn file(file: &Value) -> Option<Media> {
    let payload = file.at(&["payload"])?;
    let mime = payload.raw(&["mimeType"]).and_then(text::mime);
    Some(Media {
        kind: text::kind_of_mime(mime.as_deref()).to_owned(),
        mime,
        filename: payload.written(&["fileName"]),
        url: payload.raw(&["fileUri"]).map(str::to_owned),
        ..Media::default()
    })
}

fn ignored(reason: &str, sender: Option<String>, connection: Option<String>) -> InboundEvent {
    InboundEvent::Ignored(Ignored { reason: text::within_bytes(reason, 120).to_owned(), sender, connection })
}
