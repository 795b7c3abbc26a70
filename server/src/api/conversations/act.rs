//! `POST /conversations/{id}/{take|return|resolve|snooze|assign|reply|note|merge|split|tag|run}`.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use axum::extract::{Path, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::attachment;
use domain::event::{Content, Media};
use domain::ports::Step;
use domain::{CannedId, ChannelKind, ConnectionId, ConversationId, TeamId, TeammateId, Timestamp};
use engine::{ReplyRefused, Wording};
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::{answer_with, find};
use crate::api::answer::{Answer, Body, Nothing, id, ok, said, time};
use crate::api::channels::templates;
use crate::api::views;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Longest text a teammate may send at once.
pub const LONGEST_REPLY: usize = 8_000;

/// Longest time in which a reply can be taken back.
const LONGEST_HOLD_S: u64 = 60;
/// Furthest time of a reply.
const LATEST: Duration = Duration::from_hours(366 * 24);

/// Longest tag.
const LONGEST_TAG: usize = 40;
/// Most tags of one conversation.
const MOST_TAGS: usize = 30;

/// Until when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    until: String,
}

/// To whom; absent or null: to nobody. Or to which team; null: to everybody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    teammate: Option<String>,
    #[serde(default, deserialize_with = "named_or_null")]
    team: Option<Option<String>>,
}

/// Tells what is null from what is absent.
fn named_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What to say, and on which door.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    #[serde(default)]
    text: String,
    channel: Option<String>,
    /// From which of the business's own addresses, by its connection.
    connection: Option<ConnectionId>,
    /// When it may leave.
    at: Option<String>,
    /// Seconds in which it can be taken back.
    hold_s: Option<u64>,
    /// Files that go with it; then it need not say anything.
    #[serde(default)]
    files: Vec<File>,
    /// A template of the vendor's that says it instead.
    template: Option<Chosen>,
}

/// A template with what stands in its gaps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    name: String,
    language: String,
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// A file to send.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    name: String,
    base64: String,
}

/// Largest body of a reply: its files in base64, and its words.
pub const LARGEST_REPLY: usize = attachment::LARGEST / 3 * 4 + 256 * 1024;
/// Most files of one reply.
const MOST_FILES: usize = 10;
/// Longest name of a file.
const LONGEST_NAME: usize = 200;

/// Which conversation becomes part of this one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    absorb: String,
}

/// The first message of the other matter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    from: String,
}

/// Labels to put on and to take off.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

/// Which canned reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    canned: String,
}

/// What to note.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    text: String,
    #[serde(default)]
    mentions: Vec<String>,
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

/// Gives it to a teammate or to nobody, or to a team or to everybody.
pub async fn assign(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Assign>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    if let Some(team) = &body.team {
        let to: Option<TeamId> = team.as_deref().map(id).transpose()?;
        if to.is_some_and(|to| app.workspace(&caller.workspace).is_none_or(|known| known.teams.iter().all(|team| team.id != to))) {
            return Err(Problem::not_found());
        }
        done(app.engine().assign_team(&caller.workspace, row.conversation.id, to).await?)?;
        if body.teammate.is_none() {
            return answer_with(&app, &caller.workspace, row.conversation.id).await;
        }
    }
    let to: Option<TeammateId> = body.teammate.as_deref().map(id).transpose()?;
    if let Some(to) = to {
        let teammates = app.store().teammates(&caller.workspace).await?;
        if !teammates.iter().any(|teammate| teammate.id == to) {
            return Err(Problem::not_found());
        }
    }
    let by = caller.teammate().map(|teammate| teammate.id);
    done(app.engine().assign(&caller.workspace, row.conversation.id, to, by).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Writes to the customer.
pub async fn reply(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Reply>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    if let Some(chosen) = &body.template {
        return approved(&app, &caller, &written, &body, chosen).await;
    }
    let files = enclosed(&body.files)?;
    let text = if files.is_empty() || !body.text.trim().is_empty() { said(&body.text, "text", LONGEST_REPLY)? } else { String::new() };
    let channel = named_channel(&body)?;
    let name = caller.name();
    let by = caller.teammate().map(|teammate| teammate.id);
    let wording = Wording {
        by,
        name: &name,
        text: &text,
        channel,
        connection: body.connection.as_ref(),
        send_at: leaves(&app, &body)?,
        files: &files,
        ..Wording::default()
    };
    replied(&app, &caller, row.conversation.id, wording).await
}

fn named_channel(reply: &Reply) -> Result<Option<ChannelKind>, Problem> {
    reply.channel.as_deref().map(|word| word.parse().map_err(|_| Problem::bad_request("channel is no channel."))).transpose()
}

async fn replied(app: &App, caller: &Caller, conversation: ConversationId, wording: Wording<'_>) -> Answer {
    match app.engine().reply(&caller.workspace, conversation, wording).await? {
        Ok(messages) => {
            let row = find(app, &caller.workspace, &conversation.to_string()).await?;
            let settings = app.workspace(&caller.workspace);
            let mut view = views::conversation(&row, &app.store().teammates(&caller.workspace).await?, settings.as_deref());
            view["message"] = json!(messages.first());
            view["messages"] = json!(messages);
            ok(&view)
        }
        Err(why) => Err(refused(&why)),
    }
}

/// A reply that the vendor approved beforehand, on the conversation's door or the named one.
async fn approved(app: &App, caller: &Caller, written: &str, reply: &Reply, chosen: &Chosen) -> Answer {
    if !reply.text.trim().is_empty() || !reply.files.is_empty() || reply.at.is_some() || reply.hold_s.is_some() {
        return Err(Problem::bad_request("A template leaves at once and alone: without text, files, at and hold_s."));
    }
    let row = find(app, &caller.workspace, written).await?;
    let wanted: Option<ChannelKind> = named_channel(reply)?;
    let doors = app.store().doors(&caller.workspace, row.conversation.customer).await?;
    let Some(door) = engine::sender(&doors, wanted, reply.connection.as_ref(), &row) else { return Err(refused(&ReplyRefused::NoDoor)) };
    let listed = templates::of(app, &door.connection).await?;
    let found = listed.iter().find(|known| known.name == chosen.name && known.language == chosen.language);
    let Some(template) = found else {
        return Err(Problem::unprocessable("no_template", "The vendor has approved no such template in this language."));
    };
    let filled = template.fill(&chosen.variables).map_err(|why| Problem::unprocessable("not_filled", format!("The template: {why}.")))?;
    let (name, text) = (caller.name(), template.preview(&filled));
    let by = caller.teammate().map(|teammate| teammate.id);
    let wording = Wording {
        by,
        name: &name,
        text: &text,
        channel: Some(door.channel),
        connection: Some(&door.connection),
        template: Some(&filled),
        ..Wording::default()
    };
    replied(app, caller, row.conversation.id, wording).await
}

/// The files of a reply, read from what was written.
fn enclosed(written: &[File]) -> Result<Vec<Media>, Problem> {
    if written.len() > MOST_FILES {
        return Err(Problem::unprocessable("too_many_files", format!("A reply has at most {MOST_FILES} files.")));
    }
    let (mut files, mut bytes) = (Vec::with_capacity(written.len()), 0);
    for file in written {
        let name = said(&file.name, "name", LONGEST_NAME)?;
        let content = STANDARD.decode(file.base64.as_bytes());
        let content = content.map_err(|_| Problem::bad_request(format!("The file {name} is not written in base64.")))?;
        if content.is_empty() {
            return Err(Problem::unprocessable("empty_file", format!("The file {name} is empty.")));
        }
        bytes += content.len();
        if bytes > attachment::LARGEST {
            return Err(Problem::unprocessable("too_large", "The files of a reply are at most 20 MB in all."));
        }
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        files.push(Media { filename: Some(name), content: Some(Content(content.into())), ..Media::default() });
    }
    Ok(files)
}

/// When a reply may leave, if not now.
fn leaves(app: &Shared, reply: &Reply) -> Result<Option<Timestamp>, Problem> {
    let now = app.now();
    match (&reply.at, reply.hold_s) {
        (Some(_), Some(_)) => Err(Problem::bad_request("A reply has a time or is held for seconds, not both.")),
        (Some(written), None) => {
            let at = time(written, "at")?;
            if at <= now {
                return Err(Problem::unprocessable("in_the_past", "at lies in the past."));
            }
            if at > now.after(LATEST) {
                return Err(Problem::unprocessable("too_far", "at lies more than a year ahead."));
            }
            Ok(Some(at))
        }
        (None, Some(seconds @ 1..=LONGEST_HOLD_S)) => Ok(Some(now.after(Duration::from_secs(seconds)))),
        (None, Some(_)) => Err(Problem::bad_request(format!("hold_s must be 1 to {LONGEST_HOLD_S}."))),
        (None, None) => Ok(None),
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
        ReplyRefused::NoFiles => Problem::conflict("no_files", "No file can be sent on that channel."),
        ReplyRefused::Stopped => Problem::conflict("stopped", "The customer asked for no more messages on that channel."),
    }
}

/// A note for teammates.
pub async fn note(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Note>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let text = said(&body.text, "text", LONGEST_REPLY)?;
    let mentions = named(&app, &caller, &body.mentions).await?;
    done(app.engine().note(&caller.workspace, row.conversation.id, &caller.name(), &text, mentions).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// The teammates named; one that is not of the workspace is unknown.
async fn named(app: &Shared, caller: &Caller, written: &[String]) -> Result<Vec<TeammateId>, Problem> {
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let teammates = app.store().teammates(&caller.workspace).await?;
    let mut named = Vec::new();
    for word in written {
        let wanted: TeammateId = id(word)?;
        if !teammates.iter().any(|teammate| teammate.id == wanted) {
            return Err(Problem::not_found());
        }
        if !named.contains(&wanted) {
            named.push(wanted);
        }
    }
    Ok(named)
}

/// Two talks of one customer are one matter from now on.
pub async fn merge(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Merge>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let other = find(&app, &caller.workspace, &body.absorb).await?;
    if !app.engine().merge_conversations(&caller.workspace, row.conversation.id, other.conversation.id).await? {
        return Err(Problem::conflict("not_two_talks", "Only two different conversations of one customer can become one."));
    }
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// From a message on it is another matter: answers with its conversation.
pub async fn split(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Split>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    match app.engine().split_conversation(&caller.workspace, row.conversation.id, id(&body.from)?).await? {
        Some(into) => answer_with(&app, &caller.workspace, into).await,
        None => Err(Problem::conflict(
            "nothing_left",
            "A conversation is split at a message of its own that follows something the customer said in it.",
        )),
    }
}

/// Puts labels on and takes labels off.
pub async fn tag(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Tag>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let add: Vec<String> = body.add.iter().map(|tag| label(tag)).collect::<Result<_, _>>()?;
    let remove: Vec<String> = body.remove.iter().map(|tag| label(tag)).collect::<Result<_, _>>()?;
    if row.tags.iter().chain(&add).collect::<HashSet<_>>().len() > MOST_TAGS {
        return Err(Problem::unprocessable("too_many_tags", format!("A conversation has at most {MOST_TAGS} tags.")));
    }
    done(app.engine().tag(&caller.workspace, row.conversation.id, add, remove).await?)?;
    answer_with(&app, &caller.workspace, row.conversation.id).await
}

/// Does what a canned reply does besides its words, in order; the first that cannot be done ends it.
pub async fn run(State(app): State<App>, caller: Caller, Path(written): Path<String>, Body(body): Body<Run>) -> Answer {
    let row = find(&app, &caller.workspace, &written).await?;
    let wanted: CannedId = id(&body.canned)?;
    let all = app.store().canned(&caller.workspace).await?;
    let canned = all.into_iter().find(|canned| canned.id == wanted).ok_or_else(Problem::not_found)?;
    let (workspace, here) = (&caller.workspace, row.conversation.id);
    let by = caller.teammate().map(|teammate| teammate.id);
    for step in canned.steps {
        let found = match step {
            Step::Tag { tag } if row.tags.len() < MOST_TAGS => app.engine().tag(workspace, here, vec![tag], Vec::new()).await?,
            Step::Tag { .. } => {
                return Err(Problem::unprocessable("too_many_tags", format!("A conversation has at most {MOST_TAGS} tags.")));
            }
            Step::Assign { teammate } => match teammate.or(by) {
                Some(to) => app.engine().assign(workspace, here, Some(to), by).await?,
                None => return Err(Problem::unprocessable("nobody", "A program has to name the teammate to assign to.")),
            },
            Step::Snooze { minutes } => {
                let until = app.now().after(Duration::from_mins(u64::from(minutes)));
                app.engine().snooze(workspace, here, until).await?
            }
            Step::Return => app.engine().give_back(workspace, here).await?,
            Step::Resolve => app.engine().resolve(workspace, here).await?,
        };
        done(found)?;
    }
    answer_with(&app, workspace, here).await
}

/// A tag as it is kept. It is a word of the business about a matter, kept in plain text: nothing that could be an address of a person.
pub fn label(written: &str) -> Result<String, Problem> {
    let tag = said(written, "tag", LONGEST_TAG)?.trim().to_lowercase();
    if tag.contains('@') || tag.chars().filter(char::is_ascii_digit).count() > 6 || tag.chars().any(char::is_control) {
        return Err(Problem::unprocessable("no_tag", "A tag names the matter, not the person: no addresses and no numbers."));
    }
    Ok(tag)
}

fn done(found: bool) -> Result<(), Problem> {
    if found { Ok(()) } else { Err(Problem::not_found()) }
}
