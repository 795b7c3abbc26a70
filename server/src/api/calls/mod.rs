//! `GET /calls`, `POST /calls`, `POST /calls/{id}/hang_up`: phone calls under way, and calls that we make.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use channels::voice::Outgoing;
use domain::call::CallState;
use domain::ports::SendError;
use domain::{ChannelKind, CustomerId};
use engine::{CallRefused, Outcome};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Body, Nothing, id, ok, said, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::voice::ending::finish;

/// Longest words of an agreement.
const LONGEST_AGREEMENT: usize = 500;

/// A call that we are to make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    customer: String,
    /// The customer's own words by which they agreed to be called.
    agreed: String,
}

/// Calls that have not ended.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let mut items: Vec<Value> = Vec::new();
    for (_, call) in app.store().open_calls().await?.into_iter().filter(|(workspace, _)| *workspace == caller.workspace) {
        let customer = app.store().call_by_id(&caller.workspace, call.id).await?.map(|(_, customer)| customer);
        items.push(json!({
            "id": call.id,
            "connection": call.connection,
            "customer": customer,
            "conversation": call.conversation,
            "direction": call.direction,
            "state": call.state,
            "attestation": call.about.attestation,
            "at": call.at,
            "connected": app.switchboard.is_connected(&call.connection, &call.about.vendor_id),
        }));
    }
    ok(&json!({ "items": items, "next": null }))
}

/// Rings a customer who has agreed to it.
pub async fn ring(State(app): State<App>, caller: Caller, Body(wanted): Body<Wanted>) -> Answer {
    let customer: CustomerId = id(&wanted.customer)?;
    let agreed = said(&wanted.agreed, "agreed", LONGEST_AGREEMENT)?;
    let engine = app.engine();
    let wired = app.wired.load_full();
    let found = engine.doors_of(&caller.workspace).into_iter().find(|door| door.settings.channel == ChannelKind::Voice);
    let Some(line) = found.and_then(|door| wired.lines.get(&door.settings.id)) else {
        return Err(Problem::conflict("no_phone", "No telephone number is configured here."));
    };
    let plan = match engine.may_call(&caller.workspace, customer).await? {
        Ok(plan) => plan,
        Err(CallRefused::NotFound) => return Err(Problem::not_found()),
        Err(refused) => return Err(Problem::conflict(refused.code(), refused.to_string())),
    };
    if let Some(conversation) = plan.conversation {
        let note = format!("Call asked for. The customer agreed: “{agreed}”");
        engine.note(&caller.workspace, conversation, &caller.name(), &note, Vec::new()).await?;
    }
    let outgoing = Outgoing { to: plan.number, mark: app.unguessable() };
    match line.ring(&outgoing).await {
        Ok(_) => with(StatusCode::ACCEPTED, &json!({ "customer": customer, "state": CallState::Ringing })),
        Err(SendError::Refused { why, .. }) => Err(Problem::conflict("vendor_refused", format!("The call was refused: {why}."))),
        Err(SendError::Unknown(_)) => Err(Problem::unavailable("Nobody knows whether it rings; do not try again at once.")),
        Err(SendError::NotSent(_) | SendError::RateLimited(_)) => Err(Problem::unavailable("The call could not be made; try again.")),
    }
}

/// Ends a call.
pub async fn hang_up(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let found = app.store().call_by_id(&caller.workspace, id(&written)?).await?;
    let (call, _) = found.ok_or_else(Problem::not_found)?;
    if call.state == CallState::Ended {
        return Err(Problem::conflict("call_over", "This call is over."));
    }
    let wired = app.wired.load_full();
    let line = wired.lines.get(&call.connection).ok_or_else(Problem::not_found)?;
    if line.hang_up(&call.about.vendor_id).await.is_err() {
        return Err(Problem::unavailable("The call could not be ended; try again."));
    }
    finish(&app, &caller.workspace, &call, Outcome::Completed).await?;
    ok(&json!({ "id": call.id, "state": CallState::Ended }))
}
