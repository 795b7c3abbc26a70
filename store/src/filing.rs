//! How conversations are filed: two are one matter, one is two matters, and the team's labels.

use domain::conversation::{Memo, StatusKind};
use domain::ports::{StoreError, Stored};
use domain::time::Timestamp;
use domain::{ChannelKind, ConversationId, MessageId, WorkspaceId};

use crate::Inner;
use crate::db::{Row, Tx, args};
use crate::rows::{Case, json, place};
use crate::sql::{desk as sql, identity as identity_sql, turns as turns_sql};

/// What merging reads of a conversation.
struct Matter {
    id: String,
    customer: String,
    strand: String,
    status: StatusKind,
    assignee: Option<String>,
    is_silent: bool,
    is_unread: bool,
    channels: Vec<ChannelKind>,
    disclosed_on: Vec<ChannelKind>,
    asked_again: i64,
    repeated: i64,
    last_message_at: Timestamp,
    memo: Memo,
    tags: Vec<String>,
    channel: String,
    connection: String,
}

/// The conversation that is more awake decides where both stand.
fn wakefulness(status: StatusKind) -> u8 {
    match status {
        StatusKind::WithTeammate => 4,
        StatusKind::Open => 3,
        StatusKind::Waiting => 2,
        StatusKind::Snoozed => 1,
        StatusKind::Resolved => 0,
    }
}

fn joined<T: PartialEq>(mut one: Vec<T>, other: Vec<T>) -> Vec<T> {
    for item in other {
        if !one.contains(&item) {
            one.push(item);
        }
    }
    one
}

/// What was going on in the talk that was spoken last goes on; what was asked, shown and said once is of both.
fn joined_memo(older: Memo, newer: Memo) -> Memo {
    Memo {
        asked: joined(older.asked, newer.asked),
        pending: newer.pending.or(older.pending),
        topics: joined(older.topics, newer.topics),
        choices: if newer.choices.is_empty() { older.choices } else { newer.choices },
        joining: newer.joining.or(older.joining),
        told: joined(older.told, newer.told),
        rest: newer.rest,
        stepped_up: newer.stepped_up,
    }
}

/// Reads a conversation's labels.
pub(crate) fn tags(row: &Row, column: usize) -> Stored<Vec<String>> {
    crate::rows::words(&row.text(column)?)
}

/// What a filter looks for in the list of labels.
pub(crate) fn tag_pattern(tag: &str) -> String {
    let mut quoted = serde_json::Value::from(tag).to_string();
    for sign in ['!', '%', '_'] {
        quoted = quoted.replace(sign, &format!("!{sign}"));
    }
    format!("%{quoted}%")
}

impl Inner {
    async fn matter(&self, tx: &mut Tx, workspace: &WorkspaceId, id: ConversationId) -> Stored<Option<Matter>> {
        let Some(row) = tx.one(sql::MATTER, args![workspace, id]).await? else { return Ok(None) };
        if row.opt_text(15)?.is_some() {
            return Ok(None);
        }
        let (id, strand) = (id.to_string(), row.text(1)?);
        let memo = match row.opt_blob(11)? {
            Some(sealed) => self.unseal(&strand, place(workspace, "conversation", "memo", &id), &sealed).await?,
            None => Memo::default(),
        };
        Ok(Some(Matter {
            customer: row.text(0)?,
            status: row.word(2)?,
            assignee: row.opt_text(3)?,
            is_silent: row.flag(4)?,
            is_unread: row.flag(5)?,
            channels: crate::rows::words(&row.text(6)?)?,
            disclosed_on: crate::rows::words(&row.text(7)?)?,
            asked_again: row.int(8)?,
            repeated: row.int(9)?,
            last_message_at: row.time(10)?,
            memo,
            tags: tags(&row, 12)?,
            channel: row.text(13)?,
            connection: row.text(14)?,
            id,
            strand,
        }))
    }

    /// Both become the first; `false`, and nothing changed, when they are not two talks of one customer.
    pub(crate) async fn merge_conversations(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        kept: ConversationId,
        absorbed: ConversationId,
        at: Timestamp,
    ) -> Stored<bool> {
        let Some(one) = self.matter(tx, workspace, kept).await? else { return Ok(false) };
        let Some(other) = self.matter(tx, workspace, absorbed).await? else { return Ok(false) };
        if one.id == other.id || one.customer != other.customer {
            return Ok(false);
        }
        self.join_escalations(tx, workspace, &one.id, &other.id, at).await?;
        for statement in sql::GIVE_OVER {
            tx.later(statement, args![workspace, &other.id, &one.id]);
        }
        tx.later(identity_sql::FOLD, args![workspace, &other.id, &one.id]);
        tx.later(sql::TAKE_TEAM, args![workspace, &one.id, &other.id]);
        let (id, strand) = (one.id.clone(), one.strand.clone());
        let (older, newer) = if one.last_message_at < other.last_message_at { (one, other) } else { (other, one) };
        let status = if wakefulness(older.status) > wakefulness(newer.status) { older.status } else { newer.status };
        let memo = self.seal(&strand, place(workspace, "conversation", "memo", &id), &joined_memo(older.memo, newer.memo)).await?;
        let mut tags = joined(older.tags, newer.tags);
        tags.sort();
        tx.later(
            sql::SET_MATTER,
            args![
                workspace,
                &id,
                status.as_str(),
                newer.assignee.or(older.assignee),
                older.is_silent || newer.is_silent,
                older.is_unread || newer.is_unread,
                json(&joined(older.channels, newer.channels))?,
                json(&joined(older.disclosed_on, newer.disclosed_on))?,
                older.asked_again + newer.asked_again,
                older.repeated + newer.repeated,
                newer.last_message_at,
                memo,
                json(&tags)?,
                newer.channel,
                newer.connection,
                at
            ],
        );
        tx.rings.note("conversation.updated", workspace, at).conversation(absorbed);
        Ok(true)
    }

    /// A conversation has at most one escalation that is not ended: what the later one found becomes evidence of the earlier.
    async fn join_escalations(&self, tx: &mut Tx, workspace: &WorkspaceId, one: &str, other: &str, at: Timestamp) -> Stored<()> {
        let first = tx.one(sql::LIVE_ESCALATION, args![workspace, one]).await?;
        let second = tx.one(sql::LIVE_ESCALATION, args![workspace, other]).await?;
        let (Some(first), Some(second)) = (first, second) else { return Ok(()) };
        let (first, second) = if first.time(4)? <= second.time(4)? { (first, second) } else { (second, first) };
        let (id, ended) = (first.text(0)?, second.text(0)?);
        let (owner, here) = (first.text(2)?, place(workspace, "escalation", "body", &id));
        let mut case: Case = self.unseal(&owner, here, &first.blob(3)?).await?;
        let found: Case = self.unseal(&second.text(2)?, place(workspace, "escalation", "body", &ended), &second.blob(3)?).await?;
        let rule = first.text(1)?;
        for further in std::iter::once(second.text(1)?).chain(found.also) {
            if further != rule && !case.also.contains(&further) {
                tx.later(turns_sql::NEW_FIRING, args![workspace, &further, &id, at]);
                case.also.push(further);
            }
        }
        case.evidence = joined(case.evidence, found.evidence);
        let sealed = self.seal(&owner, here, &case).await?;
        tx.later(turns_sql::SET_ESCALATION, args![workspace, id, sealed]);
        tx.later(turns_sql::SET_ESCALATION_STATUS, args![workspace, ended, "resolved"]);
        tx.rings.note("escalation.updated", workspace, at);
        Ok(())
    }

    /// From a message on it is another matter; `false`, and nothing changed, when nothing of the customer's would stay behind.
    pub(crate) async fn split_conversation(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        id: ConversationId,
        from: MessageId,
        into: ConversationId,
        at: Timestamp,
    ) -> Stored<bool> {
        let Some(first) = tx.one(sql::PLACE_IN, args![workspace, from, id]).await? else { return Ok(false) };
        let seq = first.int(0)?;
        if tx.one(sql::STANDS_BEFORE, args![workspace, id, seq]).await?.is_none() {
            return Ok(false);
        }
        tx.later(sql::NEW_MATTER, args![workspace, id, into, first.text(1)?, first.time(2)?, at]);
        tx.later(sql::MOVE_FROM, args![workspace, id, into, seq]);
        for statement in sql::TURNS_FOLLOW {
            tx.later(statement, args![workspace, id, into]);
        }
        for matter in [id, into] {
            let channels = tx.all(sql::CHANNELS_IN, args![workspace, matter]).await?;
            let channels: Vec<ChannelKind> = channels.iter().map(|row| row.word(0)).collect::<Stored<_>>()?;
            let last = tx.one(sql::LAST_IN, args![workspace, matter]).await?;
            let last = last.ok_or_else(|| StoreError::Corrupt("a matter without a message".to_owned()))?;
            let retraced = args![workspace, matter, json(&channels)?, last.text(0)?, last.text(1)?, last.time(2)?, at];
            tx.later(sql::RETRACE, retraced);
            tx.later(sql::HUSH_WHERE_ESCALATED, args![workspace, matter]);
            tx.later(sql::SPEAK_WHERE_NOT_ESCALATED, args![workspace, matter]);
        }
        tx.rings.note("conversation.updated", workspace, at).conversation(into);
        Ok(true)
    }

    /// Puts labels on and takes labels off.
    pub(crate) async fn tag(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        id: ConversationId,
        (add, remove): (&[String], &[String]),
        at: Timestamp,
    ) -> Stored<()> {
        let Some(row) = tx.one(sql::TAGS, args![workspace, id]).await? else { return Ok(()) };
        let mut all = joined(tags(&row, 0)?, add.to_vec());
        all.retain(|tag| !remove.contains(tag));
        all.sort();
        tx.later(sql::SET_TAGS, args![workspace, id, json(&all)?, at]);
        Ok(())
    }
}
