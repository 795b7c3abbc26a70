//! `GET`, `POST` and `PATCH /tasks`: what a person of the team should do for a customer, and by when.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ports::{Random, TaskChange, TaskList, TaskRow, Teammate};
use domain::turn::Task;
use domain::{ConversationId, TaskId, TeammateId};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::answer::{Answer, Asked, Body, id, limit, ok, said, time, with};
use super::views;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Longest task.
const LONGEST: usize = 500;

/// Which tasks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    view: Option<String>,
    customer: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// A task as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    customer: String,
    what: String,
    due_at: Option<String>,
    conversation: Option<String>,
    /// Absent: whoever writes it; null: nobody by name.
    #[serde(default, deserialize_with = "named_or_null")]
    assignee: Option<Option<String>>,
}

/// What changes; what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    done: Option<bool>,
    #[serde(default, deserialize_with = "named_or_null")]
    due_at: Option<Option<String>>,
    #[serde(default, deserialize_with = "named_or_null")]
    assignee: Option<Option<String>>,
}

/// Tells what is null from what is absent.
fn named_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn shown(row: &TaskRow, teammates: &[Teammate]) -> Value {
    let task = &row.task;
    json!({
        "id": task.id,
        "what": task.what,
        "customer": { "id": task.customer, "name": row.customer_name },
        "conversation": task.conversation,
        "promised": task.promise.is_some(),
        "assignee": task.assignee.map(|id| views::assignee(id, teammates)),
        "due_at": task.due_at,
        "at": row.at,
        "done_at": row.done_at,
    })
}

fn me(caller: &Caller) -> Option<TeammateId> {
    caller.teammate().map(|teammate| teammate.id)
}

/// A page of them, with how many there are.
pub async fn list(State(app): State<App>, caller: Caller, Asked(wanted): Asked<Wanted>) -> Answer {
    let list = match (wanted.customer, wanted.view.as_deref()) {
        (Some(customer), _) => TaskList::About { customer: id(&customer)? },
        (None, None | Some("all")) => TaskList::Open { of: None },
        (None, Some("mine")) => TaskList::Open { of: Some(me(&caller).ok_or_else(|| Problem::bad_request("mine is a teammate's."))?) },
        (None, Some("done")) => TaskList::Done,
        (None, Some(other)) => return Err(Problem::bad_request(format!("view must be mine, all or done, not {other:?}."))),
    };
    let page = app.store().task_page(&caller.workspace, list, wanted.cursor.as_deref(), limit(wanted.limit.as_deref())?).await?;
    let counts = app.store().task_counts(&caller.workspace, me(&caller), app.now()).await?;
    let teammates = app.store().teammates(&caller.workspace).await?;
    ok(&json!({
        "items": page.items.iter().map(|row| shown(row, &teammates)).collect::<Vec<_>>(),
        "next": page.next,
        "counts": { "open": counts.open, "overdue": counts.overdue, "mine": counts.mine, "mine_overdue": counts.mine_overdue },
    }))
}

/// A teammate of this workspace, or nobody.
async fn teammate(app: &Shared, caller: &Caller, written: Option<&String>) -> Result<Option<TeammateId>, Problem> {
    let Some(written) = written else { return Ok(None) };
    let known = app.store().teammates(&caller.workspace).await?;
    let found = known.iter().find(|teammate| teammate.id.to_string() == *written).map(|teammate| teammate.id);
    found.map(Some).ok_or_else(|| Problem::unprocessable("unknown_teammate", "assignee is not a teammate of this workspace."))
}

async fn answer_with(app: &Shared, caller: &Caller, task: TaskId, status: StatusCode) -> Answer {
    let row = app.store().task(&caller.workspace, task).await?.ok_or_else(Problem::not_found)?;
    with(status, &shown(&row, &app.store().teammates(&caller.workspace).await?))
}

/// Adds one.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<Written>) -> Answer {
    let what = said(&body.what, "what", LONGEST)?;
    let customer = app.store().customer(&caller.workspace, id(&body.customer)?).await?.ok_or_else(Problem::not_found)?.id;
    let conversation: Option<ConversationId> = body.conversation.as_deref().map(id).transpose()?;
    if let Some(conversation) = conversation {
        let row = app.store().conversation(&caller.workspace, conversation).await?.ok_or_else(Problem::not_found)?;
        if row.conversation.customer != customer {
            return Err(Problem::unprocessable("anothers", "conversation is another customer's."));
        }
    }
    let assignee = match body.assignee {
        Some(named) => teammate(&app, &caller, named.as_ref()).await?,
        None => me(&caller),
    };
    let due_at = body.due_at.as_deref().map(|due| time(due, "due_at")).transpose()?;
    let id = TaskId::new(app.now(), app.random.bits());
    let task = Task { id, customer, what, due_at, conversation, promise: None, assignee };
    app.store().add_task(&caller.workspace, task, app.now()).await?;
    answer_with(&app, &caller, id, StatusCode::CREATED).await
}

/// One.
pub async fn show(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let row = app.store().task(&caller.workspace, id(&written)?).await?.ok_or_else(Problem::not_found)?;
    ok(&shown(&row, &app.store().teammates(&caller.workspace).await?))
}

/// Done, put off, given to somebody.
pub async fn change(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Changed>) -> Answer {
    let task: TaskId = id(&written)?;
    let due_at = match body.due_at {
        Some(Some(due)) => Some(Some(time(&due, "due_at")?)),
        Some(None) => Some(None),
        None => None,
    };
    let assignee = match body.assignee {
        Some(named) => Some(teammate(&app, &caller, named.as_ref()).await?),
        None => None,
    };
    let change = TaskChange { done: body.done, due_at, assignee };
    if !app.store().change_task(&caller.workspace, task, change, app.now()).await? {
        return Err(Problem::not_found());
    }
    answer_with(&app, &caller, task, StatusCode::OK).await
}
