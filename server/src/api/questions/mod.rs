//! `GET` and `PATCH /questions`: what the assistant asks of whoever wants something, one at a time and never what is known.

use std::collections::BTreeMap;

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
/// Longest name of a matter of the business's own.
const LONGEST_LABEL: usize = 40;

/// What is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// In the order in which they are asked; null: the built-in ones.
    items: Option<Vec<Item>>,
}

/// A question as it is written: about one of the known matters, or about one of the business's own, which has a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    /// Absent: a new matter of the business's own.
    slot: Option<Predicate>,
    label: Option<String>,
    #[serde(default)]
    wording: BTreeMap<String, String>,
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
    let label = |slot| settings.questions.iter().find(|question| question.slot == slot).and_then(|question| question.label.clone());
    let items: Vec<Value> =
        qualifier::order(&settings).map(|(slot, wording)| json!({ "slot": slot, "label": label(slot), "wording": wording })).collect();
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

/// The place of a new matter: one that never had a name, else one that nobody asks for now.
fn fresh(kept: &[QuestionSettings], spent: &[Predicate]) -> Result<Predicate, Problem> {
    let is_free = |slot: &Predicate| kept.iter().all(|other| other.slot != *slot);
    let free = || Predicate::OWN.into_iter().filter(is_free);
    let free = free().find(|slot| !spent.contains(slot)).or_else(|| free().next());
    free.ok_or_else(|| Problem::unprocessable("too_many", format!("A business has at most {} matters of its own.", Predicate::OWN.len())))
}

/// What is asked for, and what it is called where it is the business's own.
fn matter(item: &Item, kept: &[QuestionSettings], known: &Questions) -> Result<(Predicate, Option<String>), Problem> {
    let label = item.label.as_deref().filter(|_| item.slot.is_none_or(Predicate::is_own));
    match item.slot {
        Some(slot) if slot.is_own() => Ok((slot, Some(said(label.unwrap_or_default(), "label", LONGEST_LABEL)?))),
        Some(slot) if qualifier::ASKABLE.contains(&slot) => Ok((slot, None)),
        Some(slot) => Err(Problem::unprocessable("slot", format!("Nobody can be asked for {slot}."))),
        None => {
            let label = said(label.unwrap_or_default(), "label", LONGEST_LABEL)?;
            let taken = known.items.iter().flatten().chain(kept).map(|question| question.slot);
            let spent: Vec<Predicate> = known.spent.iter().copied().chain(taken).collect();
            Ok((fresh(kept, &spent)?, Some(label)))
        }
    }
}

fn checked(items: Vec<Item>, known: &Questions) -> Result<Vec<QuestionSettings>, Problem> {
    let mut kept: Vec<QuestionSettings> = Vec::with_capacity(items.len());
    // Those that have their place keep it, whatever is written before them.
    let placed: Vec<QuestionSettings> =
        items.iter().filter_map(|item| item.slot.map(|slot| QuestionSettings { slot, label: None, wording: BTreeMap::new() })).collect();
    for item in items {
        let others: Vec<QuestionSettings> = kept.iter().chain(&placed).cloned().collect();
        let (slot, label) = matter(&item, &others, known)?;
        if kept.iter().any(|other| other.slot == slot) {
            return Err(Problem::unprocessable("twice", format!("Two questions ask for {slot}.")));
        }
        if label.is_some() && kept.iter().any(|other| other.label == label) {
            return Err(Problem::unprocessable("twice", "Two matters of your own have the same name."));
        }
        let mut question = QuestionSettings { slot, label, wording: BTreeMap::new() };
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
            let name = question.label.clone().unwrap_or_else(|| question.slot.to_string());
            return Err(Problem::unprocessable("no_words", format!("The question for {name} needs its words.")));
        }
        kept.push(question);
    }
    Ok(kept)
}

/// Writes them anew; the next message obeys.
pub async fn change(State(app): State<App>, caller: Caller, Body(body): Body<Written>) -> Answer {
    choices::change(&app, &caller, |chosen: &mut Questions| {
        let items = body.items.map(|items| checked(items, &*chosen)).transpose()?;
        let own = items.iter().flatten().map(|question| question.slot).filter(|slot| slot.is_own());
        let fresh: Vec<Predicate> = own.filter(|slot| !chosen.spent.contains(slot)).collect();
        chosen.spent.extend(fresh);
        chosen.items = items;
        Ok(())
    })
    .await?;
    shown(&app, &caller).await
}
