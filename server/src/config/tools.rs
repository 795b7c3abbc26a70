//! `[[tools]]`: which operations of the business's own systems the assistant may use, and on whose word.

use std::time::Duration;

use domain::ports::{Approval, Needed, Own};
use providers::tools::{self, Described, Place, Tool, Way};

use super::connections::is_slug;
use super::document::{Entry, Node, Value};
use super::keys::{OPERATION, TOOLS};
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, Surroundings};
use super::sources::address;

/// A description is no longer.
const LARGEST: u64 = 4 << 20;

/// Reads every `[[tools]]`.
pub fn read(root: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<Tool> {
    let mut all: Vec<Tool> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for (node, entries) in root.tables("tools", problems) {
        let reader = Reader::open("[[tools]]", &node.origin, entries, &[TOOLS], problems);
        let is_mcp = reader.node("mcp").is_some();
        for required in ["id", "openapi", "base_url", "operations"] {
            if let Some(at) = reader.node(required).filter(|_| is_mcp && matches!(required, "openapi" | "base_url")) {
                reader.refuse(required, at, "stands beside `mcp`", "write a [[tools]] of its own for each", problems);
            } else if reader.node(required).is_none() && !(is_mcp && matches!(required, "openapi" | "base_url")) {
                reader.missing(required, "tools need it", problems);
            }
        }
        let id = reader.text("id", problems);
        if let (Some(at), Some(id)) = (reader.node("id"), &id) {
            if !is_slug(id) {
                reader.refuse("id", at, &format!("is {id:?}"), "use letters, digits, - and _", problems);
            }
            if ids.contains(id) {
                reader.refuse("id", at, &format!("is {id:?}, which other tools have already"), "choose another id", problems);
            }
            ids.push(id.clone());
        }
        let timeout = reader.span("timeout", problems).unwrap_or(Duration::from_secs(5));
        if let Some(at) = reader.node("timeout").filter(|_| timeout.is_zero() || timeout > Duration::from_secs(15)) {
            reader.refuse("timeout", at, "must be from 1s to 15s", "a customer waits for it: write \"5s\"", problems);
        }
        let place = address(if is_mcp { "mcp" } else { "base_url" }, &reader, problems).map(|base_url| Place {
            base_url,
            token: secrets::read(&reader, "token", 0, around, problems).into_iter().next(),
            timeout,
        });
        let described = if is_mcp { None } else { described(&reader, around, problems) };
        let operations = reader.tables("operations", problems);
        let (Some(id), Some(place), true) = (id, place, is_mcp || described.is_some()) else { continue };
        for (node, entries) in operations {
            all.extend(operation(&id, &place, described.as_deref(), (node, entries), problems));
        }
    }
    all
}

fn described(reader: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Vec<Described>> {
    let (text, node) = (reader.text("openapi", problems)?, reader.node("openapi")?);
    let path = around.folder.join(&text);
    let is_too_large = std::fs::metadata(&path).is_ok_and(|found| found.len() > LARGEST);
    if is_too_large {
        reader.refuse(
            "openapi",
            node,
            &format!("names {text:?}, which is larger than 4 MB"),
            "keep the operations you need in a file of their own",
            problems,
        );
        return None;
    }
    let found = match std::fs::read_to_string(&path) {
        Ok(found) => found,
        Err(error) => {
            reader.refuse(
                "openapi",
                node,
                &format!("names {text:?}, which cannot be read: {error}"),
                "name an OpenAPI 3 file beside this one",
                problems,
            );
            return None;
        }
    };
    match tools::describe(&found) {
        Ok(described) => Some(described),
        Err(error) => {
            reader.refuse(
                "openapi",
                node,
                &format!("names {text:?}, but {error}"),
                "give it an OpenAPI 3 description in JSON or YAML",
                problems,
            );
            None
        }
    }
}

/// `described`: what may be named; `None`: an MCP server tells it later.
fn operation(
    id: &str,
    place: &Place,
    described: Option<&[Described]>,
    (node, entries): (&Node, &[Entry]),
    problems: &mut Problems,
) -> Option<Tool> {
    let reader = Reader::open("[[tools.operations]]", &node.origin, entries, &[OPERATION], problems);
    if reader.node("id").is_none() {
        reader.missing("id", "name an operation of the description, or a tool of the server", problems);
    }
    let name = reader.text("id", problems)?;
    let found = match described {
        None => None,
        Some(described) => {
            let Some(found) = described.iter().find(|operation| operation.id == name) else {
                let known: Vec<&str> = described.iter().map(|operation| operation.id.as_str()).collect();
                reader.word("id", &known, problems);
                return None;
            };
            Some(found)
        }
    };
    let only_reads = reader.flag("reads", problems).unwrap_or_else(|| found.is_some_and(|found| found.only_reads));
    let needs = match reader.word("level", &["anonymous", "asserted", "proven", "fresh"], problems).as_deref() {
        Some("anonymous") => Needed::Anonymous,
        Some("proven") => Needed::Proven,
        Some("fresh") => Needed::Fresh,
        Some(_) => Needed::Asserted,
        None if only_reads => Needed::Asserted,
        None => Needed::Proven,
    };
    let asked = reader.word("approval", &["teammate", "customer"], problems);
    if let Some(at) = reader.node("approval").filter(|_| only_reads) {
        reader.refuse("approval", at, "is for what has an effect", "leave it out, or write reads = false", problems);
    }
    let approval = match asked.as_deref() {
        _ if only_reads => Approval::Nobody,
        Some("customer") => Approval::Customer,
        Some(_) | None => Approval::Teammate,
    };
    let spec = domain::ports::ToolSpec {
        name: format!("{id}.{name}"),
        about: reader.text("about", problems).or_else(|| found.map(|found| found.about.clone())).unwrap_or_default(),
        arguments: found.map(|found| found.arguments.clone()).unwrap_or_default(),
        own: own(&reader, found, problems),
        needs,
        approval,
    };
    let way = found.map_or(Way::Mcp { name }, |found| Way::Http(found.endpoint.clone()));
    Some(Tool { spec, way, place: place.clone() })
}

/// `own = { customer_id = "external_id" }`.
fn own(reader: &Reader<'_>, found: Option<&Described>, problems: &mut Problems) -> Vec<(String, Own)> {
    let Some((_, entries)) = reader.table("own", problems) else { return Vec::new() };
    let mut own = Vec::new();
    for entry in entries {
        if let Some(known) = found.and_then(|found| found.arguments["properties"].as_object())
            && !known.contains_key(&entry.key)
        {
            let known: Vec<&str> = known.keys().map(String::as_str).collect();
            let why = format!("names {:?}, which the operation does not take", entry.key);
            reader.refuse("own", &entry.node, &why, &format!("use one of: {}", known.join(", ")), problems);
            continue;
        }
        let value = match &entry.node.value {
            Value::Text(text) => text.parse::<Own>().ok(),
            _ => None,
        };
        match value {
            Some(value) => own.push((entry.key.clone(), value)),
            None => reader.refuse("own", &entry.node, "is none of a customer's own", "use one of: external_id, email, phone", problems),
        }
    }
    own
}
