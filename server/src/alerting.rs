//! Telling the team: which ways there are, and what goes by each.

use domain::message::Author;
use domain::ports::{Alert, AlertKind, ConversationRow, Letter, SendError, StoreError, Teammate};
use domain::settings::WorkspaceSettings;
use domain::{ChannelKind, ConnectionId, TeammateId, WorkspaceId};
use engine::rendering::alert::{self as words, Occasion, Told};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::teammates::entry;
use crate::api::views;
use crate::app::Shared;
use crate::time::real_now;

/// What a teammate has switched on. The browser's own consent is asked besides, in each browser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Notifications of the browser while the console is open somewhere.
    pub browser: bool,
    /// A sound with them.
    pub sound: bool,
    /// Email.
    pub email: bool,
}

/// By which way an alert goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A webhook by its name.
    Webhook(String),
    /// A letter to a teammate.
    Email(TeammateId),
}

impl Way {
    /// As it is stored.
    pub fn word(&self) -> String {
        match self {
            Self::Webhook(id) => format!("webhook:{id}"),
            Self::Email(id) => format!("email:{id}"),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word.split_once(':')? {
            ("webhook", id) => Some(Self::Webhook(id.to_owned())),
            ("email", id) => id.parse().ok().map(Self::Email),
            _ => None,
        }
    }
}

/// Why an alert was not told.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// There is nothing to tell any more, or nobody to tell it to.
    #[error("{0}")]
    Over(&'static str),
    /// The way failed.
    #[error(transparent)]
    Failed(#[from] SendError),
    /// What it is about could not be read.
    #[error(transparent)]
    Unread(#[from] StoreError),
}

fn switches_note(id: TeammateId) -> String {
    format!("alerts.{id}")
}

fn away_note(id: TeammateId) -> String {
    format!("away.{id}")
}

/// Has a teammate said that they are away?
pub async fn is_away(app: &Shared, id: TeammateId) -> Result<bool, StoreError> {
    Ok(app.store().note(&away_note(id)).await?.is_some())
}

/// What a teammate has switched on.
pub async fn switches(app: &Shared, id: TeammateId) -> Result<Switches, StoreError> {
    let kept = app.store().note(&switches_note(id)).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Keeps what a teammate has switched on; nothing: they have left.
pub async fn switch(app: &Shared, id: TeammateId, switches: Option<Switches>) -> Result<(), StoreError> {
    let text = switches.filter(|switches| *switches != Switches::default()).and_then(|switches| serde_json::to_string(&switches).ok());
    app.store().put_note(&switches_note(id), text.as_deref()).await
}

/// The mailbox that writes to teammates.
pub fn mailbox(app: &Shared, workspace: &WorkspaceId) -> Option<ConnectionId> {
    let settings = app.workspace(workspace)?;
    let engine = app.engine();
    let all = engine.doors_of(workspace);
    let is_named = |id: &ConnectionId| settings.alerts.email.as_ref().is_none_or(|named| named == id);
    let mut open: Vec<&ConnectionId> = all
        .iter()
        .filter(|door| door.settings.channel == ChannelKind::Email && is_named(&door.settings.id) && door.channel.letters().is_some())
        .map(|door| &door.settings.id)
        .collect();
    open.sort();
    open.first().map(|id| ConnectionId::clone(id))
}

async fn wants_mail(app: &Shared, teammate: Option<TeammateId>) -> Result<bool, StoreError> {
    match teammate {
        Some(teammate) => Ok(switches(app, teammate).await?.email),
        None => Ok(false),
    }
}

/// The ways by which an event is told now.
pub async fn ways(app: &Shared, alert: &Alert) -> Result<Vec<Way>, StoreError> {
    if alert.kind == AlertKind::Wrote && !wants_mail(app, alert.teammate).await? {
        return Ok(Vec::new());
    }
    if matches!(alert.kind, AlertKind::Entry | AlertKind::Unsent | AlertKind::Wrote) {
        return Ok(alert.teammate.map(Way::Email).into_iter().collect());
    }
    let mut ways = Vec::new();
    let Some(settings) = app.workspace(&alert.workspace) else { return Ok(ways) };
    // A webhook has heard of it by the alert that is everybody's.
    let is_leads = alert.kind == AlertKind::Late && alert.teammate.is_some();
    let is_wanted = |on: &[String]| !is_leads && on.iter().any(|kind| kind == alert.kind.as_str());
    ways.extend(settings.alerts.webhooks.iter().filter(|webhook| is_wanted(&webhook.on)).map(|webhook| Way::Webhook(webhook.id.clone())));
    if mailbox(app, &alert.workspace).is_none() {
        return Ok(ways);
    }
    let row = match alert.conversation {
        Some(conversation) => app.store().conversation(&alert.workspace, conversation).await?,
        None => None,
    };
    // What somebody has already is theirs to know, and what a team has is its people's.
    let concerned = alert.teammate.or_else(|| row.as_ref().and_then(|row| row.conversation.assignee));
    let team = match row.and_then(|row| row.team).filter(|_| concerned.is_none()) {
        Some(id) => app.store().teams(&alert.workspace).await?.into_iter().find(|team| team.id == id),
        None => None,
    };
    let lead = team.as_ref().and_then(|team| team.lead).filter(|_| alert.kind == AlertKind::Late);
    let of_team = team.filter(|team| !team.members.is_empty());
    for teammate in app.store().teammates(&alert.workspace).await? {
        let is_others = of_team.as_ref().is_some_and(|team| !team.members.contains(&teammate.id));
        // Whoever leads the team is told in particular.
        let is_told_apart = lead == Some(teammate.id);
        if teammate.role == "analyst" || is_others || is_told_apart || concerned.is_some_and(|one| one != teammate.id) {
            continue;
        }
        if switches(app, teammate.id).await?.email && (concerned.is_some() || !is_away(app, teammate.id).await?) {
            ways.push(Way::Email(teammate.id));
        }
    }
    Ok(ways)
}

/// Tells an alert by the way its row names.
pub async fn tell(app: &Shared, alert: &Alert) -> Result<(), NotTold> {
    let way = Way::parse(&alert.target).ok_or(NotTold::Over("there is no such way"))?;
    let settings = app.workspace(&alert.workspace).ok_or(NotTold::Over("the workspace is gone"))?;
    let teammates = app.store().teammates(&alert.workspace).await?;
    if alert.kind == AlertKind::Entry {
        return let_in(app, alert, &settings, &teammates).await;
    }
    let conversation = alert.conversation.ok_or(NotTold::Over("it is about no conversation"))?;
    let row = app.store().conversation(&alert.workspace, conversation).await?;
    let row = row.ok_or(NotTold::Over("the conversation is gone"))?;
    let concerned = alert.teammate.and_then(|id| teammates.iter().find(|teammate| teammate.id == id));
    let link = format!("{}/inbox/all/{conversation}", app.settings.public_url);
    if alert.kind == AlertKind::Unsent {
        let teammate = concerned.ok_or(NotTold::Over("the teammate has left"))?;
        let told = words::unsent(&settings.locale, row.customer_name.as_deref(), &link);
        let (id, to, text) = (alert.id.clone(), teammate.email.clone(), told.rest.join("\n\n"));
        return send(app, &alert.workspace, &Letter { id, to, subject: told.title, text, answers: None }).await;
    }
    let told = words::words(&settings.locale, &occasion(alert, &row, concerned, &link));
    match way {
        Way::Webhook(id) => {
            let id = format!("{}-{id}", alert.id);
            let hook = hook(app, &alert.workspace, &alert.target).ok_or(NotTold::Over("the webhook is gone"))?;
            Ok(hook.tell(&id, &body(alert, &row, concerned, &told, &link)).await?)
        }
        Way::Email(id) => {
            let teammate = teammates.iter().find(|teammate| teammate.id == id).ok_or(NotTold::Over("the teammate has left"))?;
            let text = letter_text(&settings, &row, &told);
            let (id, to) = (format!("{}-{id}", alert.id), teammate.email.clone());
            let letter = Letter { id, to, subject: told.title, text, answers: Some(conversation) };
            send(app, &alert.workspace, &letter).await
        }
    }
}

/// Writes the link that sets a new password. Each try makes another one, and the one before no longer works.
async fn let_in(app: &Shared, alert: &Alert, settings: &WorkspaceSettings, teammates: &[Teammate]) -> Result<(), NotTold> {
    let teammate = alert.teammate.and_then(|id| teammates.iter().find(|teammate| teammate.id == id));
    let teammate = teammate.ok_or(NotTold::Over("the teammate has left"))?;
    let link = entry::link(app, teammate).await.map_err(|_| NotTold::Over("no link could be made"))?;
    let told = words::entry(&settings.locale, &settings.name, &link);
    let letter = Letter {
        id: format!("{}-{}", alert.id, alert.attempt),
        to: teammate.email.clone(),
        subject: told.title,
        text: told.rest.join("\n\n"),
        answers: None,
    };
    send(app, &alert.workspace, &letter).await
}

/// Sends a letter by the mailbox of a workspace.
pub async fn send(app: &Shared, workspace: &WorkspaceId, letter: &Letter) -> Result<(), NotTold> {
    let mailbox = mailbox(app, workspace).ok_or(NotTold::Over("no mailbox writes to teammates"))?;
    let engine = app.engine();
    let door = engine.door(&mailbox).ok_or(NotTold::Over("no mailbox writes to teammates"))?;
    let letters = door.channel.letters().ok_or(NotTold::Over("no mailbox writes to teammates"))?;
    Ok(letters.send(letter).await?)
}

/// Tells that this is a test, now and once.
pub async fn tell_a_test(app: &Shared, settings: &WorkspaceSettings, target: &str, to: Option<&Teammate>) -> Result<(), NotTold> {
    let text = words::test(&settings.locale, &settings.name);
    let id = format!("test-{}", app.unguessable());
    match (Way::parse(target), to) {
        (Some(Way::Webhook(_)), _) => {
            let hook = hook(app, &settings.id, target).ok_or(NotTold::Over("the webhook is gone"))?;
            Ok(hook.tell(&id, &json!({ "text": text, "type": "alert.test", "timestamp": real_now(), "data": {} })).await?)
        }
        (_, Some(teammate)) => {
            let letter = Letter { id, to: teammate.email.clone(), subject: text.clone(), text, answers: None };
            send(app, &settings.id, &letter).await
        }
        (_, None) => Err(NotTold::Over("there is no such way")),
    }
}

fn hook(app: &Shared, workspace: &WorkspaceId, target: &str) -> Option<std::sync::Arc<channels::AlertHook>> {
    let Some(Way::Webhook(id)) = Way::parse(target) else { return None };
    app.wired.load().hooks.get(&(workspace.clone(), id)).cloned()
}

fn occasion<'a>(alert: &Alert, row: &'a ConversationRow, concerned: Option<&'a Teammate>, link: &'a str) -> Occasion<'a> {
    let is_escalated = alert.kind == AlertKind::Escalated;
    Occasion {
        kind: alert.kind,
        customer: row.customer_name.as_deref(),
        teammate: concerned.map(|teammate| teammate.name.as_str()),
        brief: row.escalation.as_ref().filter(|_| is_escalated).map(|escalation| &escalation.brief),
        link,
    }
}

/// A letter that can be answered says what there is to answer.
fn letter_text(settings: &WorkspaceSettings, row: &ConversationRow, told: &Told) -> String {
    let mut parts = vec![format!("{}.", told.title)];
    parts.extend(told.rest.iter().cloned());
    let said = row.last_message.as_ref().filter(|message| message.author == Author::Customer).map(|message| message.text.as_str());
    parts.extend(words::answerable(&settings.locale, row.customer_name.as_deref(), said));
    parts.join("\n\n")
}

/// Slack reads three characters as its own marks; what a customer wrote must not call a whole channel.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn body(alert: &Alert, row: &ConversationRow, concerned: Option<&Teammate>, told: &Told, link: &str) -> Value {
    let lines: Vec<String> = std::iter::once(&told.title).chain(&told.rest).map(|line| for_slack(line)).collect();
    let said = row.last_message.as_ref().filter(|message| message.author == Author::Customer);
    json!({
        "text": lines.join("\n"),
        "type": format!("conversation.{}", alert.kind),
        "timestamp": alert.at,
        "data": {
            "id": alert.id,
            "workspace": alert.workspace,
            "conversation": alert.conversation,
            "channel": row.conversation.channel,
            "url": link,
            "customer": { "id": row.conversation.customer, "name": row.customer_name, "proof": row.proof, "score": row.score },
            "teammate": concerned.map(|teammate| json!({ "id": teammate.id, "name": teammate.name })),
            "last_message": said.map(|message| &message.text),
            "escalation": row.escalation.as_ref().map(|escalation| views::escalation(escalation, row.customer_name.as_deref())),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_words_call_no_channel_together() {
        assert_eq!(for_slack("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    }
}
