//! `/calls`: phone calls under way and over, what a teammate does about them, and calls that we make.

mod act;
mod ring;
mod view;

use std::collections::HashMap;

use axum::extract::{Path, State};
use domain::CustomerId;
use domain::call::Call;
use domain::customer::Customer;
use serde_json::{Value, json};

use super::answer::{Answer, id, ok};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

pub use self::act::{give_back, hang_up, listen, put_through, say, take, whisper};
pub use self::ring::ring;

/// Things said on one call that are shown.
const MOST_SAID: usize = 1_000;

/// Calls that have not ended.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let mut items: Vec<Value> = Vec::new();
    let mut people: HashMap<CustomerId, Option<Customer>> = HashMap::new();
    for (_, call) in app.store().open_calls().await?.into_iter().filter(|(workspace, _)| *workspace == caller.workspace) {
        let Some((_, customer)) = app.store().call_by_id(&caller.workspace, call.id).await? else { continue };
        if !people.contains_key(&customer) {
            people.insert(customer, app.store().customer(&caller.workspace, customer).await?);
        }
        items.push(view::call(&app, &call, people.get(&customer).and_then(Option::as_ref)));
    }
    ok(&json!({ "items": items, "next": null }))
}

/// A call by its id, with whose it is.
async fn find(app: &App, caller: &Caller, written: &str) -> Result<(Call, CustomerId), Problem> {
    app.store().call_by_id(&caller.workspace, id(written)?).await?.ok_or_else(Problem::not_found)
}

/// One call, under way or over: what was said and heard, and where the time of each turn went.
pub async fn show(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Answer {
    let (call, customer) = find(&app, &caller, &written).await?;
    answer_with(&app, &caller, call, customer).await
}

async fn answer_with(app: &App, caller: &Caller, call: Call, customer: CustomerId) -> Answer {
    let customer = app.store().customer(&caller.workspace, customer).await?;
    let said = app.store().call_messages(&caller.workspace, &call, MOST_SAID).await?;
    let mut shown = view::call(app, &call, customer.as_ref());
    shown["transcript"] = said.iter().filter(|message| view::is_said(message)).map(view::said).collect();
    shown["turns"] = json!(view::turns(app, &call));
    ok(&shown)
}
