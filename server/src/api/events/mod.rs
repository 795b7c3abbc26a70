//! `POST /events`: orders, carts, payments, shipments, bookings.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use domain::identifier::SeenIdentifier;
use domain::{IdentifierKind, Origin, Trust};
use engine::ToldEvent;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, said, time, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// What happened, to whom.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The event's own id: told again under it, it counts once.
    id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    customer: BTreeMap<String, Value>,
    #[serde(default)]
    data: Value,
    at: Option<String>,
}

/// Handles it.
pub async fn handle(State(app): State<App>, caller: Caller, Body(event): Body<Event>) -> Answer {
    let kind = said(&event.kind, "type", 100)?.to_owned();
    if !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        return Err(Problem::bad_request("type is made of letters, digits, dots, dashes and underscores."));
    }
    let at = event.at.as_deref().map(|text| time(text, "at")).transpose()?;
    let mut who: Vec<SeenIdentifier> = Vec::new();
    for (name, value) in &event.customer {
        let Some(text) = value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string())) else {
            continue;
        };
        if !IdentifierKind::ALL.iter().any(|kind| kind.as_str() == name) {
            if name == "name" {
                continue;
            }
            return Err(Problem::bad_request(format!("The field customer.{name}: there is no such identifier.")));
        }
        let mut seen = app
            .engine()
            .identifier(&caller.workspace, &format!("{name}:{text}"))
            .ok_or_else(|| Problem::unprocessable("no_identifier", format!("customer.{name} cannot be read.")))?;
        seen.origin = Origin::Api;
        if seen.kind == IdentifierKind::ExternalId {
            // The business's own id, told by the business itself.
            seen.trust = Trust::Verified;
        }
        who.push(seen);
    }
    if who.is_empty() {
        return Err(Problem::unprocessable("nobody", "customer names no identifier."));
    }
    let data = if event.data.is_null() { json!({}) } else { event.data };
    let own_id = event.id.as_deref().map(|id| said(id, "id", 200)).transpose()?;
    let told = ToldEvent { kind, who, data, at, own_id };
    let (id, customer) = app.engine().told_event(&caller.workspace, told).await?;
    with(StatusCode::ACCEPTED, &json!({ "id": id, "customer": customer }))
}
