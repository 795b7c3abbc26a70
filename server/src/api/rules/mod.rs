//! `/rules`: named rules, how often they fired, which are on and where each one goes; and those written in the console.

pub mod edit;
pub mod trial;

use axum::extract::State;
use domain::WorkspaceId;
use domain::ports::RuleCount;
use domain::settings::{RuleSettings, WorkspaceSettings};
use engine::decision::routing;
use engine::decision::rules::BUILT_IN;
use serde_json::{Value, json};

use super::answer::{Answer, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::choices::{self, Rules};
use crate::problem::Problem;

/// Rules without which a customer could not reach anybody, or something would be done that nobody may take back.
const ALWAYS_ON: [&str; 2] = ["human-asked-for", "irreversible-action"];

/// The rules of a workspace: name and sentence.
pub fn of_workspace(app: &Shared, workspace: &WorkspaceId) -> Vec<(String, String)> {
    let own = app.workspace(workspace).map(|settings| settings.rules.clone()).unwrap_or_default();
    let mut rules: Vec<(String, String)> = BUILT_IN
        .iter()
        .map(|known| {
            let replaced = own.iter().find(|rule| rule.name == known.name);
            (known.name.to_owned(), replaced.map_or_else(|| known.sentence.to_owned(), sentence))
        })
        .collect();
    for rule in own.iter().filter(|rule| !is_built_in(&rule.name)) {
        rules.push((rule.name.clone(), sentence(rule)));
    }
    rules
}

fn is_built_in(name: &str) -> bool {
    BUILT_IN.iter().any(|known| known.name == name)
}

fn sentence(rule: &RuleSettings) -> String {
    rule.sentence.clone().unwrap_or_else(|| format!("Fires when {}.", rule.when))
}

/// Everything about the rules of a workspace, read once.
pub struct Book {
    settings: std::sync::Arc<WorkspaceSettings>,
    chosen: Rules,
    counts: Vec<RuleCount>,
    names: Vec<(String, String)>,
}

impl Book {
    /// Reads it.
    pub async fn open(app: &Shared, caller: &Caller) -> Result<Self, Problem> {
        Ok(Self {
            settings: app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?,
            chosen: choices::chosen(app, &caller.workspace).await?,
            counts: app.store().rule_counts(&caller.workspace).await?,
            names: of_workspace(app, &caller.workspace),
        })
    }

    fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|(known, _)| known == name)
    }

    fn one(&self, name: &str) -> Option<Value> {
        let (name, sentence) = self.names.iter().find(|(known, _)| known == name)?;
        let count = self.counts.iter().find(|count| count.rule == *name);
        let own = self.chosen.own.iter().find(|own| own.name == *name);
        let rule = self.settings.rules.iter().find(|rule| rule.name == *name);
        let route = routing::route(&self.settings, name);
        let team = route.team.and_then(|id| self.settings.teams.iter().find(|team| team.id == id));
        Some(json!({
            "name": name,
            "sentence": sentence,
            "when": rule.map(|rule| &rule.when),
            "origin": if own.is_some() { "console" } else if rule.is_some() { "configuration" } else { "built_in" },
            "enabled": !self.settings.rules_off.contains(name),
            "switchable": !ALWAYS_ON.contains(&name.as_str()),
            "team": team.map(|team| json!({ "id": team.id, "name": team.name })),
            "way": route.way,
            "firings": count.map_or(0, |count| count.firings),
            "last_at": count.and_then(|count| count.last_at),
            "version": own.map_or(1, |own| own.version),
            "since": own.map(|own| own.since),
        }))
    }
}

/// All of them.
pub async fn handle(State(app): State<App>, caller: Caller) -> Answer {
    let book = Book::open(&app, &caller).await?;
    let items: Vec<Value> = book.names.iter().filter_map(|(name, _)| book.one(name)).collect();
    ok(&json!({ "items": items, "next": null }))
}
