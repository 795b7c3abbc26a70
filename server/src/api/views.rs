//! What the product's values look like in the API.

use domain::action::{Action, ActionStatus};
use domain::attachment::{Attachment, AttachmentState};
use domain::conversation::StatusKind;
use domain::customer::Customer;
use domain::escalation::{Brief, Escalation};
use domain::message::{DeliveryState, Message};
use domain::ports::{ConversationRow, LedgerItem, Suggestion, Teammate};
use domain::settings::WorkspaceSettings;
use domain::{ConversationId, TeamId, TeammateId};
use engine::decision::sla::{self, Case, Clock, Measured};
use engine::reasoning::purchases::purchases;
use serde_json::{Value, json};

/// The clocks that run on a conversation, the next due first.
pub fn clocks(row: &ConversationRow, settings: &WorkspaceSettings) -> Vec<Clock> {
    let conversation = &row.conversation;
    if conversation.status != StatusKind::WithTeammate {
        return Vec::new();
    }
    let rules: Vec<String> =
        row.escalation.iter().flat_map(|escalation| std::iter::once(&escalation.rule).chain(&escalation.also)).cloned().collect();
    let measured = Measured {
        case: Case { channel: conversation.channel, rules: &rules, team: row.team },
        waits_since: row.waits_since,
        handed_at: row.escalation.as_ref().map_or(conversation.created_at, |escalation| escalation.at),
    };
    sla::clocks(settings, &measured)
}

/// A conversation as lists show it.
pub fn conversation(row: &ConversationRow, teammates: &[Teammate], settings: Option<&WorkspaceSettings>) -> Value {
    let conversation = &row.conversation;
    json!({
        "id": conversation.id,
        "status": conversation.status,
        "customer": {
            "id": conversation.customer,
            "name": row.customer_name,
            "proof": row.proof,
            "score": row.score,
        },
        "channel": conversation.channel,
        "channels": conversation.channels,
        "last_message": row.last_message.as_ref().map(|message| json!({
            "text": message.text,
            "at": message.at,
            "direction": message.direction,
            "author": message.author,
        })),
        "updated_at": conversation.updated_at,
        "created_at": conversation.created_at,
        "snoozed_until": conversation.snoozed_until,
        "assignee": conversation.assignee.map(|id| assignee(id, teammates)),
        "team": row.team.and_then(|id| team(id, settings)),
        "unread": conversation.unread,
        "ai_silent": conversation.ai_silent,
        "escalation": row.escalation.as_ref().map(|escalation| json!({
            "id": escalation.id,
            "rule": escalation.rule,
            "also": escalation.also,
            "status": escalation.status,
            "at": escalation.at,
            "due_at": escalation.due_at,
            "way": escalation.way,
        })),
        "asked_again": conversation.asked_again,
        "drafts": row.drafts,
        "actions_waiting": row.actions_waiting,
        "sla": settings.and_then(|settings| clocks(row, settings).into_iter().next()),
        "tags": row.tags,
    })
}

/// A teammate by name, also one who has left.
pub fn assignee(id: TeammateId, teammates: &[Teammate]) -> Value {
    let name = teammates.iter().find(|teammate| teammate.id == id).map_or("Former teammate", |teammate| &teammate.name);
    json!({ "id": id, "name": name })
}

fn team(id: TeamId, settings: Option<&WorkspaceSettings>) -> Option<Value> {
    let known = settings?.teams.iter().find(|team| team.id == id)?;
    Some(json!({ "id": id, "name": known.name }))
}

/// A customer's whole record.
pub fn customer(customer: &Customer, conversations: &[ConversationId]) -> Value {
    json!({
        "id": customer.id,
        "name": customer.shown_name(),
        "proof": customer.proof(),
        "created_at": customer.created_at,
        "identifiers": customer.identifiers.iter().map(|identifier| json!({
            "id": identifier.id,
            "kind": identifier.kind,
            "value": identifier.value,
            "trust": identifier.trust,
            "origin": identifier.origin,
            "shared": identifier.shared,
            "first_seen": identifier.first_seen,
            "last_seen": identifier.last_seen,
        })).collect::<Vec<_>>(),
        "facts": customer.facts.iter().map(|fact| json!({
            "id": fact.id,
            "predicate": fact.predicate,
            // Read without `holds`, "not voice" still says what it means.
            "value": if fact.holds { fact.value.clone() } else { format!("not {}", fact.value) },
            "data": fact.data,
            "holds": fact.holds,
            "status": fact.status,
            "source_message": fact.source_message,
            "quote": fact.quote,
            "channel": fact.channel,
            "origin": fact.origin,
            "valid_from": fact.valid_from,
            "valid_to": fact.valid_to,
            "recorded_at": fact.recorded_at,
            "retracted_at": fact.retracted_at,
            "supersedes": fact.supersedes,
            "confidence": fact.confidence,
            "pinned": fact.strength == domain::fact::Strength::Pinned,
        })).collect::<Vec<_>>(),
        "promises": customer.promises.iter().map(|promise| json!({
            "id": promise.id,
            "by": promise.by,
            "what": promise.what,
            "due_at": promise.due_at,
            "status": promise.status,
            "source_message": promise.source_message,
            "channel": promise.channel,
            "at": promise.at,
        })).collect::<Vec<_>>(),
        "offers": customer.offers.iter().map(|offer| json!({
            "id": offer.id,
            "product": offer.product,
            "terms": offer.terms,
            "outcome": offer.outcome,
            "reason": offer.reason,
            "at": offer.at,
        })).collect::<Vec<_>>(),
        "consents": customer.consents.iter().map(|consent| json!({
            "purpose": consent.purpose,
            "channel": consent.channel,
            "state": consent.state,
            "wording": consent.wording,
            "source_message": consent.source_message,
            "at": consent.at,
        })).collect::<Vec<_>>(),
        "actions": customer.actions.iter().map(action).collect::<Vec<_>>(),
        "lead": customer.lead,
        "attributes": customer.attributes,
        "events": customer.events,
        "orders": purchases(&customer.events),
        "conversations": conversations,
        "merges": customer.merges.iter().map(|merge| json!({
            "id": merge.id,
            "at": merge.at,
            "absorbed": merge.absorbed,
            "reasons": merge.reasons,
            "by": merge.by,
            "undone": merge.undone,
        })).collect::<Vec<_>>(),
    })
}

/// What was done, or waits to be done; its document is for the customer and the team.
pub fn action(action: &Action) -> Value {
    let deed = serde_json::to_value(&action.deed).unwrap_or_default();
    json!({
        "id": action.id,
        "number": action.number,
        "tool": deed["tool"],
        "arguments": deed["arguments"],
        "status": action.status,
        "because": action.because,
        "by": action.by,
        "conversation": action.conversation,
        "message": action.message,
        "document": (action.status == ActionStatus::Done).then(|| format!("/documents/{}", action.opener)),
        "at": action.at,
        "changed_at": action.changed_at,
    })
}

/// A file that came with a message.
pub fn attachment(attachment: &Attachment) -> Value {
    let about = &attachment.about;
    let is_here = attachment.state == AttachmentState::Kept;
    json!({
        "id": attachment.id,
        "kind": about.media.kind,
        "voice": about.media.voice,
        "name": about.media.filename,
        "mime": about.seen_as.as_ref().or(about.media.mime.as_ref()),
        // By its bytes: what a page may show or play in place.
        "shown_as": about.seen_as,
        "size": attachment.size,
        "state": attachment.state,
        "why": about.why,
        "url": is_here.then(|| format!("/api/v1/attachments/{}", attachment.id)),
    })
}

/// Puts the files of messages beside them.
pub fn add_attachments(entries: &mut [Value], attachments: &[Attachment]) {
    for entry in entries {
        let of = |attachment: &&Attachment| entry["id"] == json!(attachment.message);
        let files: Vec<Value> = attachments.iter().filter(of).map(attachment).collect();
        entry["attachments"] = files.into();
    }
}

/// An entry of the timeline; a draft has not been said to anybody yet.
pub fn entry(message: &Message, is_draft: bool) -> Value {
    let mut view = json!({
        "id": message.id,
        "at": message.at,
        "kind": match &message.event {
            Some(event) if event.kind == "note" => "note",
            Some(_) => "event",
            None => "message",
        },
        "channel": message.channel,
        "direction": message.direction,
        "author": message.author,
        "author_name": message.author_name,
        "text": message.text,
        "turn": message.turn,
        "conversation": message.conversation,
        "state": message.state,
        // To the outside a reply that is still being said is simply not sent yet.
        "delivery": message.delivery.map(|state| if state == DeliveryState::Speaking { DeliveryState::Queued } else { state }),
        "delivery_reason": message.delivery_reason,
        "draft": is_draft,
        "buttons": message.buttons,
        "sources": message.sources,
        "seq": message.seq,
    });
    if !message.cards.is_empty() {
        view["cards"] = json!(message.cards);
    }
    if let Some(changed) = &message.changed {
        view["changed"] = json!(changed);
    }
    if let Some(event) = &message.event {
        view["event"] = json!(event);
    }
    view
}

/// An escalation with its brief.
pub fn escalation(escalation: &Escalation, customer_name: Option<&str>) -> Value {
    json!({
        "id": escalation.id,
        "rule": escalation.rule,
        "also": escalation.also,
        "status": escalation.status,
        "at": escalation.at,
        "due_at": escalation.due_at,
        "evidence": escalation.evidence,
        "customer": { "id": escalation.customer, "name": customer_name },
        "conversation": escalation.conversation,
        "turn": escalation.turn,
        "team": escalation.team,
        "way": escalation.way,
        "brief": brief(&escalation.brief),
    })
}

/// What a brief says where nothing is known.
pub const UNKNOWN: &str = "not said yet";

/// A brief in which nothing is null or empty: what is unknown is said in words.
fn brief(brief: &Brief) -> Value {
    let text = |text: &str| if text.trim().is_empty() { UNKNOWN.to_owned() } else { text.to_owned() };
    let list = |list: &[String], unknown: &str| if list.is_empty() { vec![unknown.to_owned()] } else { list.to_vec() };
    json!({
        "name": text(&brief.name),
        "contacts": list(&brief.contacts, "none known yet"),
        "summary": text(&brief.summary),
        "need": text(&brief.need),
        "learned": list(&brief.learned, "nothing yet"),
        "tried": list(&brief.tried, "nothing yet"),
        "emotion": text(&brief.emotion),
        "why": text(&brief.why),
        "next_step": text(&brief.next_step),
        "promised": list(&brief.promised, "nothing"),
    })
}

/// An item of the ledger.
pub fn ledger_item(item: &LedgerItem) -> Value {
    json!({
        "id": item.id,
        "at": item.at,
        "connection": item.connection,
        "channel": item.channel,
        "state": item.state,
        "reason": item.reason,
        "turn": item.turn,
    })
}

/// Perhaps one person.
pub fn suggestion(suggestion: &Suggestion, names: &(Option<String>, Option<String>)) -> Value {
    json!({
        "id": suggestion.id,
        "a": { "id": suggestion.a, "name": names.0 },
        "b": { "id": suggestion.b, "name": names.1 },
        "probability": suggestion.probability,
        "reasons": suggestion.reasons.iter().map(|(text, weight)| json!({ "text": text, "weight": weight })).collect::<Vec<_>>(),
        "status": suggestion.status,
        "at": suggestion.at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_of_a_brief_is_null_or_empty() {
        let view = brief(&Brief::default());
        for (field, value) in view.as_object().expect("a brief is an object") {
            let is_said = match value {
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => items.iter().all(|item| item.as_str().is_some_and(|text| !text.is_empty())) && !items.is_empty(),
                _ => false,
            };
            assert!(is_said, "{field} is {value}");
        }
    }
}
