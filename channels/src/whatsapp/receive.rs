//! What Meta's webhook means.

use domain::event::{
    ContactCard, IdentifierChange, Ignored, InboundEvent, InboundMessage, Location, Media, Referral, TargetedEvent, VendorError,
};
use domain::ports::{HookRequest, Refusal};
use serde_json::{Value, json};

use super::status;
use crate::json::{self, Field};
use crate::{UNREADABLE_ITEM, hub, keyword, text};

/// The events of a body, in the order in which Meta wrote them.
pub(crate) fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    if request.method == "GET" {
        return Ok(Vec::new());
    }
    json::bounded(request.body, hub::LARGEST)?;
    let body = json::strict(request.body).map_err(|error| Refusal::Quarantine(error.to_string()))?;
    if !body.is_object() {
        return Err(Refusal::Quarantine("the body is no object".to_owned()));
    }
    if body.raw(&["object"]) != Some("whatsapp_business_account") {
        return Ok(vec![ignored("another object than a WhatsApp account", None)]);
    }
    if !body.at(&["entry"]).is_some_and(Value::is_array) {
        return Err(Refusal::Quarantine("entry is missing".to_owned()));
    }
    let mut events = Vec::new();
    for entry in body.items(&["entry"]) {
        for change in entry.items(&["changes"]) {
            decode_change(change, &mut events);
        }
    }
    Ok(events)
}

fn decode_change(change: &Value, events: &mut Vec<InboundEvent>) {
    let empty = Value::Null;
    let value = change.at(&["value"]).unwrap_or(&empty);
    let connection = value.id(&["metadata", "phone_number_id"]);
    match change.raw(&["field"]).unwrap_or("messages") {
        "messages" => decode_messages(value, connection.as_deref(), events),
        // Another application answers this person: what is said is kept and not answered.
        "standby" => {
            let from = events.len();
            decode_messages(value, connection.as_deref(), events);
            events[from..].iter_mut().for_each(stand_by);
        }
        "messaging_handovers" => events.push(decode_handover(value, connection.as_deref())),
        "smb_message_echoes" | "message_echoes" => {
            for echo in value.items(&["message_echoes"]).iter().chain(value.items(&["messages"])) {
                events.push(decode_echo(echo, connection.as_deref()));
            }
        }
        "user_preferences" => {
            for preference in value.items(&["user_preferences"]) {
                events.push(decode_preference(preference, value, connection.as_deref()));
            }
        }
        "message_template_status_update" => events.push(InboundEvent::TemplateStatus(json!({
            "status": value.raw(&["event"]).map(str::to_lowercase),
            "name": value.raw(&["message_template_name"]),
            "language": value.raw(&["message_template_language"]),
            "template_id": value.id(&["message_template_id"]),
            "reason": value.raw(&["reason"]),
        }))),
        other => events.push(ignored(&format!("field {other}"), connection.as_deref())),
    }
}

fn stand_by(event: &mut InboundEvent) {
    if let InboundEvent::Message(message) | InboundEvent::Postback(message) = event {
        message.more.insert("standby".to_owned(), true.into());
    }
}

/// Which application answers this person has changed.
fn decode_handover(value: &Value, connection: Option<&str>) -> InboundEvent {
    let [passed, taken] = ["control_passed", "control_taken"].map(|key| value.at(&[key]));
    InboundEvent::ThreadControl(json!({
        "action": if passed.is_some() { "pass" } else if taken.is_some() { "take" } else { "request" },
        "sender": value.id(&["sender", "phone_number"]).or_else(|| value.id(&["sender", "user_id"])),
        "new_owner": passed.and_then(|passed| passed.id(&["new_owner_app_id"])),
        "metadata": passed.or(taken).and_then(|part| part.written(&["metadata"])),
        "connection": connection,
        "timestamp": value.moment(&["timestamp"]),
    }))
}

fn decode_messages(value: &Value, connection: Option<&str>, events: &mut Vec<InboundEvent>) {
    for message in value.items(&["messages"]) {
        events.push(decode_message(message, value, connection));
    }
    for report in value.items(&["statuses"]) {
        events.push(status::decode(report, connection));
    }
    for error in value.items(&["errors"]) {
        let words = [&["error_data", "details"][..], &["message"], &["title"]];
        events.push(InboundEvent::Error(VendorError {
            code: error.id(&["code"]).unwrap_or_else(|| "unknown".to_owned()),
            message: words.iter().find_map(|path| error.written(path)),
            connection: connection.map(str::to_owned),
        }));
    }
}

/// Who wrote a message: the number, the scoped id, and what the profile says.
fn sender_of(message: &Value, value: &Value) -> Option<InboundMessage> {
    let number = message.id(&["from"]);
    let scoped = message.id(&["from_user_id"]);
    let contact = value.items(&["contacts"]).iter().find(|contact| {
        let same_number = number.is_some() && contact.id(&["wa_id"]) == number;
        let same_scoped = scoped.is_some() && contact.id(&["user_id"]) == scoped;
        same_number || same_scoped
    });
    let contact = contact.or_else(|| only_contact(value)).unwrap_or(&Value::Null);
    let number = number.or_else(|| contact.id(&["wa_id"]));
    let scoped = scoped.or_else(|| contact.id(&["user_id"]));
    // A scoped id that became another one names only itself.
    let number = number.or_else(|| message.id(&["system", "previous_user_id"]).filter(|_| scoped.is_none()));
    let mut sender = InboundMessage {
        sender: number.clone().or_else(|| scoped.clone())?,
        sender_e164: number.as_deref().and_then(e164_of_wa_id),
        sender_name: contact.written(&["profile", "name"]),
        sender_username: contact.written(&["profile", "username"]),
        sender_scoped_id: scoped,
        ..InboundMessage::default()
    };
    let parent = message.id(&["from_parent_user_id"]).or_else(|| contact.id(&["parent_user_id"]));
    if let Some(parent) = parent {
        sender.more.insert("parent_user_id".to_owned(), parent.into());
    }
    Some(sender)
}

/// A number is not always written as the account behind it: with one message and one profile both are one person's.
fn only_contact(value: &Value) -> Option<&Value> {
    match (value.items(&["contacts"]), value.items(&["messages"])) {
        ([contact], [_]) => Some(contact),
        _ => None,
    }
}

/// A `wa_id` is nearly the number: Mexico keeps a 1 after the country code that is no longer dialled, and Brazil's
/// older mobile accounts lack the ninth digit.
fn e164_of_wa_id(wa_id: &str) -> Option<String> {
    let number = text::e164_of_digits(wa_id)?;
    match number.as_bytes() {
        [b'+', b'5', b'2', b'1', ..] if number.len() == 14 => Some(format!("+52{}", &number[4..])),
        [b'+', b'5', b'5', _, _, b'6'..=b'9', ..] if number.len() == 13 => Some(format!("{}9{}", &number[..5], &number[5..])),
        _ => Some(number),
    }
}

fn decode_message(message: &Value, value: &Value, connection: Option<&str>) -> InboundEvent {
    let Some(id) = message.id(&["id"]) else {
        return ignored(&format!("{UNREADABLE_ITEM}: a message without id"), connection);
    };
    let Some(mut decoded) = sender_of(message, value) else {
        return ignored(&format!("{UNREADABLE_ITEM}: a message without sender"), connection);
    };
    decoded.provider_message_id = Some(id);
    decoded.connection = connection.map(str::to_owned);
    decoded.timestamp = message.moment(&["timestamp"]);
    if message.at(&["group_id"]).is_some() {
        return ignored_from("a message in a group", decoded);
    }
    add_context(&mut decoded, message);
    let kind = message.raw(&["type"]).unwrap_or_default();
    match kind {
        "text" => {
            decoded.text = message.written(&["text", "body"]);
            decoded.opt_out = decoded.text.as_deref().is_some_and(keyword::is_stop_on_a_messenger);
            InboundEvent::Message(decoded)
        }
        "image" | "audio" | "video" | "document" | "sticker" | "voice" => {
            let part = message.at(&[kind]).unwrap_or(&Value::Null);
            decoded.text = part.written(&["caption"]);
            decoded.media.push(media(kind, part));
            InboundEvent::Message(decoded)
        }
        "location" => {
            decoded.location = location(message);
            let [name, address] = ["name", "address"].map(|key| message.written(&["location", key]));
            if name.is_some() || address.is_some() {
                decoded.more.insert("place".to_owned(), json!({ "name": name, "address": address }));
            }
            InboundEvent::Message(decoded)
        }
        "contacts" => {
            decoded.contact_cards = message.items(&["contacts"]).iter().map(contact_card).collect();
            InboundEvent::Message(decoded)
        }
        "order" => {
            decoded.text = message.written(&["order", "text"]);
            decoded.structured = message.at(&["order"]).cloned();
            InboundEvent::Message(decoded)
        }
        "button" => {
            decoded.text = message.written(&["button", "text"]);
            decoded.payload = message.raw(&["button", "payload"]).map(str::to_owned);
            InboundEvent::Postback(decoded)
        }
        "interactive" => decode_interactive(message, decoded),
        "reaction" => {
            let emoji = message.raw(&["reaction", "emoji"]).filter(|emoji| !emoji.is_empty());
            let emoji = emoji.map(str::to_owned);
            InboundEvent::Reaction(TargetedEvent { emoji, ..targeted(decoded, message.id(&["reaction", "message_id"])) })
        }
        "edit" => {
            let new = message.at(&["edit", "message"]).unwrap_or(&Value::Null);
            let caption = new.raw(&["type"]).and_then(|kind| new.written(&[kind, "caption"]));
            let text = new.written(&["text", "body"]).or(caption);
            let target = message.id(&["edit", "original_message_id"]);
            InboundEvent::Edited(TargetedEvent { text, ..targeted(decoded, target) })
        }
        "revoke" => InboundEvent::Deleted(targeted(decoded, message.id(&["revoke", "original_message_id"]))),
        "system" => decode_system(message, decoded),
        "unsupported" | "unknown" => {
            decoded.unsupported = Some(message.id(&["unsupported", "type"]).unwrap_or_else(|| kind.to_owned()));
            InboundEvent::Message(decoded)
        }
        other => ignored_from(&format!("message type {other:?} is not known"), decoded),
    }
}

/// What was answered, forwarded, asked about or clicked.
fn add_context(decoded: &mut InboundMessage, message: &Value) {
    decoded.reply_to = message.id(&["context", "id"]);
    decoded.forwarded = message.is_true(&["context", "forwarded"]) || message.is_true(&["context", "frequently_forwarded"]);
    if let Some(product) = message.at(&["context", "referred_product"]) {
        decoded.structured = Some(product.clone());
        decoded.referral = Some(Referral { product_id: product.id(&["product_retailer_id"]), ..Referral::default() });
    }
    if let Some(referral) = message.at(&["referral"]) {
        let source = referral.id(&["source_type"]);
        let ad_id = referral.id(&["source_id"]).filter(|_| source.as_deref() == Some("ad"));
        decoded.referral = Some(Referral { source, ad_id, ..decoded.referral.take().unwrap_or_default() });
        for key in ["source_url", "headline", "ctwa_clid"] {
            if let Some(found) = referral.written(&[key]) {
                decoded.more.insert(key.to_owned(), found.into());
            }
        }
    }
}

fn decode_interactive(message: &Value, mut decoded: InboundMessage) -> InboundEvent {
    let kind = message.raw(&["interactive", "type"]).unwrap_or_default();
    match kind {
        "button_reply" | "list_reply" => {
            decoded.text = message.written(&["interactive", kind, "title"]);
            decoded.payload = message.raw(&["interactive", kind, "id"]).map(str::to_owned);
            InboundEvent::Postback(decoded)
        }
        // The answers of a form are JSON inside a text: as untrusted as the body around it.
        "nfm_reply" => {
            let answers = message.raw(&["interactive", "nfm_reply", "response_json"]).unwrap_or("null").as_bytes();
            let readable = json::bounded(answers, json::LARGEST).is_ok();
            let answers = readable.then(|| json::strict(answers).ok()).flatten();
            let Some(answers) = answers.filter(|answers| !answers.is_null()) else {
                return ignored_from(&format!("{UNREADABLE_ITEM}: the answers of a form"), decoded);
            };
            decoded.structured = Some(answers);
            InboundEvent::Message(decoded)
        }
        // Meta leaves out what it could not deliver itself; the person tapped something all the same.
        "" => {
            decoded.unsupported = Some("interactive".to_owned());
            InboundEvent::Message(decoded)
        }
        other => ignored_from(&format!("interactive type {other:?} is not known"), decoded),
    }
}

fn decode_system(message: &Value, decoded: InboundMessage) -> InboundEvent {
    let former = message.id(&["system", "previous_user_id"]);
    let change = IdentifierChange {
        sender: decoded.sender.clone(),
        old: former.clone().or_else(|| Some(decoded.sender.clone())),
        new: None,
        connection: decoded.connection.clone(),
        provider_message_id: decoded.provider_message_id.clone(),
        timestamp: decoded.timestamp,
    };
    let number = message.id(&["system", "wa_id"]).or_else(|| message.id(&["system", "new_wa_id"])).filter(|_| former.is_none());
    let new = number.or_else(|| message.id(&["system", "user_id"]));
    match message.raw(&["system", "type"]).unwrap_or_default() {
        "user_changed_number" | "customer_changed_number" | "user_changed_user_id" if new.is_some() => {
            InboundEvent::IdentifierChanged(IdentifierChange { new, ..change })
        }
        // The same number with another security code: a new phone, or new hands. The id has not become another.
        "customer_identity_changed" | "user_identity_changed" => {
            let new = change.old.clone();
            InboundEvent::IdentifierChanged(IdentifierChange { new, ..change })
        }
        other => ignored_from(&format!("system message {other:?}"), decoded),
    }
}

/// A person answered in the vendor's own app: sender is still the customer.
fn decode_echo(echo: &Value, connection: Option<&str>) -> InboundEvent {
    let customer = echo.id(&["to"]).or_else(|| echo.id(&["to_user_id"]));
    let (Some(id), Some(sender)) = (echo.id(&["id"]), customer) else {
        return ignored(&format!("{UNREADABLE_ITEM}: an echo without id"), connection);
    };
    let kind = echo.raw(&["type"]).unwrap_or_default();
    if matches!(kind, "revoke" | "edit" | "reaction") {
        return ignored(&format!("our own side: {kind}"), connection);
    }
    let part = echo.at(&[kind]).unwrap_or(&Value::Null);
    let is_media = matches!(kind, "image" | "audio" | "video" | "document" | "sticker");
    InboundEvent::Echo(InboundMessage {
        sender_e164: e164_of_wa_id(&sender),
        sender,
        text: part.written(&["body"]).or_else(|| part.written(&["caption"])),
        media: if is_media { vec![media(kind, part)] } else { Vec::new() },
        provider_message_id: Some(id),
        timestamp: echo.moment(&["timestamp"]),
        connection: connection.map(str::to_owned),
        ..InboundMessage::default()
    })
}

/// "Stop" and "resume" of marketing in the person's WhatsApp settings: consent, but no word in the conversation.
fn decode_preference(preference: &Value, value: &Value, connection: Option<&str>) -> InboundEvent {
    let number = preference.id(&["wa_id"]);
    let scoped = preference.id(&["user_id"]);
    let Some(sender) = number.clone().or_else(|| scoped.clone()) else {
        return ignored(&format!("{UNREADABLE_ITEM}: a preference without a person"), connection);
    };
    let contact = value.items(&["contacts"]).iter().find(|contact| contact.id(&["wa_id"]) == number);
    let mut decoded = InboundMessage {
        sender,
        sender_e164: number.as_deref().and_then(e164_of_wa_id),
        sender_name: contact.and_then(|contact| contact.written(&["profile", "name"])),
        sender_scoped_id: scoped,
        timestamp: preference.moment(&["timestamp"]),
        connection: connection.map(str::to_owned),
        ..InboundMessage::default()
    };
    decoded.more.insert("scope".to_owned(), "marketing".into());
    for key in ["category", "detail", "signup_id"] {
        if let Some(found) = preference.written(&[key]) {
            decoded.more.insert(key.to_owned(), found.into());
        }
    }
    match preference.raw(&["value"]).unwrap_or_default() {
        "stop" => InboundEvent::OptOut(InboundMessage { opt_out: true, ..decoded }),
        "resume" | "signup" => InboundEvent::OptIn(decoded),
        other => ignored_from(&format!("preference {other:?} is not known"), decoded),
    }
}

fn media(kind: &str, part: &Value) -> Media {
    Media {
        kind: if kind == "voice" { "audio" } else { kind }.to_owned(),
        voice: kind == "voice" || part.is_true(&["voice"]),
        provider_id: part.id(&["id"]),
        mime: part.raw(&["mime_type"]).and_then(text::mime),
        filename: part.written(&["filename"]),
        url: part.raw(&["url"]).map(str::to_owned),
        content: None,
    }
}

fn location(message: &Value) -> Option<Location> {
    let degrees = |key| {
        let value = message.at(&["location", key])?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|degrees: &f64| degrees.is_finite())
    };
    Some(Location { lat: degrees("latitude")?, lon: degrees("longitude")? })
}

fn contact_card(card: &Value) -> ContactCard {
    let spoken = [card.written(&["name", "first_name"]), card.written(&["name", "last_name"])];
    let name = card.written(&["name", "formatted_name"]);
    ContactCard {
        name: name.unwrap_or_else(|| spoken.into_iter().flatten().collect::<Vec<_>>().join(" ")),
        phones: card.items(&["phones"]).iter().filter_map(card_phone).collect(),
        emails: card.items(&["emails"]).iter().filter_map(|email| email.written(&["email"])).collect(),
    }
}

/// As it is written when that has a country, else by the account behind it.
fn card_phone(phone: &Value) -> Option<String> {
    let written = phone.raw(&["phone"]).and_then(text::e164);
    written.or_else(|| phone.id(&["wa_id"]).as_deref().and_then(e164_of_wa_id))
}

fn targeted(decoded: InboundMessage, target: Option<String>) -> TargetedEvent {
    TargetedEvent {
        sender: decoded.sender,
        target,
        provider_message_id: decoded.provider_message_id,
        connection: decoded.connection,
        timestamp: decoded.timestamp,
        ..TargetedEvent::default()
    }
}

pub(super) fn ignored(reason: &str, connection: Option<&str>) -> InboundEvent {
    let reason = text::within_bytes(reason, 120).to_owned();
    InboundEvent::Ignored(Ignored { reason, sender: None, connection: connection.map(str::to_owned) })
}

fn ignored_from(reason: &str, decoded: InboundMessage) -> InboundEvent {
    let reason = text::within_bytes(reason, 120).to_owned();
    InboundEvent::Ignored(Ignored { reason, sender: Some(decoded.sender), connection: decoded.connection })
}
