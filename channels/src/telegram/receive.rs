//! What an update means. One request carries one update, and an update has one key beside its id.

use domain::event::{ContactCard, Ignored, InboundEvent, InboundMessage, Location, Media, TargetedEvent};
use domain::ports::{HookRequest, Refusal};
use serde_json::Value;

use crate::json::{self, Field};
use crate::{keyword, text};

/// What a person can send that we cannot read; anything else unknown is a service message.
const UNREADABLE_CONTENT: [&str; 11] =
    ["poll", "dice", "game", "story", "checklist", "paid_media", "invoice", "giveaway", "gift", "unique_gift", "live_photo"];

/// More than Telegram names in one update.
const MOST_DELETED: usize = 200;

/// Stands in an address between a chat and the business account that the bot answers for.
pub(super) const VIA: &str = " via ";

/// The events of one update.
pub(crate) fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    json::bounded(request.body, json::LARGEST)?;
    let update = json::strict(request.body).map_err(|error| Refusal::Unreadable(error.to_string()))?;
    let Some(id) = update.id(&["update_id"]) else {
        return Err(Refusal::Unreadable("an update without update_id".to_owned()));
    };
    if let Some(gone) = update.at(&["deleted_business_messages"]) {
        return Ok(decode_deletion(gone));
    }
    Ok(vec![decode_update(&update, &id)])
}

fn decode_update(update: &Value, id: &str) -> InboundEvent {
    if let Some(message) = update.at(&["message"]) {
        return decode_message(message, id);
    }
    if let Some(message) = update.at(&["edited_message"]).or_else(|| update.at(&["edited_business_message"])) {
        return decode_edit(message);
    }
    if let Some(message) = update.at(&["business_message"]) {
        return decode_business_message(message, id);
    }
    if let Some(query) = update.at(&["callback_query"]) {
        return decode_callback(query, id);
    }
    if let Some(reaction) = update.at(&["message_reaction"]) {
        return decode_reaction(reaction);
    }
    if let Some(change) = update.at(&["my_chat_member"]) {
        return decode_membership(change, id);
    }
    let kind = update.as_object().and_then(|all| all.keys().find(|key| *key != "update_id"));
    ignored(&format!("update {:?}", kind.map_or("", String::as_str)), None)
}

/// The person of a private chat; `Err` is why there is none to answer.
fn person(holder: &Value, from: &[&str]) -> Result<InboundMessage, Ignored> {
    let from = holder.at(from).unwrap_or(&Value::Null);
    let Some(sender) = from.id(&["id"]) else {
        return Err(reason("nobody is named as sender", None));
    };
    let chat = holder.at(&["chat"]).or_else(|| holder.at(&["message", "chat"]));
    if let Some(kind) = chat.and_then(|chat| chat.raw(&["type"])).filter(|kind| *kind != "private") {
        return Err(reason(&format!("a {} chat", text::within_bytes(kind, 20)), Some(sender)));
    }
    if from.is_true(&["is_bot"]) {
        return Err(reason("written by a bot", Some(sender)));
    }
    let names: Vec<String> = [from.written(&["first_name"]), from.written(&["last_name"])].into_iter().flatten().collect();
    Ok(InboundMessage {
        chat: chat.and_then(|chat| chat.id(&["id"])).or_else(|| Some(sender.clone())),
        sender,
        sender_name: (!names.is_empty()).then(|| names.join(" ")),
        sender_username: from.written(&["username"]),
        locale: from.written(&["language_code"]),
        ..InboundMessage::default()
    })
}

fn decode_message(message: &Value, update: &str) -> InboundEvent {
    let mut decoded = match person(message, &["from"]) {
        Ok(decoded) => decoded,
        Err(ignored) => return InboundEvent::Ignored(ignored),
    };
    decoded.dedupe = Some(update.to_owned());
    decoded.provider_message_id = message.id(&["message_id"]);
    decoded.timestamp = message.moment(&["date"]);
    decoded.reply_to = message.id(&["reply_to_message", "message_id"]);
    decoded.forwarded = ["forward_origin", "forward_from", "forward_date"].iter().any(|key| message.at(&[key]).is_some());
    decoded.text = message.written(&["text"]).or_else(|| message.written(&["caption"]));
    decoded.opt_out = decoded.text.as_deref().is_some_and(keyword::is_stop_on_a_messenger);
    // A forwarded command was not given by the person who forwards it.
    if !decoded.forwarded {
        decoded.start_token = start_token(message);
    }
    decoded.media.extend(media(message));
    decoded.location = location(message);
    if let Some(venue) = message.at(&["venue"]) {
        let place = serde_json::json!({ "name": venue.written(&["title"]), "address": venue.written(&["address"]) });
        decoded.more.insert("place".to_owned(), place);
    }
    if let Some(quoted) = message.written(&["quote", "text"]) {
        decoded.more.insert("quoted".to_owned(), quoted.into());
    }
    if let Some(story) = message.id(&["reply_to_story", "id"]) {
        decoded.more.insert("story".to_owned(), serde_json::json!({ "id": story }));
    }
    // What was filled in inside a web page of the bot: nearly always JSON in a text, as untrusted as the rest.
    if let Some(answers) = message.raw(&["web_app_data", "data"]) {
        let readable = json::bounded(answers.as_bytes(), json::LARGEST).is_ok();
        let parsed = readable.then(|| json::strict(answers.as_bytes()).ok()).flatten();
        decoded.structured = Some(parsed.unwrap_or_else(|| answers.into()));
    }
    add_contact(&mut decoded, message);
    // An album comes as several updates: whoever joins bursts needs to know.
    if let Some(album) = message.id(&["media_group_id"]) {
        decoded.more.insert("media_group_id".to_owned(), album.into());
    }
    let says_something = decoded.text.is_some()
        || !decoded.media.is_empty()
        || decoded.location.is_some()
        || decoded.structured.is_some()
        || decoded.verified_phone.is_some()
        || !decoded.contact_cards.is_empty();
    if says_something {
        return InboundEvent::Message(decoded);
    }
    match UNREADABLE_CONTENT.iter().find(|kind| message.at(&[kind]).is_some()) {
        Some(kind) => {
            decoded.unsupported = Some((*kind).to_owned());
            InboundEvent::Message(decoded)
        }
        None => ignored("a service message", Some(decoded.sender)),
    }
}

/// A chat of the business's own account, which the bot looks after. What the owner writes there is an answer of our
/// side; what the bot itself wrote comes back and is nothing new. <https://core.telegram.org/bots/features#bots-for-business>
fn decode_business_message(message: &Value, update: &str) -> InboundEvent {
    let chat = message.id(&["chat", "id"]);
    if message.at(&["sender_business_bot"]).is_some() {
        return ignored("our own bot wrote for the business", chat);
    }
    let by_the_owner = chat.is_some() && message.id(&["from", "id"]) != chat;
    let mut event = decode_message(message, update);
    let InboundEvent::Message(decoded) = &mut event else { return event };
    if let Some(connection) = message.id(&["business_connection_id"]) {
        decoded.more.insert("answer_to".to_owned(), format!("{}{VIA}{connection}", chat.as_deref().unwrap_or_default()).into());
        decoded.more.insert("via".to_owned(), connection.into());
    }
    if !by_the_owner {
        return event;
    }
    let owner = std::mem::take(decoded);
    InboundEvent::Echo(InboundMessage {
        sender: chat.unwrap_or_default(),
        chat: None,
        sender_name: None,
        sender_username: None,
        locale: None,
        verified_phone: None,
        start_token: None,
        opt_out: false,
        ..owner
    })
}

/// Telegram does not say who took them away.
fn decode_deletion(gone: &Value) -> Vec<InboundEvent> {
    let chat = gone.id(&["chat", "id"]).unwrap_or_default();
    let via = gone.id(&["business_connection_id"]);
    let ids = gone.items(&["message_ids"]).iter().filter_map(|id| id.id(&[])).take(MOST_DELETED);
    let event = |id: String| {
        InboundEvent::Deleted(TargetedEvent {
            sender: chat.clone(),
            target: Some(id.clone()),
            via: via.clone(),
            provider_message_id: Some(id),
            ..TargetedEvent::default()
        })
    };
    let all: Vec<InboundEvent> = ids.map(event).collect();
    if all.is_empty() { vec![ignored("a deletion of nothing", None)] } else { all }
}

/// The parameter of a `/start` that stands at the very beginning and that Telegram itself marked as a command.
fn start_token(message: &Value) -> Option<String> {
    let text = message.raw(&["text"])?;
    let marked = message
        .items(&["entities"])
        .iter()
        .any(|entity| entity.raw(&["type"]) == Some("bot_command") && entity.integer(&["offset"]) == Some(0));
    let (command, token) = text.split_once(' ')?;
    let is_start = command == "/start" || command.starts_with("/start@");
    let token = token.trim();
    let possible = !token.is_empty() && token.len() <= 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    (marked && is_start && possible).then(|| token.to_owned())
}

/// A contact is the sender's own, and so a verified number, only when Telegram says that both are one user and the
/// message was not forwarded. Any other is the card of a third person.
fn add_contact(decoded: &mut InboundMessage, message: &Value) {
    let Some(contact) = message.at(&["contact"]) else { return };
    let written = contact.raw(&["phone_number"]).unwrap_or_default();
    let phone = text::e164(written).or_else(|| text::e164_of_digits(written));
    let is_own = contact.id(&["user_id"]).is_some_and(|user| user == decoded.sender) && !decoded.forwarded;
    if is_own && phone.is_some() {
        decoded.verified_phone = phone;
        return;
    }
    let names: Vec<String> = [contact.written(&["first_name"]), contact.written(&["last_name"])].into_iter().flatten().collect();
    let mut card = ContactCard { name: names.join(" "), phones: phone.into_iter().collect(), emails: Vec::new() };
    add_card(&mut card, contact.raw(&["vcard"]).unwrap_or_default());
    decoded.contact_cards.push(card);
}

/// Further numbers and addresses of the card that came with a contact. <https://www.rfc-editor.org/rfc/rfc6350>
fn add_card(card: &mut ContactCard, vcard: &str) {
    for line in vcard.lines().take(200) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.split(';').next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        let value = value.trim();
        if name.eq_ignore_ascii_case("tel") {
            let phone = text::e164(value.trim_start_matches("tel:"));
            card.phones.extend(phone.filter(|phone| !card.phones.contains(phone)));
        } else if name.eq_ignore_ascii_case("email") && value.contains('@') {
            card.emails.extend(text::written(value).filter(|address| !card.emails.contains(address)));
        }
    }
}

fn media(message: &Value) -> Option<Media> {
    // The sizes of one photo: the largest is it.
    let photo = message
        .items(&["photo"])
        .iter()
        .max_by_key(|size| size.integer(&["width"]).unwrap_or(0).saturating_mul(size.integer(&["height"]).unwrap_or(0)));
    if let Some(photo) = photo {
        return Some(Media { kind: "image".to_owned(), provider_id: photo.id(&["file_id"]), ..Media::default() });
    }
    let kinds = [
        ("voice", "audio"),
        ("audio", "audio"),
        ("video", "video"),
        ("video_note", "video"),
        // Comes with a `document` of the same file for older programs.
        ("animation", "video"),
        ("document", "document"),
        ("sticker", "sticker"),
    ];
    let (key, kind) = kinds.into_iter().find(|(key, _)| message.at(&[key]).is_some())?;
    let part = message.at(&[key])?;
    Some(Media {
        kind: kind.to_owned(),
        voice: key == "voice",
        provider_id: part.id(&["file_id"]),
        mime: part.raw(&["mime_type"]).and_then(text::mime),
        filename: part.written(&["file_name"]),
        ..Media::default()
    })
}

fn location(message: &Value) -> Option<Location> {
    let place = message.at(&["location"]).or_else(|| message.at(&["venue", "location"]))?;
    let degrees = |key| place.at(&[key])?.as_f64();
    Some(Location { lat: degrees("latitude")?, lon: degrees("longitude")? })
}

fn decode_edit(message: &Value) -> InboundEvent {
    let decoded = match person(message, &["from"]) {
        Ok(decoded) => decoded,
        Err(ignored) => return InboundEvent::Ignored(ignored),
    };
    InboundEvent::Edited(TargetedEvent {
        sender: decoded.sender,
        target: message.id(&["message_id"]),
        via: message.id(&["business_connection_id"]),
        text: message.written(&["text"]).or_else(|| message.written(&["caption"])),
        provider_message_id: message.id(&["message_id"]),
        timestamp: message.moment(&["edit_date"]).or_else(|| message.moment(&["date"])),
        ..TargetedEvent::default()
    })
}

/// A tapped button. Its id is the query's, which is what `answerCallbackQuery` wants; Telegram gives no time.
fn decode_callback(query: &Value, update: &str) -> InboundEvent {
    let mut decoded = match person(query, &["from"]) {
        Ok(decoded) => decoded,
        Err(ignored) => return InboundEvent::Ignored(ignored),
    };
    let payload = query.raw(&["data"]).map(str::to_owned);
    let rows = query.items(&["message", "reply_markup", "inline_keyboard"]);
    let tapped = rows
        .iter()
        .flat_map(|row| row.as_array().map_or(&[][..], Vec::as_slice))
        .find(|button| payload.is_some() && button.raw(&["callback_data"]) == payload.as_deref());
    decoded.text = tapped.and_then(|button| button.written(&["text"]));
    decoded.payload = payload;
    decoded.provider_message_id = query.id(&["id"]);
    decoded.dedupe = Some(update.to_owned());
    decoded.reply_to = query.id(&["message", "message_id"]);
    // Below a message that was sent for a business account: the answer belongs there too.
    if let (Some(account), Some(chat)) = (query.id(&["message", "business_connection_id"]), &decoded.chat) {
        decoded.more.insert("answer_to".to_owned(), format!("{chat}{VIA}{account}").into());
        decoded.more.insert("via".to_owned(), account.into());
    }
    InboundEvent::Postback(decoded)
}

/// Ids of messages are positive 32-bit numbers; those of callback queries are not.
pub(super) fn is_callback_id(id: &str) -> bool {
    id.parse::<i32>().is_err()
}

fn decode_reaction(reaction: &Value) -> InboundEvent {
    let decoded = match person(reaction, &["user"]) {
        Ok(decoded) => decoded,
        Err(ignored) => return InboundEvent::Ignored(ignored),
    };
    let newest = reaction.items(&["new_reaction"]).last();
    let emoji = newest.map(|one| one.written(&["emoji"]).unwrap_or_else(|| "custom".to_owned()));
    InboundEvent::Reaction(TargetedEvent {
        sender: decoded.sender,
        target: reaction.id(&["message_id"]),
        emoji,
        timestamp: reaction.moment(&["date"]),
        ..TargetedEvent::default()
    })
}

/// Blocking the bot is an opt-out, unblocking it an opt-in.
fn decode_membership(change: &Value, update: &str) -> InboundEvent {
    let mut decoded = match person(change, &["from"]) {
        Ok(decoded) => decoded,
        Err(ignored) => return InboundEvent::Ignored(ignored),
    };
    decoded.dedupe = Some(update.to_owned());
    decoded.timestamp = change.moment(&["date"]);
    let status = |key| change.raw(&[key, "status"]).unwrap_or_default();
    match (status("old_chat_member"), status("new_chat_member")) {
        (_, "kicked") => InboundEvent::OptOut(InboundMessage { opt_out: true, ..decoded }),
        ("kicked", "member") => InboundEvent::OptIn(decoded),
        _ => ignored("the bot's own membership", Some(decoded.sender)),
    }
}

fn ignored(why: &str, sender: Option<String>) -> InboundEvent {
    InboundEvent::Ignored(reason(why, sender))
}

fn reason(why: &str, sender: Option<String>) -> Ignored {
    Ignored { reason: text::within_bytes(why, 120).to_owned(), sender, connection: None }
}
