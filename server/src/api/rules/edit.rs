//! `POST`, `PATCH` and `DELETE /rules`: rules written in the console, which rules are on, and where each one goes.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::TeamId;
use domain::settings::Way;
use engine::decision::expression::Expression;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{ALWAYS_ON, Book, is_built_in};
use crate::api::answer::{Answer, Body, nothing, ok, said, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::choices::{self, Chosen, OwnRule, Rules};
use crate::problem::Problem;
use crate::time::real_now;

/// Longest condition.
pub(super) const LONGEST_CONDITION: usize = 2_000;
/// Longest name.
const LONGEST_NAME: usize = 60;
/// Longest sentence.
const LONGEST_SENTENCE: usize = 300;
/// Most rules written in the console.
const MOST: usize = 100;
/// As many versions as anybody looks back.
const VERSIONS: usize = 200;

/// A new rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    when: String,
    sentence: Option<String>,
}

/// What changes; what is absent stays. A team or way that is null: everybody, and whoever answers decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    when: Option<String>,
    sentence: Option<String>,
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "named")]
    team: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    way: Option<Option<Way>>,
}

/// Tells what is null from what is absent.
fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn condition(written: &str) -> Result<String, Problem> {
    let when = said(written, "when", LONGEST_CONDITION)?;
    Expression::parse(&when).map_err(|error| Problem::unprocessable("no_condition", format!("The condition {error}.")))?;
    Ok(when)
}

/// A name as rules have one: `gold-and-unhappy`.
fn name(written: &str) -> Result<String, Problem> {
    let name = said(written, "name", LONGEST_NAME)?;
    let fits = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if fits && !name.starts_with('-') && !name.ends_with('-') {
        return Ok(name);
    }
    Err(Problem::unprocessable("name", "A rule's name is of small letters, digits and hyphens, as in gold-and-unhappy."))
}

/// Adds one; it is on from the next message.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<New>) -> Answer {
    let (name, when) = (name(&body.name)?, condition(&body.when)?);
    let sentence = body.sentence.as_deref().map(|text| said(text, "sentence", LONGEST_SENTENCE)).transpose()?;
    if is_built_in(&name) || Book::open(&app, &caller).await?.knows(&name) {
        return Err(Problem::conflict("known_name", "Another rule has this name."));
    }
    let rule = OwnRule { name: name.clone(), when, sentence, version: 1, since: real_now() };
    choices::change(&app, &caller, |rules: &mut Rules| {
        if rules.own.len() >= MOST {
            return Err(Problem::unprocessable("too_many", format!("A workspace has at most {MOST} rules of its own.")));
        }
        rules.own.push(rule);
        Ok(())
    })
    .await?;
    with(StatusCode::CREATED, &Book::open(&app, &caller).await?.one(&name))
}

/// Switches one on or off, says where it goes, or writes one of the console's anew.
pub async fn change(State(app): State<App>, caller: Caller, Path(name): Path<String>, Body(body): Body<Change>) -> Answer {
    let book = Book::open(&app, &caller).await?;
    if !book.knows(&name) {
        return Err(Problem::not_found());
    }
    if body.enabled == Some(false) && ALWAYS_ON.contains(&name.as_str()) {
        return Err(Problem::conflict("always_on", "This rule stays on: without it nobody would be called who has to be."));
    }
    let team = match &body.team {
        Some(Some(written)) => Some(Some(team(&book, written)?)),
        Some(None) => Some(None),
        None => None,
    };
    let when = body.when.as_deref().map(condition).transpose()?;
    let sentence = body.sentence.as_deref().map(|text| said(text, "sentence", LONGEST_SENTENCE)).transpose()?;
    let before = engine::decision::routing::route(&book.settings, &name);
    choices::change(&app, &caller, |rules: &mut Rules| {
        if when.is_some() || sentence.is_some() {
            let own = rules.own.iter_mut().find(|own| own.name == name);
            let own = own.ok_or_else(|| Problem::conflict("not_of_the_console", "Only a rule written in the console is changed there."))?;
            if let Some(when) = when.filter(|when| *when != own.when) {
                own.when = when;
                own.version += 1;
                own.since = real_now();
            }
            own.sentence = sentence.or(own.sentence.take());
        }
        match body.enabled {
            Some(true) => drop(rules.off.remove(&name)),
            Some(false) => drop(rules.off.insert(name.clone())),
            None => {}
        }
        if team.is_some() || body.way.is_some() {
            let route = rules.routes.entry(name.clone()).or_insert(before);
            route.team = team.unwrap_or(route.team);
            route.way = body.way.unwrap_or(route.way);
        }
        Ok(())
    })
    .await?;
    ok(&Book::open(&app, &caller).await?.one(&name))
}

fn team(book: &Book, written: &str) -> Result<TeamId, Problem> {
    let found = written.parse().ok().filter(|id: &TeamId| book.settings.teams.iter().any(|team| team.id == *id));
    found.ok_or_else(|| Problem::unprocessable("unknown_team", "There is no such team."))
}

/// Takes one of the console's away. What it handed over stays as it is.
pub async fn delete(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Answer {
    choices::change(&app, &caller, |rules: &mut Rules| {
        let count = rules.own.len();
        rules.own.retain(|own| own.name != name);
        if rules.own.len() == count {
            return Err(Problem::not_found());
        }
        rules.off.remove(&name);
        rules.routes.remove(&name);
        Ok(())
    })
    .await?;
    nothing()
}

/// What a rule of the console said before, the newest first.
pub async fn versions(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Answer {
    let teammates = app.store().teammates(&caller.workspace).await?;
    let mut items: Vec<Value> = Vec::new();
    // Of several choices with one version of the rule the first made it.
    for choice in app.store().versions(&caller.workspace, Rules::KIND, VERSIONS).await? {
        let Ok(rules) = Rules::deserialize(&choice.value) else { continue };
        let Some(own) = rules.own.into_iter().find(|own| own.name == name) else { continue };
        let by = choice.by.and_then(|id| teammates.iter().find(|teammate| teammate.id == id)).map(|teammate| teammate.name.clone());
        let one = json!({ "version": own.version, "when": own.when, "sentence": own.sentence, "at": own.since, "by": by });
        match items.last_mut() {
            Some(last) if last["version"] == one["version"] => *last = one,
            _ => items.push(one),
        }
    }
    if items.is_empty() {
        return Err(Problem::not_found());
    }
    ok(&json!({ "items": items, "next": null }))
}
