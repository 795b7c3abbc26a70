//! What Twilio posts about calls.
//!
//! <https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application>

use std::collections::BTreeMap;

use domain::call::{Attestation, CallDirection, CallIn};
use domain::event::{Ignored, InboundEvent, InboundMessage, StatusEvent, VendorError};
use domain::ports::{HookRequest, Refusal};
use serde_json::Value;

use super::frames::{self, only_key};
use crate::twilio::receive::form;
use crate::{json, text};

/// What the network shows when a caller withholds the number: "anonymous" on a keypad, and its kin.
const WITHHELD: [&str; 7] = ["+266696687", "+7378742833", "+2562533", "+8656696", "anonymous", "restricted", "unavailable"];

/// A call that rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ringing {
    /// The vendor's id of it.
    pub call: String,
    /// The other side as the vendor wrote it.
    pub from: String,
    /// E.164, unless it is withheld or unusable.
    pub number: Option<String>,
    /// Our side.
    pub to: String,
    /// How far the number is vouched for.
    pub attestation: Attestation,
    /// Who rang.
    pub direction: CallDirection,
}

/// A stretch of a call over the relay has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// The vendor's id of the call.
    pub call: String,
    /// The line broke; the caller is still there.
    pub has_failed: bool,
    /// The caller is gone.
    pub is_over: bool,
    /// What we had given along.
    pub note: Option<String>,
    /// The vendor's code of a failure.
    pub code: Option<String>,
}

/// How ringing a person of the business went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// The vendor's id of the caller's call.
    pub call: String,
    /// They spoke with each other.
    pub was_answered: bool,
    /// The caller is gone.
    pub is_over: bool,
}

/// The state of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The vendor's id.
    pub call: String,
    /// `initiated ringing in-progress completed busy no-answer failed canceled`.
    pub status: String,
    /// Nothing comes after it.
    pub is_final: bool,
    /// Seconds spoken.
    pub seconds: Option<u64>,
}

/// Who or what answered a call of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The vendor's id.
    pub call: String,
    /// A machine.
    pub by_machine: bool,
}

type Form = BTreeMap<String, String>;

fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn call_of(form: &Form) -> Result<String, Refusal> {
    let call = field(form, "CallSid").filter(|call| call.len() <= 64 && call.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    call.map(str::to_owned).ok_or_else(|| Refusal::Unreadable("no CallSid".to_owned()))
}

/// The vendor's word for how far a number is vouched for. Only full attestation is more than the caller's own word.
/// <https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir>
fn attestation(form: &Form, number: Option<&str>) -> Attestation {
    match (number, field(form, "StirVerstat")) {
        (None, _) => Attestation::Withheld,
        (Some(_), Some("TN-Validation-Passed-A")) => Attestation::Full,
        (Some(_), Some(verdict)) if verdict.starts_with("TN-Validation-Failed") => Attestation::Failed,
        (Some(_), _) => Attestation::Claimed,
    }
}

fn number(written: &str) -> Option<String> {
    let is_withheld = written.is_empty() || WITHHELD.iter().any(|word| written.eq_ignore_ascii_case(word));
    if is_withheld { None } else { text::e164(written) }
}

fn is_over(form: &Form) -> bool {
    matches!(field(form, "CallStatus"), Some("completed" | "busy" | "no-answer" | "failed" | "canceled"))
}

/// A call begins.
pub(super) fn ringing(request: &HookRequest<'_>) -> Result<Ringing, Refusal> {
    ringing_of(&form(request)?)
}

fn ringing_of(form: &Form) -> Result<Ringing, Refusal> {
    let call = call_of(form)?;
    let is_ours = field(form, "Direction").is_some_and(|direction| direction.starts_with("outbound"));
    // On a call of ours the customer is the one who was rung.
    let (theirs, ours) = if is_ours { ("To", "From") } else { ("From", "To") };
    let from = field(form, theirs).unwrap_or_default().to_owned();
    let number = number(&from);
    let attestation = if is_ours { Attestation::Full } else { attestation(form, number.as_deref()) };
    Ok(Ringing {
        call,
        attestation: if number.is_none() { Attestation::Withheld } else { attestation },
        number,
        from,
        to: field(form, ours).unwrap_or_default().to_owned(),
        direction: if is_ours { CallDirection::Outbound } else { CallDirection::Inbound },
    })
}

/// The relay has let go of the call.
pub(super) fn session_end(request: &HookRequest<'_>) -> Result<SessionEnd, Refusal> {
    let form = form(request)?;
    Ok(SessionEnd {
        call: call_of(&form)?,
        has_failed: field(&form, "SessionStatus") == Some("failed") || field(&form, "ErrorCode").is_some(),
        is_over: is_over(&form),
        note: field(&form, "HandoffData").map(str::to_owned),
        code: field(&form, "ErrorCode").map(|code| text::within_bytes(code, 40).to_owned()),
    })
}

/// A person of the business was rung.
pub(super) fn dialled(request: &HookRequest<'_>) -> Result<Dialled, Refusal> {
    let form = form(request)?;
    let was_answered = matches!(field(&form, "DialCallStatus"), Some("completed" | "answered"));
    Ok(Dialled { call: call_of(&form)?, was_answered, is_over: is_over(&form) })
}

/// The call has got somewhere.
pub(super) fn status(request: &HookRequest<'_>) -> Result<Status, Refusal> {
    let form = form(request)?;
    let status = field(&form, "CallStatus").ok_or_else(|| Refusal::Unreadable("no CallStatus".to_owned()))?;
    Ok(Status {
        call: call_of(&form)?,
        status: text::within_bytes(status, 40).to_owned(),
        is_final: is_over(&form),
        seconds: field(&form, "CallDuration").and_then(|seconds| seconds.parse().ok()),
    })
}

/// A call of ours was answered by somebody or something.
pub(super) fn answered(request: &HookRequest<'_>) -> Result<Answered, Refusal> {
    let form = form(request)?;
    let by_machine = field(&form, "AnsweredBy").is_some_and(|by| by.starts_with("machine") || by == "fax");
    Ok(Answered { call: call_of(&form)?, by_machine })
}

/// What a form or a frame of the relay means.
pub(crate) fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    if request.body.len() > json::LARGEST {
        return Err(Refusal::TooLarge);
    }
    if request.body.first() == Some(&b'{') {
        json::bounded(request.body, json::LARGEST)?;
        let value: Value = json::strict(request.body).map_err(|error| Refusal::Unreadable(error.to_string()))?;
        if value.get("type").is_some() {
            return frame(request.body).map(|event| vec![event]);
        }
        if value.get("event").is_some() {
            return Ok(vec![media(&value)]);
        }
    }
    let form = form(request)?;
    let call = call_of(&form)?;
    if field(&form, "SessionStatus").is_some() || field(&form, "DialCallStatus").is_some() || field(&form, "AnsweredBy").is_some() {
        return Ok(vec![step(&form, call)]);
    }
    let is_report = field(&form, "CallbackSource").is_some() || is_over(&form);
    if is_report {
        return Ok(vec![report(&form, call)]);
    }
    let ringing = ringing_of(&form)?;
    let mut message = InboundMessage {
        sender: if ringing.number.is_some() { ringing.from.clone() } else { "anonymous".to_owned() },
        sender_e164: ringing.number.clone(),
        provider_message_id: Some(call.clone()),
        chat: Some(call),
        connection: Some(ringing.to.clone()).filter(|to| !to.is_empty()),
        ..InboundMessage::default()
    };
    message.more.insert("attestation".to_owned(), ringing.attestation.as_str().into());
    message.more.insert("direction".to_owned(), ringing.direction.as_str().into());
    Ok(vec![InboundEvent::Referral(message)])
}

fn step(form: &Form, call: String) -> InboundEvent {
    if field(form, "SessionStatus") == Some("failed") {
        let code = field(form, "ErrorCode").unwrap_or("session_failed").to_owned();
        return InboundEvent::Error(VendorError {
            code,
            message: field(form, "ErrorMessage").and_then(text::written),
            connection: field(form, "To").map(str::to_owned),
        });
    }
    let what = if field(form, "DialCallStatus").is_some() {
        "a person of the business was rung"
    } else if field(form, "AnsweredBy").is_some() {
        "who or what answered a call of ours"
    } else {
        "the relay has let go of the call"
    };
    InboundEvent::Ignored(Ignored { reason: what.to_owned(), sender: Some(call), connection: None })
}

fn report(form: &Form, call: String) -> InboundEvent {
    let status = match field(form, "CallStatus") {
        Some("completed") => "delivered",
        Some("busy" | "no-answer" | "failed" | "canceled") => "failed",
        Some("initiated" | "queued" | "ringing" | "in-progress") => "sent",
        other => {
            let reason = format!("call status {:?} is not known", text::within_bytes(other.unwrap_or_default(), 40));
            return InboundEvent::Ignored(Ignored { reason, sender: Some(call), connection: None });
        }
    };
    let is_ours = field(form, "Direction").is_some_and(|direction| direction.starts_with("outbound"));
    let (theirs, ours) = if is_ours { ("To", "From") } else { ("From", "To") };
    InboundEvent::Status(StatusEvent {
        provider_message_id: Some(call),
        status: status.to_owned(),
        error_code: (status == "failed").then(|| field(form, "CallStatus").unwrap_or_default().to_owned()),
        retryable: (status == "failed").then(|| matches!(field(form, "CallStatus"), Some("busy" | "no-answer"))),
        sender: field(form, theirs).map(str::to_owned),
        connection: field(form, ours).map(str::to_owned),
        timestamp: field(form, "Timestamp").and_then(rfc2822),
        ..StatusEvent::default()
    })
}

/// "Mon, 05 Jan 2026 00:50:00 +0000".
fn rfc2822(written: &str) -> Option<domain::Timestamp> {
    let seconds = mail_parser::DateTime::parse_rfc822(written)?.to_timestamp();
    Some(domain::Timestamp::from_secs(seconds))
}

fn frame(body: &[u8]) -> Result<InboundEvent, Refusal> {
    let unreadable = || Refusal::Unreadable("no frame of a call".to_owned());
    let frame = frames::read(std::str::from_utf8(body).map_err(|_| unreadable())?).map_err(|_| unreadable())?;
    let ignored = |reason: &str| InboundEvent::Ignored(Ignored { reason: reason.to_owned(), sender: None, connection: None });
    Ok(match frame {
        CallIn::Setup { call, from, to, .. } => {
            let e164 = number(&from);
            InboundEvent::Referral(InboundMessage {
                sender: if e164.is_some() { from } else { "anonymous".to_owned() },
                sender_e164: e164,
                chat: Some(call.clone()),
                provider_message_id: Some(call),
                connection: Some(to).filter(|to| !to.is_empty()),
                ..InboundMessage::default()
            })
        }
        CallIn::Prompt { text, language, is_final: true } if !text.is_empty() => {
            InboundEvent::Message(InboundMessage { text: Some(text), locale: language, ..InboundMessage::default() })
        }
        CallIn::Prompt { .. } => ignored("not said to the end yet"),
        CallIn::Key(key) => InboundEvent::Postback(InboundMessage {
            text: Some(key.to_string()),
            payload: Some(key.to_string()),
            ..InboundMessage::default()
        }),
        CallIn::Interrupt { .. } => ignored("the caller spoke into our words"),
        CallIn::Fault(message) => InboundEvent::Error(VendorError { code: "relay".to_owned(), message: Some(message), connection: None }),
        CallIn::Unknown | CallIn::Silent | CallIn::Unclear | CallIn::Deaf => ignored("a kind of frame that is not known"),
    })
}

/// Frames of a media stream carry sound; only keys say something by themselves.
fn media(frame: &Value) -> InboundEvent {
    match (frame["event"].as_str(), frame["dtmf"]["digit"].as_str()) {
        (Some("dtmf"), Some(digit)) if only_key(digit).is_some() => InboundEvent::Postback(InboundMessage {
            text: Some(digit.to_owned()),
            payload: Some(digit.to_owned()),
            ..InboundMessage::default()
        }),
        _ => InboundEvent::Ignored(Ignored { reason: "a frame of a media stream".to_owned(), sender: None, connection: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_of(fields: &[(&str, &str)]) -> Form {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_a_telephone_has_is_a_key() {
        let check = |digit: &str, is_key: bool| {
            let read = media(&serde_json::json!({"event": "dtmf", "dtmf": {"digit": digit}}));
            assert_eq!(matches!(read, InboundEvent::Postback(_)), is_key, "{digit:?}");
        };
        ["0", "9", "*", "#", "A"].into_iter().for_each(|digit| check(digit, true));
        ["", " ", "12", "\u{1b}", "E", "é"].into_iter().for_each(|digit| check(digit, false));
    }

    #[test]
    fn only_full_attestation_vouches_for_a_number() {
        let check = |from: &str, verdict: &str, expected: Attestation| {
            let form = form_of(&[("CallSid", "CA1"), ("From", from), ("To", "+15017122661"), ("StirVerstat", verdict)]);
            assert_eq!(ringing_of(&form).map(|ringing| ringing.attestation), Ok(expected), "{from} {verdict}");
        };
        check("+15558675310", "TN-Validation-Passed-A", Attestation::Full);
        check("+15558675310", "TN-Validation-Passed-B", Attestation::Claimed);
        check("+15558675310", "TN-Validation-Passed-A-Diverted", Attestation::Claimed);
        check("+15558675310", "TN-Validation-Failed-A", Attestation::Failed);
        check("+15558675310", "No-TN-Validation", Attestation::Claimed);
        check("+15558675310", "", Attestation::Claimed);
        check("+266696687", "TN-Validation-Passed-A", Attestation::Withheld);
        check("anonymous", "", Attestation::Withheld);
        check("", "", Attestation::Withheld);
        check("sip:+15558675310;verstat=TN-Validation-Passed@evil", "", Attestation::Withheld);
    }

    #[test]
    fn on_a_call_of_ours_the_customer_is_the_one_rung() {
        let form = form_of(&[("CallSid", "CA1"), ("From", "+15017122661"), ("To", "+15558675310"), ("Direction", "outbound-api")]);
        let ringing = ringing_of(&form).expect("a call");
        assert_eq!((ringing.number.as_deref(), ringing.to.as_str()), (Some("+15558675310"), "+15017122661"));
        assert_eq!((ringing.direction, ringing.attestation), (CallDirection::Outbound, Attestation::Full));
    }
}
