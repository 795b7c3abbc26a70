//! `GET /knowledge` and `GET /knowledge/ask`.

use axum::extract::State;
use domain::ports::Knowledge;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Asked, ok, said};
use crate::app::App;
use crate::auth::caller::Caller;

/// Unanswered questions that are shown.
const MOST_GAPS: usize = 100;

/// A question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    q: String,
}

/// How the sources stand.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let all = app.library.sources(&caller.workspace);
    let synced_at = *app.synced.borrow();
    let (skipped, read): (Vec<_>, Vec<_>) = all.into_iter().partition(|source| source.skipped.is_some());
    let gaps = app.store().gaps(&caller.workspace, MOST_GAPS).await?;
    ok(&json!({
        "sources": read.iter().map(|source| json!({
            "path": source.path,
            "title": source.title,
            "passages": source.passages,
            "audience": source.audience,
            "outdated": source.outdated,
            "synced_at": synced_at.then(|| app.now()),
        })).collect::<Vec<_>>(),
        "gaps": gaps.iter().map(|gap| json!({
            "question": gap.question,
            "times": gap.times,
            "last_at": gap.last_at,
            "conversation": gap.conversation,
        })).collect::<Vec<_>>(),
        "skipped": skipped.iter().map(|source| json!({ "path": source.path, "reason": source.skipped })).collect::<Vec<_>>(),
    }))
}

/// An answer from the sources alone.
pub async fn ask(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let question = said(&query.q, "q", 1_000)?;
    let answer = app.engine().ask(&caller.workspace, &question);
    ok(&json!({
        "answer": answer.text,
        "confidence": answer.confidence,
        "citations": answer.citations.iter().map(|passage| json!({
            "source": passage.source,
            "heading": passage.heading,
            "text": passage.text,
        })).collect::<Vec<_>>(),
    }))
}
