//! `GET /search?q=…` and `GET /messages?q=…`: everything ever said, found by words.

use std::collections::HashMap;

use axum::extract::State;
use domain::message::Message;
use domain::ports::{Hit, Wanted};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Asked, id, limit, ok, time};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Longest search that is carried out.
const LONGEST: usize = 200;

/// What may be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The words.
    pub q: Option<String>,
    /// One customer's only.
    pub customer: Option<String>,
    /// On this channel only.
    pub channel: Option<String>,
    /// By this kind of author only.
    pub author: Option<String>,
    /// Said at this time or later.
    pub from: Option<String>,
    /// Said before this time.
    pub to: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Size of the page.
    pub limit: Option<String>,
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    find(&app, &caller, query).await
}

/// Looks and shows.
pub async fn find(app: &App, caller: &Caller, query: Query) -> Answer {
    let words = query.q.unwrap_or_default();
    if words.chars().count() > LONGEST {
        return Err(Problem::bad_request(format!("q is longer than {LONGEST} characters.")));
    }
    if words.trim().is_empty() {
        return Err(Problem::bad_request("q holds no word to look for."));
    }
    let unknown = |field: &str| Problem::bad_request(format!("{field} is none of the known ones."));
    let moment = |written: &Option<String>, field| written.as_deref().map(|written| time(written, field)).transpose();
    let wanted = Wanted {
        words,
        customer: query.customer.as_deref().map(id).transpose()?,
        channel: query.channel.map(|channel| channel.parse().map_err(|_| unknown("channel"))).transpose()?,
        author: query.author.map(|author| author.parse().map_err(|_| unknown("author"))).transpose()?,
        from: moment(&query.from, "from")?,
        to: moment(&query.to, "to")?,
        cursor: query.cursor,
        limit: limit(query.limit.as_deref())?,
    };
    let hits = app.store().search(&caller.workspace, &wanted).await?;
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    let mut items = Vec::with_capacity(hits.items.len());
    for hit in &hits.items {
        let customer = hit.customer.to_string();
        if !names.contains_key(&customer) {
            let found = app.store().customer(&caller.workspace, hit.customer).await?;
            names.insert(customer.clone(), found.and_then(|found| found.shown_name().map(str::to_owned)));
        }
        items.push(shown(hit, names.get(&customer).and_then(Option::as_deref)));
    }
    ok(&json!({ "items": items, "next": hits.next, "complete": hits.is_complete }))
}

fn shown(hit: &Hit, name: Option<&str>) -> Value {
    let message: &Message = &hit.message;
    json!({
        "id": message.id,
        "conversation": message.conversation,
        "customer": { "id": hit.customer, "name": name },
        "at": message.at,
        "channel": message.channel,
        "direction": message.direction,
        "author": message.author,
        "author_name": message.author_name,
        "note": message.event.is_some(),
        "text": message.text,
        "excerpt": hit.excerpt,
    })
}
