//! `GET /customers/{id}/timeline`.

use axum::extract::{Path, State};
use domain::message::Author;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::answer::{Answer, Asked, limit, ok};
use crate::api::views;
use crate::app::App;
use crate::auth::caller::Caller;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    before: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Handles it: the newest page when nothing is asked, oldest first within a page.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, Asked(query): Asked<Query>) -> Answer {
    let size = limit(query.limit.as_deref())?;
    let customer = super::find(&app, &caller.workspace, &written).await?;
    let before = query.before.or(query.cursor);
    let page = app.store().timeline(&caller.workspace, customer.id, before.as_deref(), size).await?;
    let drafts = app.store().drafts(&caller.workspace, customer.id).await?;
    let later = app.store().waiting_for_their_time(&caller.workspace, customer.id).await?;
    let is_draft = |id| drafts.iter().any(|draft| draft.id == id);
    let seqs = page.items.iter().map(|message| message.seq);
    let (from, to) = (seqs.clone().min().unwrap_or(0), seqs.max().unwrap_or(0));
    let attachments = app.store().attachments_of(&caller.workspace, customer.id, from, to).await?;
    let mut items: Vec<Value> = page
        .items
        .iter()
        .map(|message| {
            let waits = is_draft(message.id);
            let mut view = views::entry(message, waits && message.author == Author::Ai);
            let leaves = later.iter().find(|(id, _)| waits && *id == message.id);
            view["send_at"] = json!(leaves.map(|(_, at)| at));
            view
        })
        .collect();
    views::add_attachments(&mut items, &attachments);
    let person = json!({ "id": customer.id, "name": customer.shown_name() });
    ok(&json!({ "items": items, "next": page.next, "customer": person }))
}
