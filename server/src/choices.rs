//! What a business chose in the console, laid over what is configured. The next turn obeys.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::fact::Predicate;
use domain::ports::{Choice, StoreError, WorkTeam};
use domain::settings::{Manner, Priority, QuestionSettings, Route, RuleSettings, SlaSettings, TeamSettings, WorkspaceSettings};
use domain::{ChannelKind, Timestamp, WorkspaceId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::Shared;
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::time::real_now;

/// Something that is chosen as a whole, under a name of its own.
pub trait Chosen: Serialize + DeserializeOwned + Default {
    /// The name.
    const KIND: &'static str;
}

/// Rules: own ones, which are off, and where each one goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Written in the console.
    pub own: Vec<OwnRule>,
    /// Switched off, by name.
    pub off: BTreeSet<String>,
    /// By name.
    pub routes: BTreeMap<String, Route>,
}

/// A rule that was written in the console.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnRule {
    /// Its name.
    pub name: String,
    /// Its condition.
    pub when: String,
    /// What it says, for people.
    pub sentence: Option<String>,
    /// Grows by one with each change of its condition.
    pub version: u32,
    /// When its condition was changed last.
    pub since: Timestamp,
}

impl Chosen for Rules {
    const KIND: &'static str = "rules";
}

/// By when people of the team answer, the first that fits counts; asked before those of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Targets {
    /// In their order.
    pub items: Vec<Target>,
}

/// A target as the API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// For this kind of door only.
    #[serde(default)]
    pub channel: Option<ChannelKind>,
    /// For conversations that this team has only, by its id.
    #[serde(default)]
    pub team: Option<String>,
    /// For conversations that this rule handed over only.
    #[serde(default)]
    pub rule: Option<String>,
    /// For conversations in which a rule asks for a person (`true`), or none does (`false`).
    #[serde(default)]
    pub escalated: Option<bool>,
    /// Minutes until a person writes.
    #[serde(default)]
    pub first_reply: Option<u32>,
    /// Minutes until the matter is ended.
    #[serde(default)]
    pub resolution: Option<u32>,
    /// Day and night instead of in business hours.
    #[serde(default)]
    pub always: bool,
}

impl Chosen for Targets {
    const KIND: &'static str = "targets";
}

impl Chosen for Manner {
    const KIND: &'static str = "manner";
}

/// What is asked of whoever wants something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Questions {
    /// In the order in which they are asked; nothing: the built-in ones.
    pub items: Option<Vec<QuestionSettings>>,
    /// Own matters that were ever given a name: another name takes a fresh one as long as there is one, since what people said
    /// under the old one stays theirs.
    pub spent: Vec<Predicate>,
}

impl Chosen for Questions {
    const KIND: &'static str = "questions";
}

impl From<&Target> for SlaSettings {
    fn from(target: &Target) -> Self {
        let span = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        Self {
            name: target.name.clone(),
            channel: target.channel,
            priority: target.escalated.map(|escalated| if escalated { Priority::Urgent } else { Priority::Normal }),
            team: target.team.clone(),
            rule: target.rule.clone(),
            first_reply: target.first_reply.map(span),
            resolution: target.resolution.map(span),
            is_always_on: target.always,
        }
    }
}

fn read<T: Chosen>(choices: &[Choice]) -> Result<T, StoreError> {
    let Some(choice) = choices.iter().find(|choice| choice.kind == T::KIND) else { return Ok(T::default()) };
    T::deserialize(&choice.value).map_err(|error| StoreError::Corrupt(format!("what was chosen about {}: {error}", T::KIND)))
}

/// The configuration with what was chosen besides.
fn laid_over(configured: &WorkspaceSettings, choices: &[Choice], teams: &[WorkTeam]) -> Result<WorkspaceSettings, StoreError> {
    let (rules, targets): (Rules, Targets) = (read(choices)?, read(choices)?);
    let mut settings = configured.clone();
    settings.rules.retain(|rule| !rules.own.iter().any(|own| own.name == rule.name));
    settings.rules.extend(rules.own.into_iter().map(|own| RuleSettings {
        name: own.name,
        when: own.when,
        route: None,
        sentence: own.sentence,
    }));
    settings.rules_off = rules.off;
    settings.routes = rules.routes;
    settings.teams = teams.iter().map(TeamSettings::from).collect();
    read::<Manner>(choices)?.lay_over(&mut settings);
    settings.questions = read::<Questions>(choices)?.items.unwrap_or_default();
    settings.sla.splice(0..0, targets.items.iter().map(SlaSettings::from));
    Ok(settings)
}

/// Lets every workspace go by what was chosen; after every wiring.
pub async fn restore(app: &Shared) -> Result<(), StoreError> {
    for workspace in &app.wired.load_full().workspaces {
        restore_one(app, workspace).await?;
    }
    Ok(())
}

/// Lets one workspace go by what was chosen in it.
pub async fn restore_one(app: &Shared, workspace: &WorkspaceId) -> Result<(), StoreError> {
    let engine = app.engine();
    let Some(configured) = engine.configured(workspace) else { return Ok(()) };
    let choices = app.store().choices(workspace).await?;
    let teams = app.store().teams(workspace).await?;
    engine.go_by(laid_over(&configured, &choices, &teams)?);
    Ok(())
}

/// What stands now.
pub async fn chosen<T: Chosen>(app: &Shared, workspace: &WorkspaceId) -> Result<T, StoreError> {
    read(&app.store().choices(workspace).await?)
}

/// Changes what stands. Who changed it meanwhile is not overwritten: the second is told to look again.
pub async fn change<T: Chosen, R>(app: &Shared, caller: &Caller, edit: impl FnOnce(&mut T) -> Result<R, Problem>) -> Result<R, Problem> {
    let workspace = &caller.workspace;
    let choices = app.store().choices(workspace).await?;
    let version = choices.iter().find(|choice| choice.kind == T::KIND).map_or(0, |choice| choice.version);
    let mut chosen: T = read(&choices)?;
    let done = edit(&mut chosen)?;
    let value = serde_json::to_value(&chosen).map_err(|_| Problem::internal())?;
    let by = caller.teammate().map(|teammate| teammate.id);
    let choice = Choice { kind: T::KIND.to_owned(), version: version + 1, value, by, at: real_now() };
    if !app.store().choose(workspace, &choice).await? {
        return Err(Problem::conflict("changed_meanwhile", "Somebody else changed this meanwhile. Look again."));
    }
    restore_one(app, workspace).await?;
    tracing::info!(%workspace, kind = T::KIND, version = choice.version, "a choice was made in the console");
    Ok(done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_chosen_comes_before_what_is_configured() {
        let mut configured = WorkspaceSettings::named("one".into(), "One");
        let rule = |name: &str, when: &str| RuleSettings { name: name.to_owned(), when: when.to_owned(), route: None, sentence: None };
        configured.rules = vec![rule("a", "1 == 1"), rule("b", "2 == 2")];
        let value = json!({ "own": [{ "name": "b", "when": "3 == 3", "sentence": null, "version": 2, "since": "2026-01-01T00:00:00Z" }] });
        let choice = |kind: &str, value| Choice { kind: kind.to_owned(), version: 1, value, by: None, at: Timestamp::from_secs(1) };
        let targets = json!({ "items": [{ "name": "quick", "first_reply": 15 }] });
        let choices = [choice("rules", value), choice("targets", targets)];
        let settings = laid_over(&configured, &choices, &[]).expect("settings");
        let rules: Vec<_> = settings.rules.iter().map(|rule| (rule.name.as_str(), rule.when.as_str())).collect();
        assert_eq!(rules, [("a", "1 == 1"), ("b", "3 == 3")]);
        assert_eq!(settings.sla[0].first_reply, Some(Duration::from_mins(15)));
        assert_eq!(laid_over(&configured, &[], &[]).expect("settings").rules, configured.rules);
    }
}
