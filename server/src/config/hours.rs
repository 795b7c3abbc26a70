//! Opening hours: `{ mon-fri = "09:00-18:00", sat = ["09:00-12:00", "14:00-17:00"], holidays = ["2026-12-25"] }`.

use std::collections::BTreeMap;

use domain::settings::BusinessHours;

use super::document::{Entry, Node, Value};
use super::problems::{Problem, Problems};
use super::reader::unknown_key;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads the table.
pub fn read(entries: &[Entry], problems: &mut Problems) -> BusinessHours {
    let mut hours = BusinessHours::default();
    for entry in entries {
        if entry.key == "holidays" {
            hours.holidays = holidays(&entry.node, problems);
            continue;
        }
        let Some(days) = days(&entry.key) else {
            let mut known = DAYS.to_vec();
            known.extend(["mon-fri", "sat-sun", "holidays"]);
            problems.add(unknown_key("business_hours", &entry.key, &entry.origin, &known));
            continue;
        };
        let texts: Vec<(&Node, &str)> = match &entry.node.value {
            Value::Text(text) => vec![(&entry.node, text.as_str())],
            Value::List(items) => items
                .iter()
                .filter_map(|item| match &item.value {
                    Value::Text(text) => Some((item, text.as_str())),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        if texts.is_empty() {
            problems.add(Problem::new(
                entry.node.origin.clone(),
                format!("`{}` in business_hours is {}", entry.key, entry.node.value.kind()),
                "write \"09:00-18:00\" or a list of such spans",
            ));
        }
        for (node, text) in texts {
            match span(text) {
                Some(span) => {
                    for day in &days {
                        hours.days.entry(*day).or_default().push(span);
                    }
                }
                None => problems.add(Problem::new(
                    node.origin.clone(),
                    format!("`{}` in business_hours is {text:?}", entry.key),
                    "write \"09:00-18:00\", the opening time before the closing time",
                )),
            }
        }
    }
    hours
}

/// Hours as the API writes them: spans by day of the week. `Err`: what cannot be read.
pub fn of_words(written: &BTreeMap<String, Vec<String>>) -> Result<BusinessHours, String> {
    let mut hours = BusinessHours::default();
    for (key, spans) in written {
        let day = DAYS.iter().position(|day| day == key).and_then(|found| u8::try_from(found).ok());
        let day = day.ok_or_else(|| format!("{key:?} is no day: mon, tue, wed, thu, fri, sat or sun"))?;
        for text in spans {
            let span = span(text).ok_or_else(|| format!("{text:?} is no span such as \"09:00-18:00\""))?;
            hours.days.entry(day).or_default().push(span);
        }
    }
    Ok(hours)
}

/// The reverse of [`of_words`].
pub fn in_words(hours: &BusinessHours) -> BTreeMap<&'static str, Vec<String>> {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let span = |(opens, closes): &(u16, u16)| format!("{}-{}", clock(*opens), clock(*closes));
    hours.days.iter().filter_map(|(day, spans)| Some((*DAYS.get(usize::from(*day))?, spans.iter().map(span).collect()))).collect()
}

fn days(key: &str) -> Option<Vec<u8>> {
    let place = |name: &str| DAYS.iter().position(|day| *day == name).and_then(|found| u8::try_from(found).ok());
    if let Some(day) = place(key) {
        return Some(vec![day]);
    }
    if key == "every-day" || key == "daily" {
        return Some((0..7).collect());
    }
    let (first, last) = key.split_once('-')?;
    let (first, last) = (place(first)?, place(last)?);
    Some(if first <= last { (first..=last).collect() } else { (first..7).chain(0..=last).collect() })
}

fn span(text: &str) -> Option<(u16, u16)> {
    let (opens, closes) = text.split_once('-')?;
    let (opens, closes) = (minute(opens.trim())?, minute(closes.trim())?);
    (opens < closes).then_some((opens, closes))
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && (hour < 24 || (hour == 24 && minute == 0))).then_some(hour * 60 + minute)
}

fn holidays(node: &Node, problems: &mut Problems) -> Vec<String> {
    let Value::List(items) = &node.value else {
        problems.add(Problem::new(
            node.origin.clone(),
            format!("`holidays` in business_hours is {}, but must be a list of dates", node.value.kind()),
            "write [\"2026-12-25\"]",
        ));
        return Vec::new();
    };
    let mut dates = Vec::new();
    for item in items {
        let (Value::Text(text) | Value::Date(text)) = &item.value else {
            problems.add(Problem::new(item.origin.clone(), "`holidays` holds something that is no date", "write \"2026-12-25\""));
            continue;
        };
        if text.parse::<jiff::civil::Date>().is_ok() {
            dates.push(text.clone());
        } else {
            problems.add(Problem::new(item.origin.clone(), format!("{text:?} in `holidays` is no date"), "write \"2026-12-25\""));
        }
    }
    dates
}
