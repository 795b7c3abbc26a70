//! `[workspace.alerts]`: how the team is told.

use domain::settings::{AlertSettings, AlertWebhook, ConnectionSettings};
use domain::{ChannelKind, ConnectionId};

use super::connections::is_slug;
use super::keys::{ALERT_KINDS, ALERT_WEBHOOK, ALERTS};
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, Surroundings};

/// Reads the table.
pub fn read(workspace: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> AlertSettings {
    let Some((node, entries)) = workspace.table("alerts", problems) else { return AlertSettings::default() };
    let reader = Reader::open("[workspace.alerts]", &node.origin, entries, &[ALERTS], problems);
    let mut webhooks: Vec<AlertWebhook> = Vec::new();
    for (node, entries) in reader.tables("webhooks", problems) {
        let inner = Reader::open("[[workspace.alerts.webhooks]]", &node.origin, entries, &[ALERT_WEBHOOK], problems);
        let Some(webhook) = webhook(&inner, around, problems) else { continue };
        if let (true, Some(at)) = (webhooks.iter().any(|other| other.id == webhook.id), inner.node("id")) {
            inner.refuse("id", at, &format!("is {:?}, which another webhook has already", webhook.id), "choose another id", problems);
        }
        webhooks.push(webhook);
    }
    AlertSettings { email: reader.text("email", problems).map(ConnectionId), webhooks }
}

fn webhook(reader: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<AlertWebhook> {
    let id = reader.text("id", problems);
    match (&id, reader.node("id")) {
        (None, None) => reader.missing("id", "give it a short name, such as id = \"slack\"", problems),
        (Some(id), Some(at)) if !is_slug(id) => {
            reader.refuse("id", at, &format!("is {id:?}"), "use letters, digits, - and _ only, at most 64", problems);
        }
        _ => {}
    }
    let url = secrets::read(reader, "url", 1, around, problems).into_iter().next();
    match (&url, reader.node("url")) {
        (None, None) => reader.missing("url", "say where alerts go: url = { env = \"SLACK_WEBHOOK\" }", problems),
        (Some(url), Some(at)) => {
            if let Err(why) = channels::AlertHook::check(url.expose()) {
                reader.refuse("url", at, why, "write the whole address, beginning with https://", problems);
            }
        }
        _ => {}
    }
    let on = reader.texts("on", problems).unwrap_or_else(|| ALERT_KINDS.iter().map(|kind| (*kind).to_owned()).collect());
    for kind in &on {
        if let (false, Some(at)) = (ALERT_KINDS.contains(&kind.as_str()), reader.node("on")) {
            let remedy = format!("use one of: {}", ALERT_KINDS.join(", "));
            reader.refuse("on", at, &format!("holds {kind:?}"), &remedy, problems);
        }
    }
    Some(AlertWebhook { id: id?, url: url?, secrets: secrets::read(reader, "secret", 32, around, problems), on })
}

/// The mailbox that is named must be one of this workspace.
pub fn check(workspace: &Reader<'_>, alerts: &AlertSettings, connections: &[ConnectionSettings], problems: &mut Problems) {
    let Some(named) = &alerts.email else { return };
    if connections.iter().any(|door| door.id == *named && door.channel == ChannelKind::Email) {
        return;
    }
    if let Some(node) = workspace.node("alerts") {
        workspace.refuse(
            "alerts",
            node,
            &format!("names the mailbox {named}, which is no email connection"),
            "name one of [[connections]]",
            problems,
        );
    }
}
