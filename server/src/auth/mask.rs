//! What an analyst sees of people: figures and matters, not who they are. Applied to every answer on its way out.

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::problem::Problem;

/// Largest answer that is looked through.
const LARGEST: usize = 16 * 1024 * 1024;
/// What stands for a name or an address.
const MASK: &str = "•••";
/// Addresses of the lists behind figures: days and kinds, nobody.
const FIGURES: &str = "/api/v1/analytics/";
/// A run of so many digits may be a number of a person.
const DIGITS: usize = 7;
/// Facts that say who somebody is or where they can be reached.
const PERSONAL: [&str; 7] = ["name", "preferred_name", "email", "phone", "address", "household_member", "company"];

/// Masks an answer in JSON; others pass.
pub async fn masked(response: Response) -> Response {
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !is_json {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else { return Problem::internal().into_response() };
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else { return Problem::internal().into_response() };
    mask(&mut value);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(value.to_string()))
}

/// Masks a value in place.
pub fn mask(value: &mut Value) {
    let mut names = BTreeSet::new();
    hide(value, &mut names);
    rewrite(value, &names);
}

fn is_customer(id: Option<&Value>) -> bool {
    id.and_then(Value::as_str).is_some_and(|id| id.starts_with("cus_"))
}

fn take_name(value: &mut Value, names: &mut BTreeSet<String>) {
    if let Value::String(text) = value {
        names.extend(text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| word.chars().count() > 2).map(str::to_owned));
        MASK.clone_into(text);
    }
}

/// Hides what is known to say who somebody is, and collects the names.
fn hide(value: &mut Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, names)),
        Value::Object(fields) => {
            let is_brief = fields.contains_key("next_step") && fields.contains_key("contacts");
            let is_identifier = fields.contains_key("kind") && fields.contains_key("trust");
            let is_personal = fields.get("predicate").and_then(Value::as_str).is_some_and(|predicate| PERSONAL.contains(&predicate));
            if (is_brief || is_customer(fields.get("id")))
                && let Some(name) = fields.get_mut("name")
            {
                take_name(name, names);
            }
            if is_brief && let Some(contacts) = fields.get_mut("contacts") {
                *contacts = Value::Array(Vec::new());
            }
            if is_identifier && let Some(known) = fields.get_mut("value") {
                *known = Value::from(MASK);
            }
            if is_personal {
                for field in ["value", "quote"] {
                    if let Some(known) = fields.get_mut(field) {
                        take_name(known, names);
                    }
                }
                if let Some(data) = fields.get_mut("data") {
                    *data = Value::Null;
                }
            }
            if fields.get("author").and_then(Value::as_str) == Some("customer")
                && let Some(name) = fields.get_mut("author_name")
            {
                take_name(name, names);
            }
            fields.values_mut().for_each(|field| hide(field, names));
        }
        _ => {}
    }
}

/// Takes names, addresses and numbers out of every text. Ids and times are left alone.
fn rewrite(value: &mut Value, names: &BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, names)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let is_plain = name == "id" || name.ends_with("_at") || name == "at" || name == "turn" || name == "conversation";
                if !is_plain {
                    rewrite(field, names);
                }
            }
        }
        Value::String(text) if !is_id(text) && !is_date(text) && !text.starts_with(FIGURES) => *text = without_people(text, names),
        _ => {}
    }
}

/// `2026-11-30`.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, sign)| if matches!(place, 4 | 7) { sign == b'-' } else { sign.is_ascii_digit() })
}

fn is_id(text: &str) -> bool {
    text.split_once('_')
        .is_some_and(|(prefix, rest)| prefix.len() == 3 && rest.len() == 26 && rest.bytes().all(|sign| sign.is_ascii_alphanumeric()))
}

fn without_people(text: &str, names: &BTreeSet<String>) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        if bare.contains('@') && bare.contains('.') { word.replace(bare, MASK) } else { word.to_owned() }
    });
    let mut plain = without_numbers(&words.collect::<String>());
    for name in names {
        plain = plain.replace(name.as_str(), MASK);
    }
    plain
}

/// Digits in a row, with what people write between them.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for sign in text.chars().chain(std::iter::once('\0')) {
        if sign.is_ascii_digit()
            || (!run.is_empty() && matches!(sign, ' ' | '-' | '.' | '(' | ')' | '/'))
            || (sign == '+' && run.is_empty())
        {
            run.push(sign);
            continue;
        }
        if run.chars().filter(char::is_ascii_digit).count() >= DIGITS {
            let kept = run.trim_end_matches([' ', '.', '-', '(', '/']);
            out.push_str(MASK);
            out.push_str(&run[kept.len()..]);
        } else {
            out.push_str(&run);
        }
        run.clear();
        if sign != '\0' {
            out.push(sign);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_somebody_is_does_not_leave_and_what_it_is_about_does() {
        let mut answer = json!({ "items": [{
            "id": "cnv_00000000000000000000000000",
            "customer": { "id": "cus_00000000000000000000000000", "name": "Anna Berger", "proof": "verified", "score": 60 },
            "last_message": { "text": "Anna here, write to anna@studio.example or +43 660 123 41 07. Budget 2,400 EUR", "at": "2026-11-20T12:00:00Z" },
            "identifiers": [{ "id": "idn_0", "kind": "phone", "trust": "verified", "value": "+436601234107" }],
            "facts": [{ "predicate": "name", "value": "Anna Berger", "quote": "Anna here", "data": {} }, { "predicate": "budget", "value": "2,400 EUR" }],
        }]});
        mask(&mut answer);
        let text = answer.to_string();
        for known in ["Anna", "Berger", "studio.example", "660", "4107"] {
            assert!(!text.contains(known), "{known} in {text}");
        }
        assert_eq!(answer["items"][0]["facts"][1]["value"], "2,400 EUR");
        assert_eq!(answer["items"][0]["customer"]["score"], 60);
        assert!(text.contains("2026-11-20T12:00:00Z") && text.contains("cus_00000000000000000000000000"));
    }
}
