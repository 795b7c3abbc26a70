//! `POST /presence`: what a teammate's page has open.

use axum::extract::State;
use domain::ConversationId;
use serde::Deserialize;

use super::answer::{Answer, Body, id, ok};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::presence::Here;
use crate::problem::Problem;

/// Where a page is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    conversation: Option<String>,
    #[serde(default)]
    typing: bool,
    /// The page is being closed.
    #[serde(default)]
    leaving: bool,
}

/// Handles it; answers with everybody who is here.
pub async fn handle(State(app): State<App>, caller: Caller, Body(place): Body<Place>) -> Answer {
    let Some(teammate) = caller.teammate() else { return Err(Problem::forbidden("This is for signed-in teammates.")) };
    let conversation: Option<ConversationId> = place.conversation.as_deref().map(id).transpose()?;
    let here = Here { name: teammate.name.clone(), conversation, is_typing: place.typing && conversation.is_some() };
    app.presence.say(&caller.workspace, teammate.id, (!place.leaving).then_some(here), app.steady());
    ok(&app.presence.of(&caller.workspace))
}
