//! `/models`: the language models in their order, what they cost, and whether they answer.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::extract::{Path, State};
use domain::ports::{ModelError, ModelMessage, ModelRequest};
use serde_json::{Value, json};

use super::answer::{Answer, Body, Nothing, ok};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::auth::hash;
use crate::config::{Agents, ModelKind, ModelSettings};
use crate::problem::Problem;

/// Enough for a word or two, also from models that think first.
const LONGEST_ANSWER: u32 = 200;
/// What is asked to see whether there is an answer; nothing of a customer's.
const QUESTION: &str = "Say hello to the owner of a shop, in one short sentence.";

struct Configured {
    models: Vec<ModelSettings>,
    agents: Agents,
    /// The workspace's own day.
    day: String,
}

fn configured(app: &Shared, caller: &Caller) -> Result<Configured, Problem> {
    let wired = app.wired.load();
    let found = wired.configuration.workspaces.iter().find(|workspace| workspace.settings.id == caller.workspace);
    let workspace = found.ok_or_else(Problem::not_found)?;
    let day = app.now().in_zone(&workspace.settings.timezone).date().to_string();
    Ok(Configured { models: workspace.models.clone(), agents: workspace.agents.clone(), day })
}

/// Millionths as people write amounts.
fn amount(micros: i64) -> f64 {
    micros as f64 / 1e6
}

fn place(order: &[String], id: &str) -> Option<usize> {
    order.iter().position(|named| named == id).map(|place| place + 1)
}

fn shown(model: &ModelSettings, agents: &Agents, spent: &BTreeMap<String, i64>) -> Value {
    let host = url::Url::parse(&model.base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    json!({
        "id": model.id,
        "kind": match model.kind {
            ModelKind::OpenAi => "openai",
            ModelKind::Anthropic => "anthropic",
        },
        "model": model.model,
        "server": host,
        "timeout_s": model.timeout.as_secs(),
        "answerer": place(&agents.answerer, &model.id),
        "qualifier": place(&agents.qualifier, &model.id),
        "input_price": model.price.input.map(amount),
        "output_price": model.price.output.map(amount),
        "daily_budget": model.price.daily_budget.map(amount),
        "currency": model.price.currency,
        "spent_today": amount(spent.get(&model.id).copied().unwrap_or(0)),
    })
}

/// `GET /models`, in the order in which they are asked for answers; those that nobody asks come last.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let Configured { mut models, agents, day } = configured(&app, &caller)?;
    let spent = app.store().spent(&caller.workspace, &day).await?;
    models.sort_by_key(|model| {
        let last = usize::MAX;
        (place(&agents.answerer, &model.id).unwrap_or(last), place(&agents.qualifier, &model.id).unwrap_or(last))
    });
    ok(&json!({ "items": models.iter().map(|model| shown(model, &agents, &spent)).collect::<Vec<_>>(), "next": null }))
}

/// `POST /models/{id}/test`: one short question. It costs what a short answer costs, and counts towards the day's budget.
pub async fn test(State(app): State<App>, caller: Caller, Path(id): Path<String>, _body: Body<Nothing>) -> Answer {
    let Configured { models, day, .. } = configured(&app, &caller)?;
    let model = models.into_iter().find(|model| model.id == id).ok_or_else(Problem::not_found)?;
    let key = hash(&format!("model {} {id}", caller.workspace));
    if let Some(seconds) = app.limits.accounts.count(&key, app.steady()) {
        return Err(Problem::slow_down(seconds));
    }
    let http = crate::wiring::vendor_client().map_err(|_| Problem::internal())?;
    let port = crate::models::port(&model, &http).map_err(|_| Problem::internal())?;
    let request = ModelRequest {
        system: "You are a friendly assistant.".to_owned(),
        messages: vec![ModelMessage { role: "user".to_owned(), content: QUESTION.to_owned() }],
        schema: None,
        max_tokens: LONGEST_ANSWER,
        deadline: model.timeout,
    };
    let begun = Instant::now();
    let answer = tokio::time::timeout(model.timeout, port.complete(&request, &mut |_| {})).await;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let answer = answer.unwrap_or(Err(ModelError::TimedOut));
    let price = crate::models::price(&model);
    let cost = answer.as_ref().map(|answer| price.of(answer.input_tokens, answer.output_tokens)).unwrap_or(0);
    if cost > 0 {
        app.store().spend(&caller.workspace, &model.id, &day, cost).await?;
    }
    let has_price = model.price.input.is_some() || model.price.output.is_some();
    tracing::info!(model = %model.id, workspace = %caller.workspace, is_answered = answer.is_ok(), "a model was tried");
    ok(&match answer {
        Ok(answer) => json!({
            "id": model.id,
            "ok": true,
            "took_ms": took_ms,
            "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens,
            "cost": has_price.then(|| amount(cost)),
            "currency": model.price.currency,
            "said": answer.text.trim().chars().take(300).collect::<String>(),
            "trouble": null,
        }),
        Err(error) => json!({
            "id": model.id,
            "ok": false,
            "took_ms": took_ms,
            "input_tokens": 0,
            "output_tokens": 0,
            "cost": null,
            "currency": null,
            "said": null,
            "trouble": error.to_string().chars().take(300).collect::<String>(),
        }),
    })
}
