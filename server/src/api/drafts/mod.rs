//! `POST /drafts/{id}/{approve|discard}`: what the AI would say, on doors where a teammate has the last word.

use axum::extract::{Path, State};
use domain::MessageId;
use engine::ReplyRefused;
use serde::Deserialize;

use super::answer::{Answer, Body, Nothing, id, said};
use super::conversations::act::{LONGEST_REPLY, refused};
use super::conversations::answer_with;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// The teammate's own wording; absent: as it was drafted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    text: Option<String>,
}

fn gone() -> Problem {
    Problem::conflict("no_draft", "This is no draft any more: it was sent or discarded.")
}

/// Sends it.
pub async fn approve(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Approval>) -> Answer {
    let draft: MessageId = id(&written)?;
    app.store().message(&caller.workspace, draft).await?.ok_or_else(Problem::not_found)?;
    let Some(text) = body.text else {
        let conversation = app.engine().approve(&caller.workspace, draft).await?.ok_or_else(gone)?;
        return answer_with(&app, &caller.workspace, conversation).await;
    };
    let text = said(&text, "text", LONGEST_REPLY)?;
    match app.engine().amend(&caller.workspace, draft, &caller.name(), &text).await?.ok_or_else(gone)? {
        Ok(conversation) => answer_with(&app, &caller.workspace, conversation).await,
        Err(ReplyRefused::NotFound) => Err(gone()),
        Err(why) => Err(refused(&why)),
    }
}

/// Throws it away.
pub async fn discard(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let draft: MessageId = id(&written)?;
    app.store().message(&caller.workspace, draft).await?.ok_or_else(Problem::not_found)?;
    let conversation = app.engine().discard(&caller.workspace, draft).await?.ok_or_else(gone)?;
    answer_with(&app, &caller.workspace, conversation).await
}
