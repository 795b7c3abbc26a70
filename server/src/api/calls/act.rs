//! `POST /calls/{id}/{take|return|whisper|say|put_through|listen|hang_up}`: what a teammate does about a call under way.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::call::{Call, CallState};
use domain::{ChannelKind, ConversationId};
use engine::{Outcome, Wording};
use serde::Deserialize;
use serde_json::json;

use super::{answer_with, find};
use crate::api::answer::{Answer, Body, Nothing, ok, said, with};
use crate::api::conversations::act::refused;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;
use crate::voice::ending::finish;
use crate::voice::{KEY_LIVES, Order, Unsaid};

/// Longest words that are said or whispered at once: more than a caller listens to.
const LONGEST_WORDS: usize = 1_000;
/// A line carries out an order within this time, or it is broken.
const PATIENCE: Duration = Duration::from_secs(5);

/// Words for the caller or the assistant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    text: String,
}

/// Where to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Through {
    /// In international form; absent or null: where the number puts callers through.
    to: Option<String>,
}

fn is_under_way(call: &Call) -> Result<(), Problem> {
    if call.state == CallState::Ended { Err(Problem::conflict("call_over", "This call is over.")) } else { Ok(()) }
}

/// Gives the line its order and waits until it is carried out.
async fn order(app: &App, call: &Call, order: Order) -> Result<(), Problem> {
    is_under_way(call)?;
    let given = app.switchboard.order(&call.connection, &call.about.vendor_id, order);
    let waits = given.map_err(|why| match why {
        Unsaid::NoCall => Problem::conflict("not_connected", "Nobody is on the line of this call at the moment."),
        Unsaid::Full => Problem::unavailable("The line of this call is busy; try again."),
    })?;
    match tokio::time::timeout(PATIENCE, waits).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Problem::conflict("call_over", "The call ended meanwhile.")),
        Err(_) => Err(Problem::unavailable("The line of this call does not answer; try again.")),
    }
}

/// The conversation in which the call is at the moment: the talk may have moved on since it rang.
async fn conversation_of(app: &App, caller: &Caller, call: &Call) -> Result<ConversationId, Problem> {
    let said = app.store().call_messages(&caller.workspace, call, super::MOST_SAID).await?;
    Ok(said.last().map_or(call.conversation, |message| message.conversation))
}

/// The teammate speaks on it from now on, in writing; the caller is told.
pub async fn take(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let (call, customer) = find(&app, &caller, &written).await?;
    order(&app, &call, Order::Take(caller.name())).await?;
    let conversation = conversation_of(&app, &caller, &call).await?;
    app.engine().take(&caller.workspace, conversation, caller.teammate().map(|teammate| teammate.id)).await?;
    let (call, _) = find(&app, &caller, &written).await?;
    answer_with(&app, &caller, call, customer).await
}

/// The assistant speaks on it again; the caller is told.
pub async fn give_back(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let (call, customer) = find(&app, &caller, &written).await?;
    order(&app, &call, Order::Return).await?;
    let conversation = conversation_of(&app, &caller, &call).await?;
    app.engine().give_back(&caller.workspace, conversation).await?;
    let (call, _) = find(&app, &caller, &written).await?;
    answer_with(&app, &caller, call, customer).await
}

/// The assistant passes it on with its next answer, as a colleague's words. It stands in the timeline as a note.
pub async fn whisper(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(words): Body<Words>) -> Answer {
    let (call, _) = find(&app, &caller, &written).await?;
    let text = said(&words.text, "text", LONGEST_WORDS)?;
    if call.about.taken_by.is_some() {
        return Err(Problem::conflict("taken", "A teammate speaks on this call; there is nobody to whisper to."));
    }
    order(&app, &call, Order::Whisper(text.clone())).await?;
    let conversation = conversation_of(&app, &caller, &call).await?;
    let note = format!("Whispered on the phone: {text}");
    app.engine().note(&caller.workspace, conversation, &caller.name(), &note, Vec::new()).await?;
    with(StatusCode::ACCEPTED, &json!({ "id": call.id, "whispered": text }))
}

/// Says it to the caller, as the teammate who has taken the call.
pub async fn say(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(words): Body<Words>) -> Answer {
    let (call, _) = find(&app, &caller, &written).await?;
    is_under_way(&call)?;
    let text = said(&words.text, "text", LONGEST_WORDS)?;
    if call.about.taken_by.is_none() {
        return Err(Problem::conflict("not_taken", "Take the call first; until then the assistant speaks on it."));
    }
    let conversation = conversation_of(&app, &caller, &call).await?;
    let by = caller.teammate().map(|teammate| teammate.id);
    let name = caller.name();
    let channel = Some(ChannelKind::Voice);
    let wording = Wording { by, name: &name, text: &text, channel, ..Wording::default() };
    let messages = app.engine().reply(&caller.workspace, conversation, wording).await?.map_err(|why| refused(&why))?;
    with(StatusCode::ACCEPTED, &json!({ "id": call.id, "messages": messages }))
}

/// The caller is put through to a person.
pub async fn put_through(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(through): Body<Through>) -> Answer {
    let (call, _) = find(&app, &caller, &written).await?;
    let to = through.to.as_deref().map(number).transpose()?;
    let wired = app.wired.load_full();
    let place = wired.lines.get(&call.connection).and_then(|line| line.transfer_to());
    let Some(rung) = to.as_deref().or(place).map(str::to_owned) else {
        return Err(Problem::conflict("nowhere", "This number names nobody to put callers through to, and no number was given."));
    };
    order(&app, &call, Order::PutThrough(to)).await?;
    ok(&json!({ "id": call.id, "state": CallState::Transferring, "to": rung }))
}

/// A telephone number in international form.
fn number(written: &str) -> Result<String, Problem> {
    let plain: String = written.chars().filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{202f}')).collect();
    let digits = plain.strip_prefix('+').unwrap_or_default();
    if (8..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0') {
        return Ok(plain);
    }
    Err(Problem::unprocessable("not_a_number", "Write the number in international form, such as +33 1 80 00 01 02."))
}

/// A key with which the sound of the call is heard, once and within a minute.
pub async fn listen(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let (call, _) = find(&app, &caller, &written).await?;
    is_under_way(&call)?;
    if !app.wired.load().speech.contains_key(&call.connection) {
        return Err(Problem::conflict("no_sound", "No sound of this call comes here: its carrier listens and speaks."));
    }
    let token = app.unguessable();
    if !app.switchboard.let_listen(&token, &call.connection, &call.about.vendor_id, app.steady()) {
        return Err(Problem::conflict("not_connected", "Nobody is on the line of this call at the moment."));
    }
    ok(&json!({ "id": call.id, "path": format!("/listen/{token}"), "expires_in_s": KEY_LIVES.as_secs() }))
}

/// Ends a call.
pub async fn hang_up(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let (call, _) = find(&app, &caller, &written).await?;
    is_under_way(&call)?;
    let wired = app.wired.load_full();
    let line = wired.lines.get(&call.connection).ok_or_else(Problem::not_found)?;
    if line.sip().is_some() {
        order(&app, &call, Order::HangUp).await?;
    } else if line.hang_up(&call.about.vendor_id).await.is_err() {
        return Err(Problem::unavailable("The call could not be ended; try again."));
    }
    if line.sip().is_none() {
        // Whoever carries the call closes its line; ours ends with it in any case.
        let _ = app.switchboard.order(&call.connection, &call.about.vendor_id, Order::HangUp);
    }
    finish(&app, &caller.workspace, &call, Outcome::Completed).await?;
    ok(&json!({ "id": call.id, "state": CallState::Ended }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_in_international_form_is_rung() {
        let check = |written: &str, expected: Option<&str>| assert_eq!(number(written).ok().as_deref(), expected, "{written:?}");
        check("+33 1 80.00-01 02", Some("+33180000102"));
        check("+1 (501) 712-2662", Some("+15017122662"));
        check("0180000102", None);
        check("+0180000102", None);
        check("+1234567", None);
        check("sip:me@example.com", None);
        check("+331800001o2", None);
        check("", None);
    }
}
