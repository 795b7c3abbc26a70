//! `/alerts`: what the team was told, by which ways, and a test of each way.

use axum::extract::{Path, State};
use domain::ports::AlertKind;
use serde_json::{Value, json};

use super::answer::{Answer, Body, Nothing, ok};
use crate::alerting::{self, NotTold};
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// As many as anybody looks at.
const MOST: usize = 30;
/// The way of letters as a whole.
const EMAIL: &str = "email";

/// What concerned the asking teammate, newest first.
pub async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let Some(teammate) = caller.teammate() else { return Err(Problem::forbidden("This is for signed-in teammates.")) };
    let teams = app.store().teams(&caller.workspace).await?;
    let mut items = Vec::new();
    for alert in app.store().alerts_of(&caller.workspace, teammate.id, MOST).await? {
        // Letters to somebody alone are told by mail only.
        let Some(conversation) = alert.conversation.filter(|_| !matches!(alert.kind, AlertKind::Unsent | AlertKind::Wrote)) else {
            continue;
        };
        let Some(row) = app.store().conversation(&caller.workspace, conversation).await? else { continue };
        let escalation = row.escalation.as_ref().filter(|escalation| escalation.id.to_string() == alert.id);
        let team = teams.iter().find(|team| Some(team.id) == row.team);
        let of_team = team.filter(|team| !team.members.is_empty());
        let leads = team.is_some_and(|team| team.lead == Some(teammate.id));
        // Whoever leads the team is told in particular.
        if alert.kind == AlertKind::Late && alert.teammate.is_none() && leads && row.conversation.assignee != Some(teammate.id) {
            continue;
        }
        // What another team has is theirs to hear of, until somebody is named.
        if alert.teammate.is_none() && of_team.is_some_and(|team| !team.members.contains(&teammate.id)) {
            continue;
        }
        items.push(json!({
            "id": alert.id,
            "kind": alert.kind,
            "at": alert.at,
            "conversation": conversation,
            "customer": { "id": row.conversation.customer, "name": row.customer_name },
            "rule": escalation.map(|escalation| &escalation.rule),
            "team": team.filter(|_| leads && alert.kind == AlertKind::Late).map(|team| &team.name),
            "waits": alert.kind != AlertKind::Escalated
                || escalation.is_some_and(|escalation| escalation.status == domain::escalation::EscalationStatus::Open),
        }));
    }
    ok(&json!({ "items": items, "next": null }))
}

/// By which ways the team is told besides the console, and how each did last.
pub async fn ways(State(app): State<App>, caller: Caller) -> Answer {
    let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
    let mut items = Vec::new();
    for webhook in &settings.alerts.webhooks {
        let target = alerting::Way::Webhook(webhook.id.clone()).word();
        // The rest of the address may be a token.
        let host = url::Url::parse(webhook.url.expose()).ok().and_then(|url| url.host_str().map(str::to_owned));
        items.push(json!({
            "id": target,
            "kind": "webhook",
            "name": webhook.id,
            "host": host,
            "signed": !webhook.secrets.is_empty(),
            "on": webhook.on,
            "last": last(&app, &caller, &target).await?,
        }));
    }
    if let Some(mailbox) = alerting::mailbox(&app, &caller.workspace) {
        items.push(json!({ "id": EMAIL, "kind": "email", "name": mailbox, "host": null, "signed": false, "on": [], "last": null }));
    }
    ok(&json!({ "items": items, "next": null }))
}

async fn last(app: &Shared, caller: &Caller, target: &str) -> Result<Value, Problem> {
    let standing = app.store().standing_of(&caller.workspace, target).await?;
    Ok(json!(standing.map(|standing| json!({ "state": standing.state, "at": standing.at, "why": standing.why }))))
}

/// Tells by one way that this is a test; a letter goes to whoever asks.
pub async fn test(State(app): State<App>, caller: Caller, Path(written): Path<String>, _body: Body<Nothing>) -> Answer {
    let settings = app.workspace(&caller.workspace).ok_or_else(Problem::not_found)?;
    let is_known = settings.alerts.webhooks.iter().any(|webhook| alerting::Way::Webhook(webhook.id.clone()).word() == written);
    let to = caller.teammate().filter(|_| written == EMAIL);
    if !is_known && to.is_none() {
        return Err(Problem::not_found());
    }
    match alerting::tell_a_test(&app, &settings, &written, to).await {
        Ok(()) => ok(&json!({ "ok": true, "why": null })),
        Err(NotTold::Unread(error)) => Err(error.into()),
        Err(error) => ok(&json!({ "ok": false, "why": error.to_string() })),
    }
}
