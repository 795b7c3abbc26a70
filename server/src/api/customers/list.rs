//! `GET /customers?identifier=phone:%2B33…` and `GET /customers?q=…`.

use axum::extract::State;
use domain::ports::Directory;
use domain::{ChannelKind, CustomerId, Trust};
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Asked, limit, ok};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Longest search that is carried out.
const LONGEST_SEARCH: usize = 200;

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    identifier: Option<String>,
    q: Option<String>,
    channel: Option<String>,
    proof: Option<String>,
    score: Option<String>,
    order: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Asked(query): Asked<Query>) -> Answer {
    let size = limit(query.limit.as_deref())?;
    if let Some(written) = &query.identifier {
        return by_identifier(&app, &caller, written).await;
    }
    let words = query.q.clone().unwrap_or_default();
    if words.chars().count() > LONGEST_SEARCH {
        return Err(Problem::bad_request(format!("q is longer than {LONGEST_SEARCH} characters.")));
    }
    let wanted = Directory { words: words.trim(), ..narrowed(&query)? };
    let page = app.store().directory(&caller.workspace, &wanted, query.cursor.as_deref(), size).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for customer in &page.items {
        items.push(super::view(&app, &caller.workspace, customer).await?);
    }
    ok(&json!({ "items": items, "next": page.next }))
}

/// Whom the list is narrowed to, and its order.
fn narrowed(query: &Query) -> Result<Directory<'static>, Problem> {
    let channel: Option<ChannelKind> =
        query.channel.as_deref().map(|word| word.parse().map_err(|_| Problem::bad_request("channel is no channel."))).transpose()?;
    let proof = match query.proof.as_deref() {
        None => None,
        Some("channel_asserted") => Some(Trust::ChannelAsserted),
        Some("verified") => Some(Trust::Verified),
        Some(_) => return Err(Problem::bad_request("proof must be channel_asserted or verified.")),
    };
    let score = query.score.as_deref().map(|text| text.parse::<u8>().ok().filter(|score| *score <= 100));
    let Some(least_score) = score.unwrap_or(Some(0)) else { return Err(Problem::bad_request("score must be 0 to 100.")) };
    let by_score = match query.order.as_deref() {
        None | Some("newest") => false,
        Some("score") => true,
        Some(_) => return Err(Problem::bad_request("order must be newest or score.")),
    };
    Ok(Directory { channel, proof, least_score: i64::from(least_score), by_score, ..Directory::default() })
}

/// A plus that arrived as a blank is read as a plus.
fn with_plus(written: &str) -> String {
    match written.split_once(':') {
        Some((kind @ ("phone" | "whatsapp"), value)) if value.starts_with(' ') => {
            format!("{kind}:+{}", value.trim_start())
        }
        Some(_) | None => written.trim().to_owned(),
    }
}

async fn by_identifier(app: &App, caller: &Caller, written: &str) -> Answer {
    let Some(seen) = app.engine().identifier(&caller.workspace, &with_plus(written)) else {
        return Err(Problem::bad_request(
            "identifier is written kind:value, with phone, email, whatsapp, telegram, discord, messenger, instagram, external_id or visitor as kind.",
        ));
    };
    let mut found = app.store().customers_by_identifier(&caller.workspace, seen.kind, None, &seen.value).await?;
    // Who has proven it comes first.
    found.sort_by_key(|(_, trust)| std::cmp::Reverse(*trust));
    let mut shown: Vec<CustomerId> = Vec::new();
    let mut items = Vec::new();
    for (id, _) in found {
        let Some(customer) = app.store().customer(&caller.workspace, id).await? else { continue };
        if !shown.contains(&customer.id) {
            shown.push(customer.id);
            items.push(super::view(app, &caller.workspace, &customer).await?);
        }
    }
    ok(&json!({ "items": items, "next": null }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_written_as_a_blank_is_read_as_a_plus() {
        assert_eq!(with_plus("phone: 33612345678"), "phone:+33612345678");
        assert_eq!(with_plus("phone:+33612345678"), "phone:+33612345678");
        assert_eq!(with_plus("email:a@b.example"), "email:a@b.example");
    }
}
