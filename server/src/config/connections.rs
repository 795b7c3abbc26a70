//! `[[connections]]`: doors of every kind.

use std::collections::{BTreeMap, BTreeSet};

use domain::settings::{ConnectionSettings, Mode};
use domain::{ChannelKind, ConnectionId, WorkspaceId};
use serde_json::json;

use super::document::{Entry, Node, Value};
use super::keys::{CONNECTION, Form, Key, MODES, REQUIRED_BY_GOOGLE, REQUIRED_BY_SIP, least_length, of_channel, required};
use super::problems::{Problem, Problems};
use super::reader::Reader;
use super::secrets::{self, Surroundings};

/// What connections are read with.
pub struct Doors<'a> {
    /// Whose they are.
    pub workspace: &'a WorkspaceId,
    /// Public base URL of the server.
    pub public_url: &'a str,
    /// Files and environment.
    pub around: &'a Surroundings<'a>,
    /// Doors that this version has.
    pub available: &'a [ChannelKind],
}

/// Reads all of them; ids must be unique in the server, so `taken` goes on over workspaces.
pub fn read(
    tables: &[(&Node, &[Entry])],
    doors: &Doors<'_>,
    taken: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Vec<ConnectionSettings> {
    tables.iter().filter_map(|(node, entries)| one(node, entries, doors, taken, problems)).collect()
}

fn one(
    node: &Node,
    entries: &[Entry],
    doors: &Doors<'_>,
    taken: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Option<ConnectionSettings> {
    const TABLE: &str = "[[connections]]";
    let mut quiet = Problems::default();
    let kind = Reader::open(TABLE, &node.origin, entries, &[], &mut quiet).word("channel", &channels(), &mut quiet);
    let kind: Option<ChannelKind> = kind.and_then(|word| word.parse().ok());
    let keys: Vec<&[Key]> = match kind {
        Some(kind) => vec![CONNECTION, of_channel(kind)],
        None => std::iter::once(CONNECTION).chain(ChannelKind::ALL.into_iter().map(of_channel)).collect(),
    };
    let reader = Reader::open(TABLE, &node.origin, entries, &keys, problems);

    let id = reader.text("id", problems);
    match &id {
        None if reader.node("id").is_none() => reader.missing("id", "give the door a short name, such as id = \"wa\"", problems),
        Some(id) if !is_slug(id) => {
            let at = reader.node("id").unwrap_or(node);
            reader.refuse("id", at, &format!("is {id:?}"), "use letters, digits, - and _ only, at most 64", problems);
        }
        Some(id) if !taken.insert(id.clone()) => {
            let at = reader.node("id").unwrap_or(node);
            reader.refuse("id", at, &format!("is {id:?}, which another connection has already"), "choose another id", problems);
        }
        None | Some(_) => {}
    }
    let channel = reader.word("channel", &channels(), problems);
    if reader.node("channel").is_none() {
        reader.missing("channel", &format!("say what kind of door it is: {}", channels().join(", ")), problems);
    }
    let channel: ChannelKind = channel?.parse().ok()?;
    if !doors.available.contains(&channel) {
        let at = reader.node("channel").unwrap_or(node);
        let known: Vec<&str> = doors.available.iter().map(|kind| kind.as_str()).collect();
        reader.refuse(
            "channel",
            at,
            &format!("is {channel:?}, a door that this version does not have yet", channel = channel.as_str()),
            &format!("remove the connection, or use one of: {}", known.join(", ")),
            problems,
        );
    }
    let provider = match reader.node("provider").map(|node| &node.value) {
        Some(Value::Text(word)) => word.as_str(),
        Some(_) | None => "",
    };
    let needed = match (channel, provider) {
        (ChannelKind::Rcs, "google") => REQUIRED_BY_GOOGLE,
        (ChannelKind::Voice, "sip") => REQUIRED_BY_SIP,
        _ => required(channel),
    };
    for name in needed {
        if reader.node(name).is_none() {
            reader.missing(name, &format!("a {} connection needs it", channel.label()), problems);
        }
    }

    let mut settings = ConnectionSettings {
        id: ConnectionId(id.unwrap_or_default()),
        workspace: doors.workspace.clone(),
        channel,
        mode: mode(&reader, problems),
        api_base: reader.text("api_base", problems),
        values: BTreeMap::new(),
        secrets: BTreeMap::new(),
        public_url: doors.public_url.to_owned(),
    };
    if let Some(label) = reader.text("label", problems) {
        settings.values.insert("label".to_owned(), json!(label));
    }
    if let Some(timeout) = reader.span("timeout", problems) {
        settings.values.insert("deadline_ms".to_owned(), json!(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)));
    }
    for key in of_channel(channel) {
        value(&reader, key, "", channel, doors, &mut settings, problems);
    }
    check_addresses(&reader, &mut settings, problems);
    Some(settings)
}

/// Whoever filled in a form is answered by doors of this workspace that may write first and have an address for it.
pub fn check_answers(tables: &[(&Node, &[Entry])], doors: &[ConnectionSettings], problems: &mut Problems) {
    let mut quiet = Problems::default();
    for (node, entries) in tables {
        let reader = Reader::open("[[connections]]", &node.origin, entries, &[], &mut quiet);
        let id = reader.text("id", &mut quiet).unwrap_or_default();
        let Some(form) = doors.iter().find(|door| door.id.as_str() == id && door.channel == ChannelKind::Api) else { continue };
        let Some(at) = reader.node("answer_by") else { continue };
        for name in form.list("answer_by") {
            let found = doors.iter().find(|door| door.id.as_str() == name);
            if !found.is_some_and(|door| matches!(door.channel, ChannelKind::Email | ChannelKind::Sms | ChannelKind::Rcs)) {
                let why = format!("names {name:?}, which is no connection for email, SMS or RCS");
                reader.refuse("answer_by", at, &why, "name connections that may write first", problems);
            }
        }
    }
}

fn channels() -> Vec<&'static str> {
    ChannelKind::ALL.into_iter().map(ChannelKind::as_str).collect()
}

fn mode(reader: &Reader<'_>, problems: &mut Problems) -> Mode {
    match reader.word("mode", MODES, problems).as_deref() {
        Some("off") => Mode::Off,
        Some("draft") => Mode::Draft,
        Some("out_of_hours") => Mode::OutOfHours,
        _ => Mode::Answer,
    }
}

/// Reads one key into `settings`; the keys of an inner table are kept as `table.key`, the table as JSON besides.
fn value(
    reader: &Reader<'_>,
    key: &Key,
    prefix: &str,
    channel: ChannelKind,
    doors: &Doors<'_>,
    settings: &mut ConnectionSettings,
    problems: &mut Problems,
) {
    let name = format!("{prefix}{}", key.name);
    match key.form {
        Form::Secret => {
            let least = least_length(channel, &name);
            let found = secrets::read(reader, key.name, least, doors.around, problems);
            if !found.is_empty() {
                settings.secrets.insert(name, found);
            }
        }
        Form::Text => {
            // People write ids without quotes.
            if let Some(Node { value: Value::Integer(number), .. }) = reader.node(key.name) {
                settings.values.insert(name, json!(number.to_string()));
            } else if let Some(text) = reader.text(key.name, problems) {
                settings.values.insert(name, json!(text));
            }
        }
        Form::Word(words) => {
            if let Some(word) = reader.word(key.name, words, problems) {
                settings.values.insert(name, json!(word));
            }
        }
        Form::Texts => {
            if let Some(texts) = reader.texts(key.name, problems) {
                settings.values.insert(name, json!(texts));
            }
        }
        Form::Integer => {
            if let Some(number) = reader.integer(key.name, 0, i64::from(u32::MAX), problems) {
                settings.values.insert(name, json!(number));
            }
        }
        Form::Flag => {
            if let Some(flag) = reader.flag(key.name, problems) {
                settings.values.insert(name, json!(flag));
            }
        }
        Form::Table(keys) => {
            let Some((node, entries)) = reader.table(key.name, problems) else { return };
            let inner = Reader::open(key.name, &node.origin, entries, &[keys], problems);
            for key in keys {
                value(&inner, key, &format!("{name}."), channel, doors, settings, problems);
            }
            if channel == ChannelKind::Widget && key.name == "jwt" {
                check_jwt(&inner, settings, problems);
            }
            let plain: serde_json::Map<String, serde_json::Value> = settings
                .values
                .iter()
                .filter_map(|(known, value)| Some((known.strip_prefix(&format!("{name}."))?.to_owned(), value.clone())))
                .collect();
            settings.values.insert(name, serde_json::Value::Object(plain));
        }
        Form::Span => {
            if let Some(span) = reader.span(key.name, problems) {
                settings.values.insert(format!("{name}_ms"), json!(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)));
            }
        }
        Form::Free => {
            let Some((_, entries)) = reader.table(key.name, problems) else { return };
            let mut texts = serde_json::Map::new();
            for entry in entries {
                match &entry.node.value {
                    Value::Text(text) => drop(texts.insert(entry.key.clone(), json!(text))),
                    other => reader.wrong_form(key.name, &entry.node, "a table of texts", other, problems),
                }
            }
            settings.values.insert(name, serde_json::Value::Object(texts));
        }
        Form::MasterKey | Form::Tables(_) | Form::PerChannel => {}
    }
}

fn check_jwt(reader: &Reader<'_>, settings: &ConnectionSettings, problems: &mut Problems) {
    let has_secret = reader.node("secret").is_some();
    let has_key = reader.node("public_key").is_some() || reader.node("jwks_url").is_some();
    match settings.text("jwt.algorithm") {
        None if reader.node("algorithm").is_none() && !has_secret => {
            reader.missing("algorithm", "write algorithm = \"HS256\", \"RS256\" or \"ES256\"", problems);
        }
        Some("HS256") if !has_secret => reader.missing("secret", "HS256 needs a secret of at least 32 characters", problems),
        Some("RS256" | "ES256") if !has_key => {
            reader.missing("jwks_url", "RS256 and ES256 need jwks_url or public_key", problems);
        }
        None | Some(_) => {}
    }
}

fn check_addresses(reader: &Reader<'_>, settings: &mut ConnectionSettings, problems: &mut Problems) {
    if let Some(base) = settings.api_base.take() {
        settings.api_base = address(reader, "api_base", &base, problems);
    }
    for key in ["webhook_url", "gateway_url"] {
        if let Some(text) = settings.text(key).map(str::to_owned) {
            address(reader, key, &text, problems);
        }
    }
    if let Some(text) = settings.text("jwt.jwks_url").map(str::to_owned) {
        address(reader, "jwt", &text, problems);
    }
    let origins: Vec<String> =
        settings.values.get("allowed_origins").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default();
    let mut clean = Vec::new();
    for written in &origins {
        if let Some(origin) = origin_of(written) {
            clean.push(origin);
        } else if let Some(node) = reader.node("allowed_origins") {
            reader.refuse(
                "allowed_origins",
                node,
                &format!("holds {written:?}, which is no origin"),
                "write scheme and host only: \"https://shop.example\"",
                problems,
            );
        }
    }
    if settings.channel == ChannelKind::Widget && settings.values.contains_key("allowed_origins") {
        settings.values.insert("allowed_origins".to_owned(), json!(clean));
    }
}

/// An address of a vendor: https, or http on loopback; without a slash at the end.
fn address(reader: &Reader<'_>, key: &str, text: &str, problems: &mut Problems) -> Option<String> {
    let node = reader.node(key)?;
    let Ok(url) = url::Url::parse(text) else {
        reader.refuse(key, node, &format!("is {text:?}, which is no address"), "write https://…", problems);
        return None;
    };
    let is_secure = matches!(url.scheme(), "https" | "wss");
    let is_plain = matches!(url.scheme(), "http" | "ws");
    if !(is_secure || (is_plain && is_loopback(&url))) {
        problems.add(Problem::new(
            node.origin.clone(),
            format!("{} is {text:?}, not encrypted", reader.path(key)),
            "write https://…; plain http is accepted on loopback only",
        ));
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

/// Does the address stay on this machine?
pub fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn origin_of(written: &str) -> Option<String> {
    if written == "null" {
        return Some(written.to_owned());
    }
    let url = url::Url::parse(written).ok()?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && is_bare && url.has_host() && url.username().is_empty())
        .then(|| url.origin().ascii_serialization())
}

/// Letters, digits, dashes and underscores.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
