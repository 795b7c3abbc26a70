//! `GET /customers/{id}/export`: everything about a person as one document.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use domain::Timestamp;
use domain::customer::Customer;
use domain::ports::{Dossier, Link};
use serde_json::{Value, json};

use crate::api::answer::{Answer, id, ok};
use crate::api::views;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Version of the document's layout.
const FORMAT: u32 = 1;

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let dossier = app.store().dossier(&caller.workspace, id(&written)?).await?.ok_or_else(Problem::not_found)?;
    tracing::info!(workspace = %caller.workspace, customer = %dossier.customer.id, by = caller.by(), "customer.export");
    let name = format!("attachment; filename=\"{}.json\"", dossier.customer.id);
    let mut document = document(caller.workspace.as_str(), &dossier, app.now());
    let attachments = app.store().attachments_of(&caller.workspace, dossier.customer.id, 0, i64::MAX).await?;
    if let Some(entries) = document["timeline"].as_array_mut() {
        views::add_attachments(entries, &attachments);
    }
    let mut answer = ok(&document)?;
    let name = HeaderValue::from_str(&name).map_err(|_| Problem::internal())?;
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// The document. Lists are oldest first, keys are in alphabetical order: the same person gives the same text.
pub fn document(workspace: &str, dossier: &Dossier, at: Timestamp) -> Value {
    let customer = &dossier.customer;
    let conversations: Vec<_> = dossier.conversations.iter().map(|conversation| conversation.id).collect();
    let mut record = views::customer(customer, &conversations);
    complete(&mut record, customer);
    json!({
        "format": "rapport-export",
        "version": FORMAT,
        "workspace": workspace,
        "exported_at": at,
        "customer": record,
        "ids": dossier.ids,
        "names_seen": dossier.names_seen,
        "doors": dossier.doors.iter().map(|door| json!({
            "connection": door.connection,
            "channel": door.channel,
            "address": door.address,
            "strand": door.strand,
            "last_inbound": door.last_inbound,
            "stopped": door.stopped,
        })).collect::<Vec<_>>(),
        "conversations": dossier.conversations,
        "timeline": dossier.messages.iter().map(|message| {
            let mut entry = views::entry(message, dossier.drafts.contains(&message.id));
            entry["strand"] = json!(message.strand);
            entry["connection"] = json!(message.connection);
            entry["language"] = json!(message.language);
            entry
        }).collect::<Vec<_>>(),
        "turns": dossier.turns.iter().map(|turn| json!({
            "id": turn.id,
            "conversation": turn.conversation,
            "at": turn.at,
            "decision": turn.trace,
        })).collect::<Vec<_>>(),
        "escalations": dossier.escalations.iter().map(|escalation| views::escalation(escalation, customer.name())).collect::<Vec<_>>(),
        "tasks": dossier.tasks.iter().map(|task| json!({
            "id": task.id,
            "what": task.what,
            "at": task.at,
            "due_at": task.due_at,
            "done": task.done,
        })).collect::<Vec<_>>(),
        "links": dossier.links.iter().map(link).collect::<Vec<_>>(),
        "suggestions": dossier.suggestions.iter().map(|suggestion| json!({
            "id": suggestion.id,
            "customers": [suggestion.a, suggestion.b],
            "probability": suggestion.probability,
            "reasons": suggestion.reasons.iter().map(|(text, weight)| json!({ "text": text, "weight": weight })).collect::<Vec<_>>(),
            "status": suggestion.status,
            "at": suggestion.at,
        })).collect::<Vec<_>>(),
        "open_questions": dossier.open_questions.iter().map(|open| json!({
            "question": open.question,
            "last_at": open.last_at,
            "message": open.message,
        })).collect::<Vec<_>>(),
    })
}

/// What the API's record leaves out and the person is owed: how a value was written, which strand it came through, how
/// it was read, and what was asked.
fn complete(record: &mut Value, customer: &Customer) {
    for (shown, identifier) in record["identifiers"].as_array_mut().into_iter().flatten().zip(&customer.identifiers) {
        shown["scope"] = json!(identifier.scope);
        shown["raw"] = json!(identifier.raw);
        shown["strand"] = json!(identifier.strand);
    }
    for (shown, fact) in record["facts"].as_array_mut().into_iter().flatten().zip(&customer.facts) {
        shown["strand"] = json!(fact.strand);
        shown["extractor"] = json!(fact.extractor);
        shown["retracted_at"] = json!(fact.retracted_at);
        shown["supersedes"] = json!(fact.supersedes);
    }
    for (shown, promise) in record["promises"].as_array_mut().into_iter().flatten().zip(&customer.promises) {
        shown["strand"] = json!(promise.strand);
    }
    for (shown, offer) in record["offers"].as_array_mut().into_iter().flatten().zip(&customer.offers) {
        shown["strand"] = json!(offer.strand);
        shown["source_message"] = json!(offer.source_message);
    }
    for (shown, consent) in record["consents"].as_array_mut().into_iter().flatten().zip(&customer.consents) {
        shown["id"] = json!(consent.id);
        shown["strand"] = json!(consent.strand);
        shown["source_message"] = json!(consent.source_message);
    }
    record["strands"] = json!(customer.strands);
    record["asked"] = json!(customer.asked);
}

fn link(link: &Link) -> Value {
    json!({
        "id": link.id,
        "channel": link.channel,
        "expires_at": link.expires_at,
        "redeemed_at": link.redeemed_at,
        "redeemed_by": link.redeemed_by,
        "shown_as": link.shown_as,
        "waits_for": link.waits_for,
        "merge": link.merge,
    })
}
