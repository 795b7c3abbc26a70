//! `PATCH /customers/{id}`: values pinned by a teammate or told by a program.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use domain::fact::Predicate;
use serde::Deserialize;

use crate::api::answer::{Answer, Body, ok};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Longest value of a fact.
const LONGEST_VALUE: usize = 500;

/// What may be changed: facts by predicate, or as `{predicate, value}`, beside the workspace's own attributes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    #[serde(default)]
    facts: Facts,
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected values by predicate, or a list of {predicate, value}")]
enum Facts {
    ByPredicate(BTreeMap<String, Option<String>>),
    Listed(Vec<Listed>),
}

#[derive(Debug, Deserialize)]
struct Listed {
    predicate: String,
    value: Option<String>,
}

impl Default for Facts {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Facts {
    fn pairs(self) -> Vec<(String, Option<String>)> {
        match self {
            Self::ByPredicate(values) => values.into_iter().collect(),
            Self::Listed(values) => values.into_iter().map(|listed| (listed.predicate, listed.value)).collect(),
        }
    }
}

/// Handles it. A null or empty value takes the fact back.
pub async fn handle(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(changes): Body<Changes>) -> Answer {
    let customer = super::find(&app, &caller.workspace, &written).await?;
    let mut values = Vec::new();
    for (name, value) in changes.facts.pairs() {
        let predicate: Predicate =
            name.parse().map_err(|_| Problem::bad_request(format!("The field facts.{name}: there is no such fact.")))?;
        let value = value.unwrap_or_default().trim().to_owned();
        if value.chars().count() > LONGEST_VALUE {
            return Err(Problem::unprocessable("too_long", format!("facts.{name} is longer than {LONGEST_VALUE} characters.")));
        }
        values.push((predicate, value));
    }
    let found = app.engine().pin(&caller.workspace, customer.id, values, changes.attributes, caller.by()).await?;
    if !found {
        return Err(Problem::not_found());
    }
    let customer = super::find(&app, &caller.workspace, &customer.id.to_string()).await?;
    ok(&super::view(&app, &caller.workspace, &customer).await?)
}
