//! `GET /rules`: named rules and how often they fired.

pub mod trial;

use axum::extract::State;
use serde_json::{Value, json};

use super::answer::{Answer, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use domain::WorkspaceId;
use domain::ports::RuleCount;
use engine::decision::rules::BUILT_IN;

/// The rules of a workspace: name and sentence.
pub fn of_workspace(app: &Shared, workspace: &WorkspaceId) -> Vec<(String, String)> {
    let own = app.workspace(workspace).map(|settings| settings.rules.clone()).unwrap_or_default();
    let mut rules: Vec<(String, String)> = BUILT_IN
        .iter()
        .map(|known| {
            let replaced = own.iter().find(|rule| rule.name == known.name);
            let sentence = replaced.map_or_else(
                || known.sentence.to_owned(),
                |rule| rule.sentence.clone().unwrap_or_else(|| format!("Fires when {}.", rule.when)),
            );
            (known.name.to_owned(), sentence)
        })
        .collect();
    for rule in own.iter().filter(|rule| !BUILT_IN.iter().any(|known| known.name == rule.name)) {
        let sentence = rule.sentence.clone().unwrap_or_else(|| format!("Fires when {}.", rule.when));
        rules.push((rule.name.clone(), sentence));
    }
    rules
}

fn shown(name: &str, sentence: &str, counts: &[RuleCount]) -> Value {
    let count = counts.iter().find(|count| count.rule == name);
    json!({
        "name": name,
        "sentence": sentence,
        "enabled": true,
        "firings": count.map_or(0, |count| count.firings),
        "last_at": count.and_then(|count| count.last_at),
        "version": 1,
    })
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller) -> Answer {
    let counts = app.store().rule_counts(&caller.workspace).await?;
    let items: Vec<Value> = of_workspace(&app, &caller.workspace).iter().map(|(name, sentence)| shown(name, sentence, &counts)).collect();
    ok(&json!({ "items": items, "next": null }))
}
