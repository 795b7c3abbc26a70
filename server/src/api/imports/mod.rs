//! `GET` and `POST /imports`, `POST /imports/{id}/undo`: customers from a file.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Body, Nothing, id, ok, said, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::sheet::{self, Line};

/// Rows told in full; the rest is counted.
const MOST_LINES: usize = 1_000;

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    csv: String,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    dry_run: bool,
}

/// All imports.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    ok(&json!({ "items": app.engine().imports(&caller.workspace).await?, "next": null }))
}

/// Imports a file, or tells what an import would do.
pub async fn create(State(app): State<App>, caller: Caller, Body(body): Body<New>) -> Answer {
    let name = said(&body.name, "name", 200)?;
    let columns: Vec<(String, String)> = body.columns.into_iter().collect();
    let into = (!body.dry_run).then_some((name.as_str(), caller.by()));
    let mut lines: Vec<Line> = Vec::new();
    let mut each = |line: &Line| {
        if lines.len() < MOST_LINES {
            lines.push(line.clone());
        }
        Ok(())
    };
    let text = body.csv.trim_start_matches('\u{feff}');
    let done = sheet::run(&app.engine(), &caller.workspace, text.as_bytes(), &columns, into, &mut each)
        .await
        .map_err(|refused| Problem::unprocessable("file", format!("The file cannot be imported: {refused}.")))?;
    let status = if body.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    with(status, &json!({ "dry_run": body.dry_run, "result": done, "lines": lines }))
}

/// Takes an import back.
pub async fn undo(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let done = app.engine().undo_import(&caller.workspace, id(&written)?).await?.ok_or_else(Problem::not_found)?;
    ok(&done)
}
