//! `GET /knowledge` and `GET /knowledge/ask`; what is given in the console is in [`documents`].

pub mod documents;

use std::collections::HashMap;

use axum::extract::State;
use domain::DocumentId;
use domain::knowledge::{Conflict, Passage};
use domain::ports::{GapCount, Knowledge};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Asked, ok, said};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::scope::Scope;
use crate::config::{KnowledgeSettings, Place};
use crate::jobs::crawl;

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
    let all = app.library.standing(&caller.workspace);
    let synced_at = *app.synced.borrow();
    let (skipped, read): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, source)| source.skipped.is_some());
    let given = app.store().documents(&caller.workspace).await?;
    let given: HashMap<String, DocumentId> = given.into_iter().map(|document| (document.name, document.id)).collect();
    let document = |is_given: bool, path: &str| given.get(path).filter(|_| is_given);
    let gaps = app.store().gaps(&caller.workspace, MOST_GAPS).await?;
    let sites = sites(&app, &caller);
    let conflicts: Vec<Value> = app.library.conflicts(&caller.workspace).iter().map(differing).collect();
    ok(&json!({
        "sites": sites,
        "sources": read.iter().map(|(is_given, source)| json!({
            "document": document(*is_given, &source.path),
            "path": source.path,
            "title": source.title,
            "passages": source.passages,
            "audience": source.audience,
            "outdated": source.outdated,
            "synced_at": synced_at.then(|| app.now()),
        })).collect::<Vec<_>>(),
        "gaps": together(&gaps),
        "conflicts": conflicts,
        "folders": folders(&app, &caller),
        "skipped": skipped.iter().map(|(is_given, source)| json!({
            "path": source.path,
            "reason": source.skipped,
            "document": document(*is_given, &source.path),
        })).collect::<Vec<_>>(),
    }))
}

/// Questions that ask for the same as one gap, the most asked first.
fn together(gaps: &[GapCount]) -> Vec<Value> {
    let questions: Vec<&str> = gaps.iter().map(|gap| gap.question.as_str()).collect();
    let mut clusters: Vec<Vec<&GapCount>> =
        knowledge::gaps::clusters(&questions).into_iter().map(|places| places.into_iter().map(|place| &gaps[place]).collect()).collect();
    let times = |cluster: &[&GapCount]| cluster.iter().map(|gap| gap.times).sum::<i64>();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(times(cluster)));
    let shown = |cluster: &Vec<&GapCount>| {
        let newest = cluster.iter().max_by_key(|gap| gap.last_at);
        json!({
            "question": cluster.first().map(|gap| &gap.question),
            "also": cluster.iter().skip(1).map(|gap| &gap.question).collect::<Vec<_>>(),
            "times": times(cluster),
            "last_at": newest.map(|gap| gap.last_at),
            "conversation": newest.map(|gap| gap.conversation),
        })
    };
    clusters.iter().map(shown).collect()
}

fn differing(conflict: &Conflict) -> Value {
    let said = |passage: &Passage| json!({ "source": passage.source, "heading": passage.heading, "text": passage.text });
    json!({ "about": conflict.about, "sources": [said(&conflict.one), said(&conflict.other)] })
}

/// How the websites among the sources stand.
fn sites(app: &App, caller: &Caller) -> Vec<Value> {
    let wired = app.wired.load_full();
    let own = wired.configuration.workspaces.iter().filter(|workspace| workspace.settings.id == caller.workspace);
    let sources = own.flat_map(|workspace| &workspace.knowledge);
    let shown = |source: &KnowledgeSettings| {
        let Place::Site(site) = &source.place else { return None };
        let report = crawl::report(&source.folder(&app.settings.data_dir, &caller.workspace));
        Some(json!({
            "id": source.id,
            "sitemap": site.sitemap,
            "read_at": report.as_ref().map(|report| report.at),
            "pages": report.as_ref().map_or(0, |report| report.pages.len()),
            "skipped": report.iter().flat_map(|report| &report.skipped).map(|(url, why)| json!({ "url": url, "reason": why })).collect::<Vec<_>>(),
            "failed": report.and_then(|report| report.failed),
        }))
    };
    sources.filter_map(shown).collect()
}

/// Where documents are put, for those who administer: folders of this machine, with websites left out.
fn folders(app: &App, caller: &Caller) -> Vec<Value> {
    if !caller.has(Scope::Admin) {
        return Vec::new();
    }
    let wired = app.wired.load_full();
    let own = wired.configuration.workspaces.iter().filter(|workspace| workspace.settings.id == caller.workspace);
    let files = own.flat_map(|workspace| &workspace.knowledge).filter(|source| !matches!(source.place, Place::Site(_)));
    let whole = |source: &KnowledgeSettings| {
        let folder = source.folder(&app.settings.data_dir, &caller.workspace);
        std::path::absolute(&folder).unwrap_or(folder)
    };
    files.map(|source| json!({ "id": source.id, "path": whole(source) })).collect()
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
