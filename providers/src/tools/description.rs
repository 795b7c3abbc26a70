//! Reads OpenAPI 3 descriptions, JSON or YAML: an operation becomes a tool whose arguments are its parameters and the fields of its
//! JSON body.

use serde_json::{Map, Value, json};

use super::http::{Endpoint, Part};

/// So deep references lead.
const DEEPEST: usize = 24;
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// An operation that can be a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// Its `operationId`.
    pub id: String,
    /// Its summary, or its description's first line.
    pub about: String,
    /// JSON schema of all its arguments, which admits no others.
    pub arguments: Value,
    /// How it is asked for.
    pub endpoint: Endpoint,
    /// Does it only look something up?
    pub only_reads: bool,
}

/// A file that is no description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DescriptionError(pub String);

/// Every operation of a description that has an id.
pub fn describe(text: &str) -> Result<Vec<Described>, DescriptionError> {
    let document: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| DescriptionError(format!("it is no JSON: {error}")))?
    } else {
        serde_yaml_ng::from_str(text).map_err(|error| DescriptionError(format!("it is no YAML: {error}")))?
    };
    match document["openapi"].as_str() {
        Some(version) if version.starts_with("3.") => {}
        Some(version) => return Err(DescriptionError(format!("it is OpenAPI {version}, and 3 is read"))),
        None => return Err(DescriptionError("it has no `openapi: 3.…` at its top".to_owned())),
    }
    let paths = document["paths"].as_object().ok_or_else(|| DescriptionError("it has no `paths`".to_owned()))?;
    let mut found = Vec::new();
    for (path, item) in paths {
        let item = whole(item, &document, 0)?;
        let shared = item["parameters"].as_array().cloned().unwrap_or_default();
        for method in METHODS {
            let operation = &item[method];
            let Some(id) = operation["operationId"].as_str() else { continue };
            found.push(of(id, method, path, operation, &shared)?);
        }
    }
    Ok(found)
}

fn of(id: &str, method: &str, path: &str, operation: &Value, shared: &[Value]) -> Result<Described, DescriptionError> {
    let mut properties = Map::new();
    let mut required: Vec<String> = Vec::new();
    let mut parts = Vec::new();
    let twice = |name: &str| DescriptionError(format!("the operation {id} takes {name} in two places"));
    let own = operation["parameters"].as_array().cloned().unwrap_or_default();
    let is_overridden = |parameter: &&Value| !own.iter().any(|known| known["name"] == parameter["name"] && known["in"] == parameter["in"]);
    for parameter in shared.iter().filter(is_overridden).chain(&own) {
        let Some(name) = parameter["name"].as_str() else { continue };
        let part = match parameter["in"].as_str() {
            Some("path") => Part::Path,
            Some("query") => Part::Query,
            // Headers and cookies are for programs, not for what a customer says.
            _ if parameter["required"] == true => {
                return Err(DescriptionError(format!("the operation {id} needs {name} in a header or cookie, which no tool can give")));
            }
            _ => continue,
        };
        let mut schema = parameter["schema"].clone();
        if let (Some(fields), Some(about)) = (schema.as_object_mut(), parameter["description"].as_str()) {
            fields.entry("description").or_insert_with(|| json!(about));
        }
        if properties.insert(name.to_owned(), schema).is_some() {
            return Err(twice(name));
        }
        if part == Part::Path || parameter["required"] == true {
            required.push(name.to_owned());
        }
        parts.push((name.to_owned(), part));
    }
    let body = &operation["requestBody"];
    if let Some(content) = body["content"].as_object() {
        let schema = content.iter().find(|(kind, _)| kind.starts_with("application/json")).map(|(_, media)| &media["schema"]);
        let schema = schema.ok_or_else(|| DescriptionError(format!("the operation {id} takes no JSON")))?;
        let fields =
            schema["properties"].as_object().ok_or_else(|| DescriptionError(format!("the body of {id} is no object with properties")))?;
        for (name, field) in fields {
            if properties.insert(name.clone(), field.clone()).is_some() {
                return Err(twice(name));
            }
            parts.push((name.clone(), Part::Body));
        }
        required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    }
    let about = operation["summary"].as_str().or_else(|| operation["description"].as_str()?.lines().next()).unwrap_or(id);
    Ok(Described {
        id: id.to_owned(),
        about: about.trim().trim_end_matches('.').to_owned(),
        arguments: json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required}),
        endpoint: Endpoint { method: method.to_uppercase(), path: path.to_owned(), parts },
        only_reads: matches!(method, "get" | "head" | "options"),
    })
}

/// The value with every reference within the document put in its place.
fn whole(value: &Value, document: &Value, depth: usize) -> Result<Value, DescriptionError> {
    if depth > DEEPEST {
        return Err(DescriptionError("its references lead in a circle".to_owned()));
    }
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let pointer =
                    reference.strip_prefix('#').ok_or_else(|| DescriptionError(format!("it leads out of the file: {reference}")))?;
                let target = document.pointer(pointer).ok_or_else(|| DescriptionError(format!("it leads nowhere: {reference}")))?;
                return whole(target, document, depth + 1);
            }
            // Examples and answers are nothing that a tool is asked with.
            let kept = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "responses" | "callbacks" | "example" | "examples"));
            kept.map(|(name, field)| Ok((name.clone(), whole(field, document, depth + 1)?)))
                .collect::<Result<Map<_, _>, _>>()
                .map(Value::Object)
        }
        Value::Array(items) => items.iter().map(|item| whole(item, document, depth + 1)).collect::<Result<Vec<_>, _>>().map(Value::Array),
        other => Ok(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /subscriptions/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string } }
    get: { operationId: subscription, summary: Look up a subscription., responses: { "200": { description: ok } } }
    delete:
      operationId: cancelSubscription
      description: "Cancel a subscription\nat the end of its term"
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Why" } } } }
      responses: { "204": { description: gone } }
  /health: { get: { responses: { "200": { description: ok } } } }
components:
  schemas:
    Why: { type: object, required: [reason], properties: { reason: { type: string, maxLength: 200 } } }
"##;

    #[test]
    fn an_operation_becomes_a_tool() {
        let found = describe(SHOP).expect("a description");
        assert_eq!(found.len(), 2);
        let cancel = found.iter().find(|tool| tool.id == "cancelSubscription").expect("the operation");
        assert_eq!((cancel.about.as_str(), cancel.only_reads), ("Cancel a subscription", false));
        assert_eq!(cancel.endpoint.path, "/subscriptions/{id}");
        assert_eq!(cancel.arguments["required"], json!(["id", "reason"]));
        assert_eq!(cancel.arguments["properties"]["reason"]["maxLength"], 200);
        assert!(found.iter().any(|tool| tool.id == "subscription" && tool.only_reads && tool.about == "Look up a subscription"));
    }

    #[test]
    fn what_cannot_be_a_tool_says_why() {
        let check = |text: &str, why: &str| {
            let error = describe(text).expect_err("no description");
            assert!(error.0.contains(why), "{error}");
        };
        check("{", "no JSON");
        check("swagger: '2.0'", "no `openapi");
        check("openapi: 2.0.0", "3 is read");
        check("openapi: 3.0.0", "no `paths`");
        check("openapi: 3.0.0\npaths: { /a: { $ref: 'other.yaml' } }", "out of the file");
        check("openapi: 3.0.0\npaths: { /a: { $ref: '#/paths/~1a' } }", "circle");
        check(
            "openapi: 3.0.0\npaths: { /a: { get: { operationId: a, parameters: [{ name: k, in: header, required: true, schema: {} }] } } }",
            "header or cookie",
        );
    }
}
