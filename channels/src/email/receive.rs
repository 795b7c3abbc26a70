//! What a mail means. One mail is one event, except for reports, which tell of each recipient.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::Timestamp;
use domain::event::{Content, Ignored, InboundEvent, InboundMessage, Media};
use domain::ports::{HookRequest, Refusal};
use mail_parser::{Addr, Address, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::authentication::{self, Traces, Trusted};
use super::automatic::{self, Written};
use super::{charset, html, quotes, words};
use crate::{keyword, signing, text};

/// The largest mail that is read.
pub(crate) const LARGEST: usize = 35 * 1024 * 1024;
/// Nested deeper, or with more parts than this, a mail is put aside.
const DEEPEST: usize = 50;
const MOST_PARTS: usize = 1_000;
/// A person does not read more than this, and neither do we.
const LONGEST_TEXT: usize = 200_000;
const LONGEST_QUOTE: usize = 20_000;
const MOST_ATTACHMENTS: usize = 100;
const MOST_REFERENCES: usize = 50;

/// The mailbox that a mail came to, when it is known.
pub(super) struct Ours<'a> {
    pub address: &'a str,
    pub trusted: &'a Trusted,
}

/// The events of one mail, for `rapport decode`.
pub(crate) fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    events(request.body, None)
}

/// The events of one mail.
pub(super) fn events(raw: &[u8], ours: Option<&Ours<'_>>) -> Result<Vec<InboundEvent>, Refusal> {
    if raw.len() > LARGEST {
        return Err(Refusal::TooLarge);
    }
    bounded(raw)?;
    let raw = without_utf7(raw);
    // The parser is not ours and reads what anybody may send: a fault in it costs this mail, not the mailbox.
    let parsed = catch_unwind(AssertUnwindSafe(|| MessageParser::default().parse(&raw)));
    let Ok(Some(message)) = parsed else {
        return Err(Refusal::Quarantine("it is no mail".to_owned()));
    };
    if message.parts.len() > MOST_PARTS {
        return Err(Refusal::Quarantine("it has too many parts".to_owned()));
    }
    if message.parts.is_empty() {
        return Err(Refusal::Quarantine("it is no mail".to_owned()));
    }
    Ok(decode_message(&message, ours))
}

/// Counts what opens a level before anything is parsed.
fn bounded(raw: &[u8]) -> Result<(), Refusal> {
    let (mut nested, mut parts) = (0_usize, 0_usize);
    for line in raw.split(|byte| *byte == b'\n') {
        let start = &line[..line.len().min(14)];
        if start.starts_with(b"--") {
            parts += 1;
        }
        if start.first().is_some_and(|byte| matches!(byte, b'C' | b'c' | b' ' | b'\t' | b'M' | b'm')) {
            let head = line[..line.len().min(200)].to_ascii_lowercase();
            let holds = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
            let names_a_type = head.starts_with(b"content-type") || head.starts_with(b" ") || head.starts_with(b"\t");
            if names_a_type && (holds(b"multipart/") || holds(b"message/")) {
                nested += 1;
            }
        }
    }
    if nested > DEEPEST * 2 || parts > MOST_PARTS * 20 {
        return Err(Refusal::Quarantine("it is nested too deep or has too many parts".to_owned()));
    }
    Ok(())
}

/// UTF-7 hides markup from whoever looks at the bytes, and nobody writes it: its name is taken away, so that the
/// letters stay what they are.
fn without_utf7(raw: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let is_name = |window: &[u8]| window.eq_ignore_ascii_case(b"utf-7") || window.eq_ignore_ascii_case(b"csutf");
    if !raw.windows(5).any(is_name) {
        return raw.into();
    }
    let mut changed = raw.to_vec();
    for at in 0..changed.len() - 4 {
        let before = &changed[at.saturating_sub(24)..at].to_ascii_lowercase();
        let names_a_charset = before.windows(8).any(|window| window == b"charset=") || before.ends_with(b"=?");
        if is_name(&changed[at..at + 5]) && names_a_charset {
            changed[at..at + 5].copy_from_slice(b"utf-8");
        }
    }
    changed.into()
}

fn decode_message(message: &Message<'_>, ours: Option<&Ours<'_>>) -> Vec<InboundEvent> {
    let to = recipients(message);
    let connection = ours.map(|ours| ours.address.to_owned()).or_else(|| to.first().cloned());
    let at = moment(message);
    if let Some(events) = automatic::reports(message, connection.as_deref(), at) {
        return events;
    }
    let from = sender(message);
    let Some(address) = from.address.clone() else {
        return vec![ignored("nobody is named as sender", None, connection)];
    };
    let same = |one: &str| one.eq_ignore_ascii_case(&address);
    if ours.is_some_and(|ours| same(ours.address)) || to.iter().any(|one| same(one)) {
        return vec![ignored("mail from our own address", Some(address), connection)];
    }
    let written = automatic::written(message, &address);
    if written == Written::ToEverybody {
        return vec![ignored("a newsletter or a mailing list", Some(address), connection)];
    }
    let mut decoded = InboundMessage {
        sender_name: from.name,
        provider_message_id: message.message_id().and_then(text::id).map(|id| format!("<{id}>")),
        timestamp: at,
        connection,
        ..InboundMessage::default()
    };
    let references = ids(message.references());
    decoded.reply_to = ids(message.in_reply_to()).into_iter().next().or_else(|| references.last().cloned());
    add_text(&mut decoded, message);
    // Bytes are taken along only where a mailbox has received them.
    let with_content = |part: &MessagePart<'_>| Media { content: Some(Content(part.contents().into())), ..media(part) };
    let parts = attached_parts(message);
    let inline: Vec<usize> = parts.iter().enumerate().filter(|(_, part)| stands_in_the_text(part)).map(|(place, _)| place).collect();
    if !inline.is_empty() {
        decoded.more.insert("inline".to_owned(), inline.into());
    }
    decoded.media = parts.into_iter().map(|part| if ours.is_some() { with_content(part) } else { media(part) }).collect();
    add_subject(&mut decoded, message.subject());
    if written == Written::Automatically {
        decoded.more.insert("auto".to_owned(), true.into());
    }
    if !references.is_empty() {
        let from = references.len().saturating_sub(MOST_REFERENCES);
        decoded.more.insert("references".to_owned(), references[from..].into());
    }
    if let Some(ours) = ours {
        let domain = address.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let verdict = if from.is_single { authentication::verdict(&traces(message), &domain, ours.trusted) } else { "fail" };
        decoded.more.insert("dmarc".to_owned(), verdict.into());
        decoded.more.insert("to".to_owned(), to.into());
    }
    decoded.dedupe = Some(dedupe(message, &address));
    decoded.sender = address;
    decoded.opt_out = decoded.text.as_deref().is_some_and(keyword::is_stop_on_a_messenger);
    vec![InboundEvent::Message(decoded)]
}

struct From {
    address: Option<String>,
    name: Option<String>,
    /// One header with one address: anything else is read in two ways by two programs.
    is_single: bool,
}

/// The first address of the first `From`. The name is shown and never looked up; one that is an address is left out.
fn sender(message: &Message<'_>) -> From {
    let mut headers = message.root_part().headers.iter().filter(|header| header.name == HeaderName::From);
    let first = headers.next().and_then(|header| header.value.as_address());
    let is_list = first.is_some_and(|from| matches!(from, Address::List(all) if all.len() == 1));
    let is_single = is_list && headers.next().is_none();
    let one = first.and_then(|from| from.iter().find(|one| usable(one).is_some()));
    let address = one.and_then(usable);
    let name = one.and_then(|one| one.name.as_deref()).and_then(text::written);
    From {
        address,
        name: name.map(|name| name.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.contains('@') && !name.is_empty()),
        is_single,
    }
}

/// An address that an answer can be sent to.
fn usable(one: &Addr<'_>) -> Option<String> {
    let address = one.address.as_deref()?.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let is_clean =
        address.len() <= 320 && !address.chars().any(|letter| letter.is_whitespace() || letter.is_control() || "<>,;\"".contains(letter));
    (is_clean && !local.is_empty() && !domain.is_empty()).then(|| address.to_owned())
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    let all = message.to().into_iter().flat_map(|to| to.iter()).filter_map(usable).take(50);
    let mut all: Vec<String> = all.collect();
    // A blind copy names its mailbox only here, and among several this says which of them it is.
    let delivered = ["Delivered-To", "X-Original-To", "Envelope-To"];
    let header = delivered.iter().find_map(|name| message.header_raw(*name)).map(|value| value.trim().trim_matches(['<', '>']).to_owned());
    if let Some(header) = header.filter(|value| value.contains('@')) {
        match all.iter().position(|one| one.eq_ignore_ascii_case(&header)) {
            Some(place) => all.swap(0, place),
            None if all.is_empty() => all.push(header),
            None => {}
        }
    }
    all
}

fn moment(message: &Message<'_>) -> Option<Timestamp> {
    let mut date = message.date()?.clone();
    // Years of two digits: <https://www.rfc-editor.org/rfc/rfc5322#section-4.3>
    if date.year < 100 {
        date.year += if date.year < 50 { 2_000 } else { 1_900 };
    }
    Some(date)
        .filter(mail_parser::DateTime::is_valid)
        .map(|date| date.to_timestamp())
        .filter(|seconds| (0..253_402_300_800).contains(seconds))
        .map(Timestamp::from_secs)
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let all: Vec<&str> = match value {
        HeaderValue::Text(one) => vec![one],
        HeaderValue::TextList(all) => all.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    };
    let clean = |id: &&str| !id.is_empty() && id.len() <= 998 && !id.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    all.into_iter().map(str::trim).filter(clean).map(|id| format!("<{}>", id.trim_matches(['<', '>']))).collect()
}

/// Chooses the text, takes it apart and reads what the signature claims.
fn add_text(decoded: &mut InboundMessage, message: &Message<'_>) {
    let plain = body(message, &message.text_body);
    let plain = if plain.trim().is_empty() { body(message, &message.html_body) } else { plain };
    let whole = text::within_bytes(&plain, LONGEST_TEXT);
    let parts = quotes::split_of(whole, decoded.sender_name.as_deref());
    let subject = message.subject().unwrap_or_default();
    let encloses = message.parts.iter().skip(1).any(|part| matches!(part.body, PartType::Message(_)));
    let forwarded = parts.forwarded || (words::is_forward(subject) && (!parts.quoted.is_empty() || encloses));
    decoded.forwarded = forwarded;
    decoded.text = text::written(&parts.own);
    if decoded.text.is_none() && forwarded {
        decoded.text = text::written(&quotes::forwarded_body(&parts.quoted));
    }
    if let Some(quoted) = text::written(text::within_bytes(&parts.quoted, LONGEST_QUOTE)) {
        decoded.more.insert("quoted".to_owned(), quoted.into());
    }
    let phones = super::signature::phones(&parts.signature);
    if !phones.is_empty() {
        decoded.more.insert("signature_phones".to_owned(), phones.into());
    }
    if let Some(signature) = text::written(text::within_bytes(&parts.signature, 2_000)) {
        decoded.more.insert("signature".to_owned(), signature.into());
    }
}

fn add_subject(decoded: &mut InboundMessage, subject: Option<&str>) {
    let Some(subject) = subject.and_then(text::written).map(|subject| subject.replace(['\n', '\t'], " ")) else { return };
    let subject = text::shortened(&subject, 500);
    // Some people write the whole question into the subject.
    if decoded.text.is_none() && decoded.media.is_empty() && decoded.more.get("quoted").is_none() && decoded.unsupported.is_none() {
        decoded.text = Some(subject.clone());
    }
    decoded.more.insert("subject".to_owned(), subject.into());
}

/// The text of the chosen parts, one below the other.
fn body(message: &Message<'_>, parts: &[u32]) -> String {
    let mut out = String::new();
    for part in parts.iter().filter_map(|id| message.parts.get(*id as usize)) {
        if is_attached(part) || part.is_content_type("text", "calendar") {
            continue;
        }
        let text = match &part.body {
            PartType::Text(text) => flowed(part, &charset::readable(message, part, text)),
            PartType::Html(source) => html::lines(text::within_bytes(&charset::readable(message, part, source), LONGEST_TEXT * 10)),
            _ => continue,
        };
        if text.trim().is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&text);
    }
    out
}

fn is_attached(part: &MessagePart<'_>) -> bool {
    part.content_disposition().is_some_and(|how| how.is_attachment() || part.attachment_name().is_some())
}

/// Soft line breaks taken out: <https://www.rfc-editor.org/rfc/rfc3676>
fn flowed(part: &MessagePart<'_>, text: &str) -> String {
    let attribute = |name| part.content_type().and_then(|kind| kind.attribute(name)).map(str::to_lowercase);
    if attribute("format").as_deref() != Some("flowed") {
        return text.to_owned();
    }
    let drops_blank = attribute("delsp").as_deref() == Some("yes");
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let content = line[depth..].strip_prefix(' ').unwrap_or(&line[depth..]);
        if open != Some(depth) {
            if open.is_some() {
                out.push('\n');
            }
            out.push_str(&line[..depth]);
            if depth > 0 {
                out.push(' ');
            }
        }
        let is_soft = content.ends_with(' ') && content != "-- ";
        if is_soft && drops_blank {
            out.push_str(&content[..content.len() - 1]);
        } else {
            out.push_str(content);
        }
        open = is_soft.then_some(depth);
        if !is_soft {
            out.push('\n');
        }
    }
    out
}

fn attached_parts<'a>(message: &'a Message<'a>) -> Vec<&'a MessagePart<'a>> {
    let parts = message.parts.iter().enumerate().skip(1).filter(|(place, part)| {
        let place = *place as u32;
        let is_body = (message.text_body.contains(&place) || message.html_body.contains(&place)) && !is_attached(part);
        let is_multipart = matches!(part.body, PartType::Multipart(_));
        // An alternative of a text that was read, such as a watch's HTML, is no attachment.
        let is_other_text =
            matches!(part.body, PartType::Html(_)) && part.attachment_name().is_none() && part.content_disposition().is_none();
        !is_multipart && !is_other_text && (!is_body || !matches!(part.body, PartType::Text(_) | PartType::Html(_))) && !is_seal(part)
    });
    let mut all: Vec<&MessagePart<'_>> = parts.map(|(_, part)| part).take(MOST_ATTACHMENTS).collect();
    // A mail that is nothing but one file, or nothing but an answer to an invitation.
    let root = message.root_part();
    let is_file = matches!(root.body, PartType::Binary(_) | PartType::InlineBinary(_)) || is_attached(root);
    if message.parts.len() == 1 && (is_file || root.is_content_type("text", "calendar")) {
        all.push(root);
    }
    all
}

/// A picture of the text's own, such as a logo in a signature: named by the page, and nobody's attachment.
fn stands_in_the_text(part: &MessagePart<'_>) -> bool {
    let is_attachment = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
    part.content_type().is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("image")) && part.content_id().is_some() && !is_attachment
}

/// Signatures over the mail and programs' own enclosures are for programs.
fn is_seal(part: &MessagePart<'_>) -> bool {
    [
        ("application", "pgp-signature"),
        ("application", "pkcs7-signature"),
        ("application", "x-pkcs7-signature"),
        ("application", "pgp-keys"),
        ("application", "pgp-encrypted"),
    ]
    .iter()
    .any(|(kind, sub)| part.is_content_type(kind, sub))
}

fn media(part: &MessagePart<'_>) -> Media {
    let mime = match part.content_type() {
        Some(kind) => text::mime(&format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream"))),
        None => Some("text/plain".to_owned()),
    };
    let filename = part.attachment_name().and_then(file_name).or_else(|| match &part.body {
        PartType::Message(enclosed) => enclosed.subject().and_then(file_name).map(|name| format!("{name}.eml")),
        _ => None,
    });
    Media {
        kind: text::kind_of_file(mime.as_deref(), filename.as_deref()).to_owned(),
        voice: false,
        provider_id: part.content_id().map(|id| format!("<{}>", id.trim_matches(['<', '>']))),
        mime,
        filename,
        url: None,
        content: None,
    }
}

/// A name to show: without a path, controls and what cannot be seen.
fn file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let seen = |letter: &char| {
        !letter.is_control() && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = last.chars().filter(seen).collect();
    let clean = clean.trim().trim_start_matches('.');
    let short = text::within_bytes(clean, 200).trim();
    (!short.is_empty()).then(|| short.to_owned())
}

fn traces<'a>(message: &'a Message<'a>) -> Traces<'a> {
    let mut traces = Traces::default();
    let mut is_below_a_trace = false;
    for header in &message.root_part().headers {
        let Some(bytes) = message.raw_message.get(header.offset_start as usize..header.offset_end as usize) else { continue };
        let Ok(value) = std::str::from_utf8(bytes) else { continue };
        let name = header.name.as_str();
        if name.eq_ignore_ascii_case("Received") {
            is_below_a_trace = true;
        } else if name.eq_ignore_ascii_case("Authentication-Results") {
            traces.results.push((value, is_below_a_trace));
        } else if name.eq_ignore_ascii_case("DKIM-Signature") {
            traces.signatures.push(value);
        }
    }
    traces
}

/// Two mails may carry one id, and one mail may come twice on two ways: what was written decides.
fn dedupe(message: &Message<'_>, sender: &str) -> String {
    let body = message.raw_message.get(message.root_part().offset_body as usize..).unwrap_or_default();
    let date = message.header_raw("Date").unwrap_or_default().trim().to_owned();
    let id = message.message_id().unwrap_or_default();
    let subject = message.subject().unwrap_or_default();
    let parts: [&[u8]; 5] = [id.as_bytes(), sender.as_bytes(), date.as_bytes(), subject.as_bytes(), body];
    let mut whole = Vec::with_capacity(body.len() + 512);
    for part in parts {
        whole.extend_from_slice(part);
        whole.push(0);
    }
    let digest = signing::sha256(&whole);
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    if id.is_empty() { format!("mail:{hex}") } else { format!("<{id}>:{hex}") }
}

fn ignored(why: &str, sender: Option<String>, connection: Option<String>) -> InboundEvent {
    InboundEvent::Ignored(Ignored { reason: why.to_owned(), sender, connection })
}
