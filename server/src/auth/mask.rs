//! What an analyst sees of people: figures and matters, not who they are. Applied to every answer on its way out.

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::api::views::UNKNOWN;
use crate::problem::Problem;

/// Largest answer that is looked through.
const LARGEST: usize = 16 * 1024 * 1024;
/// What stands for a name or an address.
const MASK: &str = "•••";
/// Addresses of the lists behind figures: days and kinds, nobody.
const FIGURES: &str = "/api/v1/analytics/";
/// A run of so many digits may be a number of a person.
const DIGITS: usize = 7;
/// Facts that name somebody: each word of them may stand in a text.
const NAMES: [&str; 3] = ["name", "preferred_name", "household_member"];
/// Facts that say where somebody can be reached; their words are those of everybody, so they count as a whole.
const PLACES: [&str; 4] = ["email", "phone", "address", "company"];
/// Words of names that are words of every text as well.
const PARTICLES: [&str; 14] = ["al", "and", "da", "de", "del", "der", "di", "du", "el", "la", "le", "the", "van", "von"];
/// What a business calls somebody in its own data.
const OWN_WORDS: [&str; 14] = [
    "address",
    "billing_address",
    "city",
    "customer_name",
    "email",
    "first_name",
    "full_name",
    "last_name",
    "phone",
    "postcode",
    "shipping_address",
    "street",
    "surname",
    "zip",
];

/// Words of names, and names and addresses as a whole; in lower case.
#[derive(Default)]
struct Known {
    words: BTreeSet<String>,
    wholes: BTreeSet<String>,
}

impl Known {
    fn name(&mut self, text: &str) {
        let words = text.split(|sign: char| !sign.is_alphanumeric()).map(str::to_lowercase);
        self.words.extend(words.filter(|word| word.chars().count() > 1 && !PARTICLES.contains(&word.as_str())));
    }

    fn whole(&mut self, text: &str) {
        let plain = text.trim().to_lowercase();
        if plain.chars().count() > 2 {
            self.wholes.insert(plain);
        }
    }

    /// Is this word of a text somebody's name, be it in the genitive?
    fn holds(&self, word: &str) -> bool {
        let plain = word.to_lowercase();
        self.words.contains(&plain) || plain.strip_suffix('s').is_some_and(|name| name.chars().count() > 2 && self.words.contains(name))
    }
}

/// Masks an answer in JSON. What is not JSON cannot be looked through and stays here: pictures, letters and voices are people's own.
pub async fn masked(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (is_json, is_live) = (kind.starts_with("application/json"), kind.starts_with("text/event-stream"));
    if is_live || response.status() == StatusCode::NO_CONTENT || !(is_json || response.status().is_success()) {
        return response;
    }
    if !is_json {
        return Problem::forbidden("Files of customers are not for analysts.").into_response();
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
    let mut known = Known::default();
    hide(value, &mut known);
    rewrite(value, &known);
}

fn is_customer(id: Option<&Value>) -> bool {
    id.and_then(Value::as_str).is_some_and(|id| id.starts_with("cus_"))
}

/// What a brief says where nothing is known is nobody's name.
fn take_name(value: &mut Value, known: &mut Known) {
    if let Value::String(text) = value
        && text != UNKNOWN
    {
        known.name(text);
        MASK.clone_into(text);
    }
}

fn cover(field: Option<&mut Value>) {
    if let Some(value) = field
        && !value.is_null()
    {
        *value = Value::from(MASK);
    }
}

/// Hides what is known to say who somebody is, and collects the names.
fn hide(value: &mut Value, known: &mut Known) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, known)),
        Value::Object(fields) => {
            let is_brief = fields.contains_key("next_step") && fields.contains_key("contacts");
            let is_identifier = fields.contains_key("kind") && fields.contains_key("trust");
            let is_file = fields.contains_key("mime") && fields.contains_key("shown_as");
            let predicate = fields.get("predicate").and_then(Value::as_str).unwrap_or_default();
            let (names, reaches) = (NAMES.contains(&predicate), PLACES.contains(&predicate));
            if (is_brief || is_customer(fields.get("id")))
                && let Some(name) = fields.get_mut("name")
            {
                take_name(name, known);
            }
            if is_brief && let Some(contacts) = fields.get_mut("contacts") {
                *contacts = Value::Array(Vec::new());
            }
            if is_identifier {
                cover(fields.get_mut("value"));
            }
            if is_file {
                // It would not be handed out.
                fields.insert("url".to_owned(), Value::Null);
                cover(fields.get_mut("name"));
            }
            if fields.get("recording").is_some_and(Value::is_object) {
                fields.insert("recording".to_owned(), Value::Null);
            }
            if names || reaches {
                if let Some(value) = fields.get_mut("value") {
                    if reaches {
                        known.whole(value.as_str().unwrap_or_default());
                    }
                    if names { take_name(value, known) } else { *value = Value::from(MASK) }
                }
                cover(fields.get_mut("quote"));
                if let Some(data) = fields.get_mut("data") {
                    *data = Value::Null;
                }
            }
            if fields.get("author").and_then(Value::as_str) == Some("customer")
                && let Some(name) = fields.get_mut("author_name")
            {
                take_name(name, known);
            }
            for own in ["data", "attributes"] {
                if let Some(given) = fields.get_mut(own) {
                    hide_own(given);
                }
            }
            fields.values_mut().for_each(|field| hide(field, known));
        }
        _ => {}
    }
}

/// Data of the business's own, in whatever form it sent it.
fn hide_own(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_own),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if OWN_WORDS.contains(&name.to_lowercase().as_str()) { cover(Some(field)) } else { hide_own(field) }
            }
        }
        _ => {}
    }
}

/// Takes names, addresses and numbers out of every text. Ids and times are left alone.
fn rewrite(value: &mut Value, known: &Known) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, known)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let is_plain = name == "id" || name.ends_with("_at") || name == "at" || name == "turn" || name == "conversation";
                if !is_plain {
                    rewrite(field, known);
                }
            }
        }
        Value::String(text) if text != UNKNOWN && !is_id(text) && !is_time(text) && !text.starts_with(FIGURES) => {
            *text = without_people(text, known);
        }
        _ => {}
    }
}

/// A day or a moment and nothing else: `2026-11-30`, `2026-11-30T12:00:00.123456Z`.
fn is_time(text: &str) -> bool {
    date(text) == Some(10) && (text.len() == 10 || text.as_bytes()[10] == b'T' && text.len() < 36 && !text.contains(' '))
}

/// How long the date is with which this begins: `2026-11-30`, `30.11.2026` or `30/11/2026`.
fn date(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let day = bytes.get(..10)?;
    if bytes.get(10).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| std::str::from_utf8(&day[from..to]).ok()?.parse::<u16>().ok();
    let (year, month, of_month) = if day[4] == b'-' && day[7] == b'-' {
        (number(0, 4)?, number(5, 7)?, number(8, 10)?)
    } else if matches!(day[2], b'.' | b'/') && day[5] == day[2] {
        (number(6, 10)?, number(3, 5)?, number(0, 2)?)
    } else {
        return None;
    };
    ((1900..2100).contains(&year) && (1..=31).contains(&month) && (1..=31).contains(&of_month)).then_some(10)
}

fn is_id(text: &str) -> bool {
    text.split_once('_')
        .is_some_and(|(prefix, rest)| prefix.len() == 3 && rest.len() == 26 && rest.bytes().all(|sign| sign.is_ascii_alphanumeric()))
}

fn without_people(text: &str, known: &Known) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        if bare.contains('@') && bare.contains('.') { word.replace(bare, MASK) } else { word.to_owned() }
    });
    let plain = without_wholes(words.collect(), known);
    without_names(&without_numbers(&plain), known)
}

/// Addresses and companies, wherever they stand as a whole.
fn without_wholes(mut text: String, known: &Known) -> String {
    for whole in &known.wholes {
        let mut from = 0;
        // Where lower case has other lengths the places do not fit: then it is left to the words.
        while let Some(found) = text.to_lowercase().get(from..).and_then(|rest| rest.find(whole.as_str())) {
            let (start, end) = (from + found, from + found + whole.len());
            if !text.is_char_boundary(start) || !text.is_char_boundary(end) || text[start..end].to_lowercase() != *whole {
                break;
            }
            let is_inside = text[..start].ends_with(char::is_alphanumeric) || text[end..].starts_with(char::is_alphanumeric);
            if is_inside {
                from = end;
            } else {
                text.replace_range(start..end, MASK);
                from = start + MASK.len();
            }
        }
    }
    text
}

/// Names, where they are words of their own.
fn without_names(text: &str, known: &Known) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(ends);
        out.push_str(if known.holds(word) { MASK } else { word });
        let begins = after.find(char::is_alphanumeric).unwrap_or(after.len());
        let (between, next) = after.split_at(begins);
        out.push_str(between);
        rest = next;
    }
    out
}

/// Digits in a row, with what people write between them; dates stay.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let is_start = !run.ends_with(|before: char| before.is_ascii_digit());
        if let Some(length) = date(rest).filter(|_| is_start && !is_long(&run)) {
            out.push_str(&run);
            run.clear();
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        rest = &rest[sign.len_utf8()..];
        if sign.is_ascii_digit()
            || (!run.is_empty() && matches!(sign, ' ' | '-' | '.' | '(' | ')' | '/'))
            || (sign == '+' && run.is_empty())
        {
            run.push(sign);
            continue;
        }
        flush(&mut run, &mut out);
        out.push(sign);
    }
    flush(&mut run, &mut out);
    out
}

fn is_long(run: &str) -> bool {
    run.bytes().filter(u8::is_ascii_digit).count() >= DIGITS
}

fn flush(run: &mut String, out: &mut String) {
    if is_long(run) {
        let kept = run.trim_end_matches([' ', '.', '-', '(', '/']);
        out.push_str(MASK);
        out.push_str(&run[kept.len()..]);
    } else {
        out.push_str(run);
    }
    run.clear();
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

    /// What is left of a text when these people are known.
    fn left(names: &[&str], text: &str) -> String {
        let people: Vec<Value> = names.iter().map(|name| json!({ "id": "cus_1", "name": name })).collect();
        let mut answer = json!({ "people": people, "text": text });
        mask(&mut answer);
        answer["text"].as_str().expect("a text").to_owned()
    }

    #[test]
    fn a_name_goes_as_a_word_however_it_is_written_and_never_out_of_the_middle_of_another() {
        assert_eq!(left(&["Marta Noor"], "marta, MARTA and Marta's; Martas order; martag"), "•••, ••• and •••'s; ••• order; martag");
        assert_eq!(
            left(&["Ann de la Cruz"], "Anniversary of Ann: annual plan de la maison"),
            "Anniversary of •••: annual plan de la maison"
        );
        assert_eq!(left(&["Jo Li"], "Jo asked, jog and lift stay"), "••• asked, jog and lift stay");
        assert_eq!(left(&["Zoë Ågren"], "zoë ågren schrieb"), "••• ••• schrieb");
    }

    #[test]
    fn a_brief_without_a_name_strikes_no_word_out_of_any_text() {
        let mut answer = json!({ "brief": { "name": UNKNOWN, "contacts": ["none known yet"], "need": UNKNOWN,
            "promised": ["nothing promised yet"], "summary": "Asked, not answered; said: nothing", "next_step": "call" } });
        let before = answer.clone();
        mask(&mut answer);
        assert_eq!(answer["brief"]["contacts"], json!([]));
        for field in ["name", "need", "promised", "summary", "next_step"] {
            assert_eq!(answer["brief"][field], before["brief"][field]);
        }
    }

    #[test]
    fn days_stay_and_numbers_go() {
        assert_eq!(left(&[], "by 2026-11-30, on 30.11.2026 or 30/11/2026 14:00"), "by 2026-11-30, on 30.11.2026 or 30/11/2026 14:00");
        assert_eq!(left(&[], "call 0660 123 41 07 on 2026-11-30"), "call ••• on 2026-11-30");
        assert_eq!(left(&[], "2026-11-30T09:00:00.123456Z"), "2026-11-30T09:00:00.123456Z");
        assert_eq!(left(&[], "2026-11-301234"), "•••");
    }

    #[test]
    fn a_fact_hides_what_it_says_and_not_the_words_of_its_sentence() {
        let mut answer = json!({ "facts": [
            { "predicate": "name", "value": "Anna", "quote": "my name is Anna", "data": {} },
            { "predicate": "address", "value": "12 Station Road", "quote": "send it to 12 Station Road", "data": {} },
        ], "text": "is my station far? Send it to 12 station road", "files": [{ "mime": "image/png", "shown_as": "image/png", "url": "/x", "name": "Anna.png" }],
            "events": [{ "data": { "order": "EC-1", "shipping_address": { "line": "x" }, "items": [{ "name": "Chair" }] } }] });
        mask(&mut answer);
        assert_eq!(answer["text"], "is my station far? Send it to •••");
        assert_eq!((&answer["files"][0]["url"], &answer["files"][0]["name"]), (&Value::Null, &json!(MASK)));
        assert_eq!(answer["events"][0]["data"], json!({ "order": "EC-1", "shipping_address": MASK, "items": [{ "name": "Chair" }] }));
    }
}
