//! `POST /rules/try`: how often a condition would have fired over what customers wrote, and on what.

use axum::extract::State;
use domain::message::Direction;
use domain::ports::{ConversationFilter, ConversationRow};
use engine::decision::expression::{Expression, Scope};
use engine::reasoning::analyst;
use serde::Deserialize;
use serde_json::{Value, json};

use super::edit::LONGEST_CONDITION;
use crate::api::answer::{Answer, Body, ok, said};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Conversations read in one go.
const PAGE: usize = 50;
/// Most messages that are looked at.
const MOST_MESSAGES: usize = 1_000;
/// Entries of a timeline that are read.
const ENTRIES: usize = 200;
/// Most hits that are shown.
const MOST_SHOWN: usize = 50;

/// The condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    when: String,
}

#[derive(Default)]
struct Found {
    conversations: usize,
    messages: usize,
    fired: usize,
    undecided: usize,
    why_undecided: Option<String>,
    items: Vec<Value>,
}

/// Handles it: the latest conversations first, each message read as a turn would, with what is known of its customer today.
/// Nothing fires and nothing is written.
pub async fn handle(State(app): State<App>, caller: Caller, Body(trial): Body<Trial>) -> Answer {
    let when = said(&trial.when, "when", LONGEST_CONDITION)?;
    let expression = Expression::parse(&when).map_err(|error| Problem::unprocessable("no_condition", format!("The condition {error}.")))?;
    let mut found = Found::default();
    let mut cursor: Option<String> = None;
    loop {
        let page = app.store().conversations(&caller.workspace, &ConversationFilter::default(), cursor.as_deref(), PAGE).await?;
        for row in &page.items {
            look_at(&app, &caller, &expression, row, &mut found).await?;
            // Reading is work of the processor: others get their turn in between.
            tokio::task::yield_now().await;
        }
        cursor = page.next;
        if cursor.is_none() || found.messages >= MOST_MESSAGES {
            break;
        }
    }
    ok(&json!({
        "conversations": found.conversations,
        "messages": found.messages,
        "fired": found.fired,
        "undecided": found.undecided,
        "why_undecided": found.why_undecided,
        "items": found.items,
    }))
}

async fn look_at(app: &Shared, caller: &Caller, expression: &Expression, row: &ConversationRow, found: &mut Found) -> Result<(), Problem> {
    let workspace = &caller.workspace;
    let Some(settings) = app.workspace(workspace) else { return Ok(()) };
    let (id, customer) = (row.conversation.id, row.conversation.customer);
    let page = app.store().timeline(workspace, customer, None, ENTRIES).await?;
    let heard = page.items.iter().filter(|message| {
        message.conversation == id && message.direction == Direction::In && message.event.is_none() && !message.text.is_empty()
    });
    let mut hit = None;
    let context = app.store().context(workspace, customer, id, &[]).await?;
    for message in heard {
        found.messages += 1;
        let given = analyst::Given { settings: &settings, context: &context, catalogue: &[], own_contacts: &[] };
        let reading = analyst::read(&given, &[], &[(message.id, message.text.clone())]);
        let scope = Scope {
            settings: &settings,
            context: &context,
            signals: &reading.signals,
            text: &reading.text,
            channel: message.channel,
            now: message.at,
        };
        match expression.holds(&scope) {
            Ok(true) => hit = hit.or(Some(message)),
            Ok(false) => {}
            Err(why) => {
                found.undecided += 1;
                found.why_undecided.get_or_insert(why);
            }
        }
    }
    found.conversations += 1;
    if let Some(message) = hit {
        found.fired += 1;
        if found.items.len() < MOST_SHOWN {
            found.items.push(json!({
                "conversation": id,
                "message": message.id,
                "customer": { "id": customer, "name": row.customer_name },
                "channel": message.channel,
                "text": message.text,
                "at": message.at,
            }));
        }
    }
    Ok(())
}
