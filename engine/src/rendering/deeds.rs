//! What was done for a customer, in words; the same for the turn that does it and for the teammate who approves it.

use domain::action::{Action, Deed};

use super::phrases::Phrases;
use crate::decision::hours::appointment;

/// It is done, with the number by which it is known.
pub fn done(action: &Action, zone: &str, words: &Phrases) -> String {
    let number = ("number", action.number.as_str());
    match &action.deed {
        Deed::Return { order, .. } => words.with("action.return.done", &[("order", order), number]),
        Deed::Exchange { order, wanted } => words.with("action.exchange.done", &[("order", order), ("wanted", wanted), number]),
        Deed::Booking { .. } => booking("booking.done", action, zone, words),
        Deed::Call { .. } => words.with("tool.done", &[("what", &what(&action.deed)), number]),
    }
}

/// It is left undone.
pub fn declined(action: &Action, zone: &str, words: &Phrases) -> String {
    match &action.deed {
        Deed::Return { order, .. } | Deed::Exchange { order, .. } => words.with("action.declined", &[("order", order)]),
        Deed::Booking { .. } => booking("booking.cancelled", action, zone, words),
        Deed::Call { .. } => words.with("tool.declined", &[("what", &what(&action.deed))]),
    }
}

/// A use of a tool in words: what it does, and with what. Empty for anything else.
pub fn what(deed: &Deed) -> String {
    let Deed::Call { about, arguments, .. } = deed else { return String::new() };
    let told = |(name, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::String(text) => format!("{} {text}", name.replace('_', " ")),
        other => format!("{} {other}", name.replace('_', " ")),
    };
    let with: Vec<String> = arguments.as_object().into_iter().flatten().map(told).collect();
    if with.is_empty() { format!("“{about}”") } else { format!("“{about}” ({})", with.join(", ")) }
}

/// A phrase about a booking: what, when and its number. Empty for anything else.
pub fn booking(key: &str, action: &Action, zone: &str, words: &Phrases) -> String {
    let Deed::Booking { what, starts_at, .. } = &action.deed else { return String::new() };
    words.with(key, &[("what", what), ("when", &appointment(*starts_at, zone, words)), ("number", &action.number)])
}

/// Where its document is: the label, or the entry for a calendar.
pub fn document(action: &Action, public_url: &str, words: &Phrases) -> String {
    let link = format!("{public_url}/documents/{}", action.opener);
    let key = match &action.deed {
        Deed::Return { .. } | Deed::Exchange { .. } => "action.label",
        Deed::Booking { .. } => "booking.file",
        // Nothing on paper comes of it.
        Deed::Call { .. } => return String::new(),
    };
    words.with(key, &[("link", &link)])
}
