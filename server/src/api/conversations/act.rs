//! `POST /conversations/{id}/{take|return|resolve|snooze|assign|reply|note}`.

use axum::extract::{Path, State};
use domain::{ChannelKind, TeammateId};
use engine::ReplyRefused;
use serde::Deserialize;

use super::{answer_with, find};
use crate::api::answer::{Answer, Body, id, said, time};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Longest text a teammate may send at once.
pub const LONGEST_REPLY: usize = 8_000;

/// A body without fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Until when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    until: String,
}

/// To whom; absent or null: to nobody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    teammate: Option<String>,
}

/// What to say, and on which door.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    text: String,
    channel: Option<String>,
}

/// What to note.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    text: String,
}

/// Takes it.
pub async fn take(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let by = caller.teammate().map(|teammate| teammate.id);
    done(app.engine().take(&caller.workspace, row.conversation.id, by).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Gives it back to the AI.
pub async fn give_back(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    done(app.engine().give_back(&caller.workspace, row.conversation.id).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Ends it.
pub async fn resolve(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    done(app.engine().resolve(&caller.workspace, row.conversation.id).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Puts it off.
pub async fn snooze(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Snooze>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let until = time(&body.until, "until")?;
    if until <= app.now() {
        return Err(Problem::unprocessable("in_the_past", "until lies in the past."));
    }
    done(app.engine().snooze(&caller.workspace, row.conversation.id, until).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Gives it to a teammate or to nobody.
pub async fn assign(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Assign>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let to: Option<TeammateId> = body.teammate.as_deref().map(id).transpose()?;
    if let Some(to) = to {
        let teammates = app.store().teammates(&caller.workspace).await?;
        if !teammates.iter().any(|teammate| teammate.id == to) {
            return Err(Problem::not_found());
        }
    }
    done(app.engine().assign(&caller.workspace, row.conversation.id, to).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Writes to the customer.
pub async fn reply(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Reply>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let text = said(&body.text, "text", LONGEST_REPLY)?;
    let channel: Option<ChannelKind> =
        body.channel.as_deref().map(|word| word.parse().map_err(|_| Problem::bad_request("channel is no channel."))).transpose()?;
    let by = caller.teammate().map(|teammate| teammate.id);
    let outcome = app.engine().reply(&caller.workspace, row.conversation.id, by, &caller.name(), &text, channel).await?;
    match outcome {
        Ok(_) => answer_with(&app, &caller.workspace, row.conversation.id).await,
        Err(why) => Err(refused(&why)),
    }
}

/// Why nothing can be said there.
pub fn refused(why: &ReplyRefused) -> Problem {
    match why {
        ReplyRefused::NotFound => Problem::not_found(),
        ReplyRefused::NoDoor => Problem::conflict("no_door", "The customer cannot be written to on that channel."),
        ReplyRefused::WindowClosed => {
            Problem::conflict("window_closed", "The channel takes no free text this long after the customer's last message.")
        }
        ReplyRefused::Stopped => Problem::conflict("stopped", "The customer asked for no more messages on that channel."),
    }
}

/// A note for teammates.
pub async fn note(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Note>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let text = said(&body.text, "text", LONGEST_REPLY)?;
    done(app.engine().note(&caller.workspace, row.conversation.id, &caller.name(), &text).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

fn done(found: bool) -> Result<(), Problem> {
    if found { Ok(()) } else { Err(Problem::not_found()) }
}
