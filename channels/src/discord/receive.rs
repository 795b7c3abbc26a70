//! What the gateway's dispatches and the interactions mean. One payload is one event, a bulk deletion several.

use domain::Timestamp;
use domain::event::{Ignored, InboundEvent, InboundMessage, Media, TargetedEvent};
use domain::ports::{HookRequest, Refusal};
use serde_json::{Map, Value};

use crate::json::{self, Field};
use crate::{keyword, text};

/// Types of messages that people write: ordinary, reply, and the visible trace of a command.
/// <https://discord.com/developers/docs/resources/message#message-object-message-types>
const WRITTEN: [i64; 3] = [0, 19, 20];
const VOICE_MESSAGE: i64 = 1 << 13;
/// How deep components of a message or a form are looked into.
const DEEPEST: usize = 6;
const MOST_DELETED: usize = 100;

/// The events of a payload of the gateway, or of an interaction.
pub(crate) fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    json::bounded(request.body, json::LARGEST)?;
    let payload = json::strict(request.body).map_err(|error| Refusal::Unreadable(error.to_string()))?;
    if payload.at(&["op"]).is_some() {
        return Ok(dispatch(&payload));
    }
    if payload.at(&["type"]).is_some() && payload.at(&["application_id"]).is_some() {
        return Ok(vec![interaction(&payload)]);
    }
    Err(Refusal::Unreadable("neither a payload of the gateway nor an interaction".to_owned()))
}

/// The events of one payload of the gateway.
pub(super) fn dispatch(payload: &Value) -> Vec<InboundEvent> {
    let event = payload.at(&["d"]).unwrap_or(&Value::Null);
    match payload.raw(&["t"]) {
        Some("MESSAGE_CREATE") => vec![message(event)],
        Some("MESSAGE_UPDATE") => vec![edit(event)],
        Some("MESSAGE_DELETE") => deleted(event.id(&["id"]).into_iter()),
        Some("MESSAGE_DELETE_BULK") => {
            let ids = event.items(&["ids"]).iter().filter_map(|id| id.id(&[]));
            deleted(ids.take(MOST_DELETED))
        }
        Some("MESSAGE_REACTION_ADD") => vec![reaction(event, true)],
        Some("MESSAGE_REACTION_REMOVE") => vec![reaction(event, false)],
        Some("INTERACTION_CREATE") => vec![interaction(event)],
        Some(other) => vec![ignored(&format!("dispatch {}", text::within_bytes(other, 60)), None)],
        None => vec![ignored(&format!("operation {}", payload.integer(&["op"]).unwrap_or(-1)), None)],
    }
}

/// Who wrote, where, and under which name.
fn person(event: &Value, user: Option<&Value>, nick: Option<String>) -> Result<InboundMessage, InboundEvent> {
    let user = user.unwrap_or(&Value::Null);
    let Some(sender) = user.id(&["id"]) else { return Err(ignored("nobody is named as sender", None)) };
    if event.at(&["webhook_id"]).is_some() {
        return Err(ignored("written by a webhook", Some(sender)));
    }
    if user.is_true(&["bot"]) || user.is_true(&["system"]) {
        return Err(ignored("written by a bot", Some(sender)));
    }
    let guild = event.id(&["guild_id"]).or_else(|| event.id(&["guild", "id"]));
    let mut more = Map::new();
    match &guild {
        Some(guild) => more.insert("guild".to_owned(), guild.as_str().into()),
        None => more.insert("direct".to_owned(), true.into()),
    };
    Ok(InboundMessage {
        sender,
        sender_name: nick.or_else(|| user.written(&["global_name"])).or_else(|| user.written(&["username"])),
        sender_username: user.written(&["username"]),
        chat: event.id(&["channel_id"]).or_else(|| event.id(&["channel", "id"])),
        connection: event.id(&["application_id"]),
        locale: event.written(&["locale"]),
        more,
        ..InboundMessage::default()
    })
}

fn author(event: &Value) -> Result<InboundMessage, InboundEvent> {
    let mut decoded = person(event, event.at(&["author"]), event.written(&["member", "nick"]))?;
    // Bots' own commands carry an application; on a person's message it says nothing about us.
    decoded.connection = None;
    Ok(decoded)
}

fn message(event: &Value) -> InboundEvent {
    let mut decoded = match author(event) {
        Ok(decoded) => decoded,
        Err(ignored) => return ignored,
    };
    let kind = event.integer(&["type"]).unwrap_or(0);
    if !WRITTEN.contains(&kind) {
        return ignored(&format!("a notice of type {kind}"), Some(decoded.sender));
    }
    decoded.provider_message_id = event.id(&["id"]);
    decoded.timestamp = moment(event, "timestamp");
    decoded.text = event.written(&["content"]);
    add_files(&mut decoded, event);
    if event.integer(&["message_reference", "type"]) == Some(1) {
        decoded.forwarded = true;
        for snapshot in event.items(&["message_snapshots"]).iter().filter_map(|snapshot| snapshot.at(&["message"])) {
            decoded.text = decoded.text.take().or_else(|| snapshot.written(&["content"]));
            add_files(&mut decoded, snapshot);
        }
    } else if kind == 19 {
        decoded.reply_to = event.id(&["message_reference", "message_id"]);
        if let Some(quoted) = event.written(&["referenced_message", "content"]) {
            decoded.more.insert("quoted".to_owned(), quoted.into());
        }
        if let Some(answered) = event.id(&["referenced_message", "author", "id"]) {
            decoded.more.insert("answers".to_owned(), answered.into());
        }
    }
    if event.at(&["poll"]).is_some() {
        decoded.unsupported = Some("poll".to_owned());
        decoded.text = decoded.text.take().or_else(|| event.written(&["poll", "question", "text"]));
    }
    decoded.opt_out = decoded.text.as_deref().is_some_and(keyword::is_stop_on_a_messenger);
    InboundEvent::Message(decoded)
}

fn add_files(decoded: &mut InboundMessage, event: &Value) {
    let is_voice = event.integer(&["flags"]).is_some_and(|flags| flags & VOICE_MESSAGE != 0);
    for file in event.items(&["attachments"]) {
        let mime = file.raw(&["content_type"]).and_then(text::mime);
        let filename = file.written(&["filename"]);
        let kind = text::kind_of_file(mime.as_deref(), filename.as_deref()).to_owned();
        decoded.media.push(Media {
            voice: is_voice && kind == "audio",
            kind,
            provider_id: file.id(&["id"]),
            mime,
            filename,
            url: file.raw(&["url"]).map(str::to_owned),
            content: None,
        });
    }
    for sticker in event.items(&["sticker_items"]) {
        let mime = match sticker.integer(&["format_type"]) {
            Some(1 | 2) => Some("image/png".to_owned()),
            Some(3) => Some("application/json".to_owned()),
            Some(4) => Some("image/gif".to_owned()),
            Some(_) | None => None,
        };
        decoded.media.push(Media {
            kind: "sticker".to_owned(),
            provider_id: sticker.id(&["id"]),
            mime,
            filename: sticker.written(&["name"]),
            ..Media::default()
        });
    }
}

/// Discord also tells of updates when it adds a preview of a link; only what a person changed has a time of its own.
fn edit(event: &Value) -> InboundEvent {
    let decoded = match author(event) {
        Ok(decoded) => decoded,
        Err(ignored) => return ignored,
    };
    let Some(at) = moment(event, "edited_timestamp") else {
        return ignored("an update that nobody wrote", Some(decoded.sender));
    };
    InboundEvent::Edited(TargetedEvent {
        sender: decoded.sender,
        target: event.id(&["id"]),
        text: event.written(&["content"]),
        provider_message_id: event.id(&["id"]),
        timestamp: Some(at),
        ..TargetedEvent::default()
    })
}

/// Discord does not say who deleted it.
fn deleted(ids: impl Iterator<Item = String>) -> Vec<InboundEvent> {
    let event = |id: String| {
        InboundEvent::Deleted(TargetedEvent { target: Some(id.clone()), provider_message_id: Some(id), ..TargetedEvent::default() })
    };
    let all: Vec<InboundEvent> = ids.map(event).collect();
    if all.is_empty() { vec![ignored("a deletion of nothing", None)] } else { all }
}

fn reaction(event: &Value, is_added: bool) -> InboundEvent {
    let sender = event.id(&["user_id"]);
    let Some(sender) = sender else { return ignored("nobody is named as sender", None) };
    if event.is_true(&["member", "user", "bot"]) {
        return ignored("written by a bot", Some(sender));
    }
    InboundEvent::Reaction(TargetedEvent {
        sender,
        target: event.id(&["message_id"]),
        emoji: event.written(&["emoji", "name"]).filter(|_| is_added),
        ..TargetedEvent::default()
    })
}

/// A command, a tapped component or a sent form.
fn interaction(event: &Value) -> InboundEvent {
    let user = event.at(&["member", "user"]).or_else(|| event.at(&["user"]));
    let kind = event.integer(&["type"]);
    if kind == Some(1) {
        return ignored("a ping", None);
    }
    let mut decoded = match person(event, user, event.written(&["member", "nick"])) {
        Ok(decoded) => decoded,
        Err(ignored) => return ignored,
    };
    decoded.provider_message_id = event.id(&["id"]);
    match kind {
        Some(2) => command(decoded, event),
        Some(3) => component(decoded, event),
        Some(5) => form(decoded, event),
        Some(4) => ignored("an autocompletion", Some(decoded.sender)),
        other => ignored(&format!("an interaction of type {}", other.unwrap_or(0)), Some(decoded.sender)),
    }
}

/// A command is something said: its options are the words.
fn command(mut decoded: InboundMessage, event: &Value) -> InboundEvent {
    let name = event.written(&["data", "name"]).unwrap_or_default();
    // A command from the menu of a message is about that message.
    if let Some(target) = event.id(&["data", "target_id"]) {
        let about = event.at(&["data", "resolved", "messages", target.as_str()]);
        decoded.text = about.and_then(|about| about.written(&["content"]));
        if let Some(about) = about {
            add_files(&mut decoded, about);
            decoded.reply_to = Some(target);
        }
    }
    let (mut options, mut said) = (Map::new(), Vec::new());
    collect_options(event.items(&["data", "options"]), &mut options, &mut said, 0);
    add_uploads(&mut decoded, event);
    let is_file = |id: &str| decoded.media.iter().any(|media| media.provider_id.as_deref() == Some(id));
    let words: Vec<String> = said
        .iter()
        .filter_map(|value| match value {
            Value::String(text) if !is_file(text) => text::written(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect();
    if !words.is_empty() {
        decoded.text = Some(words.join(" "));
    }
    if decoded.text.is_none() && decoded.media.is_empty() {
        decoded.text = Some(format!("/{name}"));
    }
    decoded.more.insert("command".to_owned(), name.into());
    if !options.is_empty() {
        decoded.more.insert("options".to_owned(), Value::Object(options));
    }
    InboundEvent::Message(decoded)
}

/// Options of a command and of its subcommands, by name and in the order in which they were filled in.
fn collect_options<'a>(items: &'a [Value], into: &mut Map<String, Value>, said: &mut Vec<&'a Value>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for item in items {
        if let (Some(name), Some(value)) = (item.written(&["name"]), item.at(&["value"])) {
            into.insert(name, value.clone());
            said.push(value);
        }
        collect_options(item.items(&["options"]), into, said, depth + 1);
    }
}

fn component(mut decoded: InboundMessage, event: &Value) -> InboundEvent {
    let Some(id) = event.raw(&["data", "custom_id"]).map(str::to_owned) else {
        return ignored("a component without an id", Some(decoded.sender));
    };
    let tapped = find(event.items(&["message", "components"]), &id, 0);
    let values: Vec<String> = event.items(&["data", "values"]).iter().filter_map(|value| value.id(&[])).collect();
    let chosen: Vec<String> = values.iter().map(|value| label_of(tapped, event, value)).collect();
    let title = |tapped: &Value| tapped.written(&["label"]).or_else(|| tapped.written(&["emoji", "name"]));
    decoded.text = if values.is_empty() { tapped.and_then(title) } else { Some(chosen.join(", ")) };
    if !values.is_empty() {
        decoded.more.insert("values".to_owned(), values.into());
    }
    decoded.payload = Some(id);
    decoded.reply_to = event.id(&["message", "id"]);
    InboundEvent::Postback(decoded)
}

/// The component with this id, wherever it stands.
fn find<'a>(items: &'a [Value], id: &str, depth: usize) -> Option<&'a Value> {
    if depth > DEEPEST {
        return None;
    }
    items.iter().find_map(|item| {
        if item.raw(&["custom_id"]) == Some(id) {
            return Some(item);
        }
        let within = item.at(&["accessory"]).map(std::slice::from_ref).and_then(|one| find(one, id, depth + 1));
        within.or_else(|| find(item.items(&["components"]), id, depth + 1))
    })
}

/// What a person read beside a choice: an option's label, or the name of who or what was chosen.
fn label_of(menu: Option<&Value>, event: &Value, value: &str) -> String {
    let options = menu.map_or(&[][..], |menu| menu.items(&["options"]));
    let option = options.iter().find(|option| option.raw(&["value"]) == Some(value)).and_then(|option| option.written(&["label"]));
    let resolved = |kind: &str, name: &str| event.written(&["data", "resolved", kind, value, name]);
    option
        .or_else(|| resolved("users", "global_name"))
        .or_else(|| resolved("users", "username"))
        .or_else(|| resolved("roles", "name"))
        .or_else(|| resolved("channels", "name"))
        .unwrap_or_else(|| value.to_owned())
}

/// Files that were chosen in a command or a form.
fn add_uploads(decoded: &mut InboundMessage, event: &Value) {
    for file in event.at(&["data", "resolved", "attachments"]).and_then(Value::as_object).into_iter().flat_map(|all| all.values()) {
        add_files(decoded, &serde_json::json!({"attachments": [file]}));
    }
}

fn form(mut decoded: InboundMessage, event: &Value) -> InboundEvent {
    let mut answers = Map::new();
    add_uploads(&mut decoded, event);
    collect_answers(event.items(&["data", "components"]), &mut answers, 0);
    decoded.payload = event.raw(&["data", "custom_id"]).map(str::to_owned);
    decoded.structured = Some(Value::Object(answers));
    InboundEvent::Message(decoded)
}

fn collect_answers(items: &[Value], into: &mut Map<String, Value>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for item in items {
        if let Some(id) = item.raw(&["custom_id"]) {
            if let Some(value) = item.at(&["value"]) {
                into.insert(id.to_owned(), value.as_str().and_then(text::written).map_or_else(|| value.clone(), Value::from));
            } else if let Some(values) = item.at(&["values"]) {
                into.insert(id.to_owned(), values.clone());
            }
        }
        collect_answers(item.items(&["components"]), into, depth + 1);
        if let Some(one) = item.at(&["component"]) {
            collect_answers(std::slice::from_ref(one), into, depth + 1);
        }
    }
}

fn moment(event: &Value, key: &str) -> Option<Timestamp> {
    event.raw(&[key]).and_then(Timestamp::parse_rfc3339)
}

fn ignored(why: &str, sender: Option<String>) -> InboundEvent {
    InboundEvent::Ignored(Ignored { reason: why.to_owned(), sender, connection: None })
}
