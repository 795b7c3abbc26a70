//! `GET` and `PATCH /questions`: what the assistant asks of whoever wants something, one at a time and never what is known.

use axum::extract::State;
use domain::fact::Predicate;
use domain::settings::QuestionSettings;
use engine::reasoning::qualifier;
use engine::rendering::phrases;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Body, ok, said};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::choices::{self, Questions};
use crate::problem::Problem;

/// Longest question.
const LONGEST: usize = 200;

/// What is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// In the order in which they are asked; null: the built-in ones.
    items: Option<Vec<QuestionSettings>>,
}

/// How the built-in engine puts a question, by language; empty where it has no words for it.
fn built_in(slot: Predicate) -> Map<String, Value> {
    let key = format!("ask.{slot}");
    let said = |language: &&str| phrases::exists(&key).then(|| ((*language).to_owned(), json!(phrases::phrase(language, &key))));
    ["en", "fr", "de", "es", "pt"].iter().filter_map(said).collect()
}

async fn shown(app: &Shared, caller: &Caller) -> Answer {
    let chosen: Questions = choices::chosen(app, &caller.workspace).await?;
    let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
    let items: Vec<Value> = qualifier::order(&settings).map(|(slot, wording)| json!({ "slot": slot, "wording": wording })).collect();
    ok(&json!({
        "items": items,
        "chosen": chosen.items.is_some(),
        "slots": qualifier::ASKABLE.iter().map(|slot| json!({ "slot": slot, "built_in": built_in(*slot) })).collect::<Vec<_>>(),
        "language": settings.locale,
        "languages": settings.languages,
        "next": null,
    }))
}

/// As they stand.
pub async fn show(State(app): State<App>, caller: Caller) -> Answer {
    shown(&app, &caller).await
}

fn checked(items: Vec<QuestionSettings>) -> Result<Vec<QuestionSettings>, Problem> {
    let mut kept: Vec<QuestionSettings> = Vec::with_capacity(items.len());
    for item in items {
        if !qualifier::ASKABLE.contains(&item.slot) {
            return Err(Problem::unprocessable("slot", format!("Nobody can be asked for {}.", item.slot)));
        }
        if kept.iter().any(|other| other.slot == item.slot) {
            return Err(Problem::unprocessable("twice", format!("Two questions ask for {}.", item.slot)));
        }
        let mut question = QuestionSettings { slot: item.slot, wording: Default::default() };
        for (language, text) in item.wording.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
            if language.len() != 2 || !language.chars().all(|letter| letter.is_ascii_lowercase()) {
                return Err(Problem::unprocessable("language", format!("{language:?} is no language such as \"en\".")));
            }
            let text = said(&text, "wording", LONGEST)?;
            if !text.ends_with('?') {
                return Err(Problem::unprocessable("no_question", format!("{text:?} does not end with a question mark.")));
            }
            question.wording.insert(language, text);
        }
        if question.wording.is_empty() && built_in(question.slot).is_empty() {
            return Err(Problem::unprocessable("no_words", format!("The question for {} needs its words.", question.slot)));
        }
        kept.push(question);
    }
    Ok(kept)
}

/// Writes them anew; the next message obeys.
pub async fn change(State(app): State<App>, caller: Caller, Body(body): Body<Written>) -> Answer {
    let items = body.items.map(checked).transpose()?;
    choices::change(&app, &caller, |chosen: &mut Questions| {
        chosen.items = items;
        Ok(())
    })
    .await?;
    shown(&app, &caller).await
}
