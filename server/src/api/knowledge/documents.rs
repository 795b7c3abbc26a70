//! `POST /knowledge/documents` and `DELETE /knowledge/documents/{id}`: documents given in the console. They lie in the database,
//! so that a backup holds them and every server that shares it reads them.

use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use domain::DocumentId;
use domain::ports::{Document, Random};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::answer::{Answer, Asked, id, nothing, said, with};
use super::super::attachments::file_name;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::hooks::read_within;
use crate::library::follow_given;
use crate::problem::Problem;
use crate::time::real_now;

/// Most documents of a workspace.
const MOST: usize = 500;
/// Most bytes of all of them.
const MOST_BYTES: u64 = 512 * 1024 * 1024;
/// How long a document may take to arrive.
const PATIENCE: Duration = Duration::from_mins(5);

/// What it is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    name: String,
}

/// Takes a document. One of the same name is replaced; what nobody could read is refused with the reason.
pub async fn give(State(app): State<App>, caller: Caller, Asked(query): Asked<Named>, request: Request) -> Answer {
    let name = said(&file_name(&query.name), "name", 120)?;
    let (parts, body) = request.into_parts();
    let largest = usize::try_from(knowledge::LARGEST).unwrap_or(usize::MAX);
    let content = read_within(&parts.headers, body, largest, PATIENCE).await?.to_vec();
    let others = app.store().documents(&caller.workspace).await?;
    let older = others.iter().find(|other| other.name == name);
    let size = content.len() as u64;
    let kept: u64 = others.iter().filter(|other| other.name != name).map(|other| other.size).sum();
    if (older.is_none() && others.len() >= MOST) || kept + size > MOST_BYTES {
        return Err(Problem::unprocessable("too_many", "A workspace has at most 500 documents of 512 MB in all. Take some away first."));
    }
    let document = Document {
        id: older.map_or_else(|| DocumentId::new(real_now(), app.random.bits()), |older| older.id),
        name,
        size,
        by: caller.teammate().map(|teammate| teammate.id),
        at: real_now(),
    };
    let content = readable(&document.name, content).await?;
    app.store().put_document(&caller.workspace, &document, content).await?;
    follow_given(&app, &caller.workspace).await?;
    let status = if older.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    with(status, &shown(&app, &caller, &document))
}

/// Takes one away: nothing is answered from it from now on.
pub async fn take_away(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    if !app.store().drop_document(&caller.workspace, id(&written)?).await? {
        return Err(Problem::not_found());
    }
    follow_given(&app, &caller.workspace).await?;
    nothing()
}

/// The content, once it has been read.
async fn readable(name: &str, content: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let read = name.to_owned();
    let tried = tokio::task::spawn_blocking(move || knowledge::try_reading(&read, &content).map(|()| content));
    let tried = tried.await.map_err(|_| Problem::internal())?;
    tried.map_err(|why| Problem::unprocessable("unreadable", format!("{name} cannot be read: {why}.")))
}

fn shown(app: &Shared, caller: &Caller, document: &Document) -> Value {
    let standing = app.library.standing(&caller.workspace);
    let state = standing.into_iter().find(|(is_given, state)| *is_given && state.path == document.name).map(|(_, state)| state);
    json!({
        "id": document.id,
        "name": document.name,
        "size": document.size,
        "at": document.at,
        "title": state.as_ref().map_or(&document.name, |state| &state.title),
        "passages": state.as_ref().map_or(0, |state| state.passages),
        "audience": state.as_ref().map_or("public", |state| &state.audience),
        "outdated": state.as_ref().is_some_and(|state| state.outdated),
        "skipped": state.and_then(|state| state.skipped),
    })
}
