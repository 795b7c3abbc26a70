//! `POST /conversations/{id}/reword`: a teammate's words in another tone or language, for them to send or to leave.

use axum::extract::{Path, State};
use domain::settings::Tone;
use engine::{Reworded, Wish};
use serde::Deserialize;
use serde_json::json;

use super::act::LONGEST_REPLY;
use crate::api::answer::{Answer, Body, ok, said};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// A text, and one wish.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    text: String,
    tone: Option<Tone>,
    language: Option<String>,
}

fn named(language: &str) -> Result<&'static str, Problem> {
    Ok(match language {
        "en" => "English",
        "fr" => "French",
        "de" => "German",
        "es" => "Spanish",
        "pt" => "Portuguese",
        "it" => "Italian",
        "nl" => "Dutch",
        "pl" => "Polish",
        _ => return Err(Problem::unprocessable("language", "language must be en, fr, de, es, pt, it, nl or pl.")),
    })
}

/// Handles it. Nothing is written or sent; it costs what an answer costs.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Asked>) -> Answer {
    super::find(&app, &caller.workspace, &written).await?;
    let text = said(&body.text, "text", LONGEST_REPLY)?;
    let wish = match (body.tone, &body.language) {
        (Some(tone), None) => Wish::Tone(tone),
        (None, Some(language)) => Wish::Language(named(language)?),
        _ => return Err(Problem::bad_request("Wish for a tone or for a language.")),
    };
    match app.engine().reword(&caller.workspace, &text, &wish).await? {
        Reworded::Said(text) => ok(&json!({ "text": text })),
        Reworded::NoModel => Err(Problem::conflict("no_model", "No language model is configured.")),
        Reworded::Unusable => {
            Err(Problem::unprocessable("not_reworded", "No model said the same in other words: a figure or an address was different."))
        }
    }
}
