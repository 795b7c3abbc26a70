//! `/api/openapi.json`: the description of the API, made from the table of routes.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::routes::{ROUTES, Route};
use crate::auth::scope::Need;

/// What values look like.
const SCHEMAS: &str = include_str!("schemas.json");

/// The whole document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.full_path()).or_insert_with(|| json!({}));
        path[route.method] = operation(route);
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).expect("the schemas are JSON, a test reads them");
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Lists are {items, next}. Errors are problem documents (RFC 9457). Times are RFC 3339. Ids are opaque strings.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "rapport_session" },
            },
            "schemas": schemas,
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.noun()],
        "responses": responses(route),
    });
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(route.query.iter().map(|(name, about)| {
        let required =
            matches!((route.path, *name), ("/messages", "conversation") | ("/knowledge/ask", "q") | ("/knowledge/documents", "name"));
        json!({ "name": name, "in": "query", "required": required, "description": about, "schema": { "type": "string" } })
    }));
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = route.body {
        let content = match body {
            "File" => {
                json!({ "application/octet-stream": { "schema": { "type": "string", "contentMediaType": "application/octet-stream" } } })
            }
            body => json!({ "application/json": { "schema": schema(body) } }),
        };
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    match route.need {
        Need::Nothing => operation["security"] = json!([]),
        Need::Scope(scope) => {
            operation["security"] = json!([{ "token": [] }, { "session": [] }]);
            operation["x-scope"] = json!(scope.as_str());
        }
        Need::Teammate => operation["security"] = json!([{ "session": [] }]),
    }
    operation
}

/// `get /customers/{id}/timeline` is `getCustomersTimeline`.
fn operation_id(route: &Route) -> String {
    let mut name = route.method.to_owned();
    let mut has_id = false;
    for part in route.path.split('/').filter(|part| !part.is_empty()) {
        if part.starts_with('{') {
            has_id = true;
            continue;
        }
        let mut letters = part.chars();
        if let Some(first) = letters.next() {
            name.push(first.to_ascii_uppercase());
            name.extend(letters);
        }
    }
    if has_id && route.path.ends_with('}') {
        name.push_str("ById");
    }
    name
}

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn responses(route: &Route) -> Value {
    let mut all = Map::new();
    for (status, name) in route.works {
        let answer = match name {
            Some("Stream") => {
                json!({ "description": "Server-sent events.", "content": { "text/event-stream": { "schema": { "type": "string" } } } })
            }
            Some("File") => {
                let bytes = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
                json!({ "description": "The file.", "content": { "application/octet-stream": { "schema": bytes } } })
            }
            Some(name) => json!({ "description": "It works.", "content": { "application/json": { "schema": schema(name) } } }),
            None => json!({ "description": "It works." }),
        };
        all.insert(status.to_string(), answer);
    }
    let usual: &[u16] = &[400, 401, 403, 429, 500, 503];
    for status in usual.iter().chain(route.fails) {
        all.insert(
            status.to_string(),
            json!({
                "description": about(*status),
                "content": { "application/problem+json": { "schema": schema("Problem") } },
            }),
        );
    }
    Value::Object(all)
}

/// What a status says.
pub const fn about(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be understood.",
        401 => "No valid token or session.",
        403 => "The caller may not do this.",
        404 => "There is nothing here for this caller.",
        409 => "Not possible as things stand.",
        413 => "The request is too large.",
        415 => "The body is not JSON.",
        422 => "The request cannot be carried out.",
        429 => "Too many requests; Retry-After says how long to wait.",
        500 => "Something failed in the server.",
        503 => "Nothing can be stored for the moment; Retry-After says how long to wait.",
        _ => "It works.",
    }
}

/// Serves it.
pub async fn handle() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document().to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_named_exists_and_is_used() {
        let schemas: Map<String, Value> = serde_json::from_str(SCHEMAS).expect("the schemas are JSON");
        let whole = document().to_string();
        for name in schemas.keys() {
            assert!(whole.contains(&format!("#/components/schemas/{name}\"")), "{name} is not used");
        }
        for piece in whole.split("#/components/schemas/").skip(1) {
            let name = piece.split('"').next().unwrap_or_default();
            assert!(schemas.contains_key(name), "{name} is not described");
        }
    }
}
