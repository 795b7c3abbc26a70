//! One use of a tool over HTTP: to the configured address alone, bounded in time and size, under an idempotency key.

use std::fmt::Write as _;

use domain::ports::ToolError;
use serde_json::{Map, Value};

use super::{LARGEST_ANSWER, Place};

/// Where an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A piece of the path.
    Path,
    /// After the question mark.
    Query,
    /// A field of the JSON body.
    Body,
}

/// How a tool is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET`, `POST` …
    pub method: String,
    /// `/orders/{order}`.
    pub path: String,
    /// Where each argument goes.
    pub parts: Vec<(String, Part)>,
}

/// A client that follows nobody: an answer that leads elsewhere is no answer.
pub(super) fn client() -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("Rapport/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

pub(super) async fn ask(
    http: &reqwest::Client,
    (endpoint, place): (&Endpoint, &Place),
    arguments: &Value,
    key: &str,
) -> Result<Value, ToolError> {
    let refused = |why: &str| ToolError::Refused(why.to_owned());
    let given = arguments.as_object().ok_or_else(|| refused("the arguments are no object"))?;
    let (address, body) = request(endpoint, place, given).ok_or_else(|| refused("an argument has no place in the request"))?;
    let method = endpoint.method.parse::<reqwest::Method>().map_err(|_| refused("the method is not known"))?;
    let mut request = http.request(method, address).timeout(place.timeout).header("idempotency-key", key);
    if let Some(token) = &place.token {
        request = request.bearer_auth(token.expose());
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    // What it says beyond its status is not repeated: it may hold an address or a token.
    let mut answer = request
        .send()
        .await
        .map_err(|error| ToolError::Unknown(if error.is_timeout() { "too late" } else { "no connection" }.to_owned()))?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|_| ToolError::Unknown("the answer broke off".to_owned()))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LARGEST_ANSWER {
            return Err(ToolError::Unknown("the answer is too long".to_owned()));
        }
    }
    match status {
        200..=299 if bytes.is_empty() => Ok(Value::Null),
        200..=299 => serde_json::from_slice(&bytes).map_err(|_| ToolError::Unknown("the answer is no JSON".to_owned())),
        408 | 425 | 429 | 500..=599 => Err(ToolError::Unknown(format!("status {status}"))),
        _ => Err(ToolError::Declined(format!("status {status}"))),
    }
}

/// The address and the body. Whatever an argument holds stays one piece of the path or one value of the query.
fn request(endpoint: &Endpoint, place: &Place, given: &Map<String, Value>) -> Option<(String, Option<Value>)> {
    let mut path = endpoint.path.clone();
    let mut query = String::new();
    let mut body = Map::new();
    for (name, value) in given {
        let (_, part) = endpoint.parts.iter().find(|(known, _)| known == name)?;
        match part {
            Part::Path => path = path.replace(&format!("{{{name}}}"), &piece(value)?),
            Part::Query => {
                let sign = if query.is_empty() { '?' } else { '&' };
                write!(query, "{sign}{}={}", encoded(name), piece(value)?).ok()?;
            }
            Part::Body => {
                body.insert(name.clone(), value.clone());
            }
        }
    }
    if path.contains(['{', '}']) {
        return None;
    }
    let has_body = endpoint.parts.iter().any(|(_, part)| *part == Part::Body);
    Some((format!("{}{path}{query}", place.base_url), has_body.then_some(Value::Object(body))))
}

fn piece(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    // A dot alone would climb.
    (!text.is_empty() && text.chars().any(|letter| letter != '.')).then(|| encoded(&text))
}

/// Everything but letters, digits and four signs is written as its bytes.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_stays_in_its_place_whatever_it_holds() {
        let endpoint = Endpoint {
            method: "POST".to_owned(),
            path: "/orders/{order}".to_owned(),
            parts: vec![("order".to_owned(), Part::Path), ("deep".to_owned(), Part::Query), ("note".to_owned(), Part::Body)],
        };
        let place = Place { base_url: "https://shop.example/api".to_owned(), token: None, timeout: Duration::from_secs(1) };
        let check = |arguments: Value, expected: Option<&str>| {
            let found = request(&endpoint, &place, arguments.as_object().expect("an object"));
            assert_eq!(found.map(|(address, _)| address).as_deref(), expected, "{arguments}");
        };
        check(json!({"order": "EC-1"}), Some("https://shop.example/api/orders/EC-1"));
        check(json!({"order": "../admin?x=1#y"}), Some("https://shop.example/api/orders/..%2Fadmin%3Fx%3D1%23y"));
        check(json!({"order": "//evil.example"}), Some("https://shop.example/api/orders/%2F%2Fevil.example"));
        check(json!({"order": "a", "deep": "1&token=x"}), Some("https://shop.example/api/orders/a?deep=1%26token%3Dx"));
        check(json!({"order": ".."}), None);
        check(json!({"order": ""}), None);
        check(json!({"order": {"a": 1}}), None);
        check(json!({"order": "a", "other": "b"}), None);
        check(json!({"deep": "1"}), None);
        let (_, body) =
            request(&endpoint, &place, json!({"order": "a", "note": {"b": 1}}).as_object().expect("an object")).expect("a request");
        assert_eq!(body, Some(json!({"note": {"b": 1}})));
    }
}
