//! What calls look like in the API.

use domain::call::{Call, CallState, CallTurn};
use domain::customer::Customer;
use domain::message::{Author, Direction, Message};
use serde_json::{Value, json};

use crate::app::App;

/// How the store says what of a message was not heard.
const UNHEARD: &str = "interrupted, not heard: ";

/// A call as lists show it.
pub fn call(app: &App, call: &Call, customer: Option<&Customer>) -> Value {
    let wired = app.wired.load();
    let line = wired.lines.get(&call.connection);
    let carried_by = match line {
        Some(line) if line.sip().is_some() => "sip",
        _ if wired.speech.contains_key(&call.connection) => "sound",
        _ => "relay",
    };
    let until = call.ended_at.unwrap_or_else(|| app.now());
    json!({
        "id": call.id,
        "connection": call.connection,
        "number": line.map(|line| line.number()).filter(|number| !number.is_empty()),
        "carried_by": carried_by,
        "customer": customer.map(|customer| customer.id),
        "name": customer.and_then(|customer| customer.shown_name()),
        "proof": customer.map(|customer| customer.proof()),
        "caller": call.about.number,
        "conversation": call.conversation,
        "direction": call.direction,
        "state": call.state,
        "attestation": call.about.attestation,
        "language": call.about.language,
        "at": call.at,
        "ended_at": call.ended_at,
        "seconds": until.since(call.at).as_secs(),
        "outcome": call.about.outcome,
        "taken_by": call.about.taken_by,
        "through_to": line.and_then(|line| line.transfer_to()),
        "recording": call.about.recording.map(|file| json!({ "attachment": file, "url": format!("/api/v1/attachments/{file}"), "from": call.about.recorded_from, "running": call.ended_at.is_none() })),
        "connected": call.state != CallState::Ended && app.switchboard.is_connected(&call.connection, &call.about.vendor_id),
    })
}

/// Ringing says nothing.
pub fn is_said(message: &Message) -> bool {
    !message.text.is_empty() || message.delivery_reason.is_some()
}

/// Something said on a call.
pub fn said(message: &Message) -> Value {
    let who = match (message.direction, message.author) {
        (Direction::In, _) => "caller",
        (_, Author::Teammate) => "teammate",
        _ => "assistant",
    };
    json!({
        "message": message.id,
        "at": message.at,
        "who": who,
        "name": message.author_name,
        "text": message.text,
        "unheard": message.delivery_reason.as_deref().and_then(|reason| reason.strip_prefix(UNHEARD)),
        "turn": message.turn,
    })
}

/// Where the time of its turns went; of a call under way, of those that are over.
pub fn turns(app: &App, call: &Call) -> Vec<CallTurn> {
    if call.state == CallState::Ended {
        return call.about.turns.clone();
    }
    app.switchboard.turns(&call.connection, &call.about.vendor_id)
}
