//! Delivery states and what Meta's error codes mean for trying again.
//!
//! <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>

use std::time::Duration;

use domain::event::{InboundEvent, StatusEvent};
use serde_json::Value;

use super::receive::ignored;
use crate::UNREADABLE_ITEM;
use crate::json::Field;

/// What one of Meta's codes asks of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Slow down, and how long when the code alone tells.
    SlowDown(Option<Duration>),
    /// Meta was not there: the message was not taken.
    NotTaken,
    /// Something went wrong inside Meta and nothing says how far it got.
    Unclear,
    /// Final.
    Final,
}

/// The class of a code.
pub(super) fn class(code: i64) -> Class {
    match code {
        // One person may get about one message in six seconds.
        131_056 => Class::SlowDown(Some(Duration::from_secs(6))),
        // Too many of our messages were blocked or reported, or this person has had enough marketing for today.
        131_048 | 131_049 => Class::SlowDown(Some(Duration::from_hours(1))),
        4 | 17 | 613 | 80_007 | 130_429 | 133_016 => Class::SlowDown(None),
        2 | 131_016 | 131_057 | 133_004 => Class::NotTaken,
        1 | 131_000 => Class::Unclear,
        _ => Class::Final,
    }
}

/// What a teammate reads for a code.
pub(super) fn words(code: i64) -> Option<&'static str> {
    Some(match code {
        0 | 190 => "the access token is no longer valid: make a new one in the Meta app and update the connection",
        3 | 10 | 200..=299 => "the app lacks a permission on this WhatsApp account",
        368 | 131_031 => "Meta has blocked this WhatsApp account: look into the Business Manager",
        100 | 131_008 | 131_009 => "Meta did not understand the message",
        130_472 => "Meta holds messages to this person back for an experiment",
        131_021 => "the number cannot write to itself",
        131_026 => "this person cannot be reached on WhatsApp",
        131_030 => "this number is not on the test number's list of recipients",
        131_042 => "Meta has no valid payment method for this account",
        131_045 => "the number is not registered",
        131_047 => "window closed: the last message of the person is more than 24 hours old, only a template may be sent",
        131_050 => "this person has stopped marketing messages",
        131_051..=131_053 => "Meta does not take this kind of message",
        132_000..=132_999 => "the template does not fit or is not approved",
        133_010 => "the number is not registered with the Cloud API",
        _ => return None,
    })
}

/// One status of a batch.
pub(super) fn decode(report: &Value, connection: Option<&str>) -> InboundEvent {
    let Some(id) = report.id(&["id"]) else {
        return ignored(&format!("{UNREADABLE_ITEM}: a status without id"), connection);
    };
    let status = match report.raw(&["status"]).unwrap_or_default() {
        "sent" => "sent",
        "delivered" => "delivered",
        // A voice note that was played was read.
        "read" | "played" => "read",
        "failed" | "undelivered" => "failed",
        other => return ignored(&format!("status {other:?} is not known"), connection),
    };
    let code = report.items(&["errors"]).first().and_then(|error| error.integer(&["code"]));
    let code = code.filter(|_| status == "failed");
    InboundEvent::Status(StatusEvent {
        provider_message_id: Some(id),
        opaque: report.id(&["biz_opaque_callback_data"]),
        status: status.to_owned(),
        error_code: code.map(|code| code.to_string()),
        retryable: code.map(|code| class(code) != Class::Final),
        sender: report.id(&["recipient_id"]).or_else(|| report.id(&["recipient_user_id"])),
        connection: connection.map(str::to_owned),
        timestamp: report.moment(&["timestamp"]),
        ..StatusEvent::default()
    })
}
