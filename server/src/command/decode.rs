//! `rapport decode`: what a door makes of a vendor's event, signature aside. JSON lines in, JSON lines out.

use std::io::{BufRead, Write};

use domain::ChannelKind;
use domain::event::InboundEvent;
use domain::ports::HookRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Line {
    id: Value,
    channel: String,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    query: Option<Value>,
    form: Option<Map<String, Value>>,
    body: Option<Value>,
    raw: Option<String>,
}

pub fn run() -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        writeln!(out, "{}", answer(&line))?;
        out.flush()?;
    }
    Ok(())
}

/// The answer to one line; a line that cannot be read is answered too.
pub fn answer(line: &str) -> Value {
    let parsed: Line = match serde_json::from_str(line) {
        Ok(parsed) => parsed,
        Err(error) => return json!({ "id": null, "events": [], "error": format!("the line cannot be read: {error}") }),
    };
    let id = parsed.id.clone();
    match decode(parsed) {
        Ok(events) => json!({ "id": id, "events": events }),
        Err(error) => json!({ "id": id, "events": [], "error": error }),
    }
}

fn decode(line: Line) -> Result<Vec<InboundEvent>, String> {
    let kind: ChannelKind = line.channel.parse().map_err(|_| format!("there is no channel {:?}", line.channel))?;
    let mut headers: Vec<(String, String)> = line.headers.iter().map(|(name, value)| (name.to_lowercase(), plain(value))).collect();
    let (body, content_type) = match (line.form, line.body, line.raw) {
        (Some(form), _, _) => (pairs(&form), "application/x-www-form-urlencoded"),
        (None, Some(body), _) => (body.to_string(), "application/json"),
        (None, None, Some(raw)) => (raw, "application/json"),
        (None, None, None) => (String::new(), "application/json"),
    };
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    let query = match &line.query {
        Some(Value::Object(fields)) => pairs(fields),
        Some(value) => plain(value).trim_start_matches('?').to_owned(),
        None => String::new(),
    };
    let url = format!("https://localhost/hooks/decode{}{query}", if query.is_empty() { "" } else { "?" });
    let request = HookRequest { method: "POST", url: &url, query: &query, headers: &headers, body: body.as_bytes() };
    channels::decode(kind, &request).map_err(|refusal| refusal.to_string())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn pairs(fields: &Map<String, Value>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        match value {
            Value::Array(values) => {
                for value in values {
                    form.append_pair(name, &plain(value));
                }
            }
            value => {
                form.append_pair(name, &plain(value));
            }
        }
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_is_answered_too() {
        assert_eq!(answer("{")["events"], json!([]));
        let unknown = answer(r#"{"id":"f1","channel":"fax","body":{}}"#);
        assert_eq!(unknown["id"], "f1");
        assert!(unknown["error"].as_str().is_some_and(|text| text.contains("fax")));
    }

    #[test]
    fn a_form_is_encoded_as_a_browser_does() {
        let fields = json!({ "Body": "a b&c", "Media": ["x", "y"] });
        assert_eq!(pairs(fields.as_object().expect("an object")), "Body=a+b%26c&Media=x&Media=y");
    }
}
