//! `GET /rules`: named rules and how often they fired.

use axum::extract::State;
use serde_json::{Value, json};

use super::answer::{Answer, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use domain::WorkspaceId;
use domain::ports::RuleCount;

/// Rules that exist without being configured, in the order in which the first one names an escalation.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("budget-objection", "The customer says that the price is over their budget."),
    ("competitor-named", "The customer names a rival."),
    ("three-unresolved-turns", "The same question was put three times, or twice without an answer."),
    ("human-asked-for", "The customer asks for a person."),
    ("negative-emotion", "The customer is angry or upset."),
    ("refund-over-limit", "The customer wants back more than the limit for refunds."),
    ("suspected-fraud", "What the customer says or asks looks like fraud."),
    ("vip", "The customer is marked as important and a person can do more."),
    ("irreversible-action", "An action that cannot be undone waits for approval."),
    ("low-confidence", "An answer that would commit the business is not certain enough."),
];

/// The rules of a workspace: name and sentence.
pub fn of_workspace(app: &Shared, workspace: &WorkspaceId) -> Vec<(String, String)> {
    let own = app.workspace(workspace).map(|settings| settings.rules.clone()).unwrap_or_default();
    let mut rules: Vec<(String, String)> = BUILT_IN
        .iter()
        .map(|(name, sentence)| {
            let replaced = own.iter().find(|rule| rule.name == *name);
            let sentence = replaced.map_or_else(
                || (*sentence).to_owned(),
                |rule| rule.sentence.clone().unwrap_or_else(|| format!("Fires when {}.", rule.when)),
            );
            ((*name).to_owned(), sentence)
        })
        .collect();
    for rule in own.iter().filter(|rule| !BUILT_IN.iter().any(|(name, _)| *name == rule.name)) {
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
