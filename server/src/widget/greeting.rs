//! What the widget shows when it opens.

use domain::ChannelKind;
use domain::settings::{BusinessHours, ConnectionSettings, WorkspaceSettings};
use engine::Engine;
use serde_json::{Value, json};

use domain::Timestamp;

/// Are people there now? Always, when no hours are configured.
pub fn is_open(hours: &BusinessHours, zone: &str, now: Timestamp) -> bool {
    if hours.days.is_empty() && hours.holidays.is_empty() {
        return true;
    }
    let local = now.in_zone(zone);
    if hours.holidays.contains(&local.date().to_string()) {
        return false;
    }
    if hours.days.is_empty() {
        return true;
    }
    let day = u8::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    let minute = u16::try_from(local.hour()).unwrap_or(0) * 60 + u16::try_from(local.minute()).unwrap_or(0);
    hours.days.get(&day).is_some_and(|spans| spans.iter().any(|(opens, closes)| (*opens..*closes).contains(&minute)))
}

/// Doors to which a visitor can go on with a link.
fn continues(engine: &Engine, workspace: &WorkspaceSettings) -> Vec<ChannelKind> {
    let mut kinds: Vec<ChannelKind> = engine
        .doors_of(&workspace.id)
        .into_iter()
        .filter(|door| door.channel.continue_link("RAP-0000-0000").is_some())
        .map(|door| door.settings.channel)
        .collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The `settings` of the welcome frame.
pub fn settings(
    engine: &Engine,
    workspace: &WorkspaceSettings,
    connection: &ConnectionSettings,
    locale: Option<&str>,
    now: Timestamp,
) -> Value {
    let spoken = locale
        .and_then(|locale| locale.get(..2))
        .map(str::to_lowercase)
        .filter(|language| workspace.languages.iter().any(|known| known.starts_with(language.as_str())))
        .unwrap_or_else(|| workspace.locale.clone());
    let replies: Vec<Value> = connection
        .values
        .get("quick_replies")
        .and_then(Value::as_array)
        .map(|titles| titles.iter().map(|title| json!({ "title": title, "payload": title })).collect())
        .unwrap_or_default();
    json!({
        "workspace": workspace.name,
        "locale": spoken,
        "colour": connection.text("colour"),
        "continue": continues(engine, workspace),
        "quick_replies": replies,
        "open_now": is_open(&workspace.business_hours, &workspace.timezone, now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_hours_are_those_of_the_business() {
        let mut hours = BusinessHours::default();
        let at = |text: &str| Timestamp::parse_rfc3339(text).expect("a time");
        assert!(is_open(&hours, "Europe/Paris", at("2026-11-21T03:00:00Z")));
        hours.days.insert(4, vec![(9 * 60, 18 * 60)]);
        hours.holidays.push("2026-12-25".to_owned());
        // A Friday, 08:30 and 17:30 in London, an hour later in Paris.
        assert!(is_open(&hours, "Europe/Paris", at("2026-11-20T08:30:00Z")));
        assert!(!is_open(&hours, "Europe/Paris", at("2026-11-20T17:30:00Z")));
        assert!(!is_open(&hours, "Europe/Paris", at("2026-11-21T10:00:00Z")));
        assert!(!is_open(&hours, "Europe/Paris", at("2026-12-25T10:00:00Z")));
    }
}
