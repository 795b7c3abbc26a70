//! Rows to nouns: what is sealed in which column, and how it is read back.

use std::str::FromStr;

use domain::challenge::CodeAnswer;
use domain::channel::ChannelKind;
use domain::conversation::{Conversation, Memo};
use domain::customer::Lead;
use domain::escalation::{Brief, Escalation, Evidence};
use domain::event::InboundMessage;
use domain::fact::Asked;
use domain::identifier::{Identifier, SeenIdentifier};
use domain::message::{self, Button, Changed, Doubt, Message, Rendered, Source, TimelineEvent};
use domain::ports::{StoreError, Stored};
use domain::settings::Way;
use domain::{ConnectionId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::Inner;
use crate::db::Row;
use crate::seal::Place;

/// Sealed part of a message.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<message::Card>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<TimelineEvent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
}

impl Body {
    pub fn of(message: &Message) -> Self {
        Self {
            text: message.text.clone(),
            buttons: message.buttons.clone(),
            sources: message.sources.clone(),
            cards: message.cards.clone(),
            author_name: message.author_name.clone(),
            event: message.event.clone(),
            changed: message.changed,
        }
    }
}

/// Sealed part of a message that waits for its turn.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inbound {
    #[serde(rename = "inbound")]
    pub event: InboundMessage,
    pub address: String,
    pub link_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_answer: Option<CodeAnswer>,
    pub doubt: Option<Doubt>,
    /// Why it was quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<String>,
}

/// Sealed part of an identifier.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Named {
    pub scope: String,
    pub value: String,
    pub raw: String,
}

/// Sealed part of an outbox row.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub address: String,
    pub rendered: Rendered,
}

/// Sealed part of an escalation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub also: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub brief: Brief,
    #[serde(default)]
    pub way: Option<Way>,
}

/// Sealed part of a customer record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Card {
    /// Name in force, for lists.
    pub name: Option<String>,
    /// Names seen in profiles.
    pub seen: Vec<String>,
    pub lead: Lead,
    pub asked: Vec<Asked>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

pub(crate) fn place<'a>(workspace: &'a WorkspaceId, table: &'static str, column: &'static str, row: &'a str) -> Place<'a> {
    Place { workspace: workspace.as_str(), table, column, row }
}

/// A list of words kept as JSON text.
pub(crate) fn words<T: FromStr>(text: &str) -> Stored<Vec<T>> {
    let list: Vec<String> = serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    list.iter().map(|word| word.parse().map_err(|_| StoreError::Corrupt(format!("unknown word {word:?}")))).collect()
}

pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl Inner {
    pub async fn seal<T: Serialize + Sync>(&self, owner: &str, place: Place<'_>, value: &T) -> Stored<Vec<u8>> {
        self.keys.key(place.workspace, owner).await?.seal_json(place, value)
    }

    pub async fn unseal<T: serde::de::DeserializeOwned>(&self, owner: &str, place: Place<'_>, sealed: &[u8]) -> Stored<T> {
        self.keys.key(place.workspace, owner).await?.open_json(place, sealed)
    }

    /// Reads [`crate::sql::message_columns`].
    pub async fn message(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Message> {
        let id = row.text(0)?;
        let strand = row.text(1)?;
        let key = self.keys.key(workspace.as_str(), &strand).await?;
        let body: Body = key.open_json(place(workspace, "message", "body", &id), &row.blob(13)?)?;
        let reason = match row.opt_blob(14)? {
            Some(sealed) => Some(key.open_text(place(workspace, "message", "reason", &id), &sealed)?),
            None => None,
        };
        Ok(Message {
            id: row.word(0)?,
            strand: row.word(1)?,
            conversation: row.word(2)?,
            turn: row.opt_word(3)?,
            channel: row.word(4)?,
            connection: ConnectionId(row.text(5)?),
            direction: row.word(6)?,
            author: row.word(7)?,
            author_name: body.author_name,
            text: body.text,
            buttons: body.buttons,
            cards: body.cards,
            sources: body.sources,
            event: body.event,
            at: row.time(8)?,
            state: row.opt_word(9)?,
            delivery: row.opt_word(10)?,
            delivery_reason: reason,
            seq: row.int(11)?,
            language: row.opt_text(12)?,
            changed: body.changed,
        })
    }

    pub async fn messages(&self, workspace: &WorkspaceId, rows: &[Row]) -> Stored<Vec<Message>> {
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            out.push(self.message(workspace, row).await?);
        }
        Ok(out)
    }

    /// Reads [`crate::sql::conversation_columns`].
    pub async fn conversation(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Conversation> {
        let id = row.text(0)?;
        let memo = match row.opt_blob(16)? {
            Some(sealed) => self.unseal(&row.text(17)?, place(workspace, "conversation", "memo", &id), &sealed).await?,
            None => Memo::default(),
        };
        Ok(Conversation {
            id: row.word(0)?,
            customer: row.word(1)?,
            status: row.word(2)?,
            snoozed_until: row.opt_time(3)?,
            assignee: row.opt_word(4)?,
            channel: row.word(5)?,
            connection: ConnectionId(row.text(6)?),
            channels: words::<ChannelKind>(&row.text(7)?)?,
            disclosed_on: words::<ChannelKind>(&row.text(8)?)?,
            created_at: row.time(9)?,
            updated_at: row.time(10)?,
            asked_again: row.int(11)? as u32,
            repeated: row.int(12)? as u32,
            ai_silent: row.flag(13)?,
            speaker: row.opt_word(14)?,
            unread: row.flag(15)?,
            memo,
        })
    }

    /// Reads [`crate::sql::escalation_columns`].
    pub async fn escalation(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Escalation> {
        let id = row.text(0)?;
        let case: Case = self.unseal(&row.text(8)?, place(workspace, "escalation", "body", &id), &row.blob(9)?).await?;
        Ok(Escalation {
            id: row.word(0)?,
            customer: row.word(1)?,
            conversation: row.word(2)?,
            rule: row.text(3)?,
            also: case.also,
            status: row.word(4)?,
            evidence: case.evidence,
            brief: case.brief,
            at: row.time(5)?,
            due_at: row.time(6)?,
            turn: row.opt_word(7)?,
            team: row.opt_word(10)?,
            way: case.way,
        })
    }

    /// Reads an identifier from `id, kind, trust, origin, shared, strand, first_seen, last_seen, last_message, key_owner, body`.
    pub async fn identifier(&self, workspace: &WorkspaceId, row: &Row) -> Stored<Identifier> {
        let id = row.text(0)?;
        let named: Named = self.unseal(&row.text(9)?, place(workspace, "identifier", "body", &id), &row.blob(10)?).await?;
        Ok(Identifier {
            id: row.word(0)?,
            kind: row.word(1)?,
            scope: named.scope,
            value: named.value,
            raw: named.raw,
            trust: row.word(2)?,
            origin: row.word(3)?,
            shared: row.flag(4)?,
            strand: row.word(5)?,
            first_seen: row.time(6)?,
            last_seen: row.time(7)?,
        })
    }

    pub async fn open_card(&self, workspace: &WorkspaceId, customer: &str, sealed: &[u8]) -> Stored<Card> {
        self.unseal(customer, place(workspace, "customer", "card", customer), sealed).await
    }

    pub async fn seal_card(&self, workspace: &WorkspaceId, customer: &str, card: &Card) -> Stored<Vec<u8>> {
        self.seal(customer, place(workspace, "customer", "card", customer), card).await
    }
}

impl From<&SeenIdentifier> for Named {
    fn from(seen: &SeenIdentifier) -> Self {
        Self { scope: seen.scope.clone(), value: seen.value.clone(), raw: seen.raw.clone() }
    }
}
