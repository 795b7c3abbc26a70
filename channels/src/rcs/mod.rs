//! RCS, through Twilio or straight from Google.
//!
//! Twilio sends the webhook of SMS with `rcs:` before the addresses, and falls back to SMS by itself. Google sends an
//! envelope around the event and takes one message per id of ours; what it has not delivered in time it takes back.

mod envelope;
mod google;
mod token;
mod twilio;

use std::sync::Arc;

use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::InboundEvent;
use domain::ports::{Channel, HookRequest, Refusal};
use domain::settings::ConnectionSettings;

use crate::settings::Setup;
use crate::twilio::receive;
use crate::{Door, OpenError};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Rcs, capabilities: &CAPABILITIES, open, decode };

/// Either vendor fetches a file by its link.
const FILES: Files = Files { support: Support::Native, at_once: 1, caption: 0 };

/// Pictures and films that telephones show, and documents, up to what carriers take.
/// <https://developers.google.com/business-communications/rcs-business-messaging/guides/build/messages/send#media>
fn is_carried(media_type: &str, bytes: usize) -> bool {
    let is_known = matches!(media_type, "image/jpeg" | "image/png" | "image/gif" | "video/mp4" | "application/pdf");
    is_known && bytes <= 10_000_000
}

/// What both ways can carry. Twilio's quick replies are the narrower ones: ten, of twenty characters.
static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 1_600, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Native, most: 10, title: 20, payload: 200, below: usize::MAX },
    markup: Markup::Plain,
    // A file is a message of its own, which the vendor fetches by its link.
    files: FILES,
    receipts: Support::Native,
    ..Capabilities::plain_text()
};

/// Google shows that we read and write as well, and has cards.
static ON_GOOGLE: Capabilities = Capabilities {
    text: Text { longest: 1_600, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Native, most: 10, title: 20, payload: 200, below: usize::MAX },
    markup: Markup::Plain,
    files: FILES,
    typing: Support::Native,
    receipts: Support::Native,
    cards: Support::Native,
    ..Capabilities::plain_text()
};

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    match setup.optional("provider").as_deref() {
        None | Some("twilio") => twilio::open(settings, http),
        Some("google") => google::open(settings, http),
        Some(_) => Err(setup.unusable("provider", "is neither \"twilio\" nor \"google\"")),
    }
}

/// Google's envelope is told from Twilio's form by what it holds.
fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    if envelope::is_one(request.body) { envelope::decode(request.body) } else { receive::decode(request) }
}
