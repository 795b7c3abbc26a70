//! Mail that no person wrote just now: auto-replies, lists, newsletters, delivery reports and read receipts.
//!
//! <https://www.rfc-editor.org/rfc/rfc3834>, <https://www.rfc-editor.org/rfc/rfc3464>, <https://www.rfc-editor.org/rfc/rfc8098>

use domain::Timestamp;
use domain::event::{InboundEvent, StatusEvent};
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use super::words;

/// Who or what a mail comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A person.
    ByAPerson,
    /// A program for a person, or nobody knows: kept, never answered.
    Automatically,
    /// To everybody at once: not a customer's mail.
    ToEverybody,
}

/// A header's value in lower case; empty when it is not there.
fn value(message: &Message<'_>, name: &'static str) -> Option<String> {
    let raw = message.root_part().headers.iter().rev().find(|header| header.name.as_str().eq_ignore_ascii_case(name))?;
    let bytes = message.raw_message.get(raw.offset_start as usize..raw.offset_end as usize)?;
    Some(String::from_utf8_lossy(bytes).trim().to_lowercase())
}

/// Does a person wait for an answer to this?
pub(super) fn written(message: &Message<'_>, sender: &str) -> Written {
    let has = |name| value(message, name).is_some();
    if has("List-Unsubscribe") {
        return Written::ToEverybody;
    }
    let local = sender.split('@').next().unwrap_or_default().to_lowercase();
    let bare: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    let no_reply = ["noreply", "donotreply", "noresponse", "nepasrepondre", "nichtantworten", "noresponder"];
    let automatic = value(message, "Auto-Submitted").is_some_and(|how| !how.starts_with("no"))
        || ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress", "List-Id", "List-Post", "Feedback-ID"]
            .into_iter()
            .any(has)
        || value(message, "Precedence").is_some_and(|word| ["bulk", "list", "junk", "auto_reply", "auto-reply"].contains(&word.as_str()))
        || value(message, "Return-Path").is_some_and(|path| path == "<>")
        || message.content_type().is_some_and(|kind| {
            kind.c_type.eq_ignore_ascii_case("multipart") && kind.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case("report"))
        })
        || matches!(local.as_str(), "mailer-daemon" | "postmaster" | "bounce" | "bounces")
        || no_reply.iter().any(|word| bare.starts_with(word) || bare.ends_with(word))
        || message.subject().is_some_and(|subject| words::is_away(subject));
    if automatic { Written::Automatically } else { Written::ByAPerson }
}

/// What a report says about mails of ours; `None`: it is no report.
pub(super) fn reports(message: &Message<'_>, connection: Option<&str>, at: Option<Timestamp>) -> Option<Vec<InboundEvent>> {
    let of_type = |subtype: &str| message.parts.iter().find(|part| part.is_content_type("message", subtype));
    let original = original_id(message);
    if let Some(part) = of_type("delivery-status").or_else(|| of_type("global-delivery-status")) {
        let blocks = blocks(&contents(part));
        let general = blocks.first().and_then(|block| field(block, "original-message-id").map(str::to_owned));
        let id = original.or(general);
        let told = blocks.iter().filter(|block| field(block, "action").is_some());
        let events: Vec<InboundEvent> = told.map(|block| InboundEvent::Status(delivery(block, id.as_deref(), connection, at))).collect();
        return (!events.is_empty()).then_some(events);
    }
    if let Some(part) = of_type("disposition-notification") {
        let blocks = blocks(&contents(part));
        let block = blocks.first()?;
        let read = field(block, "disposition").is_some_and(|how| how.to_lowercase().contains("displayed"));
        let id = field(block, "original-message-id").map(str::to_owned).or(original);
        let recipient = field(block, "final-recipient").map(address_of);
        let status = if read { "read" } else { "delivered" };
        return Some(vec![InboundEvent::Status(StatusEvent {
            provider_message_id: id,
            status: status.to_owned(),
            sender: recipient,
            connection: connection.map(str::to_owned),
            timestamp: at,
            ..StatusEvent::default()
        })]);
    }
    if let Some(event) = qmail(message, connection, at) {
        return Some(vec![event]);
    }
    // Exim writes no report but names the recipients: https://www.exim.org/exim-html-current/doc/html/spec_html/
    let failed = value(message, "X-Failed-Recipients")?;
    let events = failed.split(',').map(str::trim).filter(|address| address.contains('@')).take(20).map(|address| {
        InboundEvent::Status(StatusEvent {
            provider_message_id: original.clone(),
            status: "failed".to_owned(),
            sender: Some(address.to_owned()),
            retryable: Some(false),
            connection: connection.map(str::to_owned),
            timestamp: at,
            ..StatusEvent::default()
        })
    });
    let events: Vec<InboundEvent> = events.collect();
    (!events.is_empty()).then_some(events)
}

/// qmail writes its reports as plain text: the recipient in brackets, what the other server said, a copy of the mail.
/// <https://cr.yp.to/proto/qsbmf.txt>
fn qmail(message: &Message<'_>, connection: Option<&str>, at: Option<Timestamp>) -> Option<InboundEvent> {
    let text = message.body_text(0)?;
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    if !first.starts_with("Hi. This is the") {
        return None;
    }
    let (told, copy) = text.split_once("--- Below this line is a copy of the message.").unwrap_or((&text, ""));
    let mut lines = told.lines().map(str::trim);
    let recipient = lines.find(|line| line.starts_with('<') && line.ends_with(">:") && line.contains('@'))?;
    let said: Vec<&str> = lines.take(10).collect();
    let code = said.iter().flat_map(|line| line.split_whitespace()).find(|word| is_enhanced_code(word.trim_start_matches('#')));
    let code = code.map(|code| code.trim_start_matches('#').to_owned());
    Some(InboundEvent::Status(StatusEvent {
        provider_message_id: header_in(copy.trim_start()),
        status: "failed".to_owned(),
        retryable: Some(code.as_deref().is_some_and(|code| code.starts_with('4'))),
        error_code: code,
        sender: Some(address_of(recipient.trim_end_matches(':'))),
        connection: connection.map(str::to_owned),
        timestamp: at,
        ..StatusEvent::default()
    }))
}

/// Does a word look like `5.1.1`? <https://www.rfc-editor.org/rfc/rfc3463>
fn is_enhanced_code(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    matches!(parts.as_slice(), ["2" | "4" | "5", rest @ ..] if rest.len() == 2
        && rest.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())))
}

fn delivery(block: &[(String, String)], id: Option<&str>, connection: Option<&str>, at: Option<Timestamp>) -> StatusEvent {
    let action = field(block, "action").unwrap_or_default().to_lowercase();
    let code = field(block, "status").and_then(|text| text.split_whitespace().next()).map(str::to_owned);
    let status = match action.as_str() {
        "failed" => "failed",
        "delayed" => "delayed",
        "delivered" => "delivered",
        _ => "sent",
    };
    let has_failed = matches!(status, "failed" | "delayed");
    StatusEvent {
        provider_message_id: id.map(str::to_owned),
        status: status.to_owned(),
        retryable: has_failed.then(|| status == "delayed" || code.as_deref().is_some_and(|code| code.starts_with('4'))),
        error_code: code.filter(|_| has_failed),
        sender: field(block, "original-recipient").or_else(|| field(block, "final-recipient")).map(address_of),
        connection: connection.map(str::to_owned),
        timestamp: at,
        ..StatusEvent::default()
    }
}

/// The address in `rfc822; ana@example.com`.
fn address_of(text: &str) -> String {
    text.rsplit(';').next().unwrap_or(text).trim().trim_matches(['<', '>']).to_owned()
}

/// The id of the mail that a report is about, from what of it the report encloses.
fn original_id(message: &Message<'_>) -> Option<String> {
    message.parts.iter().skip(1).find_map(|part| match &part.body {
        PartType::Message(enclosed) => enclosed.message_id().map(|id| format!("<{id}>")),
        PartType::Text(text) if part.is_content_type("text", "rfc822-headers") => header_in(text),
        PartType::Binary(bytes) if part.is_content_type("text", "rfc822-headers") => header_in(&String::from_utf8_lossy(bytes)),
        _ => None,
    })
}

fn header_in(text: &str) -> Option<String> {
    let blocks = blocks(text);
    let value = field(blocks.first()?, "message-id")?;
    Some(value.split_whitespace().next().unwrap_or(value).to_owned())
}

fn contents(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.to_string(),
        _ => String::from_utf8_lossy(part.contents()).into_owned(),
    }
}

/// Groups of header lines, unfolded, names in lower case.
fn blocks(text: &str) -> Vec<Vec<(String, String)>> {
    let mut all: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines().take(2_000) {
        let Some(block) = all.last_mut() else { break };
        if line.trim().is_empty() {
            if !block.is_empty() {
                all.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            block.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    all
}

fn field<'a>(block: &'a [(String, String)], name: &str) -> Option<&'a str> {
    block.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}
