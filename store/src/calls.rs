//! Phone calls: their records, and what was heard of what we said.

use async_trait::async_trait;
use domain::call::{Call, CallAbout, CallState};
use domain::fact::Consent;
use domain::message::{Changed, Message};
use domain::ports::{CallEnding, Calls, Recorded, RecordingBegun, RecordingStopped, Stored};
use domain::time::Timestamp;
use domain::{AttachmentId, CallId, ConnectionId, CustomerId, MessageId, WorkspaceId};

use crate::attachments::part_name;
use crate::commit::{Scene, consent_row, promise_row};
use crate::db::{Row, Tx, args};
use crate::recall::unpost;
use crate::rows::{Body, json, place};
use crate::seal::Field;
use crate::sql::{attachments as files_sql, calls as sql, identity as identity_sql, intake as intake_sql, turns as turns_sql};
use crate::{Inner, Storage};

impl Inner {
    async fn read_call(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Call> {
        let (id, strand) = (row.text(0)?, row.text(2)?);
        Ok(Call {
            id: row.word(0)?,
            connection: ConnectionId(row.text(1)?),
            strand: row.word(2)?,
            conversation: row.word(3)?,
            direction: row.word(4)?,
            state: row.word(5)?,
            at: row.time(6)?,
            ended_at: row.opt_time(7)?,
            about: self.unseal(&strand, place(workspace, "call", "body", &id), &row.blob(8)?).await?,
        })
    }

    async fn end_call(&self, tx: &mut Tx, workspace: &WorkspaceId, ending: &CallEnding) -> Stored<bool> {
        let id = ending.call.to_string();
        let Some(row) = tx.one(sql::BY_ID, args![workspace, &id]).await? else { return Ok(false) };
        let (strand, customer) = (row.text(2)?, row.text(9)?);
        let body = self.seal(&strand, place(workspace, "call", "body", &id), &ending.about).await?;
        if tx.run(sql::END, args![workspace, &id, ending.at, body]).await? == 0 {
            return Ok(false);
        }
        ring_for(tx, workspace, &row, ending.at)?;
        let scene = Scene { root: &customer, moved: true, strand: &strand };
        self.write_entry(tx, workspace, &ending.event, &scene).await?;
        if let Some(promise) = &ending.promise {
            self.remember(tx, workspace, &scene, promise_row(promise), promise).await?;
        }
        if let Some(task) = &ending.task {
            self.write_task(tx, workspace, &customer, task, ending.at).await?;
        }
        if let Some(timer) = &ending.timer {
            tx.later(turns_sql::SET_TIMER, args![workspace, timer.customer, &timer.key, timer.due_at, json(&timer.what)?]);
            tx.rings.ticks = true;
        }
        tx.later(identity_sql::RAISE, args![workspace, &customer]);
        if let Ok(customer) = customer.parse() {
            tx.rings.note("customer.updated", workspace, ending.at).customer(customer).conversation(ending.event.conversation);
        }
        Ok(true)
    }

    async fn begin_recording(&self, tx: &mut Tx, workspace: &WorkspaceId, begun: &RecordingBegun) -> Stored<bool> {
        let id = begun.call.to_string();
        let Some(row) = tx.one(sql::BY_ID, args![workspace, &id]).await? else { return Ok(false) };
        let Some(rang) = begun.about.rang.map(|rang| rang.to_string()) else { return Ok(false) };
        // The message may hang on another strand by now.
        let Some(message) = tx.one(intake_sql::MESSAGE, args![workspace, &rang]).await? else { return Ok(false) };
        let body = self.seal(&row.text(2)?, place(workspace, "call", "body", &id), &begun.about).await?;
        if tx.run(sql::RECORDS, args![workspace, &id, begun.file.id.to_string(), body]).await? == 0 {
            return Ok(false);
        }
        let connection = ConnectionId(row.text(1)?);
        self.add_attachments(tx, workspace, (&rang, &message.text(1)?, &connection), std::slice::from_ref(&begun.file)).await?;
        self.consented(tx, workspace, &row, &begun.consent).await?;
        ring_for(tx, workspace, &row, begun.consent.at)?;
        Ok(true)
    }

    async fn stop_recording(&self, tx: &mut Tx, workspace: &WorkspaceId, stopped: &RecordingStopped) -> Stored<bool> {
        let id = stopped.call.to_string();
        let Some(row) = tx.one(sql::BY_ID, args![workspace, &id]).await? else { return Ok(false) };
        let file = tx.one(sql::RECORDING_OF, args![workspace, &id]).await?.and_then(|row| row.opt_text(0).transpose()).transpose()?;
        let body = self.seal(&row.text(2)?, place(workspace, "call", "body", &id), &stopped.about).await?;
        tx.later(sql::FORGET_RECORDING, args![workspace, &id, body]);
        if let Some(file) = file {
            tx.later(files_sql::DROP_PARTS, args![workspace, &file]);
            tx.later(files_sql::DROP, args![workspace, &file]);
        }
        self.consented(tx, workspace, &row, &stopped.consent).await?;
        ring_for(tx, workspace, &row, stopped.consent.at)?;
        Ok(true)
    }

    async fn agree(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: CustomerId, consent: &Consent) -> Stored<bool> {
        let (strand, root) = (consent.strand.to_string(), customer.to_string());
        let scene = Scene { root: &root, moved: true, strand: &strand };
        self.remember(tx, workspace, &scene, consent_row(consent), consent).await?;
        tx.rings.note("customer.updated", workspace, consent.at).customer(customer);
        Ok(true)
    }

    async fn consented(&self, tx: &mut Tx, workspace: &WorkspaceId, call: &Row, consent: &Consent) -> Stored<()> {
        let (strand, customer) = (call.text(2)?, call.text(9)?);
        let scene = Scene { root: &customer, moved: true, strand: &strand };
        self.remember(tx, workspace, &scene, consent_row(consent), consent).await?;
        tx.rings.note("customer.updated", workspace, consent.at).customer(call.word(9)?);
        Ok(())
    }

    async fn heard(&self, tx: &mut Tx, workspace: &WorkspaceId, message: MessageId, heard: &str, at: Timestamp) -> Stored<bool> {
        let id = message.to_string();
        let Some(row) = tx.one(sql::SAID, args![workspace, &id]).await? else { return Ok(false) };
        let strand = row.text(0)?;
        let here = place(workspace, "message", "body", &id);
        let mut body: Body = self.unseal(&strand, here, &row.blob(1)?).await?;
        let Some(unsaid) = body.text.strip_prefix(heard).map(str::trim).filter(|unsaid| !unsaid.is_empty()) else { return Ok(false) };
        let why = format!("interrupted, not heard: {unsaid}");
        heard.trim_end().clone_into(&mut body.text);
        body.changed = Some(Changed::Interrupted { at });
        let is_unheard = body.text.is_empty();
        let key = self.keys.key(workspace.as_str(), &strand).await?;
        let reason = key.seal(place(workspace, "message", "reason", &id), why.as_bytes())?;
        let sealed = key.seal_json(here, &body)?;
        tx.later(sql::HEARD, args![workspace, &id, sealed, reason, is_unheard]);
        unpost(tx, workspace, &id);
        let customer = row.text(2)?;
        // A running turn goes on from what was said as it had been planned: it is done again.
        tx.later(identity_sql::RAISE, args![workspace, &customer]);
        let note = tx.rings.note("message.updated", workspace, at);
        note.message(message).customer(row.word(2)?).conversation(row.word(3)?);
        Ok(true)
    }
}

/// Whoever looks at calls hears of this one.
async fn ring(tx: &mut Tx, workspace: &WorkspaceId, id: &str, at: Timestamp) -> Stored<()> {
    match tx.one(sql::BY_ID, args![workspace, id]).await? {
        Some(row) => ring_for(tx, workspace, &row, at),
        None => Ok(()),
    }
}

fn ring_for(tx: &mut Tx, workspace: &WorkspaceId, row: &Row, at: Timestamp) -> Stored<()> {
    tx.rings.note("call.updated", workspace, at).customer(row.word(9)?).conversation(row.word(3)?);
    Ok(())
}

#[async_trait]
impl Calls for Storage {
    async fn open_call(&self, workspace: &WorkspaceId, call: Call) -> Stored<bool> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let hash = key.lookups.hash(Field::Vendor, &[call.connection.as_str(), &call.about.vendor_id]);
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("calls.open_call", move |tx| {
                Box::pin(async move {
                    let (id, strand) = (call.id.to_string(), call.strand.to_string());
                    let body = inner.seal(&strand, place(&workspace, "call", "body", &id), &call.about).await?;
                    let (direction, state) = (call.direction.as_str(), call.state.as_str());
                    let values =
                        args![&workspace, &id, &call.connection, hash, &strand, call.conversation, direction, state, call.at, body];
                    if tx.run(sql::NEW, values).await? == 0 {
                        return Ok(false);
                    }
                    ring(tx, &workspace, &id, call.at).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn call(&self, workspace: &WorkspaceId, connection: &ConnectionId, vendor_id: &str) -> Stored<Option<Call>> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let hash = key.lookups.hash(Field::Vendor, &[connection.as_str(), vendor_id]);
        match self.inner.reader().await?.one(sql::BY_VENDOR, args![workspace, connection, hash]).await? {
            Some(row) => self.inner.read_call(workspace, &row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn call_by_id(&self, workspace: &WorkspaceId, call: CallId) -> Stored<Option<(Call, CustomerId)>> {
        match self.inner.reader().await?.one(sql::BY_ID, args![workspace, call]).await? {
            Some(row) => Ok(Some((self.inner.read_call(workspace, &row).await?, row.word(9)?))),
            None => Ok(None),
        }
    }

    async fn move_call(
        &self,
        workspace: &WorkspaceId,
        call: CallId,
        from: &[CallState],
        to: CallState,
        about: Option<CallAbout>,
    ) -> Stored<bool> {
        let (inner, workspace, from) = (self.inner.clone(), workspace.clone(), from.to_vec());
        self.inner
            .write("calls.move_call", move |tx| {
                Box::pin(async move {
                    let id = call.to_string();
                    let mut moved = 0;
                    for state in from {
                        if moved == 0 {
                            moved = tx.run(sql::MOVE, args![&workspace, &id, to.as_str(), state.as_str()]).await?;
                        }
                    }
                    if moved == 0 {
                        return Ok(false);
                    }
                    let Some(row) = tx.one(sql::BY_ID, args![&workspace, &id]).await? else { return Ok(false) };
                    if let Some(about) = about {
                        let body = inner.seal(&row.text(2)?, place(&workspace, "call", "body", &id), &about).await?;
                        tx.later(sql::SET_BODY, args![&workspace, &id, body]);
                    }
                    ring_for(tx, &workspace, &row, row.time(6)?)?;
                    Ok(true)
                })
            })
            .await
    }

    async fn end_call(&self, workspace: &WorkspaceId, ending: CallEnding) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner.write("calls.end_call", move |tx| Box::pin(async move { inner.end_call(tx, &workspace, &ending).await })).await
    }

    async fn open_calls(&self) -> Stored<Vec<(WorkspaceId, Call)>> {
        let rows = self.inner.reader().await?.all(sql::OPEN, args![]).await?;
        let mut calls = Vec::with_capacity(rows.len());
        for row in &rows {
            let workspace = WorkspaceId(row.text(9)?);
            let call = self.inner.read_call(&workspace, row).await?;
            calls.push((workspace, call));
        }
        Ok(calls)
    }

    async fn call_messages(&self, workspace: &WorkspaceId, call: &Call, most: usize) -> Stored<Vec<Message>> {
        let until = call.ended_at.unwrap_or(Timestamp::from_micros(i64::MAX));
        let asked = args![workspace, call.strand, &call.connection, call.at, until, most];
        let rows = self.inner.reader().await?.all(sql::MESSAGES, asked).await?;
        self.inner.messages(workspace, &rows).await
    }

    async fn begin_recording(&self, workspace: &WorkspaceId, begun: RecordingBegun) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("calls.begin_recording", move |tx| Box::pin(async move { inner.begin_recording(tx, &workspace, &begun).await }))
            .await
    }

    async fn stop_recording(&self, workspace: &WorkspaceId, stopped: RecordingStopped) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("calls.stop_recording", move |tx| Box::pin(async move { inner.stop_recording(tx, &workspace, &stopped).await }))
            .await
    }

    async fn agree_to_calls(&self, workspace: &WorkspaceId, customer: CustomerId, consent: Consent) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("calls.agree_to_calls", move |tx| Box::pin(async move { inner.agree(tx, &workspace, customer, &consent).await }))
            .await
    }

    async fn write_recording(&self, workspace: &WorkspaceId, id: AttachmentId, part: u32, bytes: Vec<u8>, size: u64) -> Stored<bool> {
        let (inner, workspace, id) = (self.inner.clone(), workspace.clone(), id.to_string());
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        self.inner
            .write("calls.write_recording", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(files_sql::STRAND_OF, args![&workspace, &id]).await? else { return Ok(false) };
                    let key = inner.keys.key(workspace.as_str(), &row.text(0)?).await?;
                    let number = i64::from(part);
                    let sealed = key.seal(place(&workspace, "attachment_part", "body", &part_name(&id, number)), &bytes)?;
                    tx.run(sql::PUT_PART, args![&workspace, &id, number, sealed]).await?;
                    tx.later(sql::SIZE, args![&workspace, &id, size]);
                    Ok(true)
                })
            })
            .await
    }

    async fn recorded(&self, workspace: &WorkspaceId, id: AttachmentId) -> Stored<Option<Recorded>> {
        let Some(row) = self.inner.reader().await?.one(sql::RECORDED, args![workspace, id]).await? else { return Ok(None) };
        let (size, part) = (row.opt_int(0)?.unwrap_or_default(), row.opt_int(1)?.unwrap_or_default());
        Ok(Some(Recorded { part: u32::try_from(part).unwrap_or(u32::MAX), size: u64::try_from(size).unwrap_or_default() }))
    }

    async fn note_consent(&self, workspace: &WorkspaceId, call: CallId, consent: Consent) -> Stored<()> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("calls.note_consent", move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.one(sql::BY_ID, args![&workspace, call]).await? else { return Ok(()) };
                    inner.consented(tx, &workspace, &row, &consent).await
                })
            })
            .await
    }

    async fn drop_recordings(&self, before: Timestamp, most: usize) -> Stored<usize> {
        let inner = self.inner.clone();
        self.inner
            .write("calls.drop_recordings", move |tx| {
                Box::pin(async move {
                    let rows = tx.all(sql::OLD_RECORDINGS, args![before, most]).await?;
                    for row in &rows {
                        let workspace = WorkspaceId(row.text(9)?);
                        let (id, file) = (row.text(0)?, row.text(10)?);
                        let about = CallAbout { recording: None, ..inner.read_call(&workspace, row).await?.about };
                        let body = inner.seal(&row.text(2)?, place(&workspace, "call", "body", &id), &about).await?;
                        tx.later(sql::FORGET_RECORDING, args![&workspace, &id, body]);
                        tx.later(files_sql::DROP_PARTS, args![&workspace, &file]);
                        tx.later(files_sql::DROP, args![&workspace, &file]);
                    }
                    Ok(rows.len())
                })
            })
            .await
    }

    async fn heard(&self, workspace: &WorkspaceId, message: MessageId, heard: &str, at: Timestamp) -> Stored<bool> {
        let (inner, workspace, heard) = (self.inner.clone(), workspace.clone(), heard.to_owned());
        self.inner.write("calls.heard", move |tx| Box::pin(async move { inner.heard(tx, &workspace, message, &heard, at).await })).await
    }
}
