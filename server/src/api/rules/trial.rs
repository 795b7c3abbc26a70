//! `POST /rules/try`: how often a condition, or a rule that exists, would have fired over what customers wrote, and on what.

use axum::extract::State;
use domain::MessageId;
use domain::message::Direction;
use domain::ports::{ConversationFilter, ConversationRow};
use domain::settings::WorkspaceSettings;
use engine::decision::expression::{Expression, Scope};
use engine::decision::rules::{self, BUILT_IN, Situation};
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

/// Built-in rules that look at what the AI answered or wants to do: what was said alone does not tell whether they fire.
const BESIDE_WORDS: [&str; 3] = ["three-unresolved-turns", "irreversible-action", "low-confidence"];

/// A condition, or the name of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    when: Option<String>,
    rule: Option<String>,
}

/// What is tried.
enum Tried {
    Condition(Expression),
    BuiltIn(&'static str),
}

impl Tried {
    fn of(app: &Shared, caller: &Caller, trial: &Trial) -> Result<Self, Problem> {
        let named = match (&trial.when, &trial.rule) {
            (Some(when), None) => return Self::condition(when),
            (None, Some(rule)) => rule,
            _ => return Err(Problem::bad_request("A trial has either when or rule.")),
        };
        let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
        if let Some(own) = settings.rules.iter().find(|rule| rule.name == *named) {
            return Self::condition(&own.when);
        }
        let known = BUILT_IN.iter().find(|rule| rule.name == *named).ok_or_else(Problem::not_found)?;
        if BESIDE_WORDS.contains(&known.name) {
            let why = "Whether this rule fires depends on what the AI answered; how often it did is said beside it.";
            return Err(Problem::unprocessable("not_in_words", why));
        }
        Ok(Self::BuiltIn(known.name))
    }

    fn condition(when: &str) -> Result<Self, Problem> {
        let when = said(when, "when", LONGEST_CONDITION)?;
        let parsed = Expression::parse(&when);
        parsed.map(Self::Condition).map_err(|error| Problem::unprocessable("no_condition", format!("The condition {error}.")))
    }

    /// Would it have fired on this message?
    fn holds(&self, scope: &Scope<'_>, message: MessageId) -> Result<bool, String> {
        match self {
            Self::Condition(expression) => expression.holds(scope),
            Self::BuiltIn(name) => {
                let situation = Situation {
                    settings: scope.settings,
                    own: &[],
                    channel: scope.channel,
                    context: scope.context,
                    signals: scope.signals,
                    messages: &[(message, scope.text.to_owned())],
                    unresolved: None,
                    doubtful_commitment: false,
                    waits_for_approval: false,
                    unanswered: false,
                    now: scope.now,
                };
                Ok(rules::check(&situation).evidence.iter().any(|evidence| evidence.rule == *name))
            }
        }
    }
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
    let tried = Tried::of(&app, &caller, &trial)?;
    let mut found = Found::default();
    let mut cursor: Option<String> = None;
    loop {
        let page = app.store().conversations(&caller.workspace, &ConversationFilter::default(), cursor.as_deref(), PAGE).await?;
        for row in &page.items {
            look_at(&app, &caller, &tried, row, &mut found).await?;
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

async fn look_at(app: &Shared, caller: &Caller, tried: &Tried, row: &ConversationRow, found: &mut Found) -> Result<(), Problem> {
    let workspace = &caller.workspace;
    let Some(settings) = app.workspace(workspace) else { return Ok(()) };
    // Tried as if it were on, and as if it had never fired.
    let settings = WorkspaceSettings { rules_off: Default::default(), ..(*settings).clone() };
    let (id, customer) = (row.conversation.id, row.conversation.customer);
    let page = app.store().timeline(workspace, customer, None, ENTRIES).await?;
    let heard = page.items.iter().filter(|message| {
        message.conversation == id && message.direction == Direction::In && message.event.is_none() && !message.text.is_empty()
    });
    let mut hit = None;
    let mut context = app.store().context(workspace, customer, id, &[]).await?;
    context.fired.clear();
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
        match tried.holds(&scope, message.id) {
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
