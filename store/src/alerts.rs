//! Alerts: what the team is told. Ids only; whoever tells looks up what they stand for, so what is erased is told no more.

use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{Alert, AlertKind, AlertOutcome, Alerts, Stored, WayStanding};
use domain::time::Timestamp;
use domain::{ConversationId, CustomerId, TeammateId, WorkspaceId};

use crate::Storage;
use crate::db::{Row, Tx, args};
use crate::sql::alerts as sql;

/// Something the team is to be told.
#[derive(Clone)]
pub(crate) struct Told<'a> {
    pub id: String,
    pub kind: AlertKind,
    pub conversation: ConversationId,
    pub customer: Option<CustomerId>,
    pub teammate: Option<TeammateId>,
    pub workspace: &'a WorkspaceId,
    pub at: Timestamp,
}

/// Writes an event beside its cause.
pub(crate) fn tell(tx: &mut Tx, told: &Told<'_>) {
    tx.later(sql::NEW, args![told.workspace, &told.id, told.kind.as_str(), told.conversation, told.teammate, told.at]);
    tx.rings.alerts = true;
    let note = tx.rings.note("alert.raised", told.workspace, told.at);
    note.conversation(told.conversation);
    if let Some(customer) = told.customer {
        note.customer(customer);
    }
}

fn alert(row: &Row) -> Stored<Alert> {
    Ok(Alert {
        workspace: WorkspaceId(row.text(0)?),
        id: row.text(1)?,
        target: row.text(2)?,
        kind: row.word(3)?,
        conversation: row.opt_word(4)?,
        teammate: row.opt_word(5)?,
        at: row.time(6)?,
        attempt: u32::try_from(row.int(7)?).unwrap_or(u32::MAX),
    })
}

#[async_trait]
impl Alerts for Storage {
    async fn due_alerts(&self, now: Timestamp, hold: Duration, limit: usize) -> Stored<Vec<Alert>> {
        // Most looks find nothing: they cost a read.
        if self.next_alert().await?.is_none_or(|next| next > now) {
            return Ok(Vec::new());
        }
        self.inner
            .write("alerts.due_alerts", move |tx| {
                Box::pin(async move {
                    let due = if tx.is_lite() { sql::DUE_LITE } else { sql::DUE_PG };
                    let mut found = Vec::new();
                    for row in tx.all(due, args![now, limit]).await? {
                        let mut alert = alert(&row)?;
                        alert.attempt += 1;
                        tx.later(sql::HOLD, args![&alert.workspace, &alert.id, &alert.target, now.after(hold)]);
                        found.push(alert);
                    }
                    Ok(found)
                })
            })
            .await
    }

    async fn write_to(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        kind: AlertKind,
        teammate: TeammateId,
        conversation: Option<ConversationId>,
        at: Timestamp,
    ) -> Stored<()> {
        let (workspace, name) = (workspace.clone(), name.to_owned());
        self.inner
            .write("alerts.write_to", move |tx| {
                tx.later(sql::NEW, args![&workspace, name, kind.as_str(), conversation, Some(teammate), at]);
                tx.rings.alerts = true;
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn raise(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        kind: AlertKind,
        conversation: ConversationId,
        teammate: Option<TeammateId>,
        at: Timestamp,
    ) -> Stored<bool> {
        let (workspace, id) = (workspace.clone(), name.to_owned());
        self.inner
            .write("alerts.raise", move |tx| {
                Box::pin(async move {
                    if tx.run(sql::NEW, args![&workspace, &id, kind.as_str(), conversation, teammate, at]).await? == 0 {
                        return Ok(false);
                    }
                    tx.rings.alerts = true;
                    tx.rings.note("alert.raised", &workspace, at).conversation(conversation);
                    tx.rings.note("conversation.updated", &workspace, at).conversation(conversation);
                    Ok(true)
                })
            })
            .await
    }

    async fn next_alert(&self) -> Stored<Option<Timestamp>> {
        self.inner.reader().await?.one(sql::NEXT, args![]).await?.map_or(Ok(None), |row| row.opt_time(0))
    }

    async fn spread_alert(&self, alert: &Alert, targets: &[String]) -> Stored<()> {
        let (alert, targets) = (alert.clone(), targets.to_vec());
        self.inner
            .write("alerts.spread_alert", move |tx| {
                let Alert { workspace, id, kind, conversation, teammate, at, .. } = &alert;
                for target in &targets {
                    tx.later(sql::SPREAD, args![workspace, id, target, kind.as_str(), *conversation, *teammate, *at]);
                }
                tx.later(sql::SETTLE, args![workspace, id, "", "told", None::<i64>, None::<String>]);
                tx.rings.alerts = true;
                Box::pin(async { Ok(()) })
            })
            .await
    }

    async fn settle_alert(&self, alert: &Alert, outcome: AlertOutcome) -> Stored<()> {
        let (state, next, why) = match outcome {
            AlertOutcome::Told => ("told", None, None),
            AlertOutcome::Again { at, why } => ("waiting", Some(at.as_micros()), Some(why)),
            AlertOutcome::GivenUp { why } => ("given_up", None, Some(why)),
        };
        let (alert, at) = (alert.clone(), alert.at);
        self.inner
            .write("alerts.settle_alert", move |tx| {
                Box::pin(async move {
                    let values = args![&alert.workspace, &alert.id, &alert.target, state, next, why];
                    tx.run(sql::SETTLE, values).await?;
                    let note = tx.rings.note("alert.told", &alert.workspace, at);
                    if let Some(conversation) = alert.conversation {
                        note.conversation(conversation);
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn alerts_of(&self, workspace: &WorkspaceId, teammate: TeammateId, limit: usize) -> Stored<Vec<Alert>> {
        self.inner.reader().await?.all(sql::OF_TEAMMATE, args![workspace, teammate, limit]).await?.iter().map(alert).collect()
    }

    async fn standing_of(&self, workspace: &WorkspaceId, target: &str) -> Stored<Option<WayStanding>> {
        let row = self.inner.reader().await?.one(sql::STANDING, args![workspace, target]).await?;
        row.map(|row| Ok(WayStanding { target: row.text(0)?, state: row.text(1)?, at: row.time(2)?, why: row.opt_text(3)? })).transpose()
    }

    async fn forget_alerts(&self, before: Timestamp) -> Stored<()> {
        self.inner
            .write("alerts.forget_alerts", move |tx| Box::pin(async move { tx.run(sql::FORGET, args![before]).await.map(drop) }))
            .await
    }
}
