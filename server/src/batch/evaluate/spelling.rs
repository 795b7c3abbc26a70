//! Facts in the spelling of the labels, and when two of them say the same.

use domain::ChannelKind;
use domain::fact::{ConsentState, Predicate};
use domain::signal::{SaidOffer, SaidPromise};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::Plain;

/// Two days either side of a date are the same date.
const TOLERANCE_DAYS: i64 = 2;

/// A fact as labels write it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Spelled {
    pub predicate: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polarity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Value>,
    #[serde(default, skip_serializing)]
    pub accept: Vec<Accepted>,
}

/// Another right value.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub(super) struct Accepted {
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    unit: Option<String>,
}

impl Spelled {
    fn text(predicate: &str, value: String) -> Self {
        Self { predicate: predicate.to_owned(), value: Some(Value::String(value)), polarity: Some("yes".to_owned()), ..Self::default() }
    }

    /// A fact the customer told, or one that is remembered.
    pub fn fact(predicate: Predicate, value: &str, data: &Value, holds: bool) -> Self {
        let word = |key: &str| data[key].as_str();
        let mut spelled = Self::text(predicate.as_str(), value.to_owned());
        match predicate {
            Predicate::Authority => "decision_maker".clone_into(&mut spelled.predicate),
            Predicate::Budget => {
                let amount = |key: &str| data[key].as_i64().map(major);
                let written = match (amount("min"), amount("max")) {
                    (Some(least), Some(most)) if least == most => least,
                    (least, most) => format!("{}..{}", least.unwrap_or_default(), most.unwrap_or_default()),
                };
                spelled.value = Some(Value::String(written));
                spelled.unit = word("currency").map(|currency| word("per").map_or(currency.to_owned(), |per| format!("{currency}/{per}")));
            }
            Predicate::Timeline => {
                let written = match (word("from"), word("to")) {
                    (Some(from), Some(to)) if from == to => from.to_owned(),
                    (from, to) => format!("{}/{}", from.unwrap_or(".."), to.unwrap_or("..")),
                };
                spelled.value = Some(Value::String(written));
            }
            Predicate::PreferredHours => {
                let written = word("days")
                    .map_or_else(|| format!("{}..{}", word("from").unwrap_or_default(), word("to").unwrap_or_default()), str::to_owned);
                spelled.value = Some(Value::String(written));
            }
            _ => {}
        }
        spelled.polarity = Some(if holds { "yes" } else { "no" }.to_owned());
        spelled.valid_from = data.get("valid_from").cloned();
        spelled
    }

    /// A promise; ours have a name of their own.
    pub fn promise(promise: &SaidPromise, zone: &str) -> Self {
        let mut spelled = Self::text("promise", promise.what.clone());
        spelled.due = promise.due.map(|due| Value::String(due.in_zone(zone).date().to_string()));
        spelled
    }

    /// What one of us promised.
    pub fn our_promise(what: &str) -> Self {
        Self::text("promise_by_us", what.to_owned())
    }

    /// The answer to an offer.
    pub fn offer(offer: &SaidOffer) -> Self {
        Self::text(if offer.accepted { "offer_accepted" } else { "offer_declined" }, offer.product.clone().unwrap_or_default())
    }

    /// An offer that was declined.
    pub fn declined(product: &str) -> Self {
        Self::text("offer_declined", product.to_owned())
    }

    /// A consent given, withdrawn or asked for.
    pub fn consent(purpose: &str, channel: Option<ChannelKind>, state: ConsentState) -> Self {
        let state = match state {
            ConsentState::Given => "given",
            ConsentState::Withdrawn => "withdrawn",
            ConsentState::Requested => "requested",
        };
        let channel = channel.map(|channel| format!("@{channel}")).unwrap_or_default();
        Self::text("consent", format!("{purpose}{channel}:{state}"))
    }

    /// Is this labelled fact the one that was found? `loosely`: whatever its dates.
    pub fn is(&self, found: &Self, loosely: bool) -> bool {
        let holds = |spelled: &Self| spelled.polarity.as_deref().unwrap_or("yes") == "yes";
        if self.predicate != found.predicate {
            return false;
        }
        let Some(value) = &self.value else { return holds(found) };
        let Some(said) = found.value.as_ref().map(plain) else { return false };
        let accepted = std::iter::once((Some(value), self.unit.as_deref()))
            .chain(self.accept.iter().map(|other| (other.value.as_ref(), other.unit.as_deref())));
        let same = accepted
            .filter_map(|(value, unit)| value.map(|value| (plain(value), unit)))
            .any(|(wanted, unit)| same_value(&self.predicate, (&wanted, unit), (&said, found.unit.as_deref())));
        let dates = |own: &Option<Value>, theirs: &Option<Value>| match (own, theirs) {
            (Some(own), Some(theirs)) => same_interval(&plain(own), &plain(theirs)),
            _ => true,
        };
        holds(self) == holds(found) && same && (loosely || (dates(&self.valid_from, &found.valid_from) && dates(&self.due, &found.due)))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn major(minor: i64) -> String {
    if minor % 100 == 0 { (minor / 100).to_string() } else { format!("{}.{:02}", minor / 100, minor % 100) }
}

fn same_value(predicate: &str, wanted: (&str, Option<&str>), said: (&str, Option<&str>)) -> bool {
    let ((wanted, unit), (said, said_unit)) = (wanted, said);
    let squeezed = |text: &str| text.replace(' ', "").to_lowercase();
    match predicate {
        "budget" => {
            let same_unit = unit.is_none_or(|unit| said_unit.is_some_and(|said| squeezed(said) == squeezed(unit)));
            let set = |text: &str| {
                let mut found = figures(text);
                found.sort_by(f64::total_cmp);
                found.dedup();
                found
            };
            !set(said).is_empty() && set(said) == set(wanted) && same_unit
        }
        "company_size" | "quantity" => !figures(said).is_empty() && figures(said) == figures(wanted),
        "timeline" => same_interval(wanted, said),
        "phone" => digits(wanted) == digits(said),
        "preferred_hours" => {
            let bare = |text: &str| {
                squeezed(text)
                    .replace("24:00", "")
                    .replace("00:00", "")
                    .split("..")
                    .map(|hour| hour.trim_start_matches('0').to_owned())
                    .collect::<Vec<_>>()
            };
            bare(wanted) == bare(said)
        }
        "consent" => same_consent(&squeezed(wanted), &squeezed(said)),
        "email" | "order" | "language" => wanted.trim().to_lowercase() == said.trim().to_lowercase(),
        "name" | "preferred_name" | "preferred_channel" => Plain::of(wanted).is(said),
        _ => Plain::overlaps(wanted, said),
    }
}

/// `marketing@sms:withdrawn`: a channel that only one side names is no difference.
fn same_consent(wanted: &str, said: &str) -> bool {
    let parts = |text: &str| -> Option<(String, Option<String>, String)> {
        let (what, state) = text.split_once(':')?;
        let (purpose, channel) = what.split_once('@').map_or((what, None), |(purpose, channel)| (purpose, Some(channel.to_owned())));
        Some((purpose.to_owned(), channel, state.to_owned()))
    };
    let (Some(a), Some(b)) = (parts(wanted), parts(said)) else { return false };
    a.0 == b.0 && a.2 == b.2 && (a.1.is_none() || b.1.is_none() || a.1 == b.1)
}

/// The figures of `..450`, `400..600`, `3,000`.
fn figures(text: &str) -> Vec<f64> {
    text.split("..")
        .filter_map(|part| part.chars().filter(|letter| letter.is_ascii_digit() || *letter == '.').collect::<String>().parse().ok())
        .collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn same_interval(a: &str, b: &str) -> bool {
    let ends = |text: &str| -> [Option<jiff::civil::Date>; 2] {
        let read = |part: &str| part.trim().get(..10).and_then(|date| date.parse().ok());
        match text.split_once('/') {
            Some((from, to)) => [read(from), read(to)],
            None => [read(text), read(text)],
        }
    };
    let (a, b) = (ends(a), ends(b));
    if a == [None, None] || b == [None, None] {
        return false;
    }
    a.iter().zip(&b).all(|pair| match pair {
        (None, None) => true,
        (Some(one), Some(other)) => one.since(*other).is_ok_and(|span| i64::from(span.get_days()).abs() <= TOLERANCE_DAYS),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(label: Value, predicate: Predicate, value: &str, data: &Value, expected: bool) {
        let label: Spelled = serde_json::from_value(label).expect("a label");
        assert_eq!(label.is(&Spelled::fact(predicate, value, data, true), false), expected, "{label:?}");
    }

    #[test]
    fn budgets_agree_in_figures_and_unit() {
        let data = json!({"min": null, "max": 45_000, "currency": "EUR"});
        check(json!({"predicate": "budget", "value": "..450", "unit": "EUR"}), Predicate::Budget, "up to 450 EUR", &data, true);
        check(json!({"predicate": "budget", "value": "450", "unit": "GBP"}), Predicate::Budget, "up to 450 EUR", &data, false);
    }

    #[test]
    fn dates_agree_within_two_days() {
        let data = json!({"from": null, "to": "2026-07-01"});
        check(json!({"predicate": "timeline", "value": "../2026-06-30"}), Predicate::Timeline, "by July", &data, true);
        check(json!({"predicate": "timeline", "value": "2026-06-30"}), Predicate::Timeline, "by July", &data, false);
    }

    #[test]
    fn a_label_without_value_means_any() {
        check(json!({"predicate": "need"}), Predicate::Need, "a chair", &Value::Null, true);
        check(json!({"predicate": "need", "value": "desk"}), Predicate::Need, "a standing desk", &Value::Null, true);
    }
}
