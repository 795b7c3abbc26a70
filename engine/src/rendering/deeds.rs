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
    }
}

/// It is left undone.
pub fn declined(action: &Action, zone: &str, words: &Phrases) -> String {
    match &action.deed {
        Deed::Return { order, .. } | Deed::Exchange { order, .. } => words.with("action.declined", &[("order", order)]),
        Deed::Booking { .. } => booking("booking.cancelled", action, zone, words),
    }
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
    };
    words.with(key, &[("link", &link)])
}
