//! `POST /customers/{id}/merge` and `POST /merges/{id}/undo`.

use axum::extract::{Path, State};
use domain::MergeId;
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Body, Nothing, id, ok};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Who is absorbed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    absorb: String,
}

/// Joins two records.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Merge>) -> Answer {
    let kept = super::find(&app, &caller.workspace, &written).await?;
    let absorbed = super::find(&app, &caller.workspace, &body.absorb).await?;
    if kept.id == absorbed.id {
        return Err(Problem::conflict("one_already", "Both ids lead to the same customer."));
    }
    match app.engine().merge(&caller.workspace, kept.id, absorbed.id, caller.by()).await? {
        Some(merge) => ok(&json!({ "id": merge, "customer": kept.id })),
        None => Err(Problem::conflict("not_joined", "The two records cannot be joined now.")),
    }
}

/// Takes a join back.
pub async fn undo(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let merge: MergeId = id(&written)?;
    let Some((absorbed, kept)) = app.store().merge_of(&caller.workspace, merge).await? else {
        return Err(Problem::not_found());
    };
    if !app.engine().unmerge(&caller.workspace, merge, caller.by()).await? {
        return Err(Problem::conflict("undone_already", "This join was taken back already."));
    }
    ok(&json!({ "id": merge, "undone": true, "customers": [kept, absorbed] }))
}
