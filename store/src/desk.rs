//! The desk: what teammates see and do.

use async_trait::async_trait;
use domain::conversation::StatusKind;
use domain::customer::ReachableDoor;
use domain::escalation::{Escalation, EscalationStatus};
use domain::identifier::Proof;
use domain::message::{InboundState, Message};
use domain::ports::{
    AlertKind, ConversationFilter, ConversationRow, Desk, DeskAct, GapCount, Hands, LedgerCounts, LedgerItem, Page, RuleCount, StoreError,
    Stored, ViewCounts,
};
use domain::time::{MonotonicTime, Timestamp};
use domain::turn::TimerKind;
use domain::{ChannelKind, ConnectionId, ConversationId, CustomerId, MessageId, StrandId, TeammateId, TurnId, WorkspaceId};

use crate::alerts::{Told, tell};
use crate::attachments::drop_attachments;
use crate::commit::{OutboxState, Outgoing, Scene};
use crate::db::{Arg, Conn, Row, Tx, args};
use crate::recall::unpost;
use crate::rows::{Inbound, place};
use crate::seal::Field;
use crate::sql::{
    attachments as attachments_sql, desk as sql, identity as identity_sql, intake as intake_sql, record as record_sql, team as team_sql,
    turns as turns_sql,
};
use crate::{Inner, Storage};

/// The list is read by what narrows it down most.
fn list(filter: &ConversationFilter) -> sql::List {
    match filter {
        ConversationFilter { escalated: Some(true), .. } => sql::DUE,
        ConversationFilter { customer: Some(_), .. } => sql::OF_CUSTOMER,
        ConversationFilter { drafted: Some(true), .. } => sql::FOR_APPROVAL,
        ConversationFilter { mentioned: Some(_), .. } => sql::MENTIONED,
        ConversationFilter { assignee: Some(_), .. } => sql::OF_ASSIGNEE,
        ConversationFilter { team: Some(_), .. } => sql::OF_TEAM,
        ConversationFilter { hands: Some(Hands::Nobody), .. } => sql::IN_NOBODYS_HANDS,
        ConversationFilter { hands: Some(Hands::Teammate), .. } => sql::IN_A_TEAMMATES_HANDS,
        // Nearly all are resolved or open in the end: those are read in their order.
        ConversationFilter { status: Some(StatusKind::Snoozed | StatusKind::WithTeammate), .. } => sql::OF_STATUS,
        _ => sql::LATEST,
    }
}

/// A cursor is a number and an id.
pub(crate) fn cursor(text: Option<&str>) -> (Option<i64>, Option<String>) {
    match text.and_then(|text| text.split_once('~')) {
        Some((number, id)) => (number.parse().ok(), Some(id.to_owned())),
        None => (None, None),
    }
}

/// The values of what is asked.
fn asked(workspace: &WorkspaceId, filter: &ConversationFilter) -> Vec<Arg> {
    let by_due = filter.escalated == Some(true);
    let mut values: Vec<Arg> = args![workspace, filter.status.map(StatusKind::as_str), filter.assignee, filter.customer];
    if !by_due {
        values.push(Arg::Int(filter.escalated.map(i64::from)));
        values.push(Arg::Int(filter.drafted.map(i64::from)));
    }
    values.push(filter.tag.as_deref().map(crate::filing::tag_pattern).into());
    if !by_due {
        let hands = filter.hands.map(|hands| match hands {
            Hands::Ai => "ai",
            Hands::Nobody => "nobody",
            Hands::Teammate => "teammate",
        });
        values.extend(args![hands, filter.mentioned]);
    }
    values.extend(args![filter.channel.map(ChannelKind::as_str), filter.team]);
    values
}

pub(crate) fn cursor_of(number: i64, id: &str) -> String {
    format!("{number}~{id}")
}

/// Cuts a list that was read one too long.
pub(crate) fn page<T>(mut items: Vec<T>, limit: usize, next: impl Fn(&T) -> String) -> Page<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(next) } else { None };
    Page { items, next }
}

impl Inner {
    async fn listed(&self, workspace: &WorkspaceId, row: &Row, conn: &mut Conn) -> Stored<ConversationRow> {
        let conversation = self.conversation(workspace, row).await?;
        let customer = conversation.customer.to_string();
        let card = self.open_card(workspace, &customer, &row.blob(18)?).await?;
        let proof = match row.opt_int(20)?.unwrap_or(0) {
            3 => Proof::Verified,
            2 => Proof::ChannelAsserted,
            1 => Proof::Claimed,
            _ => Proof::Anonymous,
        };
        let mut answers = conn
            .many(vec![(sql::LAST_SAID, args![workspace, conversation.id]), (sql::OPEN_ESCALATION, args![workspace, conversation.id])])
            .await?
            .into_iter();
        let last_message = match answers.next().unwrap_or_default().first() {
            Some(row) => Some(self.message(workspace, row).await?),
            None => None,
        };
        let escalation = match answers.next().unwrap_or_default().first() {
            Some(row) => Some(self.escalation(workspace, row).await?),
            None => None,
        };
        let waits_since = match conversation.status {
            StatusKind::WithTeammate => self.waits_since(conn, workspace, conversation.id, escalation.as_ref()).await?,
            StatusKind::Open | StatusKind::Waiting | StatusKind::Snoozed | StatusKind::Resolved => None,
        };
        let customer_name = card.name.or_else(|| card.seen.last().cloned());
        Ok(ConversationRow {
            conversation,
            customer_name,
            proof,
            score: row.int(19)? as i32,
            last_message,
            escalation,
            drafts: row.int(21)?,
            tags: crate::filing::tags(row, 22)?,
            actions_waiting: row.int(23)?,
            waits_since,
            team: row.opt_word(24)?,
        })
    }

    /// Since the rule called a person, or since what the customer wrote first after a person's last words.
    async fn waits_since(
        &self,
        conn: &mut Conn,
        workspace: &WorkspaceId,
        conversation: ConversationId,
        escalation: Option<&Escalation>,
    ) -> Stored<Option<Timestamp>> {
        let row = conn.one(sql::ANSWERED, args![workspace, conversation]).await?;
        let answered = row.as_ref().map(|row| row.time(0)).transpose()?;
        match escalation {
            Some(escalation) if answered.is_none_or(|answered| answered < escalation.at) => Ok(Some(escalation.at)),
            _ => row.map_or(Ok(None), |row| row.opt_time(1)),
        }
    }

    async fn act(&self, tx: &mut Tx, workspace: &WorkspaceId, id: ConversationId, act: &DeskAct, at: Timestamp) -> Stored<bool> {
        let Some(row) = tx.one(sql::HEAD, args![workspace, id]).await? else { return Ok(false) };
        let (customer, strand, assignee) = (row.text(0)?, row.text(1)?, row.opt_text(2)?);
        let scene = Scene { root: &customer, moved: true, strand: &strand };
        let told = Told {
            id: String::new(),
            kind: AlertKind::Assigned,
            conversation: id,
            customer: customer.parse().ok(),
            teammate: None,
            workspace,
            at,
        };
        // A reading eye and the AI's own word change nothing that a running turn builds on.
        let stale = match act {
            DeskAct::Take { by } => {
                take(tx, workspace, id, &customer, *by, at);
                true
            }
            DeskAct::Return => {
                tx.later(sql::RETURN, args![workspace, id, at]);
                tx.later(sql::END_ESCALATIONS, args![workspace, id, EscalationStatus::Returned.as_str()]);
                true
            }
            DeskAct::Resolve => {
                tx.later(sql::RESOLVE, args![workspace, id, at]);
                tx.later(sql::END_ESCALATIONS, args![workspace, id, EscalationStatus::Resolved.as_str()]);
                for row in tx.all(sql::DRAFTS_IN, args![workspace, &customer, id]).await? {
                    drop_draft(tx, workspace, row.text(0)?, row.text(1)?);
                }
                true
            }
            DeskAct::Snooze { until } => {
                tx.later(sql::SNOOZE, args![workspace, id, *until, at]);
                let what = crate::rows::json(&TimerKind::SnoozeEnd { conversation: id })?;
                tx.later(turns_sql::SET_TIMER, args![workspace, &customer, format!("snooze:{id}"), *until, what]);
                tx.rings.ticks = true;
                true
            }
            DeskAct::Wake => {
                tx.later(sql::WAKE, args![workspace, id, at]);
                false
            }
            DeskAct::Assign { to, by } => {
                tx.later(sql::ASSIGN, args![workspace, id, *to, at]);
                if let Some(to) = to.filter(|to| Some(*to) != *by && assignee != Some(to.to_string())) {
                    let mark = format!("{id}-{to}-{}", at.as_micros());
                    tell(tx, &Told { id: mark, kind: AlertKind::Assigned, teammate: Some(to), ..told.clone() });
                }
                true
            }
            DeskAct::AssignTeam { to } => {
                tx.later(sql::GIVE_TO_TEAM, args![workspace, id, *to, at]);
                true
            }
            DeskAct::Offer { to } => {
                if tx.run(sql::OFFER, args![workspace, id, *to, at]).await? == 0 {
                    return Ok(false);
                }
                let mark = format!("{id}-{to}-{}", at.as_micros());
                tell(tx, &Told { id: mark, kind: AlertKind::Assigned, teammate: Some(*to), ..told.clone() });
                false
            }
            DeskAct::Read => {
                tx.later(sql::READ, args![workspace, id]);
                false
            }
            DeskAct::Reply { by, message, rendered, address, delivery, send_at, files, once } => {
                let hash = match once {
                    Some(name) => {
                        let key = self.keys.workspace(workspace.as_str()).await?;
                        Some(key.lookups.hash(Field::Dedupe, &[message.connection.as_str(), "once", name]))
                    }
                    None => None,
                };
                if let Some(hash) = &hash
                    && tx.one(intake_sql::DUPLICATE, args![workspace, &message.connection, hash]).await?.is_some()
                {
                    return Ok(false);
                }
                let state = if send_at.is_some() { OutboxState::Draft } else { OutboxState::Waiting };
                let outgoing = Outgoing { delivery: *delivery, message, rendered, address, state };
                self.write_outgoing(tx, workspace, &outgoing, &scene).await?;
                let here = (&*message.id.to_string(), &*message.strand.to_string(), &message.connection);
                self.add_attachments(tx, workspace, here, files).await?;
                if let Some(hash) = hash {
                    tx.later(sql::SET_DEDUPE, args![workspace, message.id, hash]);
                }
                if let Some(send_at) = send_at {
                    let what = crate::rows::json(&TimerKind::SendLater { message: message.id })?;
                    let name = crate::team::send_timer(&message.id);
                    tx.later(turns_sql::SET_TIMER, args![workspace, &customer, name, *send_at, what]);
                    tx.rings.ticks = true;
                }
                tx.later(sql::SAID, args![workspace, id, at]);
                if assignee.is_none() {
                    take(tx, workspace, id, &customer, *by, at);
                }
                true
            }
            DeskAct::Overheard { message, echo } => {
                let key = self.keys.workspace(workspace.as_str()).await?;
                let hash = key.lookups.hash(Field::Dedupe, &[message.connection.as_str(), "echo", echo]);
                if tx.one(intake_sql::DUPLICATE, args![workspace, &message.connection, &hash]).await?.is_some() {
                    return Ok(false);
                }
                self.write_entry(tx, workspace, message, &scene).await?;
                tx.later(sql::SET_DEDUPE, args![workspace, message.id, hash]);
                tx.later(sql::SAID, args![workspace, id, at]);
                take(tx, workspace, id, &customer, None, at);
                true
            }
            DeskAct::Noticed { message, once } => {
                let key = self.keys.workspace(workspace.as_str()).await?;
                let hash = key.lookups.hash(Field::Dedupe, &[message.connection.as_str(), "noticed", once]);
                if tx.one(intake_sql::DUPLICATE, args![workspace, &message.connection, &hash]).await?.is_some() {
                    return Ok(false);
                }
                self.write_entry(tx, workspace, message, &scene).await?;
                tx.later(sql::SET_DEDUPE, args![workspace, message.id, hash]);
                false
            }
            DeskAct::DiscardDrafts { drafts } => {
                if !drop_drafts(tx, workspace, id, drafts, None).await? {
                    return Ok(false);
                }
                tx.later(sql::SAID, args![workspace, id, at]);
                false
            }
            DeskAct::AmendDrafts { drafts, message, rendered, address, delivery } => {
                if !drop_drafts(tx, workspace, id, drafts, Some(message.id)).await? {
                    return Ok(false);
                }
                let outgoing = Outgoing { delivery: *delivery, message, rendered, address, state: OutboxState::Waiting };
                self.write_outgoing(tx, workspace, &outgoing, &scene).await?;
                tx.later(sql::SAID, args![workspace, id, at]);
                false
            }
            DeskAct::Merge { absorb } => {
                if !self.merge_conversations(tx, workspace, id, *absorb, at).await? {
                    return Ok(false);
                }
                true
            }
            DeskAct::Split { from, into } => {
                if !self.split_conversation(tx, workspace, id, *from, *into, at).await? {
                    return Ok(false);
                }
                true
            }
            DeskAct::Tag { add, remove } => {
                self.tag(tx, workspace, id, (add, remove), at).await?;
                false
            }
            DeskAct::Note { message, mentions } => {
                self.write_entry(tx, workspace, message, &scene).await?;
                for teammate in mentions {
                    tx.later(team_sql::MENTION, args![workspace, *teammate, message.id, id, at]);
                    let mark = format!("{}-{teammate}", message.id);
                    tell(tx, &Told { id: mark, kind: AlertKind::Mentioned, teammate: Some(*teammate), ..told.clone() });
                }
                false
            }
            DeskAct::Say { message, rendered, address, delivery } => {
                let outgoing = Outgoing { delivery: *delivery, message, rendered, address, state: OutboxState::Waiting };
                self.write_outgoing(tx, workspace, &outgoing, &scene).await?;
                tx.later(sql::SAID, args![workspace, id, at]);
                false
            }
            DeskAct::Escalation { id: escalation, status, ai_silent } => {
                tx.later(turns_sql::SET_ESCALATION_STATUS, args![workspace, *escalation, status.as_str()]);
                tx.later(sql::SILENCE, args![workspace, id, *ai_silent, at]);
                true
            }
        };
        if stale {
            tx.later(identity_sql::RAISE, args![workspace, &customer]);
            tx.rings.work = true;
        }
        let customer: CustomerId = customer.parse().map_err(|_| StoreError::Corrupt("a customer's id does not parse".to_owned()))?;
        tx.rings.note("conversation.updated", workspace, at).conversation(id).customer(customer);
        if matches!(act, DeskAct::Take { .. } | DeskAct::Return | DeskAct::Resolve | DeskAct::Escalation { .. }) {
            tx.rings.note("escalation.updated", workspace, at).conversation(id).customer(customer);
        }
        Ok(true)
    }

    async fn ledger_item(&self, workspace: &WorkspaceId, row: &Row) -> Stored<LedgerItem> {
        let id = row.text(0)?;
        let state: InboundState = row.word(4)?;
        let sealed = row.opt_blob(7)?;
        let owner = row.text(6)?;
        let reason = match sealed {
            _ if state != InboundState::Quarantined => None,
            None => None,
            Some(sealed) if row.flag(8)? => Some(self.raw_reason(workspace, &owner, &id, &sealed).await?),
            Some(sealed) => {
                let inbound: Inbound = self.unseal(&owner, place(workspace, "message", "inbound", &id), &sealed).await?;
                inbound.quarantined
            }
        };
        Ok(LedgerItem {
            id,
            at: row.time(1)?,
            connection: ConnectionId(row.text(2)?),
            channel: row.opt_word(3)?,
            state,
            reason,
            turn: row.opt_word(5)?,
        })
    }

    /// Why a raw request was kept, while its day's key lives.
    async fn raw_reason(&self, workspace: &WorkspaceId, day: &str, id: &str, sealed: &[u8]) -> Stored<String> {
        let key = self.keys.find(workspace.as_str(), day).await?;
        let Some(key) = key.filter(|_| !sealed.is_empty()) else {
            return Ok("unreadable request, dropped after seven days".to_owned());
        };
        let plain = key.open(place(workspace, "quarantine", "body", id), sealed)?;
        let end = plain.iter().position(|byte| *byte == 0).unwrap_or(plain.len());
        Ok(String::from_utf8_lossy(&plain[..end]).into_owned())
    }

    async fn replay(&self, tx: &mut Tx, workspace: &WorkspaceId, message: MessageId, ready_at: MonotonicTime) -> Stored<bool> {
        let id = message.to_string();
        let Some(row) = tx.one(sql::QUARANTINED, args![workspace, &id]).await? else { return Ok(false) };
        let (customer, connection, strand) = (row.text(0)?, row.text(1)?, row.text(3)?);
        let here = place(workspace, "message", "inbound", &id);
        let Some(sealed) = row.opt_blob(4)? else { return Ok(false) };
        let mut inbound: Inbound = self.unseal(&strand, here, &sealed).await?;
        inbound.quarantined = None;
        let sealed = self.seal(&strand, here, &inbound).await?;
        tx.later(sql::REOPEN, args![workspace, &id, sealed]);
        let ready_at = self.ahead.shared(ready_at);
        tx.later(intake_sql::NEW_BURST, args![workspace, &customer, connection, row.int(2)?, ready_at, ready_at]);
        tx.rings.work = true;
        Ok(true)
    }

    async fn escalations(&self, workspace: &WorkspaceId, rows: &[Row]) -> Stored<Vec<Escalation>> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(self.escalation(workspace, row).await?);
        }
        Ok(all)
    }
}

/// Takes drafts away; their files go to the message that takes their place. `false`, and nothing taken, when one of them is
/// no longer a draft of this conversation.
async fn drop_drafts(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    id: ConversationId,
    drafts: &[MessageId],
    heir: Option<MessageId>,
) -> Stored<bool> {
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Some(row) = tx.one(sql::IS_DRAFT, args![workspace, *draft, id]).await? else { return Ok(false) };
        rows.push((row.text(0)?, draft.to_string()));
    }
    let any = !rows.is_empty();
    for (delivery, message) in rows {
        if let Some(heir) = heir {
            tx.later(attachments_sql::HAND_ON, args![workspace, &message, heir]);
        }
        drop_draft(tx, workspace, delivery, message);
    }
    Ok(any)
}

fn drop_draft(tx: &mut Tx, workspace: &WorkspaceId, delivery: String, message: String) {
    unpost(tx, workspace, &message);
    drop_attachments(tx, workspace, &message);
    tx.later(sql::DROP_DRAFT, args![workspace, delivery]);
    tx.later(sql::DROP_MESSAGE, args![workspace, message]);
}

/// What waits in the conversation is in a person's hands from now on.
fn take(tx: &mut Tx, workspace: &WorkspaceId, id: ConversationId, customer: &str, by: Option<TeammateId>, at: Timestamp) {
    tx.later(sql::TAKE, args![workspace, id, by, at]);
    tx.later(sql::ACCEPT_ESCALATIONS, args![workspace, id]);
    tx.later(sql::HAND_OVER, args![workspace, id, customer]);
    tx.later(sql::EMPTY_BURSTS, args![workspace, customer]);
}

#[async_trait]
impl Desk for Storage {
    async fn conversations(
        &self,
        workspace: &WorkspaceId,
        filter: &ConversationFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Stored<Page<ConversationRow>> {
        let (number, id) = cursor(after);
        let by_due = filter.escalated == Some(true);
        let mut values = asked(workspace, filter);
        values.extend(args![number, id, limit + 1]);
        let mut conn = self.inner.reader().await?;
        let rows = conn.all(list(filter).page, values).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            items.push(self.inner.listed(workspace, row, &mut conn).await?);
        }
        Ok(page(items, limit, |row: &ConversationRow| {
            let number = if by_due {
                row.escalation.as_ref().map_or(0, |escalation| escalation.due_at.as_micros())
            } else {
                row.conversation.updated_at.as_micros()
            };
            cursor_of(number, &row.conversation.id.to_string())
        }))
    }

    async fn count_conversations(&self, workspace: &WorkspaceId, filter: &ConversationFilter) -> Stored<i64> {
        let row = self.inner.reader().await?.one(list(filter).count, asked(workspace, filter)).await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    async fn view_counts(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>) -> Stored<ViewCounts> {
        let row = self.inner.reader().await?.one(sql::COUNTS, args![workspace, teammate]).await?;
        let Some(row) = row else { return Ok(ViewCounts::default()) };
        Ok(ViewCounts {
            ai: row.int(0)?,
            escalated: row.int(1)?,
            mine: row.int(2)?,
            resolved: row.int(3)?,
            approval: row.int(4)?,
            snoozed: row.int(5)?,
            unassigned: row.int(6)?,
            team: row.int(7)?,
            mentions: row.int(8)?,
        })
    }

    async fn conversation(&self, workspace: &WorkspaceId, id: ConversationId) -> Stored<Option<ConversationRow>> {
        let mut conn = self.inner.reader().await?;
        match conn.one(sql::CONVERSATION, args![workspace, id]).await? {
            Some(row) => self.inner.listed(workspace, &row, &mut conn).await.map(Some),
            None => Ok(None),
        }
    }

    async fn timeline(&self, workspace: &WorkspaceId, customer: CustomerId, before: Option<&str>, limit: usize) -> Stored<Page<Message>> {
        let before: Option<i64> = before.and_then(|text| text.parse().ok());
        let mut conn = self.inner.reader().await?;
        let row = conn.one(identity_sql::ROOT, args![workspace, customer]).await?;
        let root = row.map_or_else(|| Ok(customer.to_string()), |row| row.text(0))?;
        let rows = conn.all(sql::TIMELINE, args![workspace, root, before, limit + 1]).await?;
        drop(conn);
        let items = self.inner.messages(workspace, &rows).await?;
        let mut page = page(items, limit, |message: &Message| message.seq.to_string());
        page.items.reverse();
        Ok(page)
    }

    async fn message_count(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<i64> {
        let mut conn = self.inner.reader().await?;
        let row = conn.one(identity_sql::ROOT, args![workspace, customer]).await?;
        let root = row.map_or_else(|| Ok(customer.to_string()), |row| row.text(0))?;
        conn.one(sql::MESSAGE_COUNT, args![workspace, root]).await?.map_or(Ok(0), |row| row.int(0))
    }

    async fn strand_messages(&self, workspace: &WorkspaceId, strand: StrandId, after_seq: i64, limit: usize) -> Stored<Vec<Message>> {
        let rows = self.inner.reader().await?.all(sql::STRAND_MESSAGES, args![workspace, strand, after_seq, limit]).await?;
        self.inner.messages(workspace, &rows).await
    }

    async fn message(&self, workspace: &WorkspaceId, id: MessageId) -> Stored<Option<Message>> {
        match self.inner.reader().await?.one(intake_sql::MESSAGE, args![workspace, id]).await? {
            Some(row) => self.inner.message(workspace, &row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn conversation_messages(&self, workspace: &WorkspaceId, conversation: ConversationId, limit: usize) -> Stored<Vec<Message>> {
        let rows = self.inner.reader().await?.all(sql::CONVERSATION_MESSAGES, args![workspace, conversation, limit]).await?;
        let mut messages = self.inner.messages(workspace, &rows).await?;
        messages.reverse();
        Ok(messages)
    }

    async fn turn(&self, workspace: &WorkspaceId, id: TurnId) -> Stored<Option<serde_json::Value>> {
        let Some(row) = self.inner.reader().await?.one(sql::TURN, args![workspace, id]).await? else { return Ok(None) };
        let here = id.to_string();
        self.inner.unseal(&row.text(0)?, place(workspace, "turn", "body", &here), &row.blob(1)?).await.map(Some)
    }

    async fn escalations(&self, workspace: &WorkspaceId, open_only: bool, limit: usize) -> Stored<Vec<Escalation>> {
        let rows = self.inner.reader().await?.all(sql::ESCALATIONS, args![workspace, open_only, limit]).await?;
        self.inner.escalations(workspace, &rows).await
    }

    async fn escalations_of(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<Vec<Escalation>> {
        let rows = self.inner.reader().await?.all(sql::ESCALATIONS_OF, args![workspace, conversation]).await?;
        self.inner.escalations(workspace, &rows).await
    }

    async fn act(&self, workspace: &WorkspaceId, conversation: ConversationId, act: DeskAct, at: Timestamp) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner.write("desk.act", move |tx| Box::pin(async move { inner.act(tx, &workspace, conversation, &act, at).await })).await
    }

    async fn doors(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<ReachableDoor>> {
        let mut conn = self.inner.reader().await?;
        let row = conn.one(identity_sql::ROOT, args![workspace, customer]).await?;
        let root = row.map_or_else(|| Ok(customer.to_string()), |row| row.text(0))?;
        let rows = conn.all(record_sql::DOORS, args![workspace, root]).await?;
        self.inner.read_doors(workspace, &rows).await
    }

    async fn ledger(
        &self,
        workspace: &WorkspaceId,
        state: Option<InboundState>,
        after: Option<&str>,
        limit: usize,
    ) -> Stored<(LedgerCounts, Page<LedgerItem>)> {
        let (number, id) = cursor(after);
        let wanted = state.map(InboundState::as_str);
        let answers = self
            .inner
            .reader()
            .await?
            .many(vec![
                (sql::LEDGER_COUNTS, args![workspace]),
                (sql::RAW_COUNT, args![workspace]),
                (sql::LEDGER, args![workspace, wanted, number, id, limit + 1]),
                (sql::QUEUED_COUNT, args![workspace]),
            ])
            .await?;
        let mut counts = LedgerCounts::default();
        for row in &answers[0] {
            let number = row.int(1)?;
            counts.accepted += number;
            match row.word::<InboundState>(0)? {
                InboundState::Open => counts.open += number,
                InboundState::Answered => counts.answered += number,
                InboundState::HandedOver => counts.handed_over += number,
                InboundState::IgnoredByRule => counts.ignored_by_rule += number,
                InboundState::Quarantined => counts.quarantined += number,
            }
        }
        for row in &answers[1] {
            counts.accepted += row.int(0)?;
            counts.quarantined += row.int(0)?;
        }
        for row in &answers[3] {
            counts.queued = row.int(0)?;
        }
        let mut items = Vec::with_capacity(answers[2].len());
        for row in &answers[2] {
            items.push(self.inner.ledger_item(workspace, row).await?);
        }
        Ok((counts, page(items, limit, |item: &LedgerItem| cursor_of(item.at.as_micros(), &item.id))))
    }

    async fn replay(&self, workspace: &WorkspaceId, message: MessageId, ready_at: MonotonicTime) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner.write("desk.replay", move |tx| Box::pin(async move { inner.replay(tx, &workspace, message, ready_at).await })).await
    }

    async fn gaps(&self, workspace: &WorkspaceId, limit: usize) -> Stored<Vec<GapCount>> {
        let rows = self.inner.reader().await?.all(sql::GAPS, args![workspace, limit]).await?;
        let mut gaps = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.text(0)?;
            gaps.push(GapCount {
                question: self.inner.unseal(&row.text(4)?, place(workspace, "gap", "body", &id), &row.blob(5)?).await?,
                times: row.int(1)?,
                last_at: row.time(2)?,
                conversation: row.word(3)?,
            });
        }
        Ok(gaps)
    }

    async fn rule_counts(&self, workspace: &WorkspaceId) -> Stored<Vec<RuleCount>> {
        let rows = self.inner.reader().await?.all(sql::RULES, args![workspace]).await?;
        rows.iter().map(|row| Ok(RuleCount { rule: row.text(0)?, firings: row.int(1)?, last_at: row.opt_time(2)? })).collect()
    }

    async fn door_health(&self, workspace: &WorkspaceId) -> Stored<Vec<(ConnectionId, Option<Timestamp>, Option<Timestamp>)>> {
        let rows = self.inner.reader().await?.all(sql::DOOR_HEALTH, args![workspace]).await?;
        rows.iter().map(|row| Ok((ConnectionId(row.text(0)?), row.opt_time(1)?, row.opt_time(2)?))).collect()
    }

    async fn waiting_by_door(&self, workspace: &WorkspaceId) -> Stored<Vec<(ConnectionId, usize)>> {
        let rows = self.inner.reader().await?.all(sql::QUEUED_BY_DOOR, args![workspace]).await?;
        rows.iter().map(|row| Ok((ConnectionId(row.text(0)?), usize::try_from(row.int(1)?).unwrap_or_default()))).collect()
    }

    async fn turns_of(&self, workspace: &WorkspaceId, customer: CustomerId, limit: usize) -> Stored<Vec<TurnId>> {
        let rows = self.inner.reader().await?.all(sql::TURNS_OF, args![workspace, customer, limit]).await?;
        rows.iter().map(|row| row.word(0)).collect()
    }

    async fn drafts(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<Message>> {
        let mut conn = self.inner.reader().await?;
        let row = conn.one(identity_sql::ROOT, args![workspace, customer]).await?;
        let root = row.map_or_else(|| Ok(customer.to_string()), |row| row.text(0))?;
        let rows = conn.all(sql::DRAFTS, args![workspace, root]).await?;
        drop(conn);
        self.inner.messages(workspace, &rows).await
    }

    async fn asked_again(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<u32> {
        let row = self.inner.reader().await?.one(sql::ASKED_AGAIN, args![workspace, customer]).await?;
        Ok(row.map_or(Ok(0), |row| row.int(0))? as u32)
    }
}
