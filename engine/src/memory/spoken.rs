//! A fact as it is said to the customer: its value in their language, and the few words that go with it.

use domain::ChannelKind;
use domain::fact::{Fact, Predicate};
use domain::money::figure;
use jiff::civil::Date;
use serde_json::Value;

use crate::decision::hours::dated;
use crate::rendering::phrases::{self, Phrases};

/// The value as a person reads it in the language of `words`; the record keeps it in English.
pub fn value(fact: &Fact, words: &Phrases) -> String {
    let said = match fact.predicate {
        Predicate::Budget => money(&fact.data, words),
        Predicate::Timeline => time(&fact.data, words),
        Predicate::Authority => (fact.value == "self").then(|| words.say("authority.self")),
        Predicate::PreferredChannel => Some(door(&fact.value, words)),
        Predicate::PreferredHours => hours(&fact.data, words),
        Predicate::Language => named(&format!("language.{}", fact.value), words),
        _ => None,
    };
    said.unwrap_or_else(|| fact.value.clone())
}

/// What was understood, in a few words: "budget up to 800 GBP", "for 18 July 2026".
pub fn noted(fact: &Fact, words: &Phrases) -> String {
    let said = value(fact, words);
    let key = match fact.predicate {
        Predicate::Timeline if !is_one_day(&fact.data) => return said,
        Predicate::Authority if fact.value == "self" => return said,
        predicate => format!("note.{predicate}"),
    };
    if phrases::exists(&key) { words.with(&key, &[("what", &said)]) } else { said }
}

fn named(key: &str, words: &Phrases) -> Option<String> {
    phrases::exists(key).then(|| words.say(key))
}

fn door(channel: &str, words: &Phrases) -> String {
    named(&format!("channel.{channel}"), words)
        .or_else(|| channel.parse::<ChannelKind>().ok().map(|kind| kind.label().to_owned()))
        .unwrap_or_else(|| channel.to_owned())
}

fn money(data: &Value, words: &Phrases) -> Option<String> {
    let bound = |key: &str| data.get(key).and_then(Value::as_i64);
    let currency = data.get("currency")?.as_str()?;
    let shown = |minor: i64| written(&figure(minor), words.language());
    let amount = match (bound("min"), bound("max")) {
        (Some(min), Some(max)) if min == max => format!("{} {currency}", shown(min)),
        (Some(min), Some(max)) => format!("{}–{} {currency}", shown(min), shown(max)),
        (None, Some(max)) => format!("{} {currency}", words.with("money.upto", &[("max", &shown(max))])),
        (Some(min), None) => format!("{} {currency}", words.with("money.from", &[("min", &shown(min))])),
        (None, None) => return None,
    };
    let per: Vec<String> = data
        .get("per")
        .and_then(Value::as_str)
        .into_iter()
        .flat_map(|per| per.split('/'))
        .map(|part| named(&format!("per.{part}"), words).unwrap_or_else(|| format!("/ {part}")))
        .collect();
    Some(if per.is_empty() { amount } else { format!("{amount} {}", per.join(" ")) })
}

/// "4,000.50" as it is written in a language.
pub(crate) fn written(figure: &str, language: &str) -> String {
    let swapped = |thousands: char| {
        figure
            .chars()
            .map(|letter| match letter {
                ',' => thousands,
                '.' => ',',
                other => other,
            })
            .collect()
    };
    match language {
        "fr" => swapped(' '),
        "de" | "es" | "pt" => swapped('.'),
        _ => figure.to_owned(),
    }
}

fn day(data: &Value, key: &str) -> Option<Date> {
    data.get(key)?.as_str()?.parse().ok()
}

fn is_one_day(data: &Value) -> bool {
    day(data, "from").is_some() && day(data, "from") == day(data, "to")
}

fn time(data: &Value, words: &Phrases) -> Option<String> {
    let shown = |date: Date| dated(date, words.language());
    match (day(data, "from"), day(data, "to")) {
        (Some(from), Some(to)) if from == to => Some(words.with("time.day", &[("from", &shown(from))])),
        // A whole month has a name of its own in the record.
        (Some(from), Some(to)) if words.language() == "en" && from.day() == 1 && to == from.last_of_month() => None,
        (Some(from), Some(to)) => Some(words.with("time.span", &[("from", &shown(from)), ("to", &shown(to))])),
        (None, Some(to)) => Some(words.with("time.by", &[("to", &shown(to))])),
        (Some(from), None) => Some(words.with("time.from", &[("from", &shown(from))])),
        (None, None) => None,
    }
}

fn hours(data: &Value, words: &Phrases) -> Option<String> {
    let at = |key: &str| data.get(key).and_then(Value::as_str);
    match (at("days"), at("from"), at("to")) {
        (Some(days), ..) => named(&format!("hours.{days}"), words),
        (None, Some(from), Some(to)) => Some(format!("{from}–{to}")),
        (None, Some(from), None) => Some(words.with("hours.from", &[("from", from)])),
        (None, None, Some(to)) => Some(words.with("hours.to", &[("to", to)])),
        (None, None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::fact::{FactStatus, Strength};
    use domain::identifier::Origin;
    use domain::{FactId, Timestamp};
    use serde_json::json;

    use super::*;

    fn fact(predicate: Predicate, value: &str, data: Value) -> Fact {
        let at = Timestamp::from_secs(0);
        Fact {
            id: FactId::new(at, 1),
            strand: None,
            predicate,
            value: value.to_owned(),
            data,
            holds: true,
            quote: String::new(),
            source_message: None,
            channel: None,
            origin: Origin::Message,
            extractor: String::new(),
            valid_from: at,
            valid_to: None,
            recorded_at: at,
            retracted_at: None,
            confidence: 0.9,
            status: FactStatus::Active,
            strength: Strength::Stated,
            supersedes: None,
        }
    }

    #[test]
    fn a_value_is_said_in_the_language_of_the_reply() {
        let budget = fact(Predicate::Budget, "up to 2,000 EUR", json!({"min": null, "max": 200_000, "currency": "EUR"}));
        let check = |fact: &Fact, language: &str, expected: &str| assert_eq!(value(fact, &Phrases::new(language)), expected);
        check(&budget, "en", "up to 2,000 EUR");
        check(&budget, "fr", "jusqu'à 2 000 EUR");
        check(&budget, "de", "bis 2.000 EUR");
        let range = fact(Predicate::Budget, "", json!({"min": 400_000, "max": 600_000, "currency": "EUR", "per": "month"}));
        check(&range, "en", "4,000–6,000 EUR per month");
        check(&range, "es", "4.000–6.000 EUR al mes");
        let time = fact(Predicate::Timeline, "by 30 June 2026", json!({"from": null, "to": "2026-06-30"}));
        check(&time, "en", "by 30 June 2026");
        check(&time, "de", "bis 30. Juni 2026");
        check(&time, "fr", "d'ici le 30 juin 2026");
        check(&fact(Predicate::PreferredChannel, "voice", Value::Null), "en", "phone");
        check(&fact(Predicate::Language, "fr", Value::Null), "fr", "français");
    }

    #[test]
    fn a_value_without_its_machine_form_is_said_as_it_was_written() {
        let edited = fact(Predicate::Budget, "about 5 grand", Value::Null);
        assert_eq!(value(&edited, &Phrases::new("fr")), "about 5 grand");
    }
}
