//! The JSON schema of the configuration file, made from the table of keys.

use domain::ChannelKind;
use serde_json::{Map, Value, json};

use super::keys::{CONNECTION, Form, Key, ROOT, of_channel, required};

/// The whole schema.
pub fn schema() -> Value {
    let mut root = object(ROOT);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("Configuration of Rapport");
    let doors: Vec<Value> = ChannelKind::ALL.into_iter().map(connection).collect();
    root["properties"]["connections"] = json!({
        "type": "array",
        "description": "Doors.",
        "items": { "oneOf": doors },
    });
    root["$defs"] = json!({
        "secret": {
            "oneOf": [
                { "type": "string" },
                { "type": "object", "properties": { "env": { "type": "string" } }, "required": ["env"], "additionalProperties": false },
                { "type": "object", "properties": { "file": { "type": "string" } }, "required": ["file"], "additionalProperties": false },
            ],
        },
    });
    root
}

fn connection(kind: ChannelKind) -> Value {
    let mut door = object(CONNECTION);
    if let (Some(all), Value::Object(own)) = (door["properties"].as_object_mut(), properties(of_channel(kind))) {
        all.extend(own);
        all.insert("channel".to_owned(), json!({ "const": kind.as_str() }));
    }
    let mut needed = vec!["id", "channel"];
    // Who carries it decides what it needs.
    if !of_channel(kind).iter().any(|key| key.name == "provider") {
        needed.extend(required(kind));
    }
    door["required"] = json!(needed);
    door["title"] = json!(kind.label());
    door
}

fn object(keys: &[Key]) -> Value {
    json!({ "type": "object", "properties": properties(keys), "additionalProperties": false })
}

fn properties(keys: &[Key]) -> Value {
    let mut all = Map::new();
    for key in keys {
        let mut value = form(key.form);
        value["description"] = json!(key.about);
        all.insert(key.name.to_owned(), value);
    }
    Value::Object(all)
}

fn form(form: Form) -> Value {
    match form {
        Form::Text => json!({ "type": "string", "minLength": 1 }),
        Form::Integer => json!({ "type": "integer", "minimum": 0 }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Texts => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        Form::Span => json!({ "type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$" }),
        Form::Secret => json!({
            "oneOf": [
                { "$ref": "#/$defs/secret" },
                { "type": "array", "items": { "$ref": "#/$defs/secret" }, "minItems": 1, "maxItems": 2 },
            ],
        }),
        Form::MasterKey => json!({
            "type": "object",
            "properties": { "env": { "type": "string" }, "file": { "type": "string" }, "command": { "type": "string" } },
            "additionalProperties": false,
        }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Table(keys) => object(keys),
        Form::Free => json!({ "type": "object" }),
        Form::Tables(keys) => json!({ "type": "array", "items": object(keys) }),
        Form::PerChannel => json!({
            "oneOf": [
                { "type": "integer", "minimum": 0, "maximum": 5000 },
                { "type": "object", "additionalProperties": { "type": "integer", "minimum": 0, "maximum": 5000 } },
            ],
        }),
    }
}
