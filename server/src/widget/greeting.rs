//! What the widget shows when it opens.

use domain::settings::{ConnectionSettings, WorkspaceSettings};
use domain::{ChannelKind, attachment};
use engine::Engine;
use engine::decision::hours;
use serde_json::{Value, json};

use domain::Timestamp;

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
    let open_now = hours::is_open(workspace, now);
    // What an escalation would promise: somebody is there within so long, or by then.
    let person_by = hours::after(workspace, now, workspace.escalation_wait);
    json!({
        "workspace": workspace.name,
        "locale": spoken,
        "colour": connection.text("colour"),
        "continue": continues(engine, workspace),
        "quick_replies": replies,
        "open_now": open_now,
        "person_within_s": open_now.then(|| person_by.since(now).as_secs()),
        "person_by": person_by,
        "largest_file": attachment::LARGEST,
    })
}

/// The owner's own first words for a page: those of the longest path that it begins with, else those for every page.
pub fn own_words<'a>(connection: &'a ConnectionSettings, page: Option<&str>) -> Option<&'a str> {
    let path = page.and_then(|page| url::Url::parse(page).ok()).map(|page| page.path().to_owned()).unwrap_or_default();
    let by_path = connection.values.get("greetings").and_then(Value::as_object).into_iter().flatten();
    let fits = by_path.filter(|(begin, _)| path.starts_with(begin.as_str()));
    let nearest = fits.max_by_key(|(begin, _)| begin.len()).and_then(|(_, words)| words.as_str());
    nearest.or_else(|| connection.text("greeting"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use domain::ConnectionId;
    use domain::settings::Mode;

    #[test]
    fn a_page_is_greeted_in_the_owners_words_for_it() {
        let mut connection = ConnectionSettings {
            id: ConnectionId::from("web"),
            workspace: "shop".into(),
            channel: ChannelKind::Widget,
            mode: Mode::Answer,
            api_base: None,
            values: BTreeMap::new(),
            secrets: BTreeMap::new(),
            public_url: String::new(),
        };
        let check = |connection: &ConnectionSettings, page: &str, expected: Option<&str>| {
            assert_eq!(own_words(connection, Some(page)), expected, "{page}");
        };
        check(&connection, "https://shop.example/pricing", None);
        connection.values.insert("greeting".to_owned(), json!("Hello."));
        connection.values.insert("greetings".to_owned(), json!({ "/pricing": "Shall we compare?", "/pricing/teams": "How many are you?" }));
        check(&connection, "https://shop.example/pricing?plan=2", Some("Shall we compare?"));
        check(&connection, "https://shop.example/pricing/teams", Some("How many are you?"));
        check(&connection, "https://shop.example/about", Some("Hello."));
        check(&connection, "no address", Some("Hello."));
    }
}
