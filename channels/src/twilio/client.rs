//! What we send to Twilio, and which of the outcomes its answer is.
//!
//! <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>

use domain::message::{Delivery, Enclosure};
use domain::ports::{SendError, Sent};
use url::Url;

use crate::call::{self, Answer};
use crate::json::Field;

/// What stands before an address that is meant over RCS.
pub(crate) const RCS: &str = "rcs:";

/// What a message is sent from.
pub(crate) enum Sender {
    /// A number, short code or name.
    Number(String),
    /// An RCS agent, written with its prefix.
    Agent(String),
    /// A messaging service, which picks one.
    Service(String),
}

impl Sender {
    pub(crate) fn of(from: &str) -> Self {
        match from {
            service if service.starts_with("MG") && service.len() == 34 => Self::Service(service.to_owned()),
            agent if agent.starts_with(RCS) => Self::Agent(agent.to_owned()),
            number => Self::Number(number.to_owned()),
        }
    }
}

/// The form of one message.
pub(crate) fn message(delivery: &Delivery, sender: &Sender, callback: Option<&Url>) -> Vec<(&'static str, String)> {
    // A service chooses the way itself; an agent reaches people over RCS only.
    let to = match sender {
        Sender::Agent(_) => format!("{RCS}{}", delivery.address),
        Sender::Number(_) | Sender::Service(_) => delivery.address.clone(),
    };
    let mut form = vec![("To", to), ("Body", delivery.rendered.text.clone())];
    form.push(match sender {
        Sender::Number(from) | Sender::Agent(from) => ("From", from.clone()),
        Sender::Service(service) => ("MessagingServiceSid", service.clone()),
    });
    if let Some(callback) = callback {
        // Twilio has no field for an id of ours, and its report may come before its answer to this very call.
        let mut callback = callback.clone();
        callback.query_pairs_mut().append_pair("delivery", &delivery.id.to_string());
        form.push(("StatusCallback", callback.into()));
    }
    form
}

/// The files of a message, which Twilio fetches.
pub(crate) fn media(delivery: &Delivery) -> Vec<(&'static str, String)> {
    delivery.files.iter().filter_map(|file| Some(("MediaUrl", file.link.clone()?))).collect()
}

/// A text with the links of files below it, for whoever cannot get them as files.
pub(crate) fn with_links(text: &str, files: &[Enclosure]) -> String {
    let lines = files.iter().filter_map(|file| Some(format!("{}: {}", file.name, file.link.as_deref()?)));
    std::iter::once(text.to_owned()).filter(|text| !text.is_empty()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// A link that opens a message to this number. `?body` is Android's form and `&body` that of older iPhones; together
/// they work on both.
pub(crate) fn deep_link(number: &str, body: &str) -> String {
    let body = url::form_urlencoded::byte_serialize(body.as_bytes()).collect::<String>().replace('+', "%20");
    format!("sms:{number}?&body={body}")
}

/// May a message with this error be tried again? <https://www.twilio.com/docs/api/errors>
pub(super) fn is_retryable(code: i64) -> bool {
    // Queue full, handset unreachable, unknown, a segment lost, carrier congested, rates (also those of RCS), time ran out.
    matches!(code, 14_107 | 20_429 | 20_503 | 30_001 | 30_003 | 30_008 | 30_009 | 30_017 | 30_022 | 30_027 | 30_410 | 63_017 | 63_018)
}

/// What a teammate reads for a code.
fn words(code: i64) -> Option<&'static str> {
    Some(match code {
        20_003 | 20_005 | 20_404 => "Twilio does not accept the account or its token: update the connection",
        21_211 | 21_217 | 21_401 => "this is not a number that can get an SMS",
        21_212 | 21_603 | 21_606 | 21_659 => "the connection's own number cannot send SMS",
        21_408 => "sending to this country is switched off at Twilio",
        21_610 => "this person has opted out with STOP",
        21_614 => "this is not a mobile number",
        21_617 => "the text is longer than an SMS may be",
        30_002 => "the Twilio account is suspended",
        30_004 => "the carrier or the person blocks our messages",
        30_005 => "the number does not exist",
        30_006 => "this is a landline or the carrier cannot be reached",
        30_007 => "the carrier filtered the message",
        _ => return None,
    })
}

/// Which of the outcomes an answer is.
pub(crate) fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    let failed_at_once = answer.body.raw(&["status"]) == Some("failed");
    if answer.is_success() && !failed_at_once {
        return match answer.body.id(&["sid"]) {
            Some(id) => Ok(Sent { provider_message_id: Some(id) }),
            None => Err(SendError::Unknown("Twilio's answer holds no SID".to_owned())),
        };
    }
    let code = answer.body.integer(&["code"]).or_else(|| answer.body.integer(&["error_code"]));
    let Some(code) = code else {
        return Err(without_code(answer));
    };
    let said = answer.body.written(&["message"]).unwrap_or_else(|| "Twilio refused the message".to_owned());
    let why = words(code).map_or(said, str::to_owned);
    Err(match code {
        21_610 => call::refused_for_good("21610", why),
        14_107 | 20_429 | 30_022 | 63_017 | 63_018 => SendError::RateLimited(answer.retry_after),
        // Twilio turns the request away before it looks at it.
        20_503 => SendError::NotSent("Twilio is not available".to_owned()),
        _ if answer.status == 429 => SendError::RateLimited(answer.retry_after),
        _ if answer.status >= 500 => SendError::Unknown(format!("Twilio had an error of its own (code {code})")),
        _ => call::refused(code.to_string(), why),
    })
}

fn without_code(answer: &Answer) -> SendError {
    match answer.status {
        429 => SendError::RateLimited(answer.retry_after),
        200..=299 => call::refused("failed", "Twilio took the message and gave it up at once"),
        400..=407 | 409..=499 => call::refused(answer.status.to_string(), "Twilio refused the message without a reason"),
        status => SendError::Unknown(format!("Twilio answered {status}")),
    }
}
