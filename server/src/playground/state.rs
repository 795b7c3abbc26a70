//! What the page shows beside the phones: who the persona is to the business, and why.

use domain::customer::Customer;
use domain::escalation::{Escalation, EscalationStatus};
use domain::message::Direction;
use domain::ports::ConversationFilter;
use domain::{ChannelKind, CustomerId, IdentifierKind, Trust, WorkspaceId};
use serde_json::{Value, json};

use super::persona::{Board, Bubble, Persona};
use crate::api::{customers, rules, turns, views};
use crate::app::Shared;
use crate::problem::Problem;

/// The persona's records: one per part of it that is not joined yet, the fullest first.
pub async fn records(app: &Shared, workspace: &WorkspaceId, persona: &Persona) -> Result<Vec<Customer>, Problem> {
    let digits = persona.phone_e164.trim_start_matches('+').to_owned();
    let mut wanted = vec![
        (IdentifierKind::Phone, persona.phone_e164.clone()),
        (IdentifierKind::Whatsapp, digits),
        (IdentifierKind::Telegram, persona.telegram_id.to_string()),
        (IdentifierKind::Discord, persona.discord_id()),
        (IdentifierKind::Email, persona.email()),
    ];
    wanted.extend(persona.forms.iter().map(|form| (IdentifierKind::Visitor, format!("form-{form}"))));
    wanted.extend(persona.visitor.iter().map(|visitor| (IdentifierKind::Visitor, visitor.clone())));
    let mut ids: Vec<CustomerId> = Vec::new();
    let mut found: Vec<Customer> = Vec::new();
    for (kind, value) in wanted {
        for (id, trust) in app.store().customers_by_identifier(workspace, kind, None, &value).await? {
            // A number somebody merely typed on the website is not yet this person's phone.
            if kind != IdentifierKind::Visitor && trust == Trust::Claimed {
                continue;
            }
            let Some(customer) = app.store().customer(workspace, id).await? else { continue };
            if !ids.contains(&customer.id) {
                ids.push(customer.id);
                found.push(customer);
            }
        }
    }
    found.sort_by_key(|customer| std::cmp::Reverse((customer.identifiers.len(), customer.facts.len())));
    Ok(found)
}

fn doors(customer: &Customer) -> Vec<&'static str> {
    let mut doors: Vec<&'static str> = customer
        .identifiers
        .iter()
        .map(|identifier| match identifier.kind {
            IdentifierKind::Visitor => "widget",
            IdentifierKind::Phone => "phone",
            other => other.as_str(),
        })
        .collect();
    doors.dedup();
    doors
}

/// The state object.
pub async fn state(app: &Shared, workspace: &WorkspaceId, board: &Board) -> Result<Value, Problem> {
    let records = records(app, workspace, &board.persona()).await?;
    let (main, others) = match records.split_first() {
        Some((main, others)) => (Some(main), others),
        None => (None, &records[..]),
    };
    let mut view = json!({
        "clock": { "now": app.now(), "offset_s": app.clock.offset().as_secs() },
        "customer": null,
        "others": others.iter().map(|customer| json!({ "id": customer.id, "doors": doors(customer) })).collect::<Vec<_>>(),
        "rules": [],
        "score": { "value": 0, "delta": 0, "history": [] },
        "last_turn": null,
        "asked_again": 0,
        "escalation": null,
        "facts_new": [],
    });
    let mut fired: Vec<Escalation> = Vec::new();
    if let Some(customer) = main {
        let filter = ConversationFilter { customer: Some(customer.id), ..ConversationFilter::default() };
        let conversations = app.store().conversations(workspace, &filter, None, 50).await?.items;
        let channel = conversations.first().map(|row| row.conversation.channel);
        for row in &conversations {
            fired.extend(app.store().escalations_of(workspace, row.conversation.id).await?);
        }
        let turn = match app.store().turns_of(workspace, customer.id, 1).await?.first() {
            Some(turn) => turns::find(app, workspace, *turn).await?,
            None => None,
        };
        let (history, delta) = board.score(customer.lead.score, app.now(), channel);
        view["facts_new"] = facts_new(customer, turn.as_ref());
        view["customer"] = customers::view(app, workspace, customer).await?;
        view["score"] = json!({ "value": customer.lead.score, "delta": delta, "history": history });
        view["asked_again"] = json!(app.store().asked_again(workspace, customer.id).await?);
        view["last_turn"] = turn.unwrap_or(Value::Null);
        let open = fired.iter().find(|escalation| {
            matches!(escalation.status, EscalationStatus::Open | EscalationStatus::Accepted | EscalationStatus::Released)
        });
        view["escalation"] = open.map_or(Value::Null, |escalation| views::escalation(escalation, customer.name()));
    }
    view["rules"] = rules::of_workspace(app, workspace).into_iter().map(|(name, sentence)| rule(&name, &sentence, &fired)).collect();
    Ok(view)
}

fn rule(name: &str, sentence: &str, fired: &[Escalation]) -> Value {
    let firing = fired.iter().rev().find(|escalation| escalation.rule == name || escalation.also.iter().any(|also| also == name));
    let quote = firing.and_then(|escalation| escalation.evidence.iter().find(|evidence| evidence.rule == name));
    json!({
        "rule": name,
        "sentence": sentence,
        "state": if firing.is_some() { "fired" } else { "quiet" },
        "at": firing.map(|escalation| escalation.at),
        "evidence": quote.map(|evidence| &evidence.quote),
    })
}

fn facts_new(customer: &Customer, turn: Option<&Value>) -> Value {
    let messages: Vec<&str> = turn
        .and_then(|turn| turn["trigger"].as_array())
        .map(|all| all.iter().filter_map(|message| message["id"].as_str()).collect())
        .unwrap_or_default();
    customer
        .facts
        .iter()
        .filter(|fact| fact.source_message.is_some_and(|id| messages.contains(&id.to_string().as_str())))
        .map(|fact| json!(fact.id))
        .collect()
}

/// Fills a board from what its doors remember, after a restart.
pub async fn remember(app: &Shared, workspace: &WorkspaceId, board: &Board) -> Result<(), Problem> {
    let mut messages = Vec::new();
    for customer in records(app, workspace, &board.persona()).await? {
        messages.extend(app.store().timeline(workspace, customer.id, None, 200).await?.items);
    }
    messages.sort_by_key(|message| message.seq);
    for message in messages {
        let direction = match message.direction {
            Direction::In => "in",
            Direction::Out => "out",
            Direction::Event => continue,
        };
        if message.channel == ChannelKind::Widget {
            continue;
        }
        let status = message.delivery.map_or("read", |delivery| match delivery.as_str() {
            known @ ("delivered" | "read") => known,
            _ => "sent",
        });
        let mut bubble = Bubble::new(message.channel, direction, &message.text, message.at);
        bubble.buttons = message.buttons;
        status.clone_into(&mut bubble.status);
        board.add(bubble);
    }
    Ok(())
}
