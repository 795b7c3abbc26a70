//! `POST /calls`: a call that we make.

use axum::extract::State;
use axum::http::StatusCode;
use channels::voice::Outgoing;
use domain::call::CallState;
use domain::ports::SendError;
use domain::{ChannelKind, CustomerId};
use engine::CallRefused;
use serde::Deserialize;
use serde_json::json;

use crate::api::answer::{Answer, Body, id, said, with};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::voice::NotDialled;

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

/// Rings a customer who has agreed to it.
pub async fn ring(State(app): State<App>, caller: Caller, Body(wanted): Body<Wanted>) -> Answer {
    let customer: CustomerId = id(&wanted.customer)?;
    let agreed = said(&wanted.agreed, "agreed", LONGEST_AGREEMENT)?;
    let engine = app.engine();
    let wired = app.wired.load_full();
    let found = engine.doors_of(&caller.workspace).into_iter().find(|door| door.settings.channel == ChannelKind::Voice);
    let Some((connection, line)) = found.and_then(|door| Some((&door.settings.id, wired.lines.get(&door.settings.id)?))) else {
        return Err(Problem::conflict("no_phone", "No telephone number is configured here."));
    };
    let plan = match engine.may_call(&caller.workspace, customer).await? {
        Ok(plan) => plan,
        Err(CallRefused::NotFound) => return Err(Problem::not_found()),
        Err(refused) => return Err(Problem::conflict(refused.code(), refused.to_string())),
    };
    // The proof first: nobody is rung without it.
    engine.agreed_to_be_called(&caller.workspace, &plan, &agreed).await?;
    if let Some(conversation) = plan.conversation {
        let note = format!("Call asked for. The customer agreed: “{agreed}”");
        engine.note(&caller.workspace, conversation, &caller.name(), &note, Vec::new()).await?;
    }
    if line.sip().is_some() {
        return match app.trunks.dial(connection, &plan.number) {
            Ok(()) => with(StatusCode::ACCEPTED, &json!({ "customer": customer, "state": CallState::Ringing })),
            Err(NotDialled::NoTrunk) => Err(Problem::conflict("no_calls_out", "This number makes no calls: name its trunk in calls_to.")),
            Err(NotDialled::Busy) => Err(Problem::unavailable("The call could not be made; try again.")),
        };
    }
    let outgoing = Outgoing { to: plan.number, mark: app.unguessable() };
    match line.ring(&outgoing).await {
        Ok(_) => with(StatusCode::ACCEPTED, &json!({ "customer": customer, "state": CallState::Ringing })),
        Err(SendError::Refused { why, .. }) => Err(Problem::conflict("vendor_refused", format!("The call was refused: {why}."))),
        Err(SendError::Unknown(_)) => Err(Problem::unavailable("Nobody knows whether it rings; do not try again at once.")),
        Err(SendError::NotSent(_) | SendError::RateLimited(_) | SendError::NotYet(_)) => {
            Err(Problem::unavailable("The call could not be made; try again."))
        }
    }
}
